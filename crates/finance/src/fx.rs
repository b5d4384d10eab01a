//! Exchange rates: which one holds on a day, and conversion with one rounding.

use std::collections::{BTreeMap, HashMap};

use strata_kernel::{Currency, Date, Decimal, Error, Money, Result};

use crate::allocate::allocate;
use crate::ratio::{Ratio, overflow};
use crate::reason;

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

/// Converts by multiplication, exactly, and rounds once to the target currency's minor unit.
pub fn convert(amount: Money, rate: Decimal, to: Currency) -> Result<Money> {
    let minor = Ratio::whole(amount.minor)
        .times(factor(rate, amount.currency, to)?)?
        .round()?;
    Ok(Money::new(minor, to))
}

/// Converts by division, for a rate quoted the other way round. Not the same as multiplying by a rounded inverse.
pub fn convert_by_division(amount: Money, rate: Decimal, to: Currency) -> Result<Money> {
    check_rate(rate)?;
    let minor = Ratio::whole(amount.minor)
        .times(Ratio::rescale(amount.currency.exponent(), to.exponent()))?
        .over(Ratio::decimal(rate))?
        .round()?;
    Ok(Money::new(minor, to))
}

/// A document in the functional currency: its gross, and that gross spread over lines and tax.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConvertedDocument {
    /// The gross, converted once.
    pub gross: Money,
    /// Line by line, in the order given.
    pub lines: Vec<Money>,
    /// The tax.
    pub tax: Money,
}

/// Converts a document's gross once and spreads it over lines and tax by largest remainder,
/// so that lines + tax = gross in both currencies. A document of opposite
/// signs gives the exact mirror.
pub fn convert_document(lines: &[Money], tax: Money, rate: Decimal, to: Currency) -> Result<ConvertedDocument> {
    let parts: Vec<Money> = lines.iter().copied().chain([tax]).collect();
    let mut gross = Money::zero(tax.currency);
    for part in &parts {
        gross = gross.plus(*part)?;
    }
    let total = convert(gross, rate, to)?;
    let mut spread = spread(&parts, total.minor, rate, to)?;
    let tax = Money::new(spread.pop().unwrap_or_default(), to);
    Ok(ConvertedDocument {
        gross: total,
        lines: spread.into_iter().map(|minor| Money::new(minor, to)).collect(),
        tax,
    })
}

/// Parts of one sign share the total by their size. Beside parts of the other sign the total may be far
/// smaller than they are, and shares of it would magnify its rounding: then each part is converted by itself
/// and floored, and what is left of the total goes out by largest remainder.
fn spread(parts: &[Money], total: i64, rate: Decimal, to: Currency) -> Result<Vec<i64>> {
    let mirrored = total < 0 || (total == 0 && parts.iter().find(|part| part.minor != 0).is_some_and(|part| part.minor < 0));
    let sign = if mirrored { -1 } else { 1 };
    let sizes = parts
        .iter()
        .map(|part| part.minor.checked_mul(sign).ok_or_else(overflow))
        .collect::<Result<Vec<i64>>>()?;
    if sizes.iter().all(|size| *size == 0) {
        return Ok(sizes);
    }
    if sizes.iter().all(|size| *size >= 0) {
        return allocate(total, &sizes);
    }
    let factor = factor(rate, parts[0].currency, to)?;
    let mut spread = Vec::with_capacity(parts.len());
    let mut rests = Vec::with_capacity(parts.len());
    for (index, size) in sizes.iter().enumerate() {
        let (floor, rest) = factor.floor_of(*size)?;
        spread.push(floor);
        rests.push((std::cmp::Reverse(rest), index));
    }
    rests.sort_unstable();
    let given: i128 = spread.iter().map(|part| i128::from(*part)).sum();
    let left = i128::from(total) * i128::from(sign) - given;
    for (_, index) in rests.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        spread[index] += 1;
    }
    Ok(spread.into_iter().map(|part| part * sign).collect())
}

/// What minor units of one currency are multiplied by to become minor units of the other.
fn factor(rate: Decimal, from: Currency, to: Currency) -> Result<Ratio> {
    check_rate(rate)?;
    Ratio::decimal(rate).times(Ratio::rescale(from.exponent(), to.exponent()))
}

fn check_rate(rate: Decimal) -> Result<()> {
    if rate > Decimal::ZERO {
        return Ok(());
    }
    Err(Error::precondition(
        reason::FX_RATE_INVALID,
        format!("an exchange rate of {rate} converts nothing; correct it"),
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::parse_decimal;

    fn cur(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn eur(minor: i64) -> Money {
        Money::new(minor, cur("EUR"))
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

    #[test]
    fn converts_across_minor_units_and_rounds_once() {
        let rate = parse_decimal("163.5").unwrap();
        assert_eq!(convert(eur(101), rate, cur("JPY")).unwrap().minor, 165);
        assert_eq!(convert(eur(-100), rate, cur("JPY")).unwrap().minor, -164);
        let dinar = convert(eur(1_000), parse_decimal("0.33333").unwrap(), cur("KWD")).unwrap();
        assert_eq!(dinar.to_string(), "3.333");
        let divided = convert_by_division(eur(1_000), parse_decimal("1.3").unwrap(), cur("EUR")).unwrap();
        assert_eq!(divided.to_string(), "7.69");
        for refused in [
            convert(eur(1), Decimal::ZERO, cur("USD")),
            convert_by_division(eur(1), Decimal::NEGATIVE_ONE, cur("USD")),
        ] {
            assert_eq!(refused.unwrap_err().reason, reason::FX_RATE_INVALID);
        }
    }

    #[test]
    fn a_document_balances_in_both_currencies() {
        let rate = parse_decimal("1.0837").unwrap();
        let document = convert_document(&[eur(3_333), eur(3_333), eur(3_334)], eur(1_900), rate, cur("USD")).unwrap();
        assert_eq!(document.gross.to_string(), "128.96");
        let parts: Vec<i64> = document.lines.iter().map(|line| line.minor).collect();
        assert_eq!((parts, document.tax.minor), (vec![3_612, 3_612, 3_613], 2_059));
    }

    #[test]
    fn a_credit_with_its_rebill_does_not_magnify_rounding() {
        let rate = parse_decimal("1.0837").unwrap();
        let lines = [eur(-100_000_000), eur(100_000_001)];
        let document = convert_document(&lines, eur(0), rate, cur("USD")).unwrap();
        assert_eq!(document.gross.minor, 1);
        let parts: Vec<i64> = document.lines.iter().map(|line| line.minor).collect();
        assert_eq!(parts, [-108_370_000, 108_370_001]);
        let nothing = convert_document(&[eur(-5), eur(5)], eur(0), rate, cur("USD")).unwrap();
        assert_eq!(
            nothing.lines.iter().map(|line| line.minor).sum::<i64>() + nothing.tax.minor,
            0
        );
    }
}
