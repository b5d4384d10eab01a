use chrono::TimeDelta;
use jsonwebtoken::Algorithm;
use serde_json::json;
use strata_sandbox::Fault;
use strata_sandbox_netsuite::DEV_CERTIFICATE_ID;

use crate::harness::{Reply, Server, assertion};

#[tokio::test]
async fn a_token_is_good_for_an_hour_of_the_simulated_clock() {
    let mut server = Server::start().await;
    assert_eq!(server.try_get("customer").await.status, 200);
    server.forward(TimeDelta::seconds(3599));
    assert_eq!(server.try_get("customer").await.status, 200);
    server.forward(TimeDelta::seconds(1));
    server.try_get("customer").await.refused(401, "INVALID_LOGIN");
    server.login().await;
    assert_eq!(server.try_get("customer").await.status, 200);
}

#[tokio::test]
async fn the_answer_holds_the_life_of_the_token_as_text() {
    let server = Server::start().await;
    let reply = server
        .ask_token(&assertion(&server.claims(), DEV_CERTIFICATE_ID, Algorithm::PS256))
        .await;
    assert_eq!(
        (&reply.body["expires_in"], &reply.body["token_type"]),
        (&json!("3600"), &json!("bearer"))
    );
}

#[tokio::test]
async fn every_service_wants_a_token() {
    let mut server = Server::start().await;
    server.token = "made-up".to_owned();
    for path in [
        "record/v1/customer",
        "record/v1/customer/1",
        "async/v1/job/1",
        "async/v1/job/1/task/1/result",
    ] {
        let path = format!("/services/rest/{path}");
        Reply::of(server.request(reqwest::Method::GET, &path))
            .await
            .refused(401, "INVALID_LOGIN");
    }
    server
        .try_query("", "SELECT id FROM customer")
        .await
        .refused(401, "INVALID_LOGIN");
    server.post("customer", json!({})).await.refused(401, "INVALID_LOGIN");
    let bare = server.http.get(format!("{}/services/rest/record/v1/customer", server.base));
    Reply::of(bare).await.refused(401, "INVALID_LOGIN");
}

#[tokio::test]
async fn only_a_good_assertion_gets_a_token() {
    let server = Server::start().await;
    let now = server.setup.clock.now().timestamp();
    let wrong = [
        ("iss", json!("somebody-else")),
        ("scope", json!(["restlets"])),
        ("aud", json!("https://127.0.0.1/somewhere/else")),
        ("iat", json!(now + 3600)),
        ("exp", json!(now)),
        ("exp", json!(now + 3601)),
    ];
    for (claim, value) in wrong {
        let mut claims = server.claims();
        claims[claim] = value.clone();
        let reply = server
            .ask_token(&assertion(&claims, DEV_CERTIFICATE_ID, Algorithm::PS256))
            .await;
        assert_eq!((reply.status, reply.code()), (401, "INVALID_LOGIN"), "{claim} {value}");
    }
    let claims = server.claims();
    server
        .ask_token(&assertion(&claims, "other-cert", Algorithm::PS256))
        .await
        .refused(401, "INVALID_LOGIN");
    server
        .ask_token(&assertion(&claims, DEV_CERTIFICATE_ID, Algorithm::RS256))
        .await
        .refused(401, "INVALID_LOGIN");
    server.ask_token("not a token").await.refused(401, "INVALID_LOGIN");
    let good = assertion(&claims, DEV_CERTIFICATE_ID, Algorithm::PS256);
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let forged = if signature.starts_with('A') { "B" } else { "A" };
    server
        .ask_token(&format!("{signed}.{forged}{}", &signature[1..]))
        .await
        .refused(401, "INVALID_LOGIN");
    assert_eq!(server.ask_token(&good).await.status, 200);
}

#[tokio::test]
async fn an_armed_fault_expires_tokens() {
    let mut server = Server::start().await;
    server.setup.faults.arm("GET /services/rest/record", Fault::ExpireTokens, 1);
    server.try_get("customer").await.refused(401, "INVALID_LOGIN");
    server.login().await;
    assert_eq!(server.try_get("customer").await.status, 200);
}
