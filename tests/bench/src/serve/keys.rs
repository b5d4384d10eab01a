//! An issuer of tokens: its keys, its tokens, and the address where servers get theirs.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::routing::post;
use axum::{Json, Router};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::json;
use strata_identity::{ClientSettings, Guard, IdentitySettings, Mode};
use strata_kernel::{Clock, SystemClock};
use strata_settings::Secret;
use tokio::net::TcpListener;

use super::over;
use crate::child::READY;

const ISSUER: &str = "https://issuer.example";
const AUDIENCE: &str = "strata";
/// A key that signs nothing else: it is in the tree.
const PEM: &[u8] = include_bytes!("../../../../crates/base/identity/tests/keys/rsa.pem");

/// Writes the issuer's public keys into a folder.
///
/// # Errors
/// When the folder cannot be written to.
pub(crate) fn make(folder: &Path) -> Result<()> {
    let mut jwk = serde_json::to_value(Jwk::from_encoding_key(&EncodingKey::from_rsa_pem(PEM)?, Algorithm::RS256)?)?;
    jwk["kid"] = json!("rsa");
    Ok(std::fs::write(
        folder.join("keys.json"),
        json!({ "keys": [jwk] }).to_string(),
    )?)
}

/// A token that is good for a day, with every scope that the rows need.
///
/// # Errors
/// When it cannot be signed.
pub(crate) fn token(subject: &str) -> Result<String> {
    let now = SystemClock.now().timestamp();
    let claims = json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": subject, "client_id": subject, "exp": now + 24 * 3600,
        "scope": "system.hr.read data.labour_cost.read data.payroll.read",
    });
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some("rsa".to_owned());
    encode(&header, &claims, &EncodingKey::from_rsa_pem(PEM)?).context("a token cannot be signed")
}

/// A guard that trusts the issuer whose keys are in a folder.
///
/// # Errors
/// When the keys cannot be read.
pub(crate) fn guard(folder: &Path) -> Result<Guard> {
    Ok(Guard::new(&settings(folder, "127.0.0.1:1")?, Arc::new(SystemClock))?)
}

/// Settings of a server that trusts the issuer and has an account there.
pub(super) fn settings(folder: &Path, issuer: &str) -> Result<IdentitySettings> {
    Ok(IdentitySettings {
        mode: Mode::Jwt,
        issuer: ISSUER.to_owned(),
        audience: vec![AUDIENCE.to_owned()],
        keys_file: Some(folder.join("keys.json")),
        client: Some(ClientSettings {
            id: "bench".to_owned(),
            secret: Secret::new("not a secret"),
            token_url: Some(format!("http://{issuer}/token")),
            scope: None,
            audience: None,
            resource: None,
        }),
        ..IdentitySettings::default()
    })
}

pub(super) async fn run() -> Result<()> {
    let given = json!({"access_token": token("server")?, "token_type": "Bearer", "expires_in": 24 * 3600});
    let app = Router::new().route("/token", post(move || async move { Json(given) }));
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{READY}{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).with_graceful_shutdown(over()).await?)
}
