//! A month of a retainer: the fee in advance, what goes beyond the included time in arrears, and what of the fee
//! is earned.

use strata_kernel::{Currency, Decimal, Error, Money, Result};

use crate::amount::{difference, hours_amount, share_of};
use crate::ratio::overflow;

/// What happens to included time that is not used in its month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rollover {
    /// It is lost: the whole fee is revenue of its month.
    None,
    /// It is carried on, at most so many minutes (None: all). What is above the limit expires.
    Carry {
        /// Most minutes that are carried into the next month.
        limit_minutes: Option<i64>,
    },
}

/// Terms of a monthly retainer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetainerTerms {
    /// Fee of a month.
    pub fee: Money,
    /// Minutes that the fee includes.
    pub included_minutes: i64,
    /// Price of an hour beyond them, in major units of the fee's currency.
    pub overage_rate: Decimal,
    /// What happens to unused time.
    pub rollover: Rollover,
}

/// Time that is paid for and not used, and the part of past fees that is deferred for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carried {
    /// Minutes that can still be used.
    pub minutes: i64,
    /// What they were paid with.
    pub deferred: Money,
}

impl Carried {
    /// Nothing carried.
    pub fn nothing(currency: Currency) -> Self {
        Self {
            minutes: 0,
            deferred: Money::zero(currency),
        }
    }
}

/// What a month of a retainer comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetainerMonth {
    /// Billed in advance.
    pub fee: Money,
    /// Minutes beyond what is included and carried.
    pub overage_minutes: i64,
    /// Billed in arrears for them.
    pub overage: Money,
    /// Fee and overage.
    pub total: Money,
    /// Revenue from fees: of this month and of carried time that was used or expired. The overage is revenue beside it.
    pub fee_revenue: Money,
    /// Minutes that expired.
    pub expired_minutes: i64,
    /// What goes into the next month.
    pub carried: Carried,
}

/// Settles a work month. `used_minutes` are its billable minutes as known now; `carried` is what the month before
/// left, and counts only under rollover.
///
/// Overage = overage rate x (used - included - carried minutes), not below zero, rounded once. Without rollover
/// the whole fee is revenue. With it the month's own time is used first: revenue is `fee x used / included`, at
/// most the fee, then the deferred part of the carried time that is used; the rest stays deferred until it is
/// used or expires. Time above the limit expires, and becomes revenue at once because nobody can use it any more.
/// Each share is rounded once, and what is deferred is the exact rest: deferred before + fee = fee revenue +
/// deferred after. A month that includes no time earns its fee at once.
///
/// Minutes below zero count as none (a month of reversals); included, carried and limit minutes below zero are
/// `INVALID_FIELD`. Sources: customer options and unexercised rights, ASC 606-10-55-46 to 49, IFRS 15.B44-B47.
pub fn retainer_month(terms: &RetainerTerms, used_minutes: i64, carried: Carried) -> Result<RetainerMonth> {
    let used = used_minutes.max(0);
    let (carried, limit) = match terms.rollover {
        Rollover::None => (Carried { minutes: 0, ..carried }, Some(0)),
        Rollover::Carry { limit_minutes } => (carried, limit_minutes),
    };
    for (field, minutes) in [
        ("included_minutes", terms.included_minutes),
        ("carried_minutes", carried.minutes),
        ("rollover_limit_minutes", limit.unwrap_or(0)),
    ] {
        if minutes < 0 {
            return Err(Error::invalid(field, "minutes cannot be below zero"));
        }
    }
    let of_month = used.min(terms.included_minutes);
    let of_carried = (used - of_month).min(carried.minutes);
    let overage_minutes = used - of_month - of_carried;
    let overage = overage_amount(terms, overage_minutes)?;

    let earned = share(terms.fee, of_month, terms.included_minutes)?;
    let consumed = share(carried.deferred, of_carried, carried.minutes)?;
    let unused = (terms.included_minutes - of_month)
        .checked_add(carried.minutes - of_carried)
        .ok_or_else(overflow)?;
    let unearned = difference(terms.fee, earned)?.plus(difference(carried.deferred, consumed)?)?;
    let kept = limit.map_or(unused, |limit| unused.min(limit));
    let expired = share(unearned, unused - kept, unused)?;
    Ok(RetainerMonth {
        fee: terms.fee,
        overage_minutes,
        overage,
        total: terms.fee.plus(overage)?,
        fee_revenue: earned.plus(consumed)?.plus(expired)?,
        expired_minutes: unused - kept,
        carried: Carried {
            minutes: kept,
            deferred: difference(unearned, expired)?,
        },
    })
}

/// What an arrears run bills of a work month: its overage as known now, less the overage of that month that is
/// billed. Late or corrected time thereby changes the month it was worked in; the difference may be a credit.
///
/// Refuses as [`retainer_month`] does; amounts in two currencies are `RATE_CURRENCY_MISMATCH`. Source: target less
/// billed, decision 0008.
pub fn overage_due(terms: &RetainerTerms, used_minutes: i64, carried: Carried, billed: Money) -> Result<Money> {
    difference(retainer_month(terms, used_minutes, carried)?.overage, billed)
}

fn overage_amount(terms: &RetainerTerms, minutes: i64) -> Result<Money> {
    hours_amount(
        terms.overage_rate,
        minutes,
        Decimal::ONE_HUNDRED,
        Decimal::ZERO,
        terms.fee.currency,
    )
}

/// The part of an amount that minutes stand for, rounded once; all of it when there is no time that it could be spread over.
fn share(amount: Money, part: i64, whole: i64) -> Result<Money> {
    if whole == 0 {
        return Ok(amount);
    }
    share_of(amount, part, whole)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::parse("USD").unwrap())
    }

    fn terms(rollover: Rollover) -> RetainerTerms {
        RetainerTerms {
            fee: usd(500_000),
            included_minutes: 2_400,
            overage_rate: Decimal::from(150),
            rollover,
        }
    }

    fn month(rollover: Rollover, used: i64, carried: (i64, i64)) -> RetainerMonth {
        let carried = Carried {
            minutes: carried.0,
            deferred: usd(carried.1),
        };
        retainer_month(&terms(rollover), used, carried).unwrap()
    }

    const ALL: Rollover = Rollover::Carry { limit_minutes: None };

    #[test]
    fn without_rollover_the_fee_is_earned_in_its_month() {
        for (used, overage) in [(0, 0), (-60, 0), (2_400, 0), (2_401, 250), (2_700, 75_000)] {
            let month = month(Rollover::None, used, (0, 0));
            assert_eq!((month.overage, month.fee_revenue), (usd(overage), usd(500_000)), "{used}");
            assert_eq!((month.carried.minutes, month.carried.deferred), (0, usd(0)));
        }
    }

    #[test]
    fn rollover_defers_what_is_not_used() {
        let first = month(ALL, 1_800, (0, 0));
        assert_eq!((first.fee_revenue, first.carried.deferred), (usd(375_000), usd(125_000)));
        let second = month(ALL, 2_700, (600, 125_000));
        assert_eq!((second.overage, second.fee_revenue), (usd(0), usd(562_500)));
        assert_eq!((second.carried.minutes, second.carried.deferred), (300, usd(62_500)));
        let third = month(ALL, 2_760, (300, 62_500));
        assert_eq!(
            (third.overage_minutes, third.overage, third.total),
            (60, usd(15_000), usd(515_000))
        );
        assert_eq!((third.fee_revenue, third.carried.deferred), (usd(562_500), usd(0)));
    }

    #[test]
    fn time_above_the_limit_expires() {
        let limited = Rollover::Carry {
            limit_minutes: Some(600),
        };
        let month = month(limited, 1_200, (600, 125_000));
        assert_eq!((month.expired_minutes, month.carried.minutes), (1_200, 600));
        assert_eq!((month.fee_revenue, month.carried.deferred), (usd(500_000), usd(125_000)));
    }

    #[test]
    fn late_time_is_billed_to_its_month() {
        let terms = terms(Rollover::None);
        let due = |used, billed| overage_due(&terms, used, Carried::nothing(terms.fee.currency), usd(billed)).unwrap();
        assert_eq!(due(2_700, 0), usd(75_000));
        assert_eq!(due(2_730, 75_000), usd(7_500));
        assert_eq!(due(2_100, 82_500), usd(-82_500));
    }

    #[test]
    fn a_month_without_included_time_earns_its_fee() {
        let mut open = terms(ALL);
        open.included_minutes = 0;
        let month = retainer_month(&open, 60, Carried::nothing(open.fee.currency)).unwrap();
        assert_eq!((month.fee_revenue, month.overage), (usd(500_000), usd(15_000)));
        open.included_minutes = -1;
        let error = retainer_month(&open, 60, Carried::nothing(open.fee.currency)).unwrap_err();
        assert_eq!(error.field, "included_minutes");
    }
}
