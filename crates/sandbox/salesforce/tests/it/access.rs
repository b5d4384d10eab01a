//! Tokens, the daily allowance, faults.

use serde_json::json;
use strata_sandbox::Fault;
use strata_sandbox_salesforce::Options;

use crate::org::Org;

#[tokio::test]
async fn a_token_is_good_for_two_hours_of_the_sandbox_clock() {
    let mut org = Org::new().await;
    org.pass(119);
    assert_eq!(org.get("limits").await.status, 200);
    org.pass(1);
    let refused = org.get("limits").await;
    assert_eq!(refused.refusal(), (401, "INVALID_SESSION_ID"));
    assert!(refused.headers.contains_key("sforce-limit-info"));
    org.log_in().await;
    assert_eq!(org.get("limits").await.status, 200);
}

#[tokio::test]
async fn only_the_known_client_gets_a_token_and_only_with_its_secret() {
    let org = Org::new().await;
    for (id, secret, grant, error) in [
        ("strata", "guess", "client_credentials", "invalid_client"),
        ("other", "sandbox-secret", "client_credentials", "invalid_client_id"),
        ("strata", "sandbox-secret", "password", "unsupported_grant_type"),
    ] {
        let reply = org.sign_on(id, secret, grant).await;
        assert_eq!((reply.status, reply.body["error"].as_str()), (400, Some(error)));
    }
}

#[tokio::test]
async fn the_allowance_of_a_day_runs_out_and_comes_back() {
    let mut org = Org::with(Options {
        daily_calls: 2,
        ..Options::default()
    })
    .await;
    let first = org.get("limits").await;
    assert_eq!(first.headers["sforce-limit-info"], "api-usage=1/2");
    assert_eq!(first.body["DailyApiRequests"], json!({ "Max": 2, "Remaining": 1 }));
    let made = org.post("sobjects/Account", json!({ "Name": "Acme" })).await;
    assert_eq!(
        (made.status, made.headers["sforce-limit-info"].to_str().unwrap()),
        (201, "api-usage=2/2")
    );

    let refused = org.post("sobjects/Account", json!({ "Name": "Late" })).await;
    assert_eq!(refused.refusal(), (403, "REQUEST_LIMIT_EXCEEDED"));
    assert_eq!(refused.headers["sforce-limit-info"], "api-usage=2/2");

    org.pass(24 * 60);
    org.log_in().await;
    let reply = org.query("SELECT Name FROM Account").await;
    assert_eq!(reply.column("Name"), ["Acme"], "a refused call did nothing");
}

#[tokio::test]
async fn a_lost_answer_leaves_the_record_and_a_repeat_by_key_finds_it() {
    let org = Org::new().await;
    org.faults
        .arm("PATCH /services/data/v66.0/sobjects/Invoice_Status__c", Fault::LoseAnswer, 1);
    let path = "sobjects/Invoice_Status__c/PSG_Key__c/inv-1";
    let lost = org
        .request(reqwest::Method::PATCH, path)
        .json(&json!({ "Status__c": "open" }))
        .send()
        .await;
    assert!(lost.is_err());
    let repeat = org.patch(path, json!({ "Status__c": "open" })).await;
    assert_eq!((repeat.status, &repeat.body["created"]), (200, &json!(false)));
}

#[tokio::test]
async fn a_forced_refusal_speaks_the_vendors_language() {
    let org = Org::new().await;
    org.faults.arm("GET /services/data", Fault::Refuse(503), 1);
    org.faults.arm("GET /services/data", Fault::ExpireTokens, 1);
    assert_eq!(org.get("limits").await.refusal(), (503, "SERVER_UNAVAILABLE"));
    assert_eq!(org.get("limits").await.refusal(), (401, "INVALID_SESSION_ID"));
}

#[tokio::test]
async fn unknown_places_and_methods_are_refused() {
    let org = Org::new().await;
    assert_eq!(org.get("nowhere").await.refusal(), (404, "NOT_FOUND"));
    assert_eq!(org.post("sobjects/Nope", json!({})).await.refusal(), (404, "NOT_FOUND"));
    assert_eq!(org.delete("limits").await.refusal(), (405, "METHOD_NOT_ALLOWED"));
    assert_eq!(org.get("composite").await.refusal(), (405, "METHOD_NOT_ALLOWED"));
    assert_eq!(
        org.post_text("sobjects/Account", "{").await.refusal(),
        (400, "JSON_PARSER_ERROR")
    );
}
