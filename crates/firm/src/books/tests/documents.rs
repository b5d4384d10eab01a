//! Documents, projects, and what is unbilled, stuck and open.

use rust_decimal::Decimal;

use super::sample::*;
use super::*;
use crate::director::RecordedUnbilled;
use crate::tiny::{Tiny, invoice};

#[test]
fn each_wrong_field_of_a_document_is_named() {
    type Change = (&'static str, fn(&mut Booked));
    let changes: [Change; 12] = [
        ("legal_entity", |d| d.legal_entity = "DE01".into()),
        ("customer", |d| d.customer = "Southwind".into()),
        ("issue_date", |d| d.issue_date = "2025-02-06".into()),
        ("due_date", |d| d.due_date = "2025-03-08".into()),
        ("currency", |d| d.currency = "EUR".into()),
        ("net", |d| d.net += dec("0.01")),
        ("tax", |d| d.tax = dec("0.01")),
        ("gross", |d| {
            d.gross += dec("0.01");
        }),
        ("functional_currency", |d| d.functional_currency = "EUR".into()),
        ("fx_rate", |d| d.fx_rate = dec("1.00000001")),
        ("gross_functional", |d| d.gross_functional -= dec("0.01")),
        ("tax_category", |d| d.taxes = [("AE".to_owned(), Decimal::ZERO)].into()),
    ];
    for (field, change) in changes {
        let found = of_documents(|evidence| change(&mut evidence.documents[0]));
        assert_eq!(found, [format!("documents CT-1 2025-01 arrears {field}")], "{field}");
    }
}

#[test]
fn sums_are_compared_by_line_kind() {
    let found = differences(|evidence| {
        let lines = &mut evidence.documents[0].lines;
        lines.insert("time".into(), dec("329.99"));
        lines.insert("expense".into(), dec("0.01"));
        lines.insert("surprise".into(), Decimal::ZERO);
    });
    assert_eq!(
        found,
        [
            "documents CT-1 2025-01 arrears time",
            "documents CT-1 2025-01 arrears expense",
            "documents CT-1 2025-01 arrears line kind",
        ]
    );
}

#[test]
fn documents_that_are_missing_doubled_or_too_many_are_said() {
    assert_eq!(
        of_documents(|evidence| evidence.documents.clear()),
        [
            "documents CT-1 2025-01 arrears presence",
            "documents CT-2 2025-01 arrears presence",
            "payments CT-1 2025-01 arrears presence",
            "payments CT-2 2025-01 arrears presence"
        ]
    );
    assert_eq!(
        of_documents(|evidence| evidence.documents.push(booked("CT-1", "INV-US01-00003", "330.00"))),
        ["documents CT-1 2025-01 arrears presence"]
    );
    assert_eq!(
        of_documents(|evidence| evidence.documents.push(booked("CT-2", "INV-US01-00003", "1000.00"))),
        ["documents CT-2 2025-01 arrears presence"]
    );
}

#[test]
fn numbers_leave_no_gap_and_are_used_once() {
    assert_eq!(
        differences(|evidence| {
            evidence.documents[1].number = "INV-US01-00003".into();
            evidence.platform[1].number = "INV-US01-00003".into();
        }),
        ["document numbers INV-US01 series"]
    );
    let again = differences(|evidence| evidence.documents.push(booked("CT-2", "INV-US01-00001", "1000.00")));
    assert!(
        again.contains(&"document numbers INV-US01-00001 presence".to_owned()),
        "{again:?}"
    );
}

#[test]
fn a_credit_memo_is_compared_with_its_sign() {
    let mut tiny = Tiny::new();
    let mut row = invoice("CT-1", "-50.00");
    row["kind"] = "credit_memo".into();
    row["time_new"] = "0.00".into();
    row["time_credit"] = "-50.00".into();
    tiny.rows("expected_invoices")[0] = row;
    tiny.rows("payments").remove(0);
    let mut evidence = good();
    let memo = Booked {
        credit_memo: true,
        lines: [("time_credit".to_owned(), dec("-50.00"))].into(),
        open: dec("-50"),
        ..booked("CT-1", "CM-US01-00001", "-50.00")
    };
    evidence.documents[0] = memo;
    evidence.documents[1].number = "INV-US01-00001".into();
    evidence.platform[1].number = "INV-US01-00001".into();
    evidence.platform[0].number = "CM-US01-00001".into();
    evidence.platform[0].state = "posted".into();
    evidence.platform[0].open = dec("-50");
    evidence.dashboards.contracts.insert("CT-1".into(), (dec("330"), dec("-50")));
    assert_eq!(not_owed(found(&compare(&tiny.load(), &evidence))), Vec::<String>::new());
}

#[test]
fn project_sums_are_compared_per_currency() {
    let found = differences(|evidence| {
        let worked = evidence.projects.get_mut("PR-1").unwrap();
        worked.minutes += 30;
        worked.cost.insert("EUR".into(), dec("0.01"));
        evidence.projects.insert(
            "PR-9".into(),
            Worked {
                rows: 1,
                minutes: 15,
                ..Worked::default()
            },
        );
    });
    assert_eq!(
        found,
        [
            "projects PR-1 approved_minutes",
            "projects PR-1 cost EUR",
            "projects PR-9 presence"
        ]
    );
}

#[test]
fn sums_of_dashboards_are_compared_with_what_must_have_come_out() {
    let found = |change: fn(&mut Dashboards)| differences(|evidence| change(&mut evidence.dashboards));
    assert_eq!(found(|sums| sums.differing = 1), ["dashboards facts differing"]);
    assert_eq!(
        found(|sums| sums.projects.get_mut("PR-1").unwrap().0 = 91),
        ["dashboards PR-1 approved_minutes"]
    );
    assert_eq!(
        found(|sums| sums.contracts.get_mut("CT-1").unwrap().1 += dec("0.01")),
        ["dashboards CT-1 billed"]
    );
    assert_eq!(
        found(|sums| {
            sums.contracts.insert("CT-9".into(), (dec("1"), Decimal::ZERO));
        }),
        ["dashboards CT-9 presence"]
    );
}

#[test]
fn unbilled_rows_are_compared_day_by_day() {
    let day = "2025-01-31".parse().unwrap();
    assert_eq!(
        differences(|evidence| evidence.unbilled.get_mut(&day).unwrap()[0].entries = 3),
        ["unbilled 2025-01-31 PR-1 entries"]
    );
    assert_eq!(
        differences(|evidence| {
            evidence.unbilled.remove(&day);
        }),
        ["unbilled 2025-01-31 PR-1 presence"]
    );
    // A fixed-fee project is none of ours; a row too many of our own is.
    let extra = |project: &str| {
        differences(|evidence| {
            let rows = evidence.unbilled.get_mut(&day).unwrap();
            let row = RecordedUnbilled {
                project: project.into(),
                ..rows[0].clone()
            };
            rows.push(row);
        })
    };
    assert_eq!(extra("PR-2"), Vec::<String>::new());
    assert_eq!(extra("PR-1"), ["unbilled 2025-01-31 PR-1 presence"]);
}

#[test]
fn exceptions_are_compared_in_any_state() {
    assert_eq!(
        differences(|evidence| {
            evidence.exceptions.remove(0);
        }),
        ["exceptions RECEIPT_MISSING EX-1 presence"]
    );
    let twice = differences(|evidence| {
        let again = evidence.exceptions[1].clone();
        evidence.exceptions.push(again);
        evidence.exceptions[0].object = "EX-2".into();
    });
    assert_eq!(
        twice,
        [
            "exceptions PROJECT_MISSING_ERP_STRUCTURE PR-1 times",
            "exceptions RECEIPT_MISSING EX-1 presence",
            "exceptions RECEIPT_MISSING EX-2 presence",
        ]
    );
}

#[test]
fn what_is_open_agrees_in_all_three_places() {
    assert_eq!(
        of_documents(|evidence| evidence.documents[0].open = dec("330")),
        [
            "payments CT-1 2025-01 arrears open in the books",
            "payments CT-1 2025-01 arrears open on the platform",
            "payments CT-1 2025-01 arrears state on the platform",
        ]
    );
    assert_eq!(
        of_documents(|evidence| evidence.platform[0].state = "posted".into()),
        ["payments CT-1 2025-01 arrears state on the platform"]
    );
    assert_eq!(
        of_documents(|evidence| evidence.platform.clear()),
        [
            "payments CT-1 2025-01 arrears presence",
            "payments CT-2 2025-01 arrears presence"
        ]
    );
}
