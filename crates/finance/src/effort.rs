//! Time worked, exact whether it is kept in minutes or in hours.

use strata_kernel::{Currency, Decimal, Money, Result};

use crate::ratio::Ratio;

/// A price or a cost per hour in a currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HourlyRate {
    /// Major units per hour.
    pub rate: Decimal,
    /// Currency.
    pub currency: Currency,
}

/// Time worked. Below zero: a reversal.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    hours: Ratio,
}

impl Effort {
    /// So many minutes: what entries hold.
    ///
    /// Exact: 20 minutes are a third of an hour. Fails with `AMOUNT_OVERFLOW` only. Source: time is kept in minutes by
    /// the project systems that send it.
    pub fn minutes(minutes: i64) -> Result<Self> {
        let hours = Ratio::whole(minutes).over(Ratio::whole(60))?;
        Ok(Self { hours })
    }

    /// So many hours: what paper and some systems hold. Not rounded to minutes.
    ///
    /// Source: hours as "Create intercompany transactions" of Dynamics 365 Project Operations prints them.
    pub fn hours(hours: Decimal) -> Self {
        Self {
            hours: Ratio::decimal(hours),
        }
    }

    /// `hours x rate x percent/100`, rounded once to the currency's minor unit. 100 percent: the rate as it is.
    ///
    /// Half away from zero. Beyond 64 bits it is `AMOUNT_OVERFLOW`. Source: Kimai's rate calculator, exact hours.
    pub fn price(self, rate: HourlyRate, percent: Decimal) -> Result<Money> {
        self.hours
            .times(Ratio::decimal(rate.rate))?
            .times(Ratio::decimal(percent))?
            .over(Ratio::whole(100))?
            .money(rate.currency)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::reason;

    #[test]
    fn minutes_and_hours_price_alike() {
        let rate = HourlyRate {
            rate: Decimal::from(100),
            currency: Currency::parse("USD").unwrap(),
        };
        let price = |effort: Effort, percent: i64| effort.price(rate, Decimal::from(percent)).unwrap().minor;
        assert_eq!(price(Effort::minutes(20).unwrap(), 100), 3_333);
        assert_eq!(price(Effort::minutes(-20).unwrap(), 100), -3_333);
        assert_eq!(price(Effort::hours(Decimal::new(733, 2)), 100), 73_300);
        assert_eq!(price(Effort::minutes(20).unwrap(), 150), 5_000);
        let far = Effort::minutes(i64::MAX).unwrap().price(rate, Decimal::from(1_000));
        assert_eq!(far.unwrap_err().reason, reason::AMOUNT_OVERFLOW);
    }
}
