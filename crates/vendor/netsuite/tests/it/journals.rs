//! Journals are upserted by our key, on accounts found by number.

use serde_json::{Value, json};
use strata_contract::google::r#type::Date;
use strata_contract::strata::common::v1::Money;
use strata_contract::strata::common::v1::write_outcome::State;
use strata_contract::strata::system::erp::v1 as pb;
use strata_contract::strata::system::erp::v1::journal_line::Side;
use strata_port::ErpSystem;

use crate::stub::{Answer, Stub, created, refused, rows};

fn request() -> pb::PostJournalRequest {
    let money = |minor_units| Money {
        currency_code: "EUR".into(),
        minor_units,
    };
    let line = |account: pb::AccountKind, side: Side, project: &str| pb::JournalLine {
        account: account.into(),
        side: Some(side),
        contract_number: "CT-1".into(),
        project_code: project.into(),
        memo: "revenue of 2025-03".into(),
    };
    pb::PostJournalRequest {
        key: "rev:CT-1:2025-03".into(),
        journal: Some(pb::Journal {
            legal_entity_id: "1".into(),
            posting_date: Some(Date {
                year: 2025,
                month: 3,
                day: 31,
            }),
            period: "2025-03".into(),
            currency_code: "EUR".into(),
            fx_rate: "1.085".into(),
            memo: "CT-1 revenue of 2025-03".into(),
            lines: vec![
                line(pb::AccountKind::UnbilledReceivable, Side::Debit(money(10_010)), ""),
                line(pb::AccountKind::Revenue, Side::Credit(money(10_010)), "PR-1"),
            ],
            original_period: String::new(),
        }),
    }
}

fn chart() -> Answer {
    rows(json!([{"id": "17", "acctnumber": "1250"}, {"id": "18", "acctnumber": "4000", "isinactive": "F"}]))
}

fn posted() -> Answer {
    created("https://h/services/rest/record/v1/journalEntry/501")
}

#[tokio::test]
async fn a_journal_is_upserted_and_accounts_are_asked_for_once() {
    let stub = Stub::new(vec![chart(), posted(), posted()]).await;
    let adapter = stub.adapter();
    for _ in 0..2 {
        let outcome = adapter.post_journal(request()).await.unwrap().outcome.unwrap();
        assert_eq!((outcome.state(), outcome.vendor_id.as_str()), (State::Confirmed, "501"));
    }
    let seen = stub.seen();
    assert_eq!(seen.len(), 3);
    assert!(
        seen[0].sql().contains("FROM account WHERE acctnumber IN ('1250', '4000')"),
        "{}",
        seen[0].sql()
    );
    assert_eq!(
        seen[1].line,
        "PUT /services/rest/record/v1/journalEntry/eid:rev%3ACT-1%3A2025-03"
    );
    let body = seen[1].json();
    assert_eq!(seen[2].json(), body);
    assert_eq!(
        (
            &body["subsidiary"]["id"],
            &body["tranDate"],
            &body["currency"]["refName"],
            &body["custbody_period"]
        ),
        (&json!("1"), &json!("2025-03-31"), &json!("EUR"), &json!("2025-03"))
    );
    assert_eq!(body["exchangeRate"].to_string(), "1.085");
    let number: Value = serde_json::from_str("100.10").unwrap();
    assert_eq!(
        body["line"]["items"],
        json!([
            {"account": {"id": "17"}, "debit": number, "memo": "revenue of 2025-03", "custcol_contract": "CT-1"},
            {"account": {"id": "18"}, "credit": number, "memo": "revenue of 2025-03", "custcol_contract": "CT-1", "custcol_project": "PR-1"},
        ])
    );
}

#[tokio::test]
async fn an_account_that_is_missing_or_inactive_is_named_and_asked_for_again() {
    let missing = || rows(json!([{"id": "17", "acctnumber": "1250"}, {"id": "18", "acctnumber": "4000", "isinactive": "T"}]));
    let stub = Stub::new(vec![missing(), rows(json!([{"id": "18", "acctnumber": "4000"}])), posted()]).await;
    let adapter = stub.adapter();
    let outcome = adapter.post_journal(request()).await.unwrap().outcome.unwrap();
    assert_eq!(
        (outcome.state(), outcome.reason.as_str()),
        (State::Rejected, "UNKNOWN_REFERENCE")
    );
    assert!(outcome.message.contains("4000"), "{}", outcome.message);
    let outcome = adapter.post_journal(request()).await.unwrap().outcome.unwrap();
    assert_eq!(outcome.state(), State::Confirmed);
    assert!(stub.seen()[1].sql().contains("IN ('4000')"));
}

#[tokio::test]
async fn refusals_and_lost_answers_are_told_apart() {
    let ended = async |answer: Answer| {
        let stub = Stub::new(vec![chart(), answer]).await;
        let outcome = stub.adapter().post_journal(request()).await.unwrap().outcome.unwrap();
        (outcome.state(), outcome.reason)
    };
    let closed = "The transaction date you specified is not within an open period: Mar 2025 is closed.";
    assert_eq!(
        ended(refused(400, "USER_ERROR", closed)).await,
        (State::Rejected, "PERIOD_CLOSED".into())
    );
    let unbalanced = "Please balance the debits and credits for this transaction";
    assert_eq!(
        ended(refused(400, "USER_ERROR", unbalanced)).await,
        (State::Rejected, "VENDOR_REJECTED".into())
    );
    assert_eq!(ended(Answer::Nothing).await.0, State::Unknown);
}

#[tokio::test]
async fn a_journal_is_looked_up_by_its_key() {
    let journal = json!([{"id": "501", "externalid": "rev:CT-1:2025-03", "tranid": "JE-US01-00007", "currency": "EUR",
        "trandate": "2025-03-31", "subsidiary": "1", "custbody_period": "2025-03"}]);
    let lines = json!([
        {"transaction": "501", "debitforeignamount": "100.10", "custcol_contract": "CT-1"},
        {"transaction": "501", "custcol_contract": "CT-1"}]);
    let stub = Stub::new(vec![rows(journal), rows(lines)]).await;
    let request = pb::LookupByKeyRequest {
        kind: pb::RecordKind::Journal.into(),
        keys: vec!["rev:CT-1:2025-03".into()],
    };
    let found = stub.adapter().lookup_by_key(request).await.unwrap().found;
    assert_eq!(
        (found[0].vendor_id.as_str(), found[0].vendor_number.as_str()),
        ("501", "JE-US01-00007")
    );
    let held = found[0].held.clone().unwrap();
    assert_eq!(
        (held.amount.unwrap().minor_units, held.contract_number.as_str()),
        (10_010, "CT-1")
    );
    assert!(
        stub.seen()[0]
            .sql()
            .contains("FROM transaction WHERE type = 'Journal' AND externalid IN")
    );
}
