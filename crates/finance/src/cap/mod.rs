//! Caps and not-to-exceed amounts: how much of a backlog may be billed, and what waits.
//!
//! A hard cap bills up to the cap and keeps the rest of the entry that crosses it as `over_cap`: not lost, a
//! raised cap or a credit frees it. A soft cap bills everything and warns. Tax and reimbursable expenses stand
//! outside unless the caller brings them in. Source of the rules: not-to-exceed limits of Dynamics 365 Project
//! Operations; hard and soft limits of Oracle Projects.

mod backlog;
mod level;
mod warning;

pub use backlog::{Backlog, BacklogEntry, BacklogOutcome, EntryShare, apply};
pub use level::{CapLevel, LevelOutcome, within_levels};
pub use warning::levels_reached;

use strata_kernel::{Error, Money, Reason, Result};

use crate::amount::difference;
use crate::reason;

/// What a cap does to work above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CapKind {
    /// Blocks the excess.
    Hard,
    /// Bills the excess and warns.
    Soft,
}

impl CapKind {
    /// The kind of a word. Any other word is `INVALID_FIELD`.
    pub fn parse(word: &str) -> Result<Self> {
        match word {
            "hard" => Ok(Self::Hard),
            "soft" => Ok(Self::Soft),
            _ => Err(Error::invalid(
                "kind",
                format!("\"{word}\" is no kind of cap; use hard or soft"),
            )),
        }
    }
}

/// An amount split at a cap. The parts add up to the amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CapSplit {
    /// What may be billed.
    pub billable: Money,
    /// What waits above the cap.
    pub over_cap: Money,
}

/// What is left below a cap, never below zero.
///
/// Amounts in two currencies are `RATE_CURRENCY_MISMATCH`, beyond 64 bits it is `AMOUNT_OVERFLOW`. Source:
/// not-to-exceed limits, Dynamics 365 Project Operations.
pub fn room(cap: Money, used: Money) -> Result<Money> {
    let left = difference(cap, used)?;
    Ok(Money::new(left.minor.max(0), left.currency))
}

/// The part of an amount that fits into a room, and the rest. A credit always fits: it gives room back.
///
/// The parts add up exactly. Amounts in two currencies are `RATE_CURRENCY_MISMATCH`. Source: not-to-exceed limits,
/// Dynamics 365 Project Operations.
pub fn within(amount: Money, room: Money) -> Result<CapSplit> {
    let over = difference(amount, room)?;
    let over = if amount.minor <= 0 {
        0
    } else {
        over.minor.clamp(0, amount.minor)
    };
    let over_cap = Money::new(over, amount.currency);
    Ok(CapSplit {
        billable: difference(amount, over_cap)?,
        over_cap,
    })
}

/// An amount tested against one limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tested {
    /// What may be billed and what is blocked.
    pub split: CapSplit,
    /// `CAP_WARNING` when a soft limit is passed.
    pub warning: Option<Reason>,
}

/// Tests an amount against one limit of a kind: a hard one blocks the excess, a soft one bills it and warns.
///
/// Amounts of one currency, not rounded; two currencies are `RATE_CURRENCY_MISMATCH`. Source: "Agreements: hard and
/// soft limits", Oracle Projects.
pub fn test_limit(kind: CapKind, limit: Money, used: Money, amount: Money) -> Result<Tested> {
    let hard = within(amount, room(limit, used)?)?;
    Ok(match kind {
        CapKind::Hard => Tested {
            split: hard,
            warning: None,
        },
        CapKind::Soft => Tested {
            split: CapSplit {
                billable: amount,
                over_cap: Money::zero(amount.currency),
            },
            warning: (hard.over_cap.minor > 0).then_some(reason::CAP_WARNING),
        },
    })
}

/// `CAP_WARNING` when work that is still to be done will pass a cap: what is earned so far, billed or not, and the value of
/// the estimate to complete are more than the cap together. Then hours no longer show progress, and somebody agrees a
/// higher cap, or finance moves the line to a fixed fee, while there is time. Amounts of one currency, not rounded.
///
/// Amounts in two currencies are `RATE_CURRENCY_MISMATCH`, sums beyond 64 bits `AMOUNT_OVERFLOW`.
/// Source: not-to-exceed limits, Dynamics 365 Project Operations; limitation of cost and funds, FAR 52.232-20.
pub fn foresee(cap: Money, earned: Money, to_complete: Money) -> Result<Option<Reason>> {
    let expected = earned.plus(to_complete)?;
    Ok((difference(expected, cap)?.minor > 0 && to_complete.minor > 0).then_some(reason::CAP_WARNING))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::Currency;

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::parse("EUR").unwrap())
    }

    #[test]
    fn splits_at_the_room_and_lets_credits_through() {
        let split = |amount, room| {
            let split = within(eur(amount), eur(room)).unwrap();
            (split.billable.minor, split.over_cap.minor)
        };
        assert_eq!(split(100, 60), (60, 40));
        assert_eq!(split(100, 100), (100, 0));
        assert_eq!(split(100, 0), (0, 100));
        assert_eq!(split(-100, 0), (-100, 0));
        assert_eq!(split(0, 0), (0, 0));
        assert_eq!(split(100, -5), (0, 100), "no room is not less than none");
        assert_eq!(room(eur(5), eur(7)).unwrap(), eur(0));
        assert!(within(eur(1), Money::zero(Currency::parse("JPY").unwrap())).is_err());
        assert_eq!(room(eur(i64::MAX), eur(-1)).unwrap_err().reason, reason::AMOUNT_OVERFLOW);
    }

    #[test]
    fn a_cap_that_will_bind_is_foreseen_while_work_is_left() {
        let seen = |earned, left| foresee(eur(1000), eur(earned), eur(left)).unwrap();
        assert_eq!(seen(900, 101), Some(reason::CAP_WARNING));
        assert_eq!(seen(900, 100), None, "it fits exactly");
        assert_eq!(seen(1200, 0), None, "nothing is left to warn of");
        assert_eq!(seen(1200, 1), Some(reason::CAP_WARNING));
        let usd = Money::zero(Currency::parse("USD").unwrap());
        assert_eq!(foresee(eur(1), usd, usd).unwrap_err().reason, reason::RATE_CURRENCY_MISMATCH);
    }

    #[test]
    fn a_soft_limit_bills_and_warns_above_it_only() {
        let test = |kind, amount| test_limit(kind, eur(1000), eur(900), eur(amount)).unwrap();
        assert_eq!(test(CapKind::Hard, 150).split.over_cap, eur(50));
        assert_eq!(test(CapKind::Hard, 150).warning, None);
        let soft = test(CapKind::Soft, 150);
        assert_eq!((soft.split.billable, soft.warning), (eur(150), Some(reason::CAP_WARNING)));
        assert_eq!(test(CapKind::Soft, 100).warning, None);
        assert_eq!(test(CapKind::Soft, -100).warning, None);
        assert!(CapKind::parse("firm").is_err());
    }
}
