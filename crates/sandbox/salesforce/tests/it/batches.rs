//! Several records or calls in one.

use serde_json::{Value, json};

use crate::org::Org;

fn row(object: &str, fields: Value) -> Value {
    let mut row = fields;
    row["attributes"] = json!({ "type": object });
    row
}

#[tokio::test]
async fn a_row_that_fails_does_not_stop_the_others() {
    let org = Org::new().await;
    let rows = json!([
        row("Account", json!({ "Name": "one" })),
        row("Account", json!({})),
        row("Shoe", json!({}))
    ]);
    let reply = org
        .post("composite/sobjects", json!({ "allOrNone": false, "records": rows }))
        .await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.body[0]["success"], true);
    assert_eq!(reply.body[1]["success"], false);
    let error = &reply.body[1]["errors"][0];
    assert_eq!(
        (&error["statusCode"], &error["fields"]),
        (&json!("REQUIRED_FIELD_MISSING"), &json!(["Name"]))
    );
    assert_eq!(reply.body[2]["errors"][0]["statusCode"], "INVALID_TYPE");
    assert_eq!(org.query("SELECT Name FROM Account").await.column("Name"), ["one"]);
}

#[tokio::test]
async fn all_or_none_of_a_collection_is_none() {
    let org = Org::new().await;
    let rows = json!([row("Account", json!({ "Name": "one" })), row("Account", json!({}))]);
    let reply = org
        .post("composite/sobjects", json!({ "allOrNone": true, "records": rows }))
        .await;
    let codes: Vec<_> = [0, 1]
        .map(|i| reply.body[i]["errors"][0]["statusCode"].as_str().unwrap())
        .into();
    assert_eq!(
        (reply.status, codes),
        (200, vec!["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"])
    );
    assert_eq!(org.query("SELECT COUNT() FROM Account").await.body["totalSize"], 0);
}

#[tokio::test]
async fn collections_change_and_upsert_too_up_to_200_rows() {
    let org = Org::new().await;
    let id = org.account("old").await;
    let rows = json!([
        row("Account", json!({ "id": id, "Name": "new" })),
        row("Account", json!({ "Name": "lost" }))
    ]);
    let changed = org.patch("composite/sobjects", json!({ "records": rows })).await;
    assert_eq!(
        (&changed.body[0]["id"], &changed.body[1]["errors"][0]["statusCode"]),
        (&json!(id), &json!("MISSING_ARGUMENT"))
    );
    assert_eq!(org.query("SELECT Name FROM Account").await.column("Name"), ["new"]);

    let keyed = |status: &str| row("Invoice_Status__c", json!({ "PSG_Key__c": "k", "Status__c": status }));
    let rows = json!({ "records": [keyed("open"), keyed("paid")] });
    let reply = org.patch("composite/sobjects/Invoice_Status__c/PSG_Key__c", rows).await;
    assert_eq!(
        (&reply.body[0]["created"], &reply.body[1]["created"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(
        org.query("SELECT Status__c FROM Invoice_Status__c").await.column("Status__c"),
        ["paid"]
    );

    let rows: Vec<_> = (0..201).map(|_| row("Account", json!({ "Name": "n" }))).collect();
    let refused = org.post("composite/sobjects", json!({ "records": rows })).await;
    assert_eq!(refused.refusal(), (400, "EXCEEDED_ID_LIMIT"));
}

fn call(method: &str, url: &str, reference: &str, body: Value) -> Value {
    let mut call = json!({ "method": method, "url": format!("/services/data/v66.0/{url}"), "referenceId": reference });
    if !body.is_null() {
        call["body"] = body;
    }
    call
}

#[tokio::test]
async fn a_composite_hands_ids_on_from_call_to_call() {
    let org = Org::new().await;
    let calls = json!([
        call("POST", "sobjects/Account", "acc", json!({ "Name": "Acme" })),
        call(
            "POST",
            "sobjects/Opportunity",
            "opp",
            json!({ "Name": "Deal", "StageName": "Closed Won", "CloseDate": "2026-03-02", "AccountId": "@{acc.id}" })
        ),
        call(
            "GET",
            "query?q=SELECT Id, IsWon FROM Opportunity WHERE AccountId = '@{acc.id}'",
            "q",
            Value::Null
        ),
        call(
            "PATCH",
            "sobjects/Opportunity/@{q.records[0].Id}",
            "p",
            json!({ "Engagement_Id__c": "eng-@{acc.id}" })
        ),
    ]);
    let reply = org
        .post("composite", json!({ "allOrNone": true, "compositeRequest": calls }))
        .await;
    let parts = reply.body["compositeResponse"].as_array().unwrap();
    let statuses: Vec<_> = parts.iter().map(|p| p["httpStatusCode"].as_u64().unwrap()).collect();
    assert_eq!((reply.status, statuses), (200, vec![201, 201, 200, 204]), "{}", reply.body);
    assert_eq!(parts[2]["body"]["records"][0]["IsWon"], true);
    assert_eq!(
        reply.headers["sforce-limit-info"], "api-usage=1/5000000",
        "one call, however many parts"
    );
    let deal = org
        .get(&format!("sobjects/Opportunity/{}", parts[1]["body"]["id"].as_str().unwrap()))
        .await
        .body;
    assert_eq!(
        deal["Engagement_Id__c"],
        format!("eng-{}", parts[0]["body"]["id"].as_str().unwrap())
    );
}

async fn half_bad(org: &Org, all_or_none: bool) -> Vec<(u64, Value)> {
    let calls = json!([
        call("POST", "sobjects/Account", "good", json!({ "Name": "Acme" })),
        call("POST", "sobjects/Account", "bad", json!({})),
        call("PATCH", "sobjects/Account/@{bad.id}", "after", json!({ "Name": "x" })),
        call("GET", "sobjects/Account/@{good.id}", "read", Value::Null),
    ]);
    let reply = org
        .post("composite", json!({ "allOrNone": all_or_none, "compositeRequest": calls }))
        .await;
    assert_eq!(reply.status, 200);
    let parts = reply.body["compositeResponse"].as_array().unwrap();
    parts
        .iter()
        .map(|p| (p["httpStatusCode"].as_u64().unwrap(), p["body"][0]["errorCode"].clone()))
        .collect()
}

#[tokio::test]
async fn a_failing_part_stops_only_those_that_need_it() {
    let org = Org::new().await;
    let halted = (400, json!("PROCESSING_HALTED"));
    let missing = (400, json!("REQUIRED_FIELD_MISSING"));
    assert_eq!(
        half_bad(&org, false).await,
        [(201, Value::Null), missing, halted, (200, Value::Null)]
    );
    assert_eq!(org.query("SELECT COUNT() FROM Account").await.body["totalSize"], 1);
}

#[tokio::test]
async fn a_failing_part_takes_all_with_it_when_asked_to() {
    let org = Org::new().await;
    let halted = (400, json!("PROCESSING_HALTED"));
    let missing = (400, json!("REQUIRED_FIELD_MISSING"));
    assert_eq!(half_bad(&org, true).await, [halted.clone(), missing, halted.clone(), halted]);
    assert_eq!(org.query("SELECT COUNT() FROM Account").await.body["totalSize"], 0);
}

#[tokio::test]
async fn the_outer_all_or_none_overrides_the_inner() {
    let org = Org::new().await;
    let rows = json!({ "allOrNone": false, "records": [row("Account", json!({ "Name": "a" })), row("Account", json!({}))] });
    let calls = json!([
        call("POST", "sobjects/Account", "first", json!({ "Name": "b" })),
        call("POST", "composite/sobjects", "rows", rows),
    ]);
    let reply = org
        .post("composite", json!({ "allOrNone": true, "compositeRequest": calls }))
        .await;
    assert_eq!(reply.body["compositeResponse"][0]["httpStatusCode"], 400);
    assert_eq!(reply.body["compositeResponse"][1]["body"][1]["success"], false);
    assert_eq!(org.query("SELECT COUNT() FROM Account").await.body["totalSize"], 0);
}

#[tokio::test]
async fn a_composite_has_its_limits() {
    let org = Org::new().await;
    let many =
        |count: usize, url: &str| -> Value { (0..count).map(|n| call("GET", url, &format!("r{n}"), Value::Null)).collect() };
    let try_it = async |calls: Value| org.post("composite", json!({ "compositeRequest": calls })).await;
    assert_eq!(try_it(many(25, "limits")).await.status, 200);
    assert_eq!(try_it(many(26, "limits")).await.refusal(), (400, "LIMIT_EXCEEDED"));
    assert_eq!(
        try_it(many(6, "query?q=SELECT Id FROM Account")).await.refusal(),
        (400, "LIMIT_EXCEEDED")
    );
    let twice = json!([
        call("GET", "limits", "x", Value::Null),
        call("GET", "limits", "x", Value::Null)
    ]);
    assert_eq!(try_it(twice).await.refusal(), (400, "INVALID_INPUT"));
}
