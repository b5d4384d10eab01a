//! Prices of seconds, of units of time, and of a time log with its cost.

use strata_kernel::{Currency, Decimal, Error, Money, Result};

use crate::amount::hours_amount;
use crate::fx::convert;
use crate::ratio::{Ratio, overflow};

const HOUR_SECONDS: i64 = 3_600;
const HOUR_MINUTES: i64 = 60;

/// Price of seconds at a rate per hour, rounded once to `amount_places` decimals, half away from zero.
///
/// `hours_places` is a contract's option: the hours are rounded to so many decimals before they are priced, as
/// the paper shows them. None, the default, prices the exact time. Refuses more than 28 places.
/// Source: the rate calculators of Kimai, classic (exact) and decimal (hours first).
pub fn seconds_amount(rate: Decimal, seconds: i64, hours_places: Option<u32>, amount_places: u32) -> Result<Decimal> {
    let exact = Ratio::whole(seconds).over(Ratio::whole(HOUR_SECONDS))?;
    let hours = match hours_places {
        None => exact,
        Some(places) => Ratio::decimal(exact.round_places(places)?),
    };
    Ratio::decimal(rate).times(hours)?.round_places(amount_places)
}

/// Seconds of several entries, and the sum of their prices: each is rounded by itself, the sum is not.
///
/// Refuses as [`seconds_amount`] does; sums beyond 28 digits are `AMOUNT_OVERFLOW`. Source: Kimai's rate calculators.
pub fn seconds_amount_sum(
    rate: Decimal,
    entries: &[i64],
    hours_places: Option<u32>,
    amount_places: u32,
) -> Result<(i64, Decimal)> {
    entries.iter().try_fold((0_i64, Decimal::ZERO), |(seconds, total), entry| {
        let amount = seconds_amount(rate, *entry, hours_places, amount_places)?;
        let seconds = seconds.checked_add(*entry).ok_or_else(overflow)?;
        Ok((seconds, total.checked_add(amount).ok_or_else(overflow)?))
    })
}

/// Price of minutes that are sold by a unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitPrice {
    /// Price of an hour, to show: where the division does not end, it is cut to 28 digits. Never priced with.
    pub hourly_rate: Decimal,
    /// Price of the minutes, from the unit's price itself.
    pub amount: Money,
}

/// Prices minutes by a price per unit of `unit_hours` hours: a day of eight, a week of forty.
/// `price x minutes / (unit_hours x 60)`, rounded once.
///
/// Refuses a unit without hours. Source: "Unit groups and units" of Dynamics 365 Project Service.
pub fn price_per_unit(price: Decimal, unit_hours: Decimal, minutes: i64, currency: Currency) -> Result<UnitPrice> {
    if unit_hours <= Decimal::ZERO {
        return Err(Error::invalid("unit_hours", "a unit of time has hours"));
    }
    let quotient = price.checked_div(unit_hours).ok_or_else(overflow)?;
    let unit_minutes = Ratio::decimal(unit_hours).times(Ratio::whole(HOUR_MINUTES))?;
    let amount = Ratio::decimal(price).times(Ratio::whole(minutes))?.over(unit_minutes)?;
    Ok(UnitPrice {
        hourly_rate: quotient.round_sf(Decimal::MAX_SCALE).ok_or_else(overflow)?.normalize(),
        amount: amount.money(currency)?,
    })
}

/// What prices a time log. It has no amounts: what a caller sends of them is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogPrice {
    /// Minutes of the log.
    pub minutes: i64,
    /// Price of an hour, in `currency`.
    pub rate: Decimal,
    /// Cost of an hour, in `currency`.
    pub cost_rate: Decimal,
    /// True when the customer pays for it.
    pub billable: bool,
    /// Currency of both rates.
    pub currency: Currency,
    /// Currency of the books.
    pub base_currency: Currency,
    /// Units of the base currency for one unit of `currency`, as saved on the document.
    pub exchange_rate: Decimal,
}

/// Amounts of a time log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogAmounts {
    /// What it bills. Zero when it is not billable.
    pub billing: Money,
    /// What it costs, billable or not.
    pub costing: Money,
    /// What it bills, in the base currency.
    pub base_billing: Money,
    /// What it costs, in the base currency.
    pub base_costing: Money,
}

/// Prices a time log: each amount is rounded once, and the base amounts are the rounded ones converted.
///
/// An exchange rate that is not above zero is `FX_RATE_INVALID`. Source: the timesheet of ERPNext.
pub fn price_log(log: &LogPrice) -> Result<LogAmounts> {
    let amount = |rate, minutes| hours_amount(rate, minutes, Decimal::ONE_HUNDRED, Decimal::ZERO, log.currency);
    let billing = amount(log.rate, if log.billable { log.minutes } else { 0 })?;
    let costing = amount(log.cost_rate, log.minutes)?;
    Ok(LogAmounts {
        billing,
        costing,
        base_billing: convert(billing, log.exchange_rate, log.base_currency)?,
        base_costing: convert(costing, log.exchange_rate, log.base_currency)?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::reason;
    use strata_kernel::parse_decimal;

    fn dec(text: &str) -> Decimal {
        parse_decimal(text).unwrap()
    }

    fn cur(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    #[test]
    fn hours_first_is_another_price() {
        let amount = |seconds, places| seconds_amount(dec("100"), seconds, places, 2).unwrap().to_string();
        assert_eq!(amount(1_200, None), "33.33");
        assert_eq!(amount(1_200, Some(2)), "33.00");
        assert_eq!(amount(-1_200, None), "-33.33");
        assert_eq!(amount(0, Some(0)), "0.00");
    }

    #[test]
    fn refuses_what_is_no_number_of_places() {
        assert_eq!(seconds_amount(dec("1"), 1, None, 29).unwrap_err().field, "places");
        assert_eq!(seconds_amount(dec("1"), 1, Some(40), 2).unwrap_err().field, "places");
        let most = seconds_amount_sum(dec("0"), &[i64::MAX, 1], None, 2).unwrap_err();
        assert_eq!(most.reason, reason::AMOUNT_OVERFLOW);
        assert_eq!(seconds_amount_sum(dec("5"), &[], None, 2).unwrap(), (0, Decimal::ZERO));
    }

    #[test]
    fn a_unit_prices_by_itself_and_not_by_its_hourly_rate() {
        let day = price_per_unit(dec("800"), dec("7.5"), 450, cur("USD")).unwrap();
        assert_eq!(day.amount.to_string(), "800.00");
        assert_eq!(day.hourly_rate.to_string(), "106.6666666666666666666666667");
        assert_eq!(
            price_per_unit(dec("800"), dec("8"), 60, cur("JPY"))
                .unwrap()
                .amount
                .to_string(),
            "100"
        );
        for hours in ["0", "-8"] {
            assert_eq!(
                price_per_unit(dec("800"), dec(hours), 60, cur("USD")).unwrap_err().field,
                "unit_hours"
            );
        }
    }

    #[test]
    fn a_log_that_is_not_billable_still_costs() {
        let mut log = LogPrice {
            minutes: 90,
            rate: dec("50"),
            cost_rate: dec("20"),
            billable: false,
            currency: cur("EUR"),
            base_currency: cur("JPY"),
            exchange_rate: dec("160.5"),
        };
        let amounts = price_log(&log).unwrap();
        assert_eq!(
            (amounts.billing.minor, amounts.costing.minor, amounts.base_costing.minor),
            (0, 3_000, 4_815)
        );
        log.exchange_rate = Decimal::ZERO;
        assert_eq!(price_log(&log).unwrap_err().reason, reason::FX_RATE_INVALID);
    }
}
