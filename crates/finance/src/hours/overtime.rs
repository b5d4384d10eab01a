//! Overtime: a markup on the rate, or a multiple of it. Which hours are overtime is the project system's word.

use strata_kernel::{Currency, Decimal, Error, Money, Result};

use super::price::seconds_amount;
use crate::quantum::WideDecimal;
use crate::ratio::Ratio;

/// Hours at a rate with a markup for overtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OvertimePay {
    /// Rate of a regular hour.
    pub base_rate: Decimal,
    /// Regular hours.
    pub regular_hours: Decimal,
    /// Hours of overtime.
    pub overtime_hours: Decimal,
    /// Percent that overtime adds to the rate.
    pub markup_percent: Decimal,
}

/// What regular and overtime hours cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OvertimePrice {
    /// Regular hours at the base rate.
    pub regular: Money,
    /// Rate of an hour of overtime: the base rate with its markup, not rounded.
    pub overtime_rate: Decimal,
    /// Hours of overtime at that rate.
    pub overtime: Money,
    /// Sum of the two.
    pub total: Money,
}

/// Regular hours at the base rate and overtime at `base rate x (1 + markup)`. Each amount is rounded once; the
/// rate and the sum are not.
///
/// Refuses a markup below -100 percent, which would turn the price. Source: "Set up pricing dimensions" of
/// Dynamics 365 Project Service.
pub fn overtime_markup(pay: OvertimePay, currency: Currency) -> Result<OvertimePrice> {
    if pay.markup_percent < -Decimal::ONE_HUNDRED {
        return Err(Error::invalid("markup_percent", "a markup takes away 100 percent at most"));
    }
    let factor = WideDecimal::from(Decimal::ONE_HUNDRED)
        .plus(pay.markup_percent.into())?
        .times(Decimal::new(1, 2).into())?;
    let overtime_rate = WideDecimal::from(pay.base_rate).times(factor)?.to_decimal()?;
    let price = |rate, hours| Ratio::decimal(rate).times(Ratio::decimal(hours))?.money(currency);
    let regular = price(pay.base_rate, pay.regular_hours)?;
    let overtime = price(overtime_rate, pay.overtime_hours)?;
    Ok(OvertimePrice {
        regular,
        overtime_rate,
        overtime,
        total: regular.plus(overtime)?,
    })
}

/// `rate x hours x multiplier`, rounded once to `amount_places` decimals: not the rounded base multiplied.
///
/// Refuses a multiplier below zero. Source: the rate service of Kimai.
pub fn overtime_multiplier(rate: Decimal, seconds: i64, multiplier: Decimal, amount_places: u32) -> Result<Decimal> {
    if multiplier < Decimal::ZERO {
        return Err(Error::invalid("multiplier", "a multiplier cannot be below zero"));
    }
    let multiplied = WideDecimal::from(rate).times(multiplier.into())?.to_decimal()?;
    seconds_amount(multiplied, seconds, None, amount_places)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::parse_decimal;

    fn dec(text: &str) -> Decimal {
        parse_decimal(text).unwrap()
    }

    #[test]
    fn marks_up_the_rate_and_not_the_amount() {
        let pay = OvertimePay {
            base_rate: dec("33.33"),
            regular_hours: dec("0"),
            overtime_hours: dec("0.5"),
            markup_percent: dec("12.5"),
        };
        let price = overtime_markup(pay, Currency::parse("USD").unwrap()).unwrap();
        assert_eq!(
            (price.overtime_rate.to_string(), price.overtime.minor),
            ("37.49625".into(), 1_875)
        );
        let below = OvertimePay {
            markup_percent: dec("-100.01"),
            ..pay
        };
        let refused = overtime_markup(below, Currency::parse("USD").unwrap()).unwrap_err();
        assert_eq!(refused.field, "markup_percent");
    }

    #[test]
    fn multiplies_before_it_rounds() {
        assert_eq!(overtime_multiplier(dec("75"), 31_837, dec("2"), 4).unwrap(), dec("1326.5417"));
        assert_eq!(overtime_multiplier(dec("75"), 3_600, dec("0"), 2).unwrap(), dec("0"));
        assert_eq!(
            overtime_multiplier(dec("75"), 1, dec("-1"), 2).unwrap_err().field,
            "multiplier"
        );
    }
}
