//! OAuth 2: the token endpoint and the check of every request.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::answer::refused;
use crate::{App, CLIENT_ID, CLIENT_SECRET};

/// `POST /oauth/token` with `client_credentials`; the client names itself by Basic authentication or in the body. Tokens do
/// not expire; they end when the application is revoked.
pub(crate) async fn token(State(app): State<Arc<App>>, headers: HeaderMap, body: String) -> Response {
    let form = fields(&body);
    let known = |id: Option<&str>, secret: Option<&str>| id == Some(CLIENT_ID) && secret == Some(CLIENT_SECRET);
    let posted = known(
        form.get("client_id").map(String::as_str),
        form.get("client_secret").map(String::as_str),
    );
    if !posted && basic(&headers).as_deref() != Some(&format!("{CLIENT_ID}:{CLIENT_SECRET}")) {
        return refusal(StatusCode::UNAUTHORIZED, "invalid_client", "Client authentication failed");
    }
    if form.get("grant_type").map(String::as_str) != Some("client_credentials") {
        return refusal(
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            "The grant type is not supported",
        );
    }
    let token = app.tokens.issue(CLIENT_ID, None, app.clock.now());
    (
        [(CACHE_CONTROL, "no-store")],
        Json(json!({"access_token": token, "token_type": "bearer"})),
    )
        .into_response()
}

/// Lets only requests with a live bearer token through.
pub(crate) async fn require_token(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let given = header(request.headers()).and_then(|value| value.strip_prefix("Bearer "));
    match given {
        Some(token) if app.tokens.check(token.trim(), app.clock.now()) => next.run(request).await,
        _ => refused(StatusCode::UNAUTHORIZED),
    }
}

fn header(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok())
}

fn basic(headers: &HeaderMap) -> Option<String> {
    let encoded = header(headers)?.strip_prefix("Basic ")?;
    String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()
}

/// The fields of the body, sent as a form or as JSON.
fn fields(body: &str) -> HashMap<String, String> {
    match serde_json::from_str(body) {
        Ok(Value::Object(object)) => object
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.as_str()?.to_owned())))
            .collect(),
        _ => url::form_urlencoded::parse(body.as_bytes()).into_owned().collect(),
    }
}

fn refusal(status: StatusCode, code: &str, description: &str) -> Response {
    (status, Json(json!({"error": code, "error_description": description}))).into_response()
}
