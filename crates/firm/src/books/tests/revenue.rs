//! Milestones, revenue, adjustments, utilization and what firms and customers owe.

use rust_decimal::Decimal;

use super::sample::*;
use super::*;

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
