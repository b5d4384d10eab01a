//! What is written, and what becomes of an answer that is lost or no answer.

use serde_json::{Value, json};
use strata_contract::google::r#type::Date;
use strata_contract::strata::common::v1::Money;
use strata_contract::strata::common::v1::write_outcome::State as Outcome;
use strata_contract::strata::system::crm::v1 as pb;
use strata_port::CrmSystem;

use crate::org::{Answer, DEAL, rows, start};

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
