#![allow(clippy::unwrap_used)]
use super::*;
use strata_contract::google::r#type::Date;
use strata_contract::strata::common::v1::Money as PbMoney;
use strata_contract::strata::system::erp::v1::DocumentLine;

fn pb(code: &str, minor: i64) -> Option<PbMoney> {
    Some(PbMoney {
        currency_code: code.into(),
        minor_units: minor,
    })
}

fn line(kind: LineKind, project: &str, minor: i64) -> DocumentLine {
    DocumentLine {
        kind: kind.into(),
        source: "time:1".into(),
        description: "Work".into(),
        project_id: project.into(),
        net: pb("EUR", minor),
    }
}

fn document(kind: DocumentKind, lines: Vec<DocumentLine>) -> Document {
    let day = |day| {
        Some(Date {
            year: 2025,
            month: 3,
            day,
        })
    };
    Document {
        kind: kind.into(),
        customer_id: "647".into(),
        legal_entity_id: "2".into(),
        contract_number: "CT-1".into(),
        period: "2025-03".into(),
        issue_date: day(30),
        due_date: day(31),
        currency_code: "EUR".into(),
        lines,
        tax_code_id: "9".into(),
        expected_tax: pb("EUR", 0),
        fx_rate: "1.0825".into(),
        timing: BillingTiming::Arrears.into(),
    }
}

#[test]
fn an_invoice_is_written_to_the_digit() {
    let lines = vec![line(LineKind::Time, "912", 112_510), line(LineKind::CapAdjustment, "", -510)];
    let (body, net) = record("inv_1", &document(DocumentKind::Invoice, lines)).unwrap();
    assert_eq!(net.minor, 112_000);
    assert_eq!(body["item"]["items"][0]["amount"].to_string(), "1125.10");
    assert_eq!(body["item"]["items"][1]["amount"].to_string(), "-5.10");
    assert!(body["item"]["items"][1].get("job").is_none());
    assert_eq!(body["item"]["items"][0][LINE_KIND], "time");
    assert_eq!(body["exchangeRate"].to_string(), "1.0825");
    assert_eq!(
        (body["tranDate"].as_str(), body["dueDate"].as_str()),
        (Some("2025-03-30"), Some("2025-03-31"))
    );
}

#[test]
fn a_credit_memo_turns_its_signs() {
    let lines = vec![
        line(LineKind::TimeCredit, "912", -20_000),
        line(LineKind::TimeRebill, "912", 5_000),
    ];
    let (body, net) = record("cm_1", &document(DocumentKind::CreditMemo, lines)).unwrap();
    assert_eq!(net.minor, -15_000);
    assert_eq!(body["item"]["items"][0]["amount"].to_string(), "200.00");
    assert_eq!(body["item"]["items"][1]["amount"].to_string(), "-50.00");
    assert!(body.get("dueDate").is_none());
}

#[test]
fn what_does_not_fit_is_named() {
    let mut other = document(
        DocumentKind::Invoice,
        vec![line(LineKind::Time, "1", 1), line(LineKind::Time, "1", 1)],
    );
    other.lines[1].net = pb("USD", 1);
    assert_eq!(record("k", &other).unwrap_err().field, "document.lines[1].net");
    let unsaid = document(DocumentKind::Invoice, vec![line(LineKind::Unspecified, "1", 1)]);
    assert_eq!(record("k", &unsaid).unwrap_err().field, "document.lines[0].kind");
    assert!(table(DocumentKind::Unspecified).is_err());
}

fn read(json: &str, kind: DocumentKind) -> Result<PostedDocument, Misfit> {
    from_record(Reader(&serde_json::from_str(json).unwrap()), kind)
}

#[test]
fn a_record_is_read_back_with_its_state() {
    let json = |status: &str, total: &str, open: &str| {
        format!(
            r#"{{"id":"20551","externalId":"inv_1","tranId":"INV-1031","status":{{"id":"{status}"}},"currency":{{"id":"1","refName":"USD"}},
                "subtotal":1000.00,"taxTotal":125,"total":{total},"amountRemaining":{open},"lastModifiedDate":"2026-10-31T17:03:00Z","links":[]}}"#
        )
    };
    for (status, open, state) in [
        ("A", "1125.0", DocumentState::Posted),
        ("A", "0.10", DocumentState::PartPaid),
        ("B", "0", DocumentState::Paid),
        ("V", "0", DocumentState::Voided),
        ("D", "1125.0", DocumentState::Unspecified),
    ] {
        let document = read(&json(status, "1125.0", open), DocumentKind::Invoice).unwrap();
        assert_eq!(document.state(), state, "{status} {open}");
        assert_eq!(document.gross, pb("USD", 112_500));
    }
    let credit = read(&json("A", "1.125E3", "1125"), DocumentKind::CreditMemo).unwrap();
    assert_eq!(credit.state(), DocumentState::Posted);
    assert_eq!(
        (credit.gross, credit.net, credit.tax),
        (pb("USD", -112_500), pb("USD", -100_000), pb("USD", -12_500))
    );
    // A third of a cent is nothing that can be owed.
    assert_eq!(
        read(&json("A", "1125.003", "0"), DocumentKind::Invoice).unwrap_err().field,
        "total"
    );
}

#[test]
fn a_row_is_read_and_one_that_does_not_fit_is_named() {
    let row = |kind: &str, currency: &str| -> Value {
        json!({"id": "7", "type": kind, "externalid": null, "tranid": "INV-1", "status": "A", "currency": currency, "foreignsubtotal": "10",
            "foreigntaxtotal": "0", "foreigntotal": "10", "foreignamountunpaid": "4", "lastmodifieddate": "2025-03-31 17:03:09"})
    };
    let document = from_row(Reader(&row("CustInvc", "JPY"))).unwrap();
    assert_eq!((document.key.as_str(), document.state()), ("", DocumentState::PartPaid));
    assert_eq!(document.open, pb("JPY", 4));
    let credit = from_row(Reader(&row("CustCred", "JPY"))).unwrap();
    assert_eq!((credit.gross, credit.open), (pb("JPY", -10), pb("JPY", -4)));
    assert_eq!(document.modified_time.unwrap().seconds, 1_743_440_589);
    assert_eq!(from_row(Reader(&row("CustInvc", "???"))).unwrap_err().field, "currency");
    assert_eq!(from_row(Reader(&row("CustPymt", "JPY"))).unwrap_err().field, "type");
}
