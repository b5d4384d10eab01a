//! The layer that lets armed faults strike.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::USER_AGENT;
use axum::middleware::{self, Next};
use axum::response::Response;

use crate::page::{Pages, without_last};
use crate::serve::Line;
use crate::{Fault, Faults, Tokens};

#[derive(Clone)]
struct Guard {
    faults: Faults,
    tokens: Tokens,
    refuse: fn(StatusCode) -> Response,
    pages: Pages,
}

/// Wraps a vendor's routes so that armed faults strike before (or, for a lost answer, after) them. `refuse` words a refusal
/// the vendor's way. Call it last: routes added afterwards are not covered.
pub fn guard(router: Router, faults: Faults, tokens: Tokens, refuse: fn(StatusCode) -> Response) -> Router {
    let guard = Guard {
        faults,
        tokens,
        refuse,
        pages: Pages::default(),
    };
    router.layer(middleware::from_fn_with_state(guard, strike))
}

async fn strike(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let op = format!("{} {}", request.method(), request.uri().path());
    let agent = request.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    let agent = agent.unwrap_or_default().to_owned();
    if let Some(page) = guard.pages.take(&format!("{agent} {op}")) {
        return page;
    }
    match guard.faults.next(&op, &agent) {
        None => next.run(request).await,
        Some(Fault::Refuse(status)) => (guard.refuse)(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)),
        Some(Fault::Delay(length)) => {
            tokio::time::sleep(length).await;
            next.run(request).await
        }
        Some(Fault::ExpireTokens) => {
            guard.tokens.revoke_all();
            next.run(request).await
        }
        Some(fault @ (Fault::HideRow | Fault::RepeatPage)) => {
            let answer = next.run(request).await;
            let (answer, hit) = match fault {
                Fault::HideRow => without_last(answer).await,
                _ => guard.pages.repeat(&format!("{agent} {op}"), answer).await,
            };
            if !hit {
                guard.faults.missed(&op, &agent, fault);
            }
            answer
        }
        Some(Fault::LoseAnswer) => {
            let line = request.extensions().get::<Line>().cloned();
            let answer = next.run(request).await;
            tracing::debug!(%op, status = answer.status().as_u16(), "answer lost on purpose");
            match line {
                Some(line) => line.cut().await,
                None => broken_answer(),
            }
        }
    }
}

/// For a server other than [`crate::serve`], whose connection cannot be reached: the head is sent, the body breaks off.
fn broken_answer() -> Response {
    let broken: Result<Bytes, std::io::Error> = Err(std::io::ErrorKind::ConnectionReset.into());
    Response::new(Body::from_stream(futures::stream::iter([broken])))
}
