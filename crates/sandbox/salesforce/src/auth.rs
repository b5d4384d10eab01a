//! Tokens: the client credentials grant, and who is calling.

use std::collections::HashMap;

use axum::Json;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, HOST};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::errors::ApiError;
use crate::server::App;
use crate::{CLIENT_ID, CLIENT_SECRET, ids, records};

/// Id of the org.
const ORG_ID: &str = "00D5g000008WqJqEAK";

/// `POST /services/oauth2/token`.
pub(crate) async fn token(State(app): State<App>, headers: HeaderMap, body: String) -> Response {
    let form: HashMap<String, String> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let given = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    if given("grant_type") != "client_credentials" {
        return refuse("unsupported_grant_type", "grant type not supported");
    }
    let (id, secret) = basic(&headers).unwrap_or_else(|| (given("client_id").to_owned(), given("client_secret").to_owned()));
    if id != CLIENT_ID {
        return refuse("invalid_client_id", "client identifier invalid");
    }
    if secret != CLIENT_SECRET {
        return refuse("invalid_client", "invalid client credentials");
    }
    let now = app.clock.now();
    let token = app.tokens.issue(&id, Some(app.options.session_life), now);
    let host = host(&headers);
    let user = ids::id18("005", records::RUNNING_USER);
    Json(json!({
        "access_token": token,
        "signature": STANDARD.encode(&token[..32]),
        "scope": "api",
        "instance_url": host,
        "id": format!("{host}/id/{ORG_ID}/{user}"),
        "token_type": "Bearer",
        "issued_at": now.timestamp_millis().to_string(),
    }))
    .into_response()
}

/// `GET /services/oauth2/userinfo`.
pub(crate) async fn user_info(State(app): State<App>, headers: HeaderMap) -> Response {
    match authorise(&app, &headers) {
        Ok(()) => {
            let user = ids::id18("005", records::RUNNING_USER);
            Json(json!({ "user_id": user, "organization_id": ORG_ID })).into_response()
        }
        Err(error) => (error.status, Json(error.body())).into_response(),
    }
}

/// Whether the call carries a living token.
pub(crate) fn authorise(app: &App, headers: &HeaderMap) -> Result<(), ApiError> {
    let header = headers.get(AUTHORIZATION).and_then(|h| h.to_str().ok()).unwrap_or_default();
    let token = header
        .split_once(' ')
        .filter(|(scheme, _)| matches!(*scheme, "Bearer" | "OAuth"))
        .map(|(_, t)| t.trim());
    if token.is_some_and(|t| app.tokens.check(t, app.clock.now())) {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::UNAUTHORIZED,
        "INVALID_SESSION_ID",
        "Session expired or invalid",
    ))
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let encoded = headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.to_owned()))
}

/// The address the caller reached the org by.
fn host(headers: &HeaderMap) -> String {
    let host = headers.get(HOST).and_then(|h| h.to_str().ok()).unwrap_or("127.0.0.1");
    format!("http://{host}")
}

fn refuse(error: &str, description: &str) -> Response {
    let body: Value = json!({ "error": error, "error_description": description });
    (StatusCode::BAD_REQUEST, Json(body)).into_response()
}
