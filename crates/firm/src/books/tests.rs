#![allow(clippy::unwrap_used)]

use rust_decimal::Decimal;

use super::*;
use crate::director::RecordedUnbilled;
use crate::tiny::{Tiny, invoice};

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn booked(contract: &str, number: &str, net: &str) -> Booked {
    Booked {
        number: number.into(),
        contract: contract.into(),
        period: "2025-01".into(),
        timing: "arrears".into(),
        legal_entity: "US01".into(),
        customer: "Northwind".into(),
        issue_date: "2025-02-05".into(),
        due_date: "2025-03-07".into(),
        currency: "USD".into(),
        lines: [("time".to_owned(), dec(net))].into(),
        taxes: [("O".to_owned(), Decimal::ZERO)].into(),
        net: dec(net),
        gross: dec(net),
        open: dec(net) - dec("100"),
        functional_currency: "USD".into(),
        fx_rate: Decimal::ONE,
        gross_functional: dec(net),
        ..Booked::default()
    }
}

/// The document of a fixed price.
fn fixed_price() -> Booked {
    Booked {
        open: dec("100"),
        ..booked("CT-2", "INV-US01-00002", "1000.00")
    }
}

fn shown(contract: &str, number: &str, gross: &str, open: &str) -> PlatformDocument {
    PlatformDocument {
        contract: contract.into(),
        period: "2025-01".into(),
        timing: "arrears".into(),
        number: number.into(),
        state: "part_paid".into(),
        gross: dec(gross),
        open: dec(open),
    }
}

/// Books in which everything agrees.
pub(super) fn good() -> Evidence {
    let raised = |cause: &str, object: &str| RaisedException {
        cause: cause.into(),
        object: object.into(),
        open: false,
    };
    let worked = Worked {
        rows: 4,
        minutes: 90,
        billable_minutes: 90,
        cost: [("USD".to_owned(), dec("103.50"))].into(),
    };
    let unbilled = RecordedUnbilled {
        project: "PR-1".into(),
        entries: 2,
        billable_minutes: 120,
        amount: "330.00".into(),
        currency: "USD".into(),
    };
    Evidence {
        documents: vec![booked("CT-1", "INV-US01-00001", "330.00"), fixed_price()],
        projects: [("PR-1".to_owned(), worked), ("PR-2".to_owned(), Worked::default())].into(),
        platform: vec![
            shown("CT-1", "INV-US01-00001", "330", "230"),
            shown("CT-2", "INV-US01-00002", "1000", "100"),
        ],
        exceptions: vec![
            raised("RECEIPT_MISSING", "EX-1"),
            raised("PROJECT_MISSING_ERP_STRUCTURE", "PR-1"),
        ],
        unbilled: [("2025-01-31".parse().unwrap(), vec![unbilled])].into(),
        milestones: [
            ("CT-2-M1".to_owned(), milestone("1000.00", "2025-03-26")),
            ("CT-2-M2".to_owned(), milestone("500.00", "")),
        ]
        .into(),
        estimates: [(
            "PR-2".to_owned(),
            vec![("2024-12-18".to_owned(), 600), ("2025-05-03".to_owned(), 660)],
        )]
        .into(),
        journals: vec![journal("330.00")],
        revenue: vec![PlatformRevenue {
            contract: "CT-1".into(),
            period: "2025-01".into(),
            amount: dec("330"),
            ..PlatformRevenue::default()
        }],
        positions: vec![PlatformPosition {
            contract: "CT-1".into(),
            period: "2025-01".into(),
            revenue: dec("330"),
            asset: dec("330"),
            ..PlatformPosition::default()
        }],
        booked_adjustments: [("TE-3 2025-01".to_owned(), adjusted())].into(),
        adjustments: [("TE-3 2025-01".to_owned(), adjusted())].into(),
        utilization: vec![Utilized {
            entity: "US01".into(),
            period: "2025-01".into(),
            capacity_minutes: 7680,
            approved_minutes: 150,
            billable_minutes: 90,
        }],
        intercompany: vec![Charged {
            delivering: "DE01".into(),
            contracting: "US01".into(),
            period: "2025-07".into(),
            minutes: 60,
            amount: dec("85"),
            currency: "EUR".into(),
            unpriced: 0,
            charged: dec("85"),
        }],
        booked_intercompany: [(
            "DE01 for US01 2025-07".to_owned(),
            BookedCharge {
                receivable: dec("85"),
                payable: dec("85"),
            },
        )]
        .into(),
        receivables: vec![Owed {
            customer: "Northwind".into(),
            currency: "USD".into(),
            open: dec("330"),
            overdue: dec("330"),
        }],
        balances: vec![Cell {
            name: "2025-01 time PR-1 USD".into(),
            ..Cell::default()
        }],
        dashboards: Dashboards {
            differing: 0,
            projects: [("PR-1".to_owned(), (90, [("USD".to_owned(), dec("103.50"))].into()))].into(),
            contracts: [
                ("CT-1".to_owned(), (dec("330"), dec("330"))),
                ("CT-2".to_owned(), (Decimal::ZERO, dec("1000"))),
            ]
            .into(),
        },
        reconciled: Reconciled {
            findings: vec!["missing_in_erp TE-1".into()],
            exceptions: ["TE-1".to_owned()].into(),
        },
    }
}

fn adjusted() -> Adjusted {
    Adjusted {
        contract: "CT-1".into(),
        credit: dec("-165"),
        rebill: dec("82.50"),
        currency: "USD".into(),
    }
}

/// A milestone that is approved on the day it is accepted, or neither.
fn milestone(amount: &str, accepted_on: &str) -> ShownMilestone {
    ShownMilestone {
        contract: "CT-2".into(),
        amount: dec(amount),
        currency: "USD".into(),
        accepted_on: accepted_on.into(),
        approved_on: accepted_on.into(),
    }
}

/// January of the first contract, unbilled.
fn journal(amount: &str) -> BookedJournal {
    BookedJournal {
        number: "JE-US01-00001".into(),
        contract: "CT-1".into(),
        period: "2025-01".into(),
        legal_entity: "US01".into(),
        date: "2025-01-31".into(),
        currency: "USD".into(),
        accounts: [("1250".to_owned(), dec(amount)), ("4000".to_owned(), -dec(amount))].into(),
    }
}

/// "check key field" of every difference.
fn found(report: &Report) -> Vec<String> {
    report
        .differences
        .iter()
        .map(|d| format!("{} {} {}", d.check, d.key, d.field))
        .collect()
}

fn differences(change: impl FnOnce(&mut Evidence)) -> Vec<String> {
    let mut evidence = good();
    change(&mut evidence);
    found(&compare(&Tiny::new().load(), &evidence))
}

/// The same, without what customers owe: it is a sum over the documents, and differs with each of them.
fn of_documents(change: impl FnOnce(&mut Evidence)) -> Vec<String> {
    not_owed(differences(change))
}

fn not_owed(mut found: Vec<String>) -> Vec<String> {
    found.retain(|difference| !difference.starts_with("receivables "));
    found
}

#[test]
fn books_that_agree_say_so() {
    let report = compare(&Tiny::new().load(), &good());
    assert_eq!(found(&report), Vec::<String>::new());
    assert!(report.agrees());
    let expected: Vec<(&str, u64)> = report.checks.iter().map(|(name, c)| (name.as_str(), c.agreeing)).collect();
    assert_eq!(
        expected,
        [
            ("adjustments", 1),
            ("balance", 1),
            ("dashboards", 4),
            ("documents", 2),
            ("estimates", 1),
            ("exceptions", 2),
            ("intercompany", 1),
            ("milestones", 2),
            ("payments", 2),
            ("projects", 1),
            ("receivables", 1),
            ("reconciliation", 1),
            ("revenue", 1),
            ("unbilled", 1),
            ("utilization", 1)
        ]
    );
}

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

#[test]
fn a_report_survives_its_file() {
    let report = compare(&Tiny::new().load(), &good());
    let text = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report);
}

#[test]
fn milestones_and_estimates_are_compared_in_every_field() {
    type Change = (&'static str, fn(&mut Evidence));
    let changes: [Change; 9] = [
        ("milestones CT-2-M1 presence", |e| drop(e.milestones.remove("CT-2-M1"))),
        ("milestones CT-2-M1 contract", |e| change(e, |m| m.contract = "CT-1".into())),
        ("milestones CT-2-M1 amount", |e| change(e, |m| m.amount = dec("1000.01"))),
        ("milestones CT-2-M1 currency", |e| change(e, |m| m.currency = "EUR".into())),
        ("milestones CT-2-M1 accepted_on", |e| {
            change(e, |m| m.accepted_on = "2025-03-27".into())
        }),
        ("milestones CT-2-M1 approved_on", |e| {
            change(e, |m| m.approved_on = String::new())
        }),
        ("milestones CT-2-M9 presence", |e| {
            drop(e.milestones.insert("CT-2-M9".into(), milestone("1.00", "")))
        }),
        ("estimates PR-2 presence", |e| e.estimates.clear()),
        ("estimates PR-2 versions", |e| {
            drop(e.estimates.get_mut("PR-2").unwrap().pop())
        }),
    ];
    for (expected, change) in changes {
        assert_eq!(differences(change), [expected]);
    }
}

fn change(evidence: &mut Evidence, change: impl FnOnce(&mut ShownMilestone)) {
    change(evidence.milestones.get_mut("CT-2-M1").unwrap());
}

#[test]
fn revenue_agrees_in_the_journals_and_on_the_platform() {
    let revenue = |field: &str| format!("revenue CT-1 2025-01 {field}");
    assert_eq!(
        differences(|evidence| evidence.journals.clear()),
        [revenue("revenue"), revenue("cumulative_revenue")]
    );
    assert_eq!(
        differences(|evidence| evidence.journals[0] = journal("329.99")),
        [revenue("revenue"), revenue("cumulative_revenue")]
    );
    assert_eq!(
        differences(|evidence| {
            let accounts = &mut evidence.journals[0].accounts;
            accounts.insert("4100".into(), dec("-0.01"));
        }),
        [
            revenue("debits less credits"),
            revenue("expense_revenue"),
            revenue("cumulative_revenue")
        ]
    );
    assert_eq!(
        differences(|evidence| evidence.journals.push(journal("0"))),
        [revenue("presence")]
    );
    let elsewhere = |change: fn(&mut BookedJournal)| {
        differences(|evidence| {
            let mut other = journal("1.00");
            change(&mut other);
            evidence.journals.push(other);
        })
    };
    assert_eq!(
        elsewhere(|journal| journal.period = "2025-02".into()),
        ["revenue CT-1 2025-02 presence"]
    );
    assert_eq!(
        elsewhere(|journal| journal.contract = "CT-9".into()),
        ["revenue CT-9 2025-01 presence"]
    );
    type Change = (&'static str, fn(&mut BookedJournal));
    let wrong: [Change; 3] = [
        ("posting date", |journal| journal.date = "2025-02-08".into()),
        ("currency", |journal| journal.currency = "EUR".into()),
        ("legal_entity", |journal| journal.legal_entity = "DE01".into()),
    ];
    for (field, change) in wrong {
        assert_eq!(differences(|evidence| change(&mut evidence.journals[0])), [revenue(field)]);
    }
}

#[test]
fn what_the_platform_says_of_revenue_is_compared() {
    let revenue = |field: &str| format!("revenue CT-1 2025-01 {field}");
    assert_eq!(
        differences(|evidence| evidence.revenue[0].amount = dec("329")),
        [revenue("revenue on the platform")]
    );
    assert_eq!(
        differences(|evidence| evidence.revenue[0].expenses = true),
        [revenue("revenue on the platform"), revenue("expense_revenue on the platform")]
    );
    assert_eq!(
        differences(|evidence| evidence.revenue[0].on_its_way = true),
        [revenue("state on the platform")]
    );
    assert_eq!(
        differences(|evidence| evidence.positions[0] = PlatformPosition {
            billed: dec("330"),
            asset: dec("0"),
            liability: dec("1"),
            ..evidence.positions[0].clone()
        }),
        [
            revenue("cumulative_billed"),
            revenue("contract_asset"),
            revenue("contract_liability")
        ]
    );
    let extra = differences(|evidence| {
        let other = PlatformRevenue {
            contract: "CT-2".into(),
            ..evidence.revenue[0].clone()
        };
        evidence.revenue.push(other);
    });
    assert_eq!(extra, ["revenue CT-2 2025-01 presence"]);
}

#[test]
fn adjustments_are_compared_entry_by_entry_in_both_places() {
    let found = differences(|evidence| {
        evidence.booked_adjustments.clear();
        evidence.adjustments.get_mut("TE-3 2025-01").unwrap().rebill += dec("0.01");
        evidence.adjustments.insert("TE-9 2025-01".into(), adjusted());
    });
    assert_eq!(
        found,
        [
            "adjustments TE-3 2025-01 contract in the books",
            "adjustments TE-3 2025-01 currency in the books",
            "adjustments TE-3 2025-01 credit in the books",
            "adjustments TE-3 2025-01 rebill in the books",
            "adjustments TE-3 2025-01 rebill on the platform",
            "adjustments TE-9 2025-01 presence",
        ]
    );
}

#[test]
fn utilization_is_compared_by_entity_and_month() {
    assert_eq!(
        differences(|evidence| evidence.utilization[0].billable_minutes += 1),
        ["utilization US01 2025-01 billable_minutes"]
    );
    assert_eq!(
        differences(|evidence| evidence.utilization[0].entity = "DE01".into()),
        ["utilization US01 2025-01 presence", "utilization DE01 2025-01 presence"]
    );
}

#[test]
fn intercompany_is_compared_by_pair_and_month() {
    assert_eq!(
        differences(|evidence| {
            evidence.intercompany[0].amount += dec("0.01");
            evidence.intercompany[0].unpriced = 1;
        }),
        [
            "intercompany DE01 for US01 2025-07 amount",
            "intercompany DE01 for US01 2025-07 unpriced entries",
        ]
    );
    assert_eq!(
        differences(|evidence| evidence.intercompany.clear()),
        ["intercompany DE01 for US01 2025-07 presence"]
    );
    let charge = |field: &str| format!("intercompany DE01 for US01 2025-07 {field}");
    assert_eq!(
        differences(|evidence| {
            let booked = evidence.booked_intercompany.values_mut().next().unwrap();
            booked.payable = Decimal::ZERO;
        }),
        [charge("charged, in the books of the other")]
    );
    assert_eq!(
        differences(|evidence| {
            evidence.booked_intercompany.clear();
            evidence.intercompany[0].charged = Decimal::ZERO;
        }),
        [charge("charged")]
    );
}

#[test]
fn receivables_are_compared_in_the_books_and_on_the_platform() {
    assert_eq!(
        differences(|evidence| {
            evidence.documents[0].due_date = "2026-01-31".into();
            evidence.receivables[0].open -= dec("0.01");
        }),
        [
            "documents CT-1 2025-01 arrears due_date",
            "receivables CU-1 USD overdue in the books",
            "receivables CU-1 USD open on the platform",
        ]
    );
    let other = differences(|evidence| evidence.receivables[0].currency = "EUR".into());
    assert_eq!(
        other,
        [
            "receivables CU-1 EUR presence",
            "receivables CU-1 USD open on the platform",
            "receivables CU-1 USD overdue on the platform",
        ]
    );
}

#[test]
fn damage_is_found_with_an_exception_or_it_differs() {
    assert_eq!(
        differences(|evidence| evidence.reconciled.exceptions.clear()),
        ["reconciliation missing_in_erp TE-1 exception"]
    );
    assert_eq!(
        differences(|evidence| evidence.reconciled.findings = vec!["minutes_differ TE-1".into()]),
        [
            "reconciliation missing_in_erp TE-1 presence",
            "reconciliation minutes_differ TE-1 presence",
        ]
    );
}

#[test]
fn a_cell_that_differs_is_a_difference() {
    assert_eq!(
        differences(|evidence| evidence.balances[0].differing = 1),
        ["balance 2025-01 time PR-1 USD lines that differ"]
    );
    assert_eq!(
        differences(|evidence| evidence.balances[0].minor_units = -1),
        ["balance 2025-01 time PR-1 USD minor units too many"]
    );
}
