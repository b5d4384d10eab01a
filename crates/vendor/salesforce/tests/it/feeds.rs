//! What is read of deals, amendments and milestones.

use serde_json::{Value, json};
use strata_contract::strata::system::crm::v1 as pb;
use strata_port::CrmSystem;

use crate::org::{Answer, DEAL, deal, rows, start};

fn asked_soql(query: &str) -> String {
    query
        .strip_prefix("q=")
        .unwrap()
        .replace('+', " ")
        .replace("%3E", ">")
        .replace("%3D", "=")
        .replace("%2C", ",")
        .replace("%3A", ":")
        .replace("%27", "'")
}

#[tokio::test]
async fn a_feed_pages_by_stamp_and_quarantines_what_does_not_fit() {
    let (crm, org) = start().await;
    let mut bad = deal("006xx0000000003AAA", "2026-03-02T09:14:08.000+0000");
    bad["IsWon"] = json!(null);
    org.answers(vec![
        rows(vec![
            deal("006xx0000000001AAA", "2026-03-02T09:14:07.000+0000"),
            deal("006xx0000000002AAA", "2026-03-02T09:14:08.000+0000"),
            bad.clone(),
        ]),
        rows(vec![bad]),
        rows(vec![]),
    ]);
    let ask = |cursor: String| pb::ListOpportunityChangesRequest { cursor, page_size: 3 };
    let first = crm.list_opportunity_changes(ask(String::new())).await.unwrap();
    assert_eq!((first.opportunities.len(), first.malformed.len(), first.more), (2, 1, true));
    assert_eq!(first.malformed[0].field, "IsWon");
    let second = crm.list_opportunity_changes(ask(first.next_cursor)).await.unwrap();
    assert_eq!(
        (second.opportunities.len(), second.more),
        (0, true),
        "that second is done, the rest was not asked for"
    );
    let third = crm.list_opportunity_changes(ask(second.next_cursor)).await.unwrap();
    assert!(!third.more && !third.next_cursor.is_empty());

    let soql: Vec<String> = org.asked().iter().map(|(_, query, _)| asked_soql(query)).collect();
    assert!(
        soql[0].ends_with("FROM Opportunity ORDER BY SystemModstamp,Id LIMIT 3"),
        "{}",
        soql[0]
    );
    assert!(
        soql[1].contains("WHERE SystemModstamp = 2026-03-02T09:14:08Z AND Id > '006xx0000000003AAA'"),
        "{}",
        soql[1]
    );
    assert!(soql[2].contains("WHERE SystemModstamp > 2026-03-02T09:14:08Z"), "{}", soql[2]);
}

#[tokio::test]
async fn long_answers_are_followed_to_their_end() {
    let (crm, org) = start().await;
    let next = "/services/data/v66.0/query/01gxx-2000";
    let first = json!({"totalSize": 2, "done": false, "nextRecordsUrl": next,
        "records": [deal("006xx0000000001AAA", "2026-03-02T09:14:07.000+0000")]});
    org.answers(vec![
        Answer::Reply(200, first),
        rows(vec![deal("006xx0000000002AAA", "2026-03-02T09:14:08.000+0000")]),
        Answer::Reply(
            200,
            json!({"done": false, "records": [], "nextRecordsUrl": "//elsewhere.example/x"}),
        ),
    ]);
    let page = crm
        .list_opportunity_changes(pb::ListOpportunityChangesRequest::default())
        .await
        .unwrap();
    assert_eq!(page.opportunities.len(), 2);
    assert_eq!(org.asked()[1].0, format!("GET {next}"));
    let astray = crm
        .list_opportunity_changes(pb::ListOpportunityChangesRequest::default())
        .await
        .unwrap_err();
    assert_eq!(astray.reason, "VENDOR_UNAVAILABLE");
}

fn composite(parts: &[(&str, Value)]) -> Answer {
    let part = |(name, records): &(&str, Value)| json!({"referenceId": name, "httpStatusCode": 200, "httpHeaders": {}, "body": {"done": true, "records": records}});
    Answer::Reply(200, json!({"compositeResponse": parts.iter().map(part).collect::<Vec<_>>()}))
}

#[tokio::test]
async fn a_sale_says_all_the_deal_says() {
    let (crm, org) = start().await;
    let contract = json!({"Id": "800xx0000000001AAA", "Status": "Activated", "Signed_On__c": "2026-03-01", "CurrencyIsoCode": "USD",
        "Contract_Code__c": "CT-1", "Contract_Type__c": "barter", "Increment_Minutes__c": 15});
    let draft = json!({"Id": "800xx0000000002AAA", "Status": "Draft", "Contract_Code__c": "CT-2"});
    let (a, b) = ("a00xx0000000001AAA", "a00xx0000000002AAA");
    let projects =
        json!([{"Id": a, "Name": "One", "Project_Code__c": "PR-1", "Roles__c": "analyst;partner"}, {"Id": b, "Name": "Two"}]);
    let task = |id: &str, of: &str| json!({"Id": id, "Name": id, "SOW_Project__c": of, "Task_Code__c": id, "Billable__c": true});
    org.answers(vec![
        composite(&[
            ("deal", json!([deal(DEAL, "2026-03-02T09:14:07.000+0000")])),
            ("contracts", json!([contract, draft])),
            ("projects", projects),
        ]),
        composite(&[
            (
                "tasks",
                json!([
                    task("a01xx0000000001AAA", b),
                    task("a01xx0000000002AAA", a),
                    task("a01xx0000000003AAA", b)
                ]),
            ),
            (
                "account",
                json!([{"Id": "001xx000003DGb2AAG", "Name": "Acme", "BillingCountry": "US", "VAT_Id_Valid__c": false}]),
            ),
        ]),
    ]);
    let sale = crm
        .get_sale(pb::GetSaleRequest {
            opportunity_id: DEAL.into(),
        })
        .await
        .unwrap()
        .sale
        .unwrap();
    let terms = sale.terms.unwrap();
    assert_eq!(
        (terms.contract_number.as_str(), terms.increment_minutes, terms.r#type),
        ("CT-1", 15, 0)
    );
    assert_eq!(sale.account.unwrap().vat_id_valid, Some(false));
    let tasks: Vec<usize> = sale.projects.iter().map(|p| p.tasks.len()).collect();
    assert_eq!((sale.projects[0].code.as_str(), tasks), ("PR-1", vec![1, 2]));

    let asked = org.asked();
    assert_eq!(asked.len(), 2, "two calls of the org's budget");
    let parts = asked[0].2["compositeRequest"].as_array().unwrap();
    assert!(parts.len() <= 5 && parts.iter().all(|p| p["method"] == "GET"));
    assert!(
        parts[1]["url"]
            .as_str()
            .unwrap()
            .contains("Opportunity__c+%3D+%27006xx000001Sv6gAAC%27")
    );
}

#[tokio::test]
async fn a_deal_that_is_not_there_is_not_found_and_an_ambiguous_one_has_no_terms() {
    let (crm, org) = start().await;
    let gone = crm
        .get_sale(pb::GetSaleRequest {
            opportunity_id: "006' OR Id != '".into(),
        })
        .await
        .unwrap_err();
    assert_eq!((gone.reason, org.asked().len()), ("NOT_FOUND", 0));
    org.answers(vec![composite(&[
        ("deal", json!([])),
        ("contracts", json!([])),
        ("projects", json!([])),
    ])]);
    let gone = crm
        .get_sale(pb::GetSaleRequest {
            opportunity_id: DEAL.into(),
        })
        .await
        .unwrap_err();
    assert_eq!(gone.reason, "NOT_FOUND");

    let foreign = ["deal", "contracts", "projects"].map(|name| {
        let complaint = json!([{"errorCode": "INVALID_QUERY_FILTER_OPERATOR", "message": "invalid ID field"}]);
        json!({"referenceId": name, "httpStatusCode": 400, "body": complaint})
    });
    let foreign = json!({"compositeResponse": foreign});
    org.answers(vec![Answer::Reply(200, foreign)]);
    let gone = crm
        .get_sale(pb::GetSaleRequest {
            opportunity_id: "001xx000003DGb2AAG".into(),
        })
        .await
        .unwrap_err();
    assert_eq!(gone.reason, "NOT_FOUND");

    let mut lonely = deal(DEAL, "2026-03-02T09:14:07.000+0000");
    lonely["AccountId"] = json!(null);
    let activated = |id: &str| json!({"Id": id, "Status": "Activated"});
    let contracts = json!([activated("800xx0000000001AAA"), activated("800xx0000000002AAA")]);
    org.answers(vec![composite(&[
        ("deal", json!([lonely])),
        ("contracts", contracts),
        ("projects", json!([])),
    ])]);
    let sale = crm
        .get_sale(pb::GetSaleRequest {
            opportunity_id: DEAL.into(),
        })
        .await
        .unwrap()
        .sale
        .unwrap();
    assert!(sale.terms.is_none() && sale.account.is_none() && sale.projects.is_empty());
}

#[tokio::test]
async fn amendments_come_with_their_rates() {
    let (crm, org) = start().await;
    let (one, two) = ("a03xx0000000001AAA", "a03xx0000000002AAA");
    let signed = |id: &str, number: &str| {
        json!({"Id": id, "Amendment_Code__c": number, "Contract_Code__c": "CT-1", "Kind__c": "rates", "CurrencyIsoCode": "USD",
            "Effective_From__c": "2026-07-01", "Signed_On__c": "2026-06-15", "SystemModstamp": "2026-06-15T10:00:00.000+0000"})
    };
    let rate =
        |of: &str, price: Value| json!({"Id": "a04xx0000000001AAA", "Amendment__c": of, "Role__c": "*", "Hourly_Rate__c": price});
    org.answers(vec![
        rows(vec![signed(one, "AM-1"), signed(two, "AM-2")]),
        rows(vec![rate(one, json!(130)), rate(two, json!("dear"))]),
    ]);
    let page = crm.list_amendment_changes(Default::default()).await.unwrap();
    assert_eq!(
        (page.amendments.len(), page.malformed.len()),
        (1, 1),
        "an amendment without one of its rates is no amendment"
    );
    assert_eq!(page.amendments[0].rates[0].hourly_rate, "130");
    let soql: Vec<String> = org.asked().iter().map(|(_, query, _)| asked_soql(query)).collect();
    assert!(soql[0].contains("WHERE Status__c = 'Signed' ORDER BY"));
    assert!(soql[1].contains(&format!("'{one}','{two}'")));
}

#[tokio::test]
async fn milestones_are_read_in_the_order_they_were_recorded() {
    let (crm, org) = start().await;
    let agreed = |id: &str, code: &str, amount: Value| {
        json!({"Id": id, "Name": code, "Milestone_Code__c": code, "Contract_Code__c": "CT-1", "Amount__c": amount,
            "CurrencyIsoCode": "USD", "Planned_On__c": "2026-04-08", "Sequence__c": 1, "CreatedDate": "2026-01-31T08:00:00.000+0000"})
    };
    org.answers(vec![rows(vec![
        agreed("a06xx0000000001AAA", "CT-1-M1", json!(500)),
        agreed("a06xx0000000002AAA", "CT-1-M2", json!("a lot")),
    ])]);
    let page = crm.list_milestone_changes(Default::default()).await.unwrap();
    assert_eq!((page.milestones.len(), page.more), (1, false));
    assert_eq!(page.milestones[0].amount.as_ref().unwrap().minor_units, 50_000);
    let bad = &page.malformed[0];
    assert_eq!(
        (bad.kind.as_str(), bad.vendor_id.as_str(), bad.field.as_str()),
        ("milestone", "a06xx0000000002AAA", "Amount__c")
    );
    let soql = asked_soql(&org.asked()[0].1);
    assert!(soql.contains("FROM Contract_Milestone__c ORDER BY CreatedDate,Id"), "{soql}");
}
