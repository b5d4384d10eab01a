//! A corrected time entry: what its paper says afterwards.

use strata_kernel::{Currency, Decimal, Money, Result};

use crate::amount::{hours_amount, sum};
use crate::billing::Paper;
use crate::rounding::{TimeRounding, after_write_down};

/// How the hours of an entry are priced, before and after its correction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HourPricing {
    /// Price per hour in major units.
    pub rate: Decimal,
    /// Percent of the rate. 100: no premium.
    pub multiplier_percent: Decimal,
    /// Share that is taken off, from 0 to 1.
    pub discount: Decimal,
    /// How minutes are rounded.
    pub rounding: TimeRounding,
    /// Currency of the contract.
    pub currency: Currency,
}

/// Time on one version of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Worked {
    /// Worked minutes.
    pub minutes: i64,
    /// Minutes written down after rounding. A correction starts without: its own is given anew.
    pub write_down_minutes: u32,
}

/// A corrected entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Corrected {
    /// What the entry costs now.
    pub price: Money,
    /// Full credit of what is billed. Zero when nothing goes on paper.
    pub credit: Money,
    /// Full bill at the new price. Zero when nothing goes on paper, or the entry is void.
    pub rebill: Money,
    /// Both together.
    pub net: Money,
}

impl HourPricing {
    /// Price of worked time: minutes lifted, rounded and written down, then one rounding to the minor unit.
    ///
    /// A price beyond 64 bits is `AMOUNT_OVERFLOW`; a multiplier or discount that cannot be is `INVALID_FIELD`. Source:
    /// the terms of a time and material contract; Kimai's rate calculators for the arithmetic.
    pub fn price(&self, worked: Worked) -> Result<Money> {
        let minutes = after_write_down(worked.minutes, self.rounding, worked.write_down_minutes)?;
        hours_amount(self.rate, minutes, self.multiplier_percent, self.discount, self.currency)
    }
}

/// Replaces the time of an entry. `corrected` none: the entry is void, a credit with no new bill. An entry that
/// is not invoiced gets its new price without a trace on paper; a price that stands makes no paper either.
///
/// Amounts are in minor units of the contract's currency, each rounded once, half away from zero. Refuses as
/// [`HourPricing::price`] does. Source: corrective invoices, Dynamics 365 Project Operations, "Project invoicing": a
/// posted line is reversed in full and billed anew.
pub fn correct_entry(pricing: &HourPricing, original: Worked, corrected: Option<Worked>, invoiced: bool) -> Result<Corrected> {
    let nothing = Money::zero(pricing.currency);
    let price = corrected.map_or(Ok(nothing), |worked| pricing.price(worked))?;
    let billed = if invoiced { pricing.price(original)? } else { price };
    let paper = Paper::between(Some(billed), price)?;
    let (credit, rebill) = (paper.credit.unwrap_or(nothing), paper.bill.unwrap_or(nothing));
    Ok(Corrected {
        price,
        credit,
        rebill,
        net: sum([credit, rebill], pricing.currency)?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::rounding::RoundingMode;

    fn worked(minutes: i64, write_down_minutes: u32) -> Worked {
        Worked {
            minutes,
            write_down_minutes,
        }
    }

    fn told(original: Worked, corrected: Option<Worked>, invoiced: bool) -> (i64, i64, i64, i64) {
        let pricing = HourPricing {
            rate: Decimal::from(60),
            multiplier_percent: Decimal::ONE_HUNDRED,
            discount: Decimal::ZERO,
            rounding: TimeRounding {
                minimum_minutes: 0,
                increment_minutes: 15,
                mode: RoundingMode::Up,
            },
            currency: Currency::parse("JPY").unwrap(),
        };
        let done = correct_entry(&pricing, original, corrected, invoiced).unwrap();
        (done.price.minor, done.credit.minor, done.rebill.minor, done.net.minor)
    }

    #[test]
    fn credits_in_full_and_bills_in_full() {
        assert_eq!(told(worked(60, 0), Some(worked(31, 0)), true), (45, -60, 45, -15));
        assert_eq!(told(worked(60, 0), None, true), (0, -60, 0, -60), "a void");
        assert_eq!(told(worked(0, 0), Some(worked(15, 0)), true), (15, 0, 15, 15));
        assert_eq!(
            told(worked(60, 30), Some(worked(60, 0)), true),
            (60, -30, 60, 30),
            "its own write-down"
        );
    }

    #[test]
    fn no_paper_when_nothing_is_billed_or_nothing_changes() {
        assert_eq!(told(worked(60, 0), Some(worked(31, 0)), false), (45, 0, 0, 0));
        assert_eq!(
            told(worked(60, 0), Some(worked(50, 0)), true),
            (60, 0, 0, 0),
            "the rounded minutes stand"
        );
        assert_eq!(told(worked(60, 0), None, false), (0, 0, 0, 0));
    }
}
