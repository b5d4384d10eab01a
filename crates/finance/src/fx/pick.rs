//! Which exchange rate holds on a day.

use std::collections::{BTreeMap, HashMap};

use strata_kernel::{Currency, Date, Decimal, Error, Result};

use super::convert::check_rate;
use crate::reason;

/// Oldest rate, in days, that an entity takes unless it says otherwise.
pub const USUAL_MAX_AGE_DAYS: u32 = 7;

/// An exchange rate as quoted: one unit of `from` buys `rate` units of `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExchangeRate {
    /// Currency that is converted.
    pub from: Currency,
    /// Currency it is converted to.
    pub to: Currency,
    /// First day it holds.
    pub date: Date,
    /// Units of `to` for one unit of `from`.
    pub rate: Decimal,
}

/// The rate that holds on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldRate {
    /// Units of the target currency for one unit.
    pub rate: Decimal,
    /// Day it was set for. None: both currencies are the same and nothing was looked up.
    pub date: Option<Date>,
}

/// Exchange rates by direction and day. No inverse and no cross is ever made.
#[derive(Debug, Clone, Default)]
pub struct ExchangeRates {
    by_pair: HashMap<(Currency, Currency), BTreeMap<Date, Decimal>>,
}

impl ExchangeRates {
    /// Collects rates. The same direction and day twice is refused unless the rates are equal: a rate never changes.
    ///
    /// Two rates of one direction and day are `INVALID_FIELD`. Rates are exact decimals. Source: a rate
    /// that was published does not change.
    pub fn try_new(rates: impl IntoIterator<Item = ExchangeRate>) -> Result<Self> {
        let mut book = Self::default();
        for row in rates {
            let days = book.by_pair.entry((row.from, row.to)).or_default();
            let held = *days.entry(row.date).or_insert(row.rate);
            if held != row.rate {
                return Err(Error::invalid(
                    "rate",
                    format!("{} to {} on {} is both {held} and {}", row.from, row.to, row.date, row.rate),
                ));
            }
        }
        Ok(book)
    }

    /// The newest rate on or before a day. None is `FX_RATE_MISSING`, one more
    /// than `max_age_days` old is `FX_RATE_STALE`, zero or less is `FX_RATE_INVALID`. The same currency is 1.
    ///
    /// Days are calendar days. Source: IAS 21.21-22, the spot rate of the day or one close to it.
    pub fn pick(&self, from: Currency, to: Currency, day: Date, max_age_days: u32) -> Result<HeldRate> {
        if from == to {
            return Ok(HeldRate {
                rate: Decimal::ONE,
                date: None,
            });
        }
        let newest = self.by_pair.get(&(from, to)).and_then(|days| days.range(..=day).next_back());
        let Some((date, rate)) = newest else {
            return Err(Error::precondition(
                reason::FX_RATE_MISSING,
                format!("there is no rate from {from} to {to} on or before {day}"),
            ));
        };
        let age = day.signed_duration_since(*date).num_days();
        if age > i64::from(max_age_days) {
            return Err(Error::precondition(
                reason::FX_RATE_STALE,
                format!("the newest rate from {from} to {to} before {day} is {age} days old; {max_age_days} are allowed"),
            ));
        }
        check_rate(*rate)?;
        Ok(HeldRate {
            rate: *rate,
            date: Some(*date),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_kernel::parse_decimal;

    use super::*;

    fn cur(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn row(date: &str, rate: &str) -> ExchangeRate {
        ExchangeRate {
            from: cur("EUR"),
            to: cur("USD"),
            date: day(date),
            rate: parse_decimal(rate).unwrap(),
        }
    }

    fn rates() -> ExchangeRates {
        ExchangeRates::try_new([row("2025-03-14", "1.09"), row("2025-03-01", "1.08"), row("2025-03-18", "0")]).unwrap()
    }

    #[test]
    fn picks_the_newest_on_or_before_the_day() {
        let held = rates().pick(cur("EUR"), cur("USD"), day("2025-03-17"), 7).unwrap();
        assert_eq!((held.rate.to_string(), held.date), ("1.09".into(), Some(day("2025-03-14"))));
        let same = rates().pick(cur("EUR"), cur("EUR"), day("1990-01-01"), 0).unwrap();
        assert_eq!((same.rate, same.date), (Decimal::ONE, None));
    }

    #[test]
    fn refuses_missing_stale_and_senseless_rates() {
        let pick = |from: &str, to: &str, on: &str| rates().pick(cur(from), cur(to), day(on), 7).map_err(|error| error.reason);
        assert!(pick("EUR", "USD", "2025-03-08").is_ok(), "seven days are allowed");
        assert_eq!(pick("EUR", "USD", "2025-03-09"), Err(reason::FX_RATE_STALE));
        assert_eq!(pick("EUR", "USD", "2025-02-28"), Err(reason::FX_RATE_MISSING));
        assert_eq!(pick("USD", "EUR", "2025-03-14"), Err(reason::FX_RATE_MISSING), "no inverse");
        assert_eq!(pick("EUR", "USD", "2025-03-18"), Err(reason::FX_RATE_INVALID));
        let twice = ExchangeRates::try_new([row("2025-03-01", "1.08"), row("2025-03-01", "1.081")]);
        assert!(twice.is_err());
        assert!(ExchangeRates::try_new([row("2025-03-01", "1.08"), row("2025-03-01", "1.080")]).is_ok());
    }
}
