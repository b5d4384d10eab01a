//! What the layers of identity cost a call.
#![allow(clippy::unwrap_used)]

use std::convert::Infallible;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::{Request, Response};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::json;
use strata_identity::{Guard, IdentitySettings, Mode};
use strata_kernel::{Clock, SystemClock};
use tempfile::TempDir;
use tonic::Status;
use tonic::body::Body;
use tower::service_fn;

use super::{authenticate, scope};
use crate::next::Next;

const PEM: &[u8] = include_bytes!("../../../identity/tests/keys/rsa.pem");
/// Rounds, of which the quickest counts: a busy machine slows some, and makes none quicker.
const ROUNDS: u32 = 40;
/// Calls in a round.
const CALLS: u32 = 250;
/// Most that the layers may add to a call. The aim is 10 microseconds in a release build; tests are built with less care.
const MOST: Duration = Duration::from_micros(40);

fn guard_and_token() -> (Guard, String, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let key = EncodingKey::from_rsa_pem(PEM).unwrap();
    let jwk = Jwk::from_encoding_key(&key, Algorithm::RS256).unwrap();
    let file = folder.path().join("keys.json");
    std::fs::write(&file, json!({ "keys": [jwk] }).to_string()).unwrap();
    let settings = IdentitySettings {
        mode: Mode::Jwt,
        issuer: "https://login.example".to_owned(),
        audience: vec!["strata".to_owned()],
        keys_file: Some(file),
        roles: [("administrator".to_owned(), vec!["*".to_owned()])].into(),
        ..IdentitySettings::default()
    };
    let claims = json!({
        "iss": "https://login.example", "aud": "strata", "sub": "eva", "exp": SystemClock.now().timestamp() + 600,
        "roles": ["administrator"], "name": "Eva Example", "email": "eva@firm.example", "tenant": "firm",
    });
    let token = encode(&Header::new(Algorithm::RS256), &claims, &key).unwrap();
    (Guard::new(&settings, Arc::new(SystemClock)).unwrap(), token, folder)
}

async fn quickest(stack: &Next, token: &str) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let begin = Instant::now();
        for _ in 0..CALLS {
            let request = Request::post("http://server/strata.dev.v1.ControlService/GetTime")
                .header("authorization", format!("Bearer {token}"));
            let answer = stack.run(request.body(Body::empty()).unwrap()).await;
            assert!(!answer.headers().contains_key(Status::GRPC_STATUS), "refused");
        }
        best = best.min(begin.elapsed());
    }
    best / CALLS
}

#[tokio::test]
async fn a_token_that_was_verified_before_costs_a_call_little() {
    let (guard, token, _folder) = guard_and_token();
    let bare = Next::new(service_fn(|_| async { Ok::<_, Infallible>(Response::new(Body::empty())) }));
    let stack = bare
        .clone()
        .behind(|request| scope::check(&strata_contract::Policies::built_in(), request));
    let stack = stack.within(move |request, next| authenticate::authenticate(guard.clone(), request, next));
    quickest(&stack, &token).await;
    let (without, with) = (quickest(&bare, &token).await, quickest(&stack, &token).await);
    let added = with.saturating_sub(without);
    println!("a call without the layers {without:?}, with them {with:?}: they add {added:?}");
    assert!(added < MOST, "they add {added:?}");
}
