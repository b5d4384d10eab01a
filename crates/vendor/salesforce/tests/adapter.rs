//! The adapter against a small server that answers as the org would.

#![allow(clippy::unwrap_used)]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use strata_contract::google::r#type::Date;
use strata_contract::strata::common::v1::Money;
use strata_contract::strata::common::v1::write_outcome::State as Outcome;
use strata_contract::strata::system::crm::v1 as pb;
use strata_kernel::{Instant, SimClock};
use strata_port::CrmSystem;
use strata_salesforce::Salesforce;
use tokio::net::TcpListener;

const DEAL: &str = "006xx000001Sv6gAAC";

/// Answers in order; what was asked is kept. Tokens are "t1", "t2", ...; `accepted` is the one that works.
#[derive(Clone, Default)]
struct Org(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    answers: VecDeque<Answer>,
    asked: Vec<(String, String, Value)>,
    tokens: u32,
    refused_tokens: u32,
    /// What every answer says of the daily calls.
    usage: Option<&'static str>,
}

enum Answer {
    Reply(u16, Value),
    Hang,
}

impl Org {
    fn answers(&self, answers: Vec<Answer>) {
        self.0.lock().unwrap().answers.extend(answers);
    }

    fn asked(&self) -> Vec<(String, String, Value)> {
        std::mem::take(&mut self.0.lock().unwrap().asked)
    }
}

async fn handle(State(org): State<Org>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let path = parts.uri.path().to_owned();
    if path == "/services/oauth2/token" {
        assert_eq!(parts.headers["authorization"], "Basic c3RyYXRhOnNhbmRib3gtc2VjcmV0");
        assert_eq!(&body[..], b"grant_type=client_credentials");
        let mut inner = org.0.lock().unwrap();
        inner.tokens += 1;
        return axum::Json(json!({"access_token": format!("t{}", inner.tokens), "token_type": "Bearer"})).into_response();
    }
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let (next, usage) = {
        let mut inner = org.0.lock().unwrap();
        if parts.headers["authorization"] == format!("Bearer t{}", inner.refused_tokens) {
            return (
                StatusCode::UNAUTHORIZED,
                r#"[{"errorCode":"INVALID_SESSION_ID","message":"m"}]"#,
            )
                .into_response();
        }
        assert_eq!(parts.headers["sforce-call-options"], "client=strata");
        let sent = serde_json::from_slice(&body).unwrap_or(Value::Null);
        inner.asked.push((format!("{} {path}", parts.method), query, sent));
        (inner.answers.pop_front(), inner.usage)
    };
    let mut answer = match next {
        Some(Answer::Reply(204, _)) => StatusCode::NO_CONTENT.into_response(),
        Some(Answer::Reply(status, body)) => (StatusCode::from_u16(status).unwrap(), body.to_string()).into_response(),
        Some(Answer::Hang) => {
            tokio::time::sleep(std::time::Duration::from_secs(30)).await;
            StatusCode::OK.into_response()
        }
        None => (StatusCode::NOT_IMPLEMENTED, "no answer was prepared").into_response(),
    };
    if let Some(usage) = usage {
        answer.headers_mut().insert("Sforce-Limit-Info", usage.parse().unwrap());
    }
    answer
}

async fn start() -> (Salesforce, Org) {
    let org = Org::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(handle).with_state(org.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let config = json!({
        "base_url": base, "client_id": "strata", "client_secret": "sandbox-secret", "limits": {"timeout_ms": 400}
    });
    let clock = Arc::new(SimClock::new(Instant::UNIX_EPOCH));
    (Salesforce::new(serde_json::from_value(config).unwrap(), clock).unwrap(), org)
}

fn rows(records: Vec<Value>) -> Answer {
    Answer::Reply(200, json!({"totalSize": records.len(), "done": true, "records": records}))
}

fn deal(id: &str, stamp: &str) -> Value {
    json!({"Id": id, "Name": "Acme", "AccountId": "001xx000003DGb2AAG", "StageName": "Closed Won", "IsWon": true, "IsClosed": true,
        "Amount": 1000, "CurrencyIsoCode": "USD", "SystemModstamp": stamp})
}

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

fn status() -> pb::PutInvoiceStatusRequest {
    let usd = |minor_units| {
        Some(Money {
            currency_code: "USD".into(),
            minor_units,
        })
    };
    pb::PutInvoiceStatusRequest {
        status: Some(pb::InvoiceStatus {
            key: "inv/1 a".into(),
            account_id: "001xx000003DGb2AAG".into(),
            opportunity_id: DEAL.into(),
            number: "INV-US01-00001".into(),
            status: "posted".into(),
            issue_date: Some(Date {
                year: 2026,
                month: 4,
                day: 1,
            }),
            due_date: None,
            gross: usd(10_010),
            open: usd(-5),
        }),
    }
}

#[tokio::test]
async fn a_status_is_upserted_by_its_key() {
    let (crm, org) = start().await;
    let several = json!(["/services/data/v66.0/sobjects/Invoice_Status__c/a05xx0000000001AAA"]);
    org.answers(vec![
        Answer::Reply(
            201,
            json!({"id": "a05xx0000000001AAA", "success": true, "errors": [], "created": true}),
        ),
        Answer::Reply(204, Value::Null),
        rows(vec![json!({"Id": "a05xx0000000001AAA"})]),
        Answer::Reply(300, several),
    ]);
    for _ in 0..2 {
        let outcome = crm.put_invoice_status(status()).await.unwrap().outcome.unwrap();
        assert_eq!(
            (outcome.state(), outcome.vendor_id.as_str()),
            (Outcome::Confirmed, "a05xx0000000001AAA")
        );
    }
    let refused = crm.put_invoice_status(status()).await.unwrap().outcome.unwrap();
    assert_eq!(
        (refused.state(), refused.reason.as_str()),
        (Outcome::Rejected, "VENDOR_REJECTED")
    );
    let (call, _, body) = &org.asked()[0];
    assert_eq!(
        call,
        "PATCH /services/data/v66.0/sobjects/Invoice_Status__c/PSG_Key__c/inv%2F1%20a"
    );
    assert!(body.get("PSG_Key__c").is_none(), "the vendor refuses the key in the body");
    assert_eq!(
        (body["Gross__c"].to_string(), body["Open__c"].to_string()),
        ("100.10".into(), "-0.05".into())
    );
    assert_eq!(body["Due_Date__c"], Value::Null);
}

#[tokio::test]
async fn a_page_of_a_gateway_is_no_success() {
    let (crm, org) = start().await;
    org.answers(vec![
        Answer::Reply(200, json!("<html>Sign in</html>")),
        Answer::Reply(200, json!({"id": "a05xx0000000001AAA"})),
    ]);
    for _ in 0..2 {
        let outcome = crm.put_invoice_status(status()).await.unwrap().outcome.unwrap();
        assert_eq!((outcome.state(), outcome.vendor_id.as_str()), (Outcome::Unknown, ""));
    }
    assert_eq!(org.asked().len(), 2, "nothing was looked up");
    // A page that is not the last, and names no next one.
    org.answers(vec![Answer::Reply(
        200,
        json!({"totalSize": 9, "done": false, "records": []}),
    )]);
    let error = crm.list_rate_line_changes(Default::default()).await.unwrap_err();
    assert_eq!(error.reason, "VENDOR_UNAVAILABLE");
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_not_sent_again() {
    let (crm, org) = start().await;
    org.answers(vec![Answer::Hang]);
    let outcome = crm.put_invoice_status(status()).await.unwrap().outcome.unwrap();
    assert_eq!((outcome.state(), outcome.key.as_str()), (Outcome::Unknown, "inv/1 a"));
    assert_eq!(org.asked().len(), 1);
}

#[tokio::test]
async fn the_engagement_is_written_and_what_is_not_known_stays() {
    let (crm, org) = start().await;
    let gone = json!([{"errorCode": "NOT_FOUND", "message": "m"}]);
    org.answers(vec![Answer::Reply(204, Value::Null), Answer::Reply(404, gone)]);
    let request = pb::RecordEngagementRequest {
        opportunity_id: DEAL.into(),
        engagement_id: "eng_1".into(),
        erp_customer_id: String::new(),
        erp_contract_id: "77".into(),
        psa_project_ids: vec!["5501".into(), "5502".into()],
    };
    let outcome = crm.record_engagement(request.clone()).await.unwrap().outcome.unwrap();
    assert_eq!(
        (outcome.state(), outcome.vendor_id.as_str(), outcome.key.as_str()),
        (Outcome::Confirmed, DEAL, "eng_1")
    );
    let outcome = crm.record_engagement(request).await.unwrap().outcome.unwrap();
    assert_eq!((outcome.state(), outcome.reason.as_str()), (Outcome::Rejected, "NOT_FOUND"));
    let expected = json!({"Engagement_Id__c": "eng_1", "ERP_Contract_Id__c": "77", "PSA_Project_Ids__c": "5501;5502"});
    assert_eq!(org.asked()[0].2, expected);
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_and_limits_are_throttling() {
    let (crm, org) = start().await;
    org.0.lock().unwrap().refused_tokens = 1;
    let over = json!([{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]);
    org.answers(vec![rows(vec![]), Answer::Reply(403, over)]);
    assert!(crm.list_rate_line_changes(Default::default()).await.is_ok());
    assert_eq!(org.0.lock().unwrap().tokens, 2);
    let throttled = crm.list_rate_line_changes(Default::default()).await.unwrap_err();
    assert_eq!((throttled.reason, throttled.is_temporary()), ("VENDOR_THROTTLED", true));
}

#[tokio::test]
async fn the_last_calls_of_the_day_are_for_writes() {
    let (crm, org) = start().await;
    org.0.lock().unwrap().usage = Some("api-usage=4980/5000");
    org.answers(vec![rows(vec![]), Answer::Reply(204, Value::Null)]);
    assert!(crm.list_rate_line_changes(Default::default()).await.is_ok());
    let refused = crm.list_rate_line_changes(Default::default()).await.unwrap_err();
    assert_eq!((refused.reason, refused.is_temporary()), ("VENDOR_THROTTLED", true));
    let request = pb::RecordEngagementRequest {
        opportunity_id: DEAL.into(),
        engagement_id: "eng_1".into(),
        ..Default::default()
    };
    let outcome = crm.record_engagement(request).await.unwrap().outcome.unwrap();
    assert_eq!(outcome.state(), Outcome::Confirmed);
    assert_eq!(org.asked().len(), 2, "what we refuse is not asked");
}

#[tokio::test]
async fn credentials_that_stay_refused_are_an_error_of_ours() {
    let (crm, org) = start().await;
    {
        let mut inner = org.0.lock().unwrap();
        (inner.tokens, inner.refused_tokens) = (5, 6);
        inner.answers.push_back(Answer::Reply(
            401,
            json!([{"errorCode": "INVALID_SESSION_ID", "message": "m"}]),
        ));
    }
    let refused = crm.list_rate_line_changes(Default::default()).await.unwrap_err();
    assert_eq!((refused.reason, refused.is_temporary()), ("VENDOR_UNAUTHENTICATED", false));
    assert_eq!(org.0.lock().unwrap().tokens, 7, "one token, one replacement");
}
