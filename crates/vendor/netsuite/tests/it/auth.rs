//! Tokens: signed assertion, one new token after a 401, throttling.

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};
use strata_contract::strata::system::erp::v1 as pb;
use strata_port::ErpSystem;

use crate::stub::{Answer, PUBLIC_KEY, Stub, refused, rows};

fn lookup() -> pb::LookupByKeyRequest {
    pb::LookupByKeyRequest {
        kind: pb::RecordKind::Customer.into(),
        keys: vec!["cus_1".into()],
    }
}

fn found() -> Answer {
    rows(json!([{"id": "7", "externalid": "cus_1"}]))
}

#[tokio::test]
async fn the_assertion_says_who_asks_whom_and_until_when() {
    let stub = Stub::new(vec![found()]).await;
    stub.adapter().lookup_by_key(lookup()).await.unwrap();
    let form = stub.tokens()[0].body.clone();
    let pairs: std::collections::HashMap<String, String> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
    assert_eq!(pairs["grant_type"], "client_credentials");
    let mut rules = Validation::new(Algorithm::PS256);
    rules.validate_exp = false;
    rules.set_audience(&[format!("{}/services/rest/auth/oauth2/v1/token", stub.base)]);
    let key = DecodingKey::from_rsa_pem(PUBLIC_KEY.as_bytes()).unwrap();
    let token = jsonwebtoken::decode::<Value>(&pairs["client_assertion"], &key, &rules).unwrap();
    assert_eq!(token.header.kid.as_deref(), Some("cert"));
    assert_eq!(token.claims["iss"], "client");
    assert_eq!(token.claims["scope"], json!(["rest_webservices"]));
    let life = token.claims["exp"].as_i64().unwrap() - token.claims["iat"].as_i64().unwrap();
    assert!((1..=3600).contains(&life));
}

#[tokio::test]
async fn a_401_is_answered_with_one_new_token() {
    let stub = Stub::new(vec![refused(401, "INVALID_LOGIN", "x"), found()]).await;
    let answer = stub.adapter().lookup_by_key(lookup()).await.unwrap();
    assert_eq!(answer.found[0].vendor_id, "7");
    let tokens: Vec<_> = stub
        .seen()
        .iter()
        .map(|seen| seen.header("authorization").to_owned())
        .collect();
    assert_eq!(tokens, ["Bearer t1", "Bearer t2"]);

    let stub = Stub::new(vec![refused(401, "INVALID_LOGIN", "x"), refused(401, "INVALID_LOGIN", "x")]).await;
    let error = stub.adapter().lookup_by_key(lookup()).await.unwrap_err();
    assert_eq!(error.reason, "VENDOR_UNAUTHENTICATED");
    assert_eq!(stub.seen().len(), 2);
}

#[tokio::test]
async fn a_token_serves_until_it_ends() {
    let stub = Stub::new(vec![found(), found(), found()]).await;
    let adapter = stub.adapter();
    adapter.lookup_by_key(lookup()).await.unwrap();
    adapter.lookup_by_key(lookup()).await.unwrap();
    assert_eq!(stub.tokens().len(), 1);
    let now = strata_kernel::Clock::now(&stub.clock);
    assert!(stub.clock.set(now + chrono::TimeDelta::minutes(60)));
    adapter.lookup_by_key(lookup()).await.unwrap();
    assert_eq!(stub.tokens().len(), 2);
}

#[tokio::test]
async fn a_limit_is_waited_for_and_then_said() {
    let busy = || refused(429, "CONCURRENCY_LIMIT_EXCEEDED", "x");
    let stub = Stub::new(vec![busy(), busy(), found()]).await;
    assert_eq!(stub.adapter().lookup_by_key(lookup()).await.unwrap().found.len(), 1);

    let stub = Stub::new(vec![busy(), busy(), busy(), busy()]).await;
    let error = stub.adapter().lookup_by_key(lookup()).await.unwrap_err();
    assert_eq!(error.reason, "VENDOR_THROTTLED");
    assert!(error.is_temporary() && stub.is_used_up());
}
