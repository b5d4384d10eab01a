//! The HTTP side.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::json;
use strata_sandbox::{SandboxClock, Setup, Store, Tokens, guard};

use crate::fault::Fault;
use crate::{Options, TENANT, auth, history, rest, soap};

/// Largest body read.
const BODY_LIMIT: usize = 20 << 20;

/// What every call can reach.
pub(crate) type App = Arc<Org>;

/// The tenant.
#[derive(Debug)]
pub(crate) struct Org {
    pub(crate) clock: SandboxClock,
    pub(crate) store: Store,
    pub(crate) tokens: Tokens,
    pub(crate) options: Options,
}

/// See [`crate::router_with`].
pub(crate) fn router(setup: Setup, options: Options) -> std::io::Result<Router> {
    let Setup { clock, dir, faults } = setup;
    let store = Store::open(dir.as_deref(), "workday", history::KINDS)?;
    if let Some(newest) = store.newest() {
        clock.resume_after(newest);
    }
    let tokens = Tokens::default();
    let org = Org {
        clock,
        store,
        tokens: tokens.clone(),
        options,
    };
    let routes = Router::new()
        .route("/ccx/oauth2/{tenant}/token", post(auth::token))
        .route("/ccx/api/v1/{tenant}/workers", get(rest::workers))
        .route("/ccx/api/v1/{tenant}/workers/{id}", get(rest::worker))
        .route("/ccx/service/{tenant}/{service}/{version}", post(service))
        .fallback(|| async { not_found() })
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(Arc::new(org));
    Ok(guard(routes, faults, tokens, forced))
}

/// Any SOAP call.
async fn service(
    State(app): State<App>,
    Path((tenant, service, version)): Path<(String, String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if tenant != TENANT || version != soap::VERSION {
        return not_found();
    }
    if !auth::is_authorised(&app, &headers) {
        return soap::respond(Err(Fault::Authentication));
    }
    soap::respond(soap::answer(&app, &service, &body))
}

pub(crate) fn not_found() -> Response {
    error(StatusCode::NOT_FOUND, "not found")
}

pub(crate) fn unauthorised() -> Response {
    error(StatusCode::UNAUTHORIZED, "invalid token")
}

/// The answer with a status that a test forces; it comes from in front of the services, so it speaks no SOAP.
fn forced(status: StatusCode) -> Response {
    match status.as_u16() {
        401 => unauthorised(),
        429 => error(status, "rate limit exceeded"),
        _ => error(status, status.canonical_reason().unwrap_or("refused")),
    }
}

fn error(status: StatusCode, text: &str) -> Response {
    (status, Json(json!({ "error": text }))).into_response()
}
