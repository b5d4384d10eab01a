//! Who calls.

use http::{Request, Response, header};
use strata_identity::{Guard, Verified, Verifier};
use strata_kernel::Error;
use strata_settings::Secret;
use tokio::time::Instant;
use tonic::Status;
use tonic::body::Body;

use crate::answer;
use crate::caller::Caller;
use crate::credentials::{ON_BEHALF_HEADER, take};
use crate::names;
use crate::next::Next;
use crate::status::status;

/// Marks a request that comes from a tier in the same process. Nothing that comes over a socket can carry it.
#[derive(Debug, Clone)]
pub(crate) struct Inside;

/// A caller that was let in, and when its token ends.
struct Admitted {
    caller: Caller,
    ends: Option<Instant>,
}

/// Finds out who calls, and refuses with UNAUTHENTICATED whoever does not say it. Health is open. Tokens end here: no handler sees one.
pub(crate) async fn authenticate(guard: Guard, mut request: Request<Body>, next: Next) -> Response<Body> {
    let own = take(request.headers_mut(), header::AUTHORIZATION.as_str());
    let of_another = take_another(&mut request);
    let is_inside = request.extensions_mut().remove::<Inside>().is_some();
    let admitted = match &guard {
        _ if is_inside => Admitted::always(Caller::inside()),
        _ if names::is_health(request.uri().path()) => return next.run(request).await,
        Guard::Development => Admitted::always(Caller::development()),
        Guard::Tokens(verifier) => match admit(verifier, own, of_another).await {
            Ok(admitted) => admitted,
            Err(refused) => return status(refused).into_http(),
        },
    };
    request.extensions_mut().insert(admitted.caller.clone());
    let response = admitted.caller.scope(next.run(request)).await;
    match admitted.ends {
        // A stream that outlives its token ends with it. What is answered already is sent all the same.
        Some(ends) if answer::code(response.headers()).is_none() => response.map(|body| answer::until(body, ends, expired)),
        _ => response,
    }
}

/// The token of whoever the caller works for. The error of one that is there and cannot be read.
fn take_another(request: &mut Request<Body>) -> Option<Option<Secret>> {
    let headers = request.headers_mut();
    headers
        .contains_key(ON_BEHALF_HEADER)
        .then(|| take(headers, ON_BEHALF_HEADER))
}

async fn admit(verifier: &Verifier, own: Option<Secret>, of_another: Option<Option<Secret>>) -> Result<Admitted, Error> {
    let own = own.ok_or_else(Guard::missing)?;
    let direct = verifier.verify(own.reveal()).await?;
    let Some(token) = of_another else {
        return Ok(Admitted {
            ends: end(verifier, &direct),
            caller: Caller::direct_by(direct.principal, own),
        });
    };
    Guard::check_on_behalf(&direct)?;
    let token = token.ok_or_else(Guard::missing)?;
    let person = verifier.verify(token.reveal()).await?;
    Ok(Admitted {
        ends: end(verifier, &direct).min(end(verifier, &person)),
        caller: Caller::direct_by(person.principal, token).brought_by(direct.principal),
    })
}

fn end(verifier: &Verifier, verified: &Verified) -> Option<Instant> {
    Instant::now().checked_add(verifier.left(verified))
}

fn expired() -> Status {
    status(Guard::expired())
}

impl Admitted {
    fn always(caller: Caller) -> Self {
        Self { caller, ends: None }
    }
}
