//! Which tokens are taken, and what is read from them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use strata_identity::{Algorithm as Ours, CallerKind};
use strata_kernel::Kind;

use super::*;

async fn reason(verifier: &Verifier, token: &str) -> (Kind, &'static str) {
    let error = verifier.verify(token).await.unwrap_err();
    let shown = format!("{error:?} {error}");
    let body = token.split('.').nth(1).filter(|body| body.len() > 8);
    assert!(body.is_none_or(|body| !shown.contains(body)), "a token is shown: {shown}");
    (error.kind, error.reason)
}

const INVALID: (Kind, &str) = (Kind::Unauthenticated, "TOKEN_INVALID");
const EXPIRED: (Kind, &str) = (Kind::Unauthenticated, "TOKEN_EXPIRED");

#[tokio::test]
async fn a_good_token_says_who_calls_and_what_they_may() {
    let (provider, verifier, _) = with_keys(&[RSA]).await;
    let token = RSA.sign(&claims(&provider.issuer));
    let principal = verifier.verify(&token).await.unwrap().principal;
    assert_eq!((principal.subject.as_str(), principal.kind), ("eva", CallerKind::Person));
    assert_eq!(
        (principal.tenant.as_deref(), principal.employee.as_deref()),
        (Some("t1"), Some("E-7"))
    );
    assert_eq!(principal.customer, None);
    assert!(principal.legal_entities.contains("DE01") && principal.roles.contains("unknown"));
    for scope in [
        "process.billing.read",
        "process.billing.approve",
        "process.close.sign",
        "master.contract.read",
    ] {
        assert!(principal.scopes.contains(scope), "{scope}");
    }
    for scope in ["process.close.reopen", "master.contract.write", "process.billing.*", ""] {
        assert!(!principal.scopes.contains(scope), "{scope}");
    }
    let own = with(&claims(&provider.issuer), "client_id", json!("eva"));
    assert_eq!(
        verifier.verify(&RSA.sign(&own)).await.unwrap().principal.kind,
        CallerKind::Service
    );
}

#[tokio::test]
async fn claims_may_lie_deeper_and_be_called_otherwise() {
    let provider = Provider::start(keys(&[RSA])).await;
    let mut settings = settings(&provider.issuer);
    settings.claims.roles = "realm_access.roles".to_owned();
    settings.claims.tenant = "https://firm.example/tenant".to_owned();
    settings.services = vec!["eva".to_owned()];
    let verifier = Verifier::new(&settings, Arc::new(SimClock::new(now()))).unwrap();
    let deep = with(&claims(&provider.issuer), "realm_access", json!({"roles": ["finance"]}));
    let named = with(&deep, "https://firm.example/tenant", json!("t9"));
    let principal = verifier
        .verify(&RSA.sign(&with(&named, "roles", Value::Null)))
        .await
        .unwrap()
        .principal;
    assert!(principal.scopes.contains("process.billing.read"));
    assert_eq!(
        (principal.tenant.as_deref(), principal.kind),
        (Some("t9"), CallerKind::Service)
    );
}

#[tokio::test]
async fn every_claim_that_has_to_be_there_is_missed() {
    let (provider, verifier, _) = with_keys(&[RSA]).await;
    let good = claims(&provider.issuer);
    let now = now().timestamp();
    let cases = [
        ("iss", json!("https://other.example"), INVALID),
        ("iss", Value::Null, INVALID),
        ("aud", json!("other"), INVALID),
        ("aud", Value::Null, INVALID),
        ("sub", Value::Null, INVALID),
        ("sub", json!(""), INVALID),
        ("sub", json!("x".repeat(256)), INVALID),
        ("exp", Value::Null, INVALID),
        ("exp", json!("soon"), INVALID),
        ("exp", json!(now - 31), EXPIRED),
        ("nbf", json!(now + 31), INVALID),
        ("iat", json!(now + 31), INVALID),
    ];
    for (name, value, expected) in cases {
        let token = RSA.sign(&with(&good, name, value.clone()));
        assert_eq!(reason(&verifier, &token).await, expected, "{name} = {value}");
    }
    for (name, value) in [
        ("exp", json!(now - 29)),
        ("nbf", json!(now + 29)),
        ("nbf", Value::Null),
        ("aud", json!("strata")),
    ] {
        let token = RSA.sign(&with(&good, name, value.clone()));
        assert!(verifier.verify(&token).await.is_ok(), "{name} = {value}");
    }
}

#[tokio::test]
async fn a_token_that_was_taken_is_not_taken_after_its_end() {
    let (provider, verifier, clock) = with_keys(&[RSA]).await;
    let token = RSA.sign(&claims(&provider.issuer));
    let verified = verifier.verify(&token).await.unwrap();
    assert_eq!(verifier.left(&verified).as_secs(), 630);
    later(&clock, 629);
    assert!(verifier.verify(&token).await.is_ok());
    later(&clock, 1);
    assert_eq!(reason(&verifier, &token).await, EXPIRED);
    assert_eq!(verifier.left(&verified).as_secs(), 0);
}

#[tokio::test]
async fn a_token_chooses_no_algorithm() {
    let (provider, verifier, _) = with_keys(&[RSA, EC, ED]).await;
    let good = claims(&provider.issuer);
    let written = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let body = written(&good);
    for none in ["none", "None", "NONE", "nOnE", ""] {
        let unsigned = format!("{}.{body}.", written(&json!({"alg": none, "typ": "JWT", "kid": "rsa"})));
        assert_eq!(reason(&verifier, &unsigned).await, INVALID, "{none}");
    }
    // Signed with the public key as if it were a shared secret.
    let public = serde_json::to_vec(&RSA.public()).unwrap();
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("rsa".to_owned());
    let confused = encode(&header, &good, &EncodingKey::from_secret(&public)).unwrap();
    assert_eq!(reason(&verifier, &confused).await, INVALID);
    // Good signatures in a way that the settings do not allow, and a key that is named for another one.
    assert_eq!(reason(&verifier, &EC.sign(&good)).await, INVALID);
    assert_eq!(reason(&verifier, &ED.sign(&good)).await, INVALID);
    assert_eq!(
        reason(&verifier, &RSA.sign_as(&good, |header| header.kid = Some("ec".to_owned()))).await,
        INVALID
    );
    // A key that the token brings along is nobody's.
    let own = NEXT.sign_as(&good, |header| {
        header.kid = Some("rsa".to_owned());
        header.jwk = serde_json::from_value(NEXT.public()).ok();
    });
    assert_eq!(reason(&verifier, &own).await, INVALID);
}

#[tokio::test]
async fn what_the_settings_allow_is_verified() {
    let provider = Provider::start(keys(&[RSA, EC, ED])).await;
    let mut settings = settings(&provider.issuer);
    settings.algorithms = vec![Ours::RS256, Ours::ES256, Ours::EdDSA];
    let verifier = Verifier::new(&settings, Arc::new(SimClock::new(now()))).unwrap();
    for pair in [RSA, EC, ED] {
        let token = pair.sign(&claims(&provider.issuer));
        assert!(verifier.verify(&token).await.is_ok(), "{}", pair.id);
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let other = signature.replacen(&signature[4..5], if &signature[4..5] == "A" { "B" } else { "A" }, 1);
        assert_eq!(reason(&verifier, &format!("{signed}.{other}")).await, INVALID, "{}", pair.id);
    }
}

#[tokio::test]
async fn only_access_tokens_are_taken() {
    let (provider, verifier, _) = with_keys(&[RSA]).await;
    let good = claims(&provider.issuer);
    for kind in ["at+jwt", "application/at+jwt", "JWT"] {
        let token = RSA.sign_as(&good, |header| header.typ = Some(kind.to_owned()));
        assert!(verifier.verify(&token).await.is_ok(), "{kind}");
    }
    let logout = RSA.sign_as(&good, |header| header.typ = Some("logout+jwt".to_owned()));
    assert_eq!(reason(&verifier, &logout).await, INVALID);
    let critical = RSA.sign_as(&good, |header| header.crit = Some(vec!["b64".to_owned()]));
    assert_eq!(reason(&verifier, &critical).await, INVALID);
    let mut settings = settings(&provider.issuer);
    settings.require_at_jwt = true;
    let strict = Verifier::new(&settings, Arc::new(SimClock::new(now()))).unwrap();
    assert_eq!(reason(&strict, &RSA.sign(&good)).await, INVALID);
    let access = RSA.sign_as(&good, |header| header.typ = Some("at+JWT".to_owned()));
    assert!(strict.verify(&access).await.is_ok());
}

#[tokio::test]
async fn what_is_no_token_is_refused() {
    let (_provider, verifier, _) = with_keys(&[RSA]).await;
    let long = "x".repeat(8 * 1024 + 1);
    for bad in [
        "",
        ".",
        "..",
        "a.b",
        "a.b.c",
        "a.b.c.d",
        "\u{0}",
        "eyJhbGciOiJSUzI1NiJ9..",
        &long,
    ] {
        assert_eq!(reason(&verifier, bad).await, INVALID, "{bad}");
    }
}

#[tokio::test]
async fn no_character_of_a_token_may_be_another() {
    let (provider, verifier, _) = with_keys(&[RSA]).await;
    let token = RSA.sign(&claims(&provider.issuer));
    verifier.verify(&token).await.unwrap();
    for index in 0..token.len() {
        let other = if &token[index..=index] == "A" { "B" } else { "A" };
        let changed = format!("{}{other}{}", &token[..index], &token[index + 1..]);
        assert_eq!(reason(&verifier, &changed).await, INVALID, "at {index}");
        let cut = reason(&verifier, &token[..index]).await;
        assert_eq!(cut, INVALID, "cut at {index}");
    }
    assert_eq!(provider.asked_keys(), 1);
}
