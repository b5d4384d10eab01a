//! Making, changing, finding and deleting single records.

use serde_json::{Value, json};
use strata_sandbox_salesforce::Options;

use crate::org::Org;

#[tokio::test]
async fn a_deal_is_made_won_and_read_back() {
    let org = Org::new().await;
    let account = org.account("Acme").await;
    let made = org
        .post_text(
            "sobjects/Opportunity",
            r#"{"Name":"Rollout","StageName":"Prospecting","CloseDate":"2026-03-02","Amount":120000.50}"#,
        )
        .await;
    assert_eq!((&made.body["success"], &made.body["errors"]), (&json!(true), &json!([])));
    let path = format!("sobjects/Opportunity/{}", made.id());
    assert_eq!(made.headers["location"], format!("/services/data/v66.0/{path}"));

    let before = org.get(&path).await.body;
    assert_eq!(before["Amount"].to_string(), "120000.50", "an amount keeps its digits");
    assert_eq!((&before["IsWon"], &before["IsClosed"]), (&json!(false), &json!(false)));
    assert_eq!(before["SystemModstamp"], "2026-01-31T08:00:00.000+0000");
    assert_eq!(before["attributes"]["type"], "Opportunity");

    org.pass(30);
    let won = org
        .patch(&path, json!({ "StageName": "Closed Won", "AccountId": account[..15] }))
        .await;
    assert_eq!((won.status, won.body), (204, Value::Null));
    let after = org
        .get(&format!(
            "{path}?fields=IsWon,IsClosed,AccountId,CreatedDate,SystemModstamp,Amount"
        ))
        .await
        .body;
    assert_eq!((&after["IsWon"], &after["IsClosed"]), (&json!(true), &json!(true)));
    assert_eq!(after["AccountId"], account, "a short id is stored in its long form");
    assert_eq!(after["CreatedDate"], "2026-01-31T08:00:00.000+0000");
    assert_eq!(after["SystemModstamp"], "2026-01-31T08:30:00.000+0000");
    assert_eq!(after["Amount"].to_string(), "120000.50");
    assert!(after.get("Name").is_none(), "only the fields asked for");
}

#[tokio::test]
async fn what_does_not_fit_the_fields_is_refused_and_nothing_is_made() {
    let org = Org::new().await;
    let ghost = "0015g00000000zzAAA";
    let deal = |extra: Value| {
        let mut body = json!({ "Name": "X", "StageName": "Prospecting", "CloseDate": "2026-03-02" });
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        body
    };
    for (body, code) in [
        (json!({ "Name": "X" }), "REQUIRED_FIELD_MISSING"),
        (deal(json!({ "Name": null })), "REQUIRED_FIELD_MISSING"),
        (deal(json!({ "Colour__c": "red" })), "INVALID_FIELD"),
        (deal(json!({ "Id": "006" })), "INVALID_FIELD"),
        (deal(json!({ "IsWon": true })), "INVALID_FIELD_FOR_INSERT_UPDATE"),
        (
            deal(json!({ "SystemModstamp": "2026-01-01T00:00:00Z" })),
            "INVALID_FIELD_FOR_INSERT_UPDATE",
        ),
        (deal(json!({ "AccountId": ghost })), "INVALID_CROSS_REFERENCE_KEY"),
        (deal(json!({ "AccountId": "nonsense" })), "MALFORMED_ID"),
        (deal(json!({ "Amount": "12" })), "JSON_PARSER_ERROR"),
        (deal(json!({ "CloseDate": "02.03.2026" })), "JSON_PARSER_ERROR"),
    ] {
        let refused = org.post("sobjects/Opportunity", body.clone()).await;
        assert_eq!(refused.refusal(), (400, code), "{body}");
    }
    let refused = org
        .post(
            "sobjects/Contract",
            json!({ "Status": "Draft", "Contract_Type__c": "barter" }),
        )
        .await;
    assert_eq!(refused.refusal(), (400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"));
    let missing = org.post("sobjects/Opportunity", json!({ "Name": "X" })).await;
    assert_eq!(missing.body[0]["fields"], json!(["StageName", "CloseDate"]));
    assert_eq!(org.query("SELECT COUNT() FROM Opportunity").await.body["totalSize"], 0);
}

#[tokio::test]
async fn an_upsert_makes_once_and_changes_after() {
    let org = Org::new().await;
    let path = "sobjects/Invoice_Status__c/PSG_Key__c/inv%2F1";
    let made = org.patch(path, json!({ "Status__c": "open", "Gross__c": 10 })).await;
    assert_eq!((made.status, &made.body["created"]), (201, &json!(true)));
    let changed = org.patch(path, json!({ "Status__c": "paid" })).await;
    assert_eq!((changed.status, &changed.body["id"]), (200, &made.body["id"]));

    let record = org.get(path).await.body;
    assert_eq!(
        (&record["PSG_Key__c"], &record["Status__c"], &record["Gross__c"]),
        (&json!("inv/1"), &json!("paid"), &json!(10))
    );
    assert_eq!(
        record["Name"], made.body["id"],
        "a custom record nobody named is named by its id"
    );

    let refused = org.patch(path, json!({ "PSG_Key__c": "inv/1" })).await;
    assert_eq!(refused.refusal(), (400, "INVALID_FIELD"));
    assert_eq!(
        org.patch("sobjects/Account/Name/Acme", json!({})).await.refusal(),
        (404, "NOT_FOUND")
    );
    let twice = org.post("sobjects/Invoice_Status__c", json!({ "PSG_Key__c": "inv/1" })).await;
    assert_eq!(twice.refusal(), (400, "DUPLICATE_VALUE"));
}

#[tokio::test]
async fn a_key_that_fits_two_records_answers_300_with_both() {
    let org = Org::with(Options {
        unique_external_ids: false,
        ..Options::default()
    })
    .await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        ids.push(
            org.post("sobjects/Invoice_Status__c", json!({ "PSG_Key__c": "twin" }))
                .await
                .id(),
        );
    }
    let several = org
        .patch("sobjects/Invoice_Status__c/PSG_Key__c/twin", json!({ "Status__c": "open" }))
        .await;
    let addresses: Vec<_> = ids
        .iter()
        .map(|id| format!("/services/data/v66.0/sobjects/Invoice_Status__c/{id}"))
        .collect();
    assert_eq!((several.status, several.body), (300, json!(addresses)));
}

#[tokio::test]
async fn a_deleted_record_is_gone_for_all_but_query_all() {
    let org = Org::new().await;
    let account = org.account("Acme").await;
    let deal = org.opportunity("Rollout", "Prospecting").await;
    org.patch(&format!("sobjects/Opportunity/{deal}"), json!({ "AccountId": account }))
        .await;
    let path = format!("sobjects/Account/{account}");
    assert_eq!(
        org.delete(&path).await.refusal(),
        (400, "DELETE_FAILED"),
        "a deal still refers to it"
    );

    assert_eq!(org.delete(&format!("sobjects/Opportunity/{deal}")).await.status, 204);
    assert_eq!(org.delete(&path).await.status, 204);
    for refused in [
        org.get(&path).await,
        org.delete(&path).await,
        org.patch(&path, json!({ "Name": "New" })).await,
    ] {
        assert_eq!(refused.refusal(), (404, "ENTITY_IS_DELETED"));
    }
    assert_eq!(org.query("SELECT Id FROM Account").await.body["totalSize"], 0);
    let all = org.get("queryAll?q=SELECT+Id,IsDeleted+FROM+Account").await;
    assert_eq!(
        (all.column("Id"), &all.body["records"][0]["IsDeleted"]),
        (vec![account.as_str()], &json!(true))
    );
    let late = org
        .post("sobjects/Contact", json!({ "LastName": "Ada", "AccountId": account }))
        .await;
    assert_eq!(late.refusal(), (400, "ENTITY_IS_DELETED"));
}

#[tokio::test]
async fn an_id_in_the_wrong_case_is_no_id() {
    let org = Org::new().await;
    let id = org.account("Acme").await;
    assert_eq!(org.get(&format!("sobjects/Account/{}", &id[..15])).await.status, 200);
    assert_eq!(
        org.get(&format!("sobjects/Account/{}", id.to_lowercase())).await.refusal(),
        (404, "NOT_FOUND")
    );
    assert_eq!(org.get(&format!("sobjects/Contact/{id}")).await.refusal(), (404, "NOT_FOUND"));
}

#[tokio::test]
async fn describe_tells_what_the_fields_are() {
    let org = Org::new().await;
    let body = org.get("sobjects/Invoice_Status__c/describe").await.body;
    let fields = body["fields"].as_array().unwrap();
    let field = |name: &str| fields.iter().find(|f| f["name"] == name).unwrap();
    assert_eq!(field("PSG_Key__c")["externalId"], true);
    assert_eq!(field("Account__c")["referenceTo"], json!(["Account"]));
    assert_eq!(
        (&field("Open__c")["type"], &field("SystemModstamp")["updateable"]),
        (&json!("currency"), &json!(false))
    );
}

#[tokio::test]
async fn a_restart_keeps_the_records_and_their_stamps() {
    let dir = tempfile::tempdir().unwrap();
    let org = Org::open(Some(dir.path()), Options::default()).await;
    let id = org.account("Acme").await;
    let before = org.get(&format!("sobjects/Account/{id}")).await.body;
    org.close().await;
    let org = Org::open(Some(dir.path()), Options::default()).await;
    assert_eq!(org.get(&format!("sobjects/Account/{id}")).await.body, before);
    assert_ne!(org.account("Other").await, id);
    assert_eq!(org.query("SELECT COUNT() FROM User").await.body["totalSize"], 1);
}
