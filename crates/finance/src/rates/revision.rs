//! Revisions of a recurring price: each ends the version before it and opens a new one.

use strata_kernel::{Date, Decimal, Error, Money, Result};

use crate::amount::with_percent;
use crate::reason;

/// A percentage that a price changes by from a day on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Revision {
    /// First day of the new price.
    pub from: Date,
    /// Percent of the price before. Below zero lowers it.
    pub percent: Decimal,
}

/// One version of a price, for a half-open range of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceVersion {
    /// First day. None: from the start.
    pub from: Option<Date>,
    /// First day no longer. None: open.
    pub to: Option<Date>,
    /// Price of one period.
    pub price: Money,
}

/// Versions of a price after its revisions, oldest first. Each builds on the price before it, rounded once to
/// the minor unit: that is the price which the new line prints. The order of the revisions given does not matter.
///
/// Source of the rule: contract price revisions of the Odoo Community Association.
/// Refuses two revisions from one day (`RATE_AMBIGUOUS`) and a fall of more than 100 percent.
pub fn revise(price: Money, revisions: &[Revision]) -> Result<Vec<PriceVersion>> {
    let mut revisions = revisions.to_vec();
    revisions.sort_by_key(|revision| revision.from);
    let mut newest = PriceVersion {
        from: None,
        to: None,
        price,
    };
    let mut versions = Vec::with_capacity(revisions.len() + 1);
    for Revision { from, percent } in revisions {
        if newest.from == Some(from) {
            let message = format!("two revisions change the price from {from}; keep one");
            return Err(Error::precondition(reason::RATE_AMBIGUOUS, message));
        }
        if percent < Decimal::NEGATIVE_ONE * Decimal::ONE_HUNDRED {
            return Err(Error::invalid("percent", "a price falls by 100 percent at most"));
        }
        newest.to = Some(from);
        versions.push(newest);
        newest = PriceVersion {
            from: Some(from),
            to: None,
            price: with_percent(newest.price, percent)?,
        };
    }
    versions.push(newest);
    Ok(versions)
}

/// The price of a day. `RATE_NOT_FOUND` when no version covers it.
///
/// Source: `contract_price_revision` of the Odoo Community Association.
pub fn price_on(versions: &[PriceVersion], day: Date) -> Result<Money> {
    versions
        .iter()
        .find(|version| version.from.is_none_or(|from| from <= day) && version.to.is_none_or(|to| day < to))
        .map(|version| version.price)
        .ok_or_else(|| Error::precondition(reason::RATE_NOT_FOUND, format!("no version of the price covers {day}")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::Currency;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn revision(from: &str, percent: i64) -> Revision {
        Revision {
            from: day(from),
            percent: Decimal::from(percent),
        }
    }

    #[test]
    fn each_revision_builds_on_the_price_before() {
        let price = Money::new(3_333, Currency::parse("EUR").unwrap());
        let versions = revise(price, &[revision("2026-01-01", -50), revision("2025-01-01", 5)]).unwrap();
        let on = |text| price_on(&versions, day(text)).unwrap().minor;
        // 34.9965 is printed as 35.00, and half of that is 17.50.
        assert_eq!([on("2024-12-31"), on("2025-01-01"), on("2026-01-01")], [3_333, 3_500, 1_750]);
        assert_eq!(revise(price, &[]).unwrap().len(), 1);
        assert_eq!(price_on(&[], day("2025-01-01")).unwrap_err().reason, reason::RATE_NOT_FOUND);
    }

    #[test]
    fn refuses_two_of_a_day_and_a_price_below_zero() {
        let price = Money::new(100, Currency::parse("EUR").unwrap());
        let twice = revise(price, &[revision("2025-01-01", 5), revision("2025-01-01", 6)]);
        assert_eq!(twice.unwrap_err().reason, reason::RATE_AMBIGUOUS);
        assert_eq!(revise(price, &[revision("2025-01-01", -101)]).unwrap_err().field, "percent");
        assert_eq!(revise(price, &[revision("2025-01-01", -100)]).unwrap()[1].price.minor, 0);
    }
}
