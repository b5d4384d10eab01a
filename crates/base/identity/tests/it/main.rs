//! Tokens against a provider: who is let in, what happens when keys change, what an attacker can cause.
#![allow(clippy::unwrap_used)]

mod provider;
mod rotation;
mod service;
mod verify;

use std::sync::Arc;

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use strata_identity::{IdentitySettings, Mode, Verifier};
use strata_kernel::{Clock, Instant, SimClock};

use provider::Provider;

/// A key pair, made for these tests.
#[derive(Clone, Copy)]
struct Pair {
    id: &'static str,
    pem: &'static [u8],
    algorithm: Algorithm,
}

const RSA: Pair = pair("rsa", include_bytes!("../keys/rsa.pem"), Algorithm::RS256);
const NEXT: Pair = pair("next", include_bytes!("../keys/rsa_next.pem"), Algorithm::RS256);
const EC: Pair = pair("ec", include_bytes!("../keys/ec.pem"), Algorithm::ES256);
const ED: Pair = pair("ed", include_bytes!("../keys/ed.pem"), Algorithm::EdDSA);

const fn pair(id: &'static str, pem: &'static [u8], algorithm: Algorithm) -> Pair {
    Pair { id, pem, algorithm }
}

impl Pair {
    fn private(self) -> EncodingKey {
        match self.algorithm {
            Algorithm::RS256 => EncodingKey::from_rsa_pem(self.pem).unwrap(),
            Algorithm::ES256 => EncodingKey::from_ec_pem(self.pem).unwrap(),
            _ => EncodingKey::from_ed_pem(self.pem).unwrap(),
        }
    }

    /// The public key, as a provider publishes it.
    fn public(self) -> Value {
        let mut jwk = serde_json::to_value(Jwk::from_encoding_key(&self.private(), self.algorithm).unwrap()).unwrap();
        jwk["kid"] = json!(self.id);
        jwk["use"] = json!("sig");
        jwk
    }

    fn sign(self, claims: &Value) -> String {
        self.sign_as(claims, |_| {})
    }

    fn sign_as(self, claims: &Value, change: impl FnOnce(&mut Header)) -> String {
        let mut header = Header::new(self.algorithm);
        header.kid = Some(self.id.to_owned());
        change(&mut header);
        encode(&header, claims, &self.private()).unwrap()
    }
}

fn keys(pairs: &[Pair]) -> Value {
    json!({ "keys": pairs.iter().map(|pair| pair.public()).collect::<Vec<_>>() })
}

fn now() -> Instant {
    "2025-03-03T09:00:00Z".parse().unwrap()
}

/// Claims of a token that is good for ten minutes.
fn claims(issuer: &str) -> Value {
    let now = now().timestamp();
    json!({
        "iss": issuer, "aud": ["other", "strata"], "sub": "eva", "exp": now + 600, "nbf": now, "iat": now,
        "roles": ["finance", "unknown"], "scope": "master.contract.read",
        "tenant": "t1", "employee": "E-7", "legal_entities": ["US01", "DE01"],
    })
}

/// The claims, with one of them changed. Null: left out.
fn with(claims: &Value, name: &str, value: Value) -> Value {
    let mut claims = claims.clone();
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
        value => claims[name] = value,
    }
    claims
}

fn settings(issuer: &str) -> IdentitySettings {
    let scopes = vec!["process.billing.*".to_owned(), "process.close.sign".to_owned()];
    IdentitySettings {
        mode: Mode::Jwt,
        issuer: issuer.to_owned(),
        audience: vec!["strata".to_owned()],
        roles: [("finance".to_owned(), scopes)].into(),
        ..IdentitySettings::default()
    }
}

/// A provider with these keys, a verifier of its tokens, and their clock.
async fn with_keys(pairs: &[Pair]) -> (Provider, Verifier, SimClock) {
    let provider = Provider::start(keys(pairs)).await;
    let clock = SimClock::new(now());
    let verifier = Verifier::new(&settings(&provider.issuer), Arc::new(clock.clone())).unwrap();
    (provider, verifier, clock)
}

fn later(clock: &SimClock, seconds: i64) {
    clock.set(clock.now() + chrono::TimeDelta::seconds(seconds));
}
