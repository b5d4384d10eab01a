//! Conversion: exact until its one rounding.

use strata_kernel::{Currency, Decimal, Error, Money, Result};

use crate::quantum::RoundingMode;
use crate::ratio::Ratio;
use crate::reason;

/// Converts by multiplication, exactly, and rounds once to the target currency's minor unit.
///
/// Half away from zero; `rate` is units of `to` for one unit of the amount's currency. A rate that is not above zero is
/// `FX_RATE_INVALID`, beyond 64 bits it is `AMOUNT_OVERFLOW`. Source: IAS 21.21, ASC 830-20-30-1.
pub fn convert(amount: Money, rate: Decimal, to: Currency) -> Result<Money> {
    let minor = Ratio::whole(amount.minor)
        .times(factor(rate, amount.currency, to)?)?
        .round()?;
    Ok(Money::new(minor, to))
}

/// Converts by division, for a rate quoted the other way round. Not the same as multiplying by a rounded inverse.
///
/// Rounded once to the minor unit, half away from zero. Refuses as [`convert`] does. Source: `Currency.compute` of
/// Tryton.
pub fn convert_by_division(amount: Money, rate: Decimal, to: Currency) -> Result<Money> {
    check_rate(rate)?;
    let minor = Ratio::whole(amount.minor)
        .times(Ratio::rescale(amount.currency.exponent(), to.exponent()))?
        .over(Ratio::decimal(rate))?
        .round()?;
    Ok(Money::new(minor, to))
}

/// A rate with the direction it was quoted in: one unit of `base` costs `rate` units of `counter`.
/// The direction is kept, because an inverse would already be rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quote {
    /// Currency of the one unit that is priced.
    pub base: Currency,
    /// Currency of the price.
    pub counter: Currency,
    /// Price of one unit.
    pub rate: Decimal,
}

/// Converts in either direction of one quote: multiplies out of its base currency, divides into it, and rounds
/// once. A quote of other currencies is `FX_RATE_MISSING`: no other rate is made up.
///
/// Refuses as [`convert_through`] does. Source: `Currency.compute` of Tryton; the stored direction of a quote decides.
pub fn convert_quoted(amount: Money, quote: Quote, to: Currency) -> Result<Money> {
    convert_through(amount, &[quote], to)
}

/// Converts along a chain of quotes that somebody configured, for instance through a third currency.
/// Nothing is rounded before the end. A chain that does not lead from the amount's currency to `to` is
/// `FX_RATE_MISSING`; without quotes the amount is in `to` already.
///
/// A rate that is not above zero is `FX_RATE_INVALID`. Source: `Currency.compute` of Tryton; triangulation only where
/// it is configured.
pub fn convert_through(amount: Money, quotes: &[Quote], to: Currency) -> Result<Money> {
    let mut value = Ratio::whole(amount.minor).times(Ratio::rescale(amount.currency.exponent(), 0))?;
    let mut currency = amount.currency;
    for quote in quotes {
        check_rate(quote.rate)?;
        if quote.base == currency {
            value = value.times(Ratio::decimal(quote.rate))?;
            currency = quote.counter;
        } else if quote.counter == currency {
            value = value.over(Ratio::decimal(quote.rate))?;
            currency = quote.base;
        } else {
            return Err(no_way(currency, quote.base));
        }
    }
    if currency != to {
        return Err(no_way(currency, to));
    }
    value.money(to)
}

/// A number converted for a ledger whose smallest step is not a currency's minor unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conversion {
    /// The nearest multiple of the step, half away from zero.
    pub rounded: Decimal,
    /// What was rounded, to 28 significant digits, for display and evidence only.
    pub unrounded: Decimal,
}

/// `amount x rate`, rounded once to a multiple of `quantum`. The rate and the quantum are above zero:
/// `FX_RATE_INVALID` and `INVALID_FIELD` otherwise.
///
/// Source: `Currency.compute` of Tryton.
pub fn multiply_exact(amount: Decimal, rate: Decimal, quantum: Decimal) -> Result<Conversion> {
    check_rate(rate)?;
    conversion(Ratio::decimal(amount).times(Ratio::decimal(rate))?, quantum)
}

/// `amount / rate`, rounded once to a multiple of `quantum`, refusing as [`multiply_exact`] does.
///
/// Source: `Currency.compute` of Tryton.
pub fn divide_exact(amount: Decimal, rate: Decimal, quantum: Decimal) -> Result<Conversion> {
    check_rate(rate)?;
    conversion(Ratio::decimal(amount).over(Ratio::decimal(rate))?, quantum)
}

fn conversion(value: Ratio, quantum: Decimal) -> Result<Conversion> {
    Ok(Conversion {
        rounded: value.to_multiple(quantum, RoundingMode::HalfUp)?,
        unrounded: value.significant()?,
    })
}

/// What minor units of one currency are multiplied by to become minor units of the other.
pub(super) fn factor(rate: Decimal, from: Currency, to: Currency) -> Result<Ratio> {
    check_rate(rate)?;
    Ratio::decimal(rate).times(Ratio::rescale(from.exponent(), to.exponent()))
}

pub(super) fn check_rate(rate: Decimal) -> Result<()> {
    if rate > Decimal::ZERO {
        return Ok(());
    }
    Err(Error::precondition(
        reason::FX_RATE_INVALID,
        format!("an exchange rate of {rate} converts nothing; correct it"),
    ))
}

fn no_way(from: Currency, to: Currency) -> Error {
    Error::precondition(
        reason::FX_RATE_MISSING,
        format!("the quotes given do not lead from {from} to {to}"),
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_kernel::parse_decimal;

    use super::*;

    fn cur(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    fn dec(text: &str) -> Decimal {
        parse_decimal(text).unwrap()
    }

    fn eur(minor: i64) -> Money {
        Money::new(minor, cur("EUR"))
    }

    fn quote(base: &str, counter: &str, rate: &str) -> Quote {
        Quote {
            base: cur(base),
            counter: cur(counter),
            rate: dec(rate),
        }
    }

    #[test]
    fn converts_across_minor_units_and_rounds_once() {
        let rate = dec("163.5");
        assert_eq!(convert(eur(101), rate, cur("JPY")).unwrap().minor, 165);
        assert_eq!(convert(eur(-100), rate, cur("JPY")).unwrap().minor, -164);
        let dinar = convert(eur(1_000), dec("0.33333"), cur("KWD")).unwrap();
        assert_eq!(dinar.to_string(), "3.333");
        let divided = convert_by_division(eur(1_000), dec("1.3"), cur("EUR")).unwrap();
        assert_eq!(divided.to_string(), "7.69");
        for refused in [
            convert(eur(1), Decimal::ZERO, cur("USD")),
            convert_by_division(eur(1), Decimal::NEGATIVE_ONE, cur("USD")),
            convert_quoted(eur(1), quote("EUR", "USD", "0"), cur("USD")),
        ] {
            assert_eq!(refused.unwrap_err().reason, reason::FX_RATE_INVALID);
        }
    }

    #[test]
    fn the_direction_of_the_quote_decides() {
        let out = convert_quoted(eur(40_000), quote("USD", "EUR", "0.5"), cur("USD")).unwrap();
        assert_eq!(out.to_string(), "800.00");
        let back = convert_quoted(eur(40_000), quote("EUR", "USD", "0.5"), cur("USD")).unwrap();
        assert_eq!(back.to_string(), "200.00");
        let other = convert_quoted(eur(1), quote("GBP", "USD", "1.3"), cur("USD"));
        assert_eq!(other.unwrap_err().reason, reason::FX_RATE_MISSING);
    }

    #[test]
    fn a_chain_rounds_at_its_end_only() {
        // 0.01 EUR is 1.635 JPY; rounded on the way it would be 2 JPY.
        let chain = [quote("EUR", "JPY", "163.5"), quote("USD", "JPY", "150")];
        assert_eq!(convert_through(eur(1), &chain, cur("USD")).unwrap().to_string(), "0.01");
        assert_eq!(
            convert_through(eur(100_000), &chain, cur("USD")).unwrap().to_string(),
            "1090.00"
        );
        assert_eq!(convert_through(eur(7), &[], cur("EUR")).unwrap(), eur(7));
        let short = convert_through(eur(1), &chain[..1], cur("USD")).unwrap_err();
        assert_eq!(short.reason, reason::FX_RATE_MISSING);
    }

    #[test]
    fn numbers_keep_what_was_rounded() {
        let divided = divide_exact(dec("10"), dec("1.3"), dec("0.01")).unwrap();
        assert_eq!(divided.rounded.to_string(), "7.69");
        assert_eq!(divided.unrounded.to_string(), "7.692307692307692307692307692");
        let tenths = multiply_exact(dec("-0.25"), dec("1"), dec("0.1")).unwrap();
        assert_eq!((tenths.rounded, tenths.unrounded), (dec("-0.3"), dec("-0.25")));
        assert_eq!(multiply_exact(dec("1"), dec("1"), dec("0")).unwrap_err().field, "quantum");
        let far = divide_exact(dec("79228162514264337593543950335"), dec("0.1"), dec("0.01"));
        assert_eq!(far.unwrap_err().reason, reason::AMOUNT_OVERFLOW);
    }
}
