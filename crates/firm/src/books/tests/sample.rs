//! What the books of the small firm have to hold.

use rust_decimal::Decimal;

use super::*;
use crate::director::RecordedUnbilled;

pub(super) fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(super) fn booked(contract: &str, number: &str, net: &str) -> Booked {
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
pub(super) fn fixed_price() -> Booked {
    Booked {
        open: dec("100"),
        ..booked("CT-2", "INV-US01-00002", "1000.00")
    }
}

pub(super) fn shown(contract: &str, number: &str, gross: &str, open: &str) -> PlatformDocument {
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
pub(in super::super) fn good() -> Evidence {
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

pub(super) fn adjusted() -> Adjusted {
    Adjusted {
        contract: "CT-1".into(),
        credit: dec("-165"),
        rebill: dec("82.50"),
        currency: "USD".into(),
    }
}

/// A milestone that is approved on the day it is accepted, or neither.
pub(super) fn milestone(amount: &str, accepted_on: &str) -> ShownMilestone {
    ShownMilestone {
        contract: "CT-2".into(),
        amount: dec(amount),
        currency: "USD".into(),
        accepted_on: accepted_on.into(),
        approved_on: accepted_on.into(),
    }
}

/// January of the first contract, unbilled.
pub(super) fn journal(amount: &str) -> BookedJournal {
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
