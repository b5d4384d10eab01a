use std::time::Duration;

use reqwest::Method;
use strata_sandbox::{Fault, Setup};
use strata_sandbox_netsuite::Options;

use crate::harness::{Reply, Server, start};

/// Sends `count` requests at once of which each takes a while; answers how many were refused for it.
async fn refused_of(server: &Server, count: u32) -> usize {
    server
        .setup
        .faults
        .arm("GET /services/rest/record", Fault::Delay(Duration::from_millis(400)), count);
    let running: Vec<_> = (0..count)
        .map(|_| tokio::spawn(Reply::of(server.record(Method::GET, "customer"))))
        .collect();
    let mut refused = 0;
    for reply in running {
        let reply = reply.await.unwrap();
        match reply.status {
            200 => {}
            _ => {
                reply.refused(429, "CONCURRENCY_LIMIT_EXCEEDED");
                refused += 1;
            }
        }
    }
    server.setup.faults.clear();
    refused
}

#[tokio::test]
async fn the_standard_tier_serves_five_at_once() {
    let server = Server::start().await;
    assert_eq!(refused_of(&server, 5).await, 0);
    assert_eq!(refused_of(&server, 8).await, 3);
    assert_eq!(server.try_get("customer").await.status, 200);
}

#[tokio::test]
async fn the_limit_is_an_option_and_tokens_do_not_count() {
    let server = Server::with(
        Setup::in_memory(start()),
        Options {
            concurrency: 1,
            ..Options::default()
        },
    )
    .await;
    assert_eq!(refused_of(&server, 3).await, 2);
    server
        .setup
        .faults
        .arm("GET /services/rest/record", Fault::Delay(Duration::from_millis(400)), 1);
    let slow = tokio::spawn(Reply::of(server.record(Method::GET, "customer")));
    tokio::time::sleep(Duration::from_millis(100)).await;
    server
        .try_query("", "SELECT id FROM customer")
        .await
        .refused(429, "CONCURRENCY_LIMIT_EXCEEDED");
    let claims = server.claims();
    let assertion = crate::harness::assertion(
        &claims,
        strata_sandbox_netsuite::DEV_CERTIFICATE_ID,
        jsonwebtoken::Algorithm::PS256,
    );
    assert_eq!(server.ask_token(&assertion).await.status, 200);
    assert_eq!(slow.await.unwrap().status, 200);
}

#[tokio::test]
async fn an_armed_refusal_speaks_netsuite() {
    let server = Server::start().await;
    server
        .setup
        .faults
        .arm("POST /services/rest/record/v1/customer", Fault::Refuse(503), 1);
    server
        .post("customer", serde_json::json!({}))
        .await
        .refused(503, "UNEXPECTED_ERROR");
    server.setup.faults.arm("", Fault::Refuse(429), 1);
    server.try_get("customer").await.refused(429, "CONCURRENCY_LIMIT_EXCEEDED");
}
