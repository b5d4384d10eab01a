//! Events and the rows that follow from them.
#![allow(clippy::unwrap_used)]
use super::*;
use crate::reason;
use strata_kernel::Result;

const ALL: ActualEvent = ActualEvent::ConfirmInvoice { hours: None };

fn approve(hours: i64, billable: i64) -> ActualEvent {
    ActualEvent::Approve {
        hours: Decimal::from(hours),
        billable_hours: Some(Decimal::from(billable)),
    }
}

fn confirm(hours: i64) -> ActualEvent {
    ActualEvent::ConfirmInvoice {
        hours: Some(Decimal::from(hours)),
    }
}

fn correct(hours: i64, bill: Option<i64>) -> ActualEvent {
    ActualEvent::CorrectInvoice {
        hours: Decimal::from(hours),
        bill: bill.map(Decimal::from),
    }
}

fn run(events: &[ActualEvent]) -> Result<ActualsLedger> {
    let rates = ActualRates {
        cost: Decimal::from(100),
        bill: Decimal::from(200),
        currency: Currency::parse("USD").unwrap(),
    };
    events
        .iter()
        .try_fold(ActualsLedger::new(rates)?, |ledger, event| ledger.record(*event))
}

/// Rows after the first `skip`: "u6" is 6 unbilled hours, "b-2!" the reversal of 2 billed ones not chargeable.
fn rows(events: &[ActualEvent], skip: usize) -> String {
    let row = |row: &Actual| {
        let mark = if row.chargeable { "" } else { "!" };
        format!("{}{}{mark}", &row.kind.as_str()[..1], row.hours)
    };
    let ledger = run(events).unwrap();
    ledger.rows.iter().skip(skip).map(row).collect::<Vec<_>>().join(" ")
}

fn balance(events: &[ActualEvent]) -> [i64; 3] {
    let ledger = run(events).unwrap();
    [ActualKind::Cost, ActualKind::Unbilled, ActualKind::Billed].map(|kind| ledger.balance(kind).unwrap().minor / 100)
}

#[test]
fn approval_splits_what_is_not_billable() {
    assert_eq!(rows(&[approve(8, 6)], 0), "c8 u6 u2!");
    assert_eq!(rows(&[approve(8, 0)], 0), "c8 u8!");
    assert_eq!(balance(&[approve(8, 6)]), [800, 1_200, 0]);
    let cancelled = [approve(8, 6), ActualEvent::Noted, ActualEvent::CancelApproval];
    assert_eq!(rows(&cancelled, 3), "c-8 u-6 u-2!");
    assert_eq!(balance(&cancelled), [0, 0, 0]);
}

#[test]
fn a_confirmed_contract_values_open_work_anew() {
    let dearer = ActualEvent::ConfirmContract {
        cost: None,
        bill: Some(Decimal::from(250)),
    };
    assert_eq!(rows(&[approve(8, 8), dearer], 2), "c-8 u-8 c8 u8");
    assert_eq!(balance(&[approve(8, 8), dearer]), [800, 2_000, 0]);
    assert_eq!(rows(&[approve(8, 8), ALL, dearer], 4), "", "what is invoiced stands");
}

#[test]
fn an_invoice_moves_what_is_open() {
    assert_eq!(rows(&[approve(8, 8), ALL], 2), "u-8 b8");
    assert_eq!(rows(&[approve(8, 8), confirm(6)], 2), "u-8 u6 u2! u-6 u-2! b6 b2!");
    assert_eq!(rows(&[approve(8, 8), confirm(10)], 2), "u-8 u10 u-10 b10");
    assert_eq!(rows(&[approve(8, 8), confirm(0)], 2), "u-8 u8! u-8! b8!");
    assert_eq!(rows(&[approve(8, 8), approve(2, 2), ALL], 4), "u-8 u-2 b8 b2");
    assert_eq!(balance(&[approve(8, 8), confirm(6)]), [800, 0, 1_200]);
}

#[test]
fn a_correction_gives_hours_back() {
    let billed = [approve(8, 8), ALL];
    let with = |event| [billed[0], billed[1], event];
    assert_eq!(rows(&with(correct(10, None)), 4), "b-8 u10 u-10 b10");
    assert_eq!(rows(&with(correct(0, None)), 4), "b-8 u8");
    assert_eq!(rows(&with(correct(8, None)), 4), "");
    assert_eq!(rows(&with(correct(8, Some(150))), 4), "b-8 u8 u-8 b8");
    assert_eq!(balance(&with(correct(8, Some(150)))), [800, 0, 1_200]);
    let again = [billed[0], billed[1], correct(6, None), ALL];
    assert_eq!(rows(&again, 9), "u-2 b2");
    assert_eq!(balance(&again), [800, 0, 1_600]);
}

#[test]
fn refuses_what_cannot_happen() {
    let reason = |events: &[ActualEvent]| run(events).unwrap_err().reason;
    assert_eq!(reason(&[ALL]), reason::TIME_NOT_APPROVED);
    assert_eq!(reason(&[approve(8, 8), ALL, ALL]), reason::TIME_NOT_APPROVED);
    assert_eq!(
        reason(&[approve(8, 8), ALL, ActualEvent::CancelApproval]),
        reason::TIME_ALREADY_INVOICED
    );
    assert_eq!(reason(&[ActualEvent::CancelApproval]), reason::INVALID_TRANSITION);
    assert_eq!(reason(&[approve(8, 8), correct(6, None)]), reason::INVALID_TRANSITION);
    for event in [approve(0, 0), approve(8, -1)] {
        assert_eq!(reason(&[event]), "INVALID_FIELD");
    }
    assert_eq!(reason(&[approve(8, 8), confirm(-1)]), "INVALID_FIELD");
}
