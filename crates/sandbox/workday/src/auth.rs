//! Tokens: the refresh token grant.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use serde_json::json;

use crate::server::{App, Org, not_found};
use crate::{CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, TENANT};

/// Seconds an access token is good for (UNVERIFIED).
const LIFETIME_SECONDS: i64 = 14_400;

/// `POST /ccx/oauth2/{tenant}/token`.
pub(crate) async fn token(State(app): State<App>, Path(tenant): Path<String>, headers: HeaderMap, body: String) -> Response {
    if tenant != TENANT {
        return not_found();
    }
    let form: HashMap<String, String> = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    let given = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    if basic(&headers).as_deref() != Some(&format!("{CLIENT_ID}:{CLIENT_SECRET}")) {
        return refuse(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    if given("grant_type") != "refresh_token" {
        return refuse(StatusCode::BAD_REQUEST, "unsupported_grant_type");
    }
    if given("refresh_token") != REFRESH_TOKEN {
        return refuse(StatusCode::BAD_REQUEST, "invalid_grant");
    }
    let token = app
        .tokens
        .issue(CLIENT_ID, Some(TimeDelta::seconds(LIFETIME_SECONDS)), app.clock.now());
    let body = json!({
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": LIFETIME_SECONDS,
        "refresh_token": REFRESH_TOKEN,
    });
    Json(body).into_response()
}

/// Whether the call carries a living token.
pub(crate) fn is_authorised(org: &Org, headers: &HeaderMap) -> bool {
    let header = headers.get(AUTHORIZATION).and_then(|h| h.to_str().ok()).unwrap_or_default();
    header
        .strip_prefix("Bearer ")
        .is_some_and(|token| org.tokens.check(token.trim(), org.clock.now()))
}

fn basic(headers: &HeaderMap) -> Option<String> {
    let encoded = headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()
}

fn refuse(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({ "error": error }))).into_response()
}
