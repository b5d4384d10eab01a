//! OAuth 2.0 machine to machine: a signed assertion for a token of an hour.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::errors::NsError;
use crate::keys::{DEV_CERTIFICATE_ID, DEV_CLIENT_ID, DEV_PUBLIC_KEY_PEM};

/// Path of the token endpoint; also what the path of the assertion's audience must be.
pub(crate) const TOKEN_PATH: &str = "/services/rest/auth/oauth2/v1/token";
/// How long a token is good, in seconds.
const TOKEN_SECONDS: i64 = 3600;
/// Longest life of an assertion, in seconds. UNVERIFIED.
const ASSERTION_SECONDS: i64 = 3600;
/// How far ahead an assertion's `iat` may be, in seconds. UNVERIFIED.
const CLOCK_SKEW_SECONDS: i64 = 60;
/// Scope the REST services need.
const SCOPE: &str = "rest_webservices";
/// Type of assertion.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Checks client assertions against the certificate on file.
pub(crate) struct Verifier {
    key: DecodingKey,
    rules: Validation,
}

/// What an assertion says.
#[derive(Debug, Deserialize)]
struct Claims {
    iss: String,
    scope: Value,
    aud: Value,
    iat: i64,
    exp: i64,
}

impl Verifier {
    /// A verifier for the development certificate.
    pub(crate) fn new() -> std::io::Result<Self> {
        let key = DecodingKey::from_rsa_pem(DEV_PUBLIC_KEY_PEM.as_bytes()).map_err(std::io::Error::other)?;
        let mut rules = Validation::new(Algorithm::PS256);
        // Times are compared with the simulated clock, the audience by its path: neither is this library's affair.
        rules.validate_exp = false;
        rules.validate_aud = false;
        rules.required_spec_claims.clear();
        Ok(Self { key, rules })
    }

    /// Why the assertion is no good, or nothing.
    fn check(&self, assertion: &str, now: DateTime<Utc>) -> Result<(), &'static str> {
        let header = jsonwebtoken::decode_header(assertion).map_err(|_| "the assertion is not a JWT")?;
        if header.alg != Algorithm::PS256 {
            return Err("the assertion is not signed with PS256");
        }
        if header.kid.as_deref() != Some(DEV_CERTIFICATE_ID) {
            return Err("no certificate has this kid");
        }
        let decoded = jsonwebtoken::decode::<Claims>(assertion, &self.key, &self.rules);
        let claims = decoded.map_err(|_| "the signature or the claims are not valid")?.claims;
        let now = now.timestamp();
        match () {
            () if claims.iss != DEV_CLIENT_ID => Err("no integration has this iss"),
            () if !any_text(&claims.scope, |scope| scope == SCOPE) => Err("the scope lacks rest_webservices"),
            () if !any_text(&claims.aud, is_token_address) => Err("aud is not the token endpoint"),
            () if claims.iat > now.saturating_add(CLOCK_SKEW_SECONDS) => Err("iat lies in the future"),
            () if claims.exp <= now => Err("the assertion has expired"),
            () if claims.exp.saturating_sub(claims.iat) > ASSERTION_SECONDS => Err("the assertion lives too long"),
            () => Ok(()),
        }
    }
}

/// Whether `value`, a text or a list of texts, has one that `fits`.
fn any_text(value: &Value, fits: impl Fn(&str) -> bool) -> bool {
    match value {
        Value::String(text) => fits(text),
        Value::Array(texts) => texts.iter().filter_map(Value::as_str).any(fits),
        _ => false,
    }
}

fn is_token_address(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| url.path() == TOKEN_PATH)
}

/// `POST /services/rest/auth/oauth2/v1/token`.
pub(crate) async fn token(State(app): State<App>, body: Bytes) -> Response {
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&body).into_owned().collect();
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    if field("grant_type") != Some("client_credentials") {
        return refused("unsupported_grant_type");
    }
    if field("client_assertion_type") != Some(ASSERTION_TYPE) {
        return refused("invalid_request");
    }
    let Some(assertion) = field("client_assertion") else {
        return refused("invalid_request");
    };
    let now = app.clock.now();
    if let Err(reason) = app.verifier.check(assertion, now) {
        tracing::debug!(reason, "assertion refused");
        return NsError::login(format!("Invalid login attempt: {reason}.")).into_response();
    }
    let token = app.tokens.issue(DEV_CLIENT_ID, Some(TimeDelta::seconds(TOKEN_SECONDS)), now);
    // UNVERIFIED: the number of seconds is a text.
    let answer = json!({"access_token": token, "expires_in": TOKEN_SECONDS.to_string(), "token_type": "bearer"});
    ([(CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}

fn refused(error: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({"error": error}))).into_response()
}

/// Lets only requests with a live token through.
pub(crate) async fn require(State(app): State<App>, request: Request, next: Next) -> Response {
    let sent = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = sent
        .and_then(|text| text.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    match token {
        Some((_, token)) if app.tokens.check(token.trim(), app.clock.now()) => next.run(request).await,
        _ => NsError::login("Invalid login attempt.").into_response(),
    }
}
