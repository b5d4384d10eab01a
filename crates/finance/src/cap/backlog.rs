//! A backlog under one cap: who gets the room.

use std::collections::HashSet;

use strata_kernel::{Date, Error, Money, Reason, Result};

use super::{CapKind, CapSplit, room, test_limit};
use crate::amount::difference;
use crate::reason;

/// Work that is priced and not billed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BacklogEntry {
    /// Id of the time entry.
    pub id: String,
    /// Day of the work. Entries without a day come first.
    pub work_date: Option<Date>,
    /// Price. Below zero: a credit, which gives room back.
    pub amount: Money,
    /// False: never tested, never billed.
    pub chargeable: bool,
}

/// A backlog and the cap it stands under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog<'a> {
    /// Hard or soft.
    pub kind: CapKind,
    /// The most that may be billed. Not below zero.
    pub cap: Money,
    /// Billed so far, credits taken off.
    pub billed: Money,
    /// What waits, in any order.
    pub entries: &'a [BacklogEntry],
}

/// One entry, split at the cap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryShare {
    /// Id of the time entry.
    pub id: String,
    /// What is billed of it and what stays on it.
    pub split: CapSplit,
}

/// What a cap lets through of a backlog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BacklogOutcome {
    /// Chargeable entries: credits first, then by work date and id.
    pub shares: Vec<EntryShare>,
    /// Entries that were not tested.
    pub not_applicable: Vec<String>,
    /// Billed so far with what this bills.
    pub billed: Money,
    /// Room that is left.
    pub remaining: Money,
    /// `CAP_BELOW_BILLED` when more than the cap is billed though nothing new was let through, else
    /// `CAP_WARNING` when a soft cap is passed.
    pub warning: Option<Reason>,
}

/// Bills a backlog up to its cap. Credits give their room back before anything is tested; then entries go by
/// work date and id. The one that crosses is split, and what is above stays on it.
///
/// A cap below what is billed lets nothing through and credits nothing by itself. Refuses a cap below zero and an
/// entry that is given twice.
/// Amounts are in minor units of one currency and are never rounded. Refusals are `INVALID_FIELD`, another currency is
/// `RATE_CURRENCY_MISMATCH`. Source: "Manage not-to-exceed status validations", Dynamics 365 Project Operations.
pub fn apply(backlog: &Backlog<'_>) -> Result<BacklogOutcome> {
    if backlog.cap.minor < 0 {
        return Err(Error::invalid("cap", "a cap cannot be below zero"));
    }
    let mut ids = HashSet::with_capacity(backlog.entries.len());
    if let Some(twice) = backlog.entries.iter().find(|entry| !ids.insert(&entry.id)) {
        return Err(Error::invalid(
            "id",
            format!("entry \"{}\" is in the backlog twice", twice.id),
        ));
    }
    let mut entries: Vec<&BacklogEntry> = backlog.entries.iter().collect();
    entries.sort_by_key(|entry| (entry.amount.minor >= 0, entry.work_date, &entry.id));
    let mut outcome = BacklogOutcome {
        shares: Vec::with_capacity(entries.len()),
        not_applicable: Vec::new(),
        billed: backlog.billed,
        remaining: Money::zero(backlog.cap.currency),
        warning: None,
    };
    for entry in entries {
        if !entry.chargeable {
            outcome.not_applicable.push(entry.id.clone());
            continue;
        }
        let tested = test_limit(backlog.kind, backlog.cap, outcome.billed, entry.amount)?;
        outcome.billed = outcome.billed.plus(tested.split.billable)?;
        outcome.shares.push(EntryShare {
            id: entry.id.clone(),
            split: tested.split,
        });
    }
    outcome.remaining = room(backlog.cap, outcome.billed)?;
    let above = difference(outcome.billed, backlog.cap)?.minor > 0;
    outcome.warning = match backlog.kind {
        _ if !above => None,
        CapKind::Hard => Some(reason::CAP_BELOW_BILLED),
        CapKind::Soft => Some(reason::CAP_WARNING),
    };
    Ok(outcome)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::Currency;

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::parse("EUR").unwrap())
    }

    fn entry(id: &str, work_date: &str, amount: i64) -> BacklogEntry {
        BacklogEntry {
            id: id.to_owned(),
            work_date: Some(work_date.parse().unwrap()),
            amount: eur(amount),
            chargeable: true,
        }
    }

    fn run(kind: CapKind, cap: i64, billed: i64, entries: &[BacklogEntry]) -> BacklogOutcome {
        let (cap, billed) = (eur(cap), eur(billed));
        apply(&Backlog {
            kind,
            cap,
            billed,
            entries,
        })
        .unwrap()
    }

    fn told(outcome: &BacklogOutcome) -> Vec<(&str, i64, i64)> {
        outcome
            .shares
            .iter()
            .map(|share| (share.id.as_str(), share.split.billable.minor, share.split.over_cap.minor))
            .collect()
    }

    #[test]
    fn credits_come_first_then_work_date_then_id() {
        let entries = [
            entry("b", "2025-03-01", 60),
            entry("a", "2025-03-02", 50),
            entry("a2", "2025-03-01", 60),
            entry("z", "2025-04-01", -20),
        ];
        let outcome = run(CapKind::Hard, 200, 100, &entries);
        assert_eq!(told(&outcome), [("z", -20, 0), ("a2", 60, 0), ("b", 60, 0), ("a", 0, 50)]);
        assert_eq!((outcome.billed, outcome.remaining, outcome.warning), (eur(200), eur(0), None));
    }

    #[test]
    fn a_cap_below_billed_bills_nothing_and_says_so() {
        let outcome = run(CapKind::Hard, 50, 80, &[entry("a", "2025-03-01", 10)]);
        assert_eq!(told(&outcome), [("a", 0, 10)]);
        assert_eq!((outcome.remaining, outcome.warning), (eur(0), Some(reason::CAP_BELOW_BILLED)));
        let freed = [entry("a", "2025-03-01", 10), entry("c", "2025-03-01", -35)];
        let outcome = run(CapKind::Hard, 50, 80, &freed);
        assert_eq!(told(&outcome), [("c", -35, 0), ("a", 5, 5)]);
        assert_eq!(outcome.warning, None);
    }

    #[test]
    fn a_soft_cap_bills_and_warns() {
        let outcome = run(CapKind::Soft, 50, 45, &[entry("a", "2025-03-01", 10)]);
        assert_eq!(told(&outcome), [("a", 10, 0)]);
        assert_eq!((outcome.billed, outcome.warning), (eur(55), Some(reason::CAP_WARNING)));
    }

    #[test]
    fn refuses_a_negative_cap_and_an_entry_twice() {
        let entries = [entry("a", "2025-03-01", 10), entry("a", "2025-03-02", 10)];
        let backlog = |cap, entries| Backlog {
            kind: CapKind::Hard,
            cap: eur(cap),
            billed: eur(0),
            entries,
        };
        assert_eq!(apply(&backlog(-1, &[])).unwrap_err().field, "cap");
        assert_eq!(apply(&backlog(1, &entries)).unwrap_err().field, "id");
    }
}
