//! Who calls.

use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response, header};
use strata_identity::{Guard, Verified, Verifier};
use strata_kernel::Error;
use strata_settings::Secret;
use tokio::time::sleep;
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

/// How often it is asked whether the tokens of a stream were withdrawn.
const RECHECK: Duration = Duration::from_secs(5);

/// A caller that was let in, and by which tokens.
struct Admitted {
    caller: Caller,
    by: Vec<Verified>,
}

/// Finds out who calls, and refuses with UNAUTHENTICATED whoever does not say it. Health is open. Tokens end here: no handler sees one.
pub(crate) async fn authenticate(guard: Guard, mut request: Request<Body>, next: Next) -> Response<Body> {
    let own = take(request.headers_mut(), header::AUTHORIZATION.as_str());
    let of_another = take_another(&mut request);
    let is_inside = request.extensions_mut().remove::<Inside>().is_some();
    let admitted = match &guard {
        _ if is_inside => Admitted::without_token(Caller::inside()),
        _ if names::is_health(request.uri().path()) => return next.run(request).await,
        Guard::Development => Admitted::without_token(Caller::development()),
        Guard::Tokens(verifier) => match admit(verifier, own, of_another).await {
            Ok(admitted) => admitted,
            Err(refused) => return status(refused).into_http(),
        },
    };
    request.extensions_mut().insert(admitted.caller.clone());
    let response = admitted.caller.scope(next.run(request)).await;
    match guard {
        // A stream that outlives its tokens ends with them. What is answered already is sent all the same.
        Guard::Tokens(verifier) if !admitted.by.is_empty() && answer::code(response.headers()).is_none() => {
            answer::until(response, end(verifier, admitted.by))
        }
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
            caller: Caller::direct_by(direct.principal.clone(), own),
            by: vec![direct],
        });
    };
    Guard::check_on_behalf(&direct)?;
    let token = token.ok_or_else(Guard::missing)?;
    let person = verifier.verify(token.reveal()).await?;
    Ok(Admitted {
        caller: Caller::direct_by(person.principal.clone(), token).brought_by(direct.principal.clone()),
        by: vec![direct, person],
    })
}

/// Waits until the first of the tokens ends, or was withdrawn.
async fn end(verifier: Arc<Verifier>, by: Vec<Verified>) -> Status {
    loop {
        let left = by.iter().map(|token| verifier.left(token)).min().unwrap_or_default();
        if left.is_zero() {
            return status(Guard::expired());
        }
        sleep(left.min(RECHECK)).await;
        for token in &by {
            if let Err(revoked) = verifier.check_revoked(token).await {
                return status(revoked);
            }
        }
    }
}

impl Admitted {
    fn without_token(caller: Caller) -> Self {
        Self { caller, by: Vec::new() }
    }
}
