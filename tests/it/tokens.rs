//! Tokens of a provider that exists in a test only, good ones and bad ones.

use std::path::Path;

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};
use strata_kernel::{Clock, SystemClock};
use tonic::{Request, Status};
use tonic_types::StatusExt;

const KEY: &[u8] = include_bytes!("../../crates/base/identity/tests/keys/rsa.pem");
const PUBLIC: &[u8] = include_bytes!("../../crates/base/identity/tests/keys/rsa_public.pem");
const OTHER: &[u8] = include_bytes!("../../crates/base/identity/tests/keys/rsa_next.pem");
/// Header and signature of this are worth nothing: the payload is put between.
const NONE: &str = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";

/// The provider.
pub(crate) const ISSUER: &str = "https://login.firm.example";

/// Claims of a token that carries a role, with one of them changed.
fn claims(role: &str, name: &str, value: Value) -> Value {
    let mut claims = json!({"iss": ISSUER, "aud": "strata", "sub": role, "roles": [role], "exp": now() + 600});
    claims[name] = value;
    claims
}

/// Servers compare tokens with the machine's time, also where a simulated one is served.
fn now() -> i64 {
    SystemClock.now().timestamp()
}

fn sign(claims: &Value, key: &[u8], id: &str) -> String {
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some(id.to_owned());
    encode(&header, claims, &EncodingKey::from_rsa_pem(key).unwrap()).unwrap()
}

/// A good token of a role.
pub(crate) fn of_role(role: &str) -> String {
    sign(&claims(role, "jti", json!("1")), KEY, "rsa")
}

/// A good token of a role, of somebody who acts for a customer.
pub(crate) fn of_customer(role: &str, customer: &str) -> String {
    saying(role, &json!({ "customer": customer }))
}

/// A good token of a role, of somebody of whom it says more.
pub(crate) fn saying(role: &str, said: &Value) -> String {
    let mut all = claims(role, "jti", json!("1"));
    for (name, value) in said.as_object().unwrap() {
        all[name] = value.clone();
    }
    sign(&all, KEY, "rsa")
}

/// A request with a token.
pub(crate) fn signed<T>(message: T, token: &str) -> Request<T> {
    let mut request = Request::new(message);
    request
        .metadata_mut()
        .insert("authorization", format!("Bearer {token}").parse().unwrap());
    request
}

/// The stable reason of a refusal. Empty: it says none.
pub(crate) fn reason(status: &Status) -> String {
    let details = status.get_error_details();
    details.error_info().map(|info| info.reason.clone()).unwrap_or_default()
}

/// Tokens that nobody may take, with the reason that they are refused for. They all name a role that may do everything.
pub(crate) fn bad(role: &str) -> Vec<(&'static str, String, &'static str)> {
    let good = claims(role, "jti", json!("2"));
    let with = |name: &str, value: Value| sign(&claims(role, name, value), KEY, "rsa");
    let signed_with_secret = |secret: &[u8]| {
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some("rsa".to_owned());
        encode(&header, &good, &EncodingKey::from_secret(secret)).unwrap()
    };
    let whole = sign(&good, KEY, "rsa");
    let payload = whole.split('.').nth(1).unwrap();
    vec![
        ("expired", with("exp", json!(now() - 100)), "TOKEN_EXPIRED"),
        ("for another audience", with("aud", json!("another")), "TOKEN_INVALID"),
        (
            "of another issuer",
            with("iss", json!("https://login.other.example")),
            "TOKEN_INVALID",
        ),
        ("with algorithm none", format!("{NONE}.{payload}."), "TOKEN_INVALID"),
        ("with the public key as secret", signed_with_secret(PUBLIC), "TOKEN_INVALID"),
        (
            "with the key set as secret",
            signed_with_secret(&serde_json::to_vec(&public()).unwrap()),
            "TOKEN_INVALID",
        ),
        ("with an unknown key", sign(&good, OTHER, "unknown"), "TOKEN_INVALID"),
        (
            "with another's key under a known name",
            sign(&good, OTHER, "rsa"),
            "TOKEN_INVALID",
        ),
        (
            "without its signature",
            whole.rsplit_once('.').unwrap().0.to_owned() + ".",
            "TOKEN_INVALID",
        ),
    ]
}

fn public() -> Value {
    let key = EncodingKey::from_rsa_pem(KEY).unwrap();
    let mut jwk = serde_json::to_value(Jwk::from_encoding_key(&key, Algorithm::RS256).unwrap()).unwrap();
    jwk["kid"] = json!("rsa");
    jwk
}

/// The `identity` section for this provider, with roles and their scopes. Its keys stand in a file of the folder.
pub(crate) fn section(folder: &Path, roles: &[(&str, Vec<String>)]) -> toml::Table {
    let keys = folder.join("keys.json");
    std::fs::write(&keys, json!({ "keys": [public()] }).to_string()).unwrap();
    let roles: toml::Table = roles
        .iter()
        .map(|(role, scopes)| ((*role).to_owned(), toml::Value::from(scopes.clone())))
        .collect();
    let mut identity = toml::Table::new();
    identity.insert("mode".to_owned(), "jwt".into());
    identity.insert("issuer".to_owned(), ISSUER.into());
    identity.insert("audience".to_owned(), vec!["strata"].into());
    identity.insert("keys_file".to_owned(), keys.to_str().unwrap().into());
    identity.insert("roles".to_owned(), roles.into());
    toml::Table::from_iter([("identity".to_owned(), identity.into())])
}
