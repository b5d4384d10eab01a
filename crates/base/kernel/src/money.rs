//! Exact money: integer minor units of one currency.

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::{Currency, Error, Result};

/// An amount in one currency. Arithmetic between currencies, and beyond 64 bits, is an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Money {
    /// Integer minor units: cents for USD, yen for JPY, fils for KWD.
    pub minor: i64,
    /// Currency.
    pub currency: Currency,
}

impl Money {
    /// An amount of minor units.
    pub fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in a currency.
    pub fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// Rounds an exact amount of major units, half away from zero.
    pub fn round(major: Decimal, currency: Currency) -> Result<Self> {
        let scaled = major
            .checked_mul(Decimal::from(10_i64.pow(currency.exponent())))
            .ok_or_else(overflow)?;
        Ok(Self::new(round_half_away(scaled)?, currency))
    }

    /// Reads an exact amount of major units. More decimals than the currency has are refused.
    pub fn parse(text: &str, currency: Currency) -> Result<Self> {
        let major = parse_decimal(text)?;
        let scaled = major
            .checked_mul(Decimal::from(10_i64.pow(currency.exponent())))
            .ok_or_else(overflow)?;
        if !scaled.fract().is_zero() {
            return Err(Error::invalid("", format!("{text} has more decimals than {currency} allows")));
        }
        Ok(Self::new(scaled.to_i64().ok_or_else(overflow)?, currency))
    }

    /// The exact amount in major units.
    pub fn major(self) -> Decimal {
        Decimal::new(self.minor, self.currency.exponent())
    }

    /// Sum in the same currency.
    pub fn plus(self, other: Self) -> Result<Self> {
        if self.currency != other.currency {
            return Err(Error::precondition(
                "RATE_CURRENCY_MISMATCH",
                format!("{} and {} cannot be added", self.currency, other.currency),
            ));
        }
        Ok(Self::new(
            self.minor.checked_add(other.minor).ok_or_else(overflow)?,
            self.currency,
        ))
    }

    /// The mirror of the amount: a credit.
    #[must_use]
    pub fn negated(self) -> Self {
        Self::new(-self.minor, self.currency)
    }
}

impl std::fmt::Display for Money {
    /// Major units with the currency's decimals: "1234.50", "1500", "-3.125".
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut major = self.major();
        major.rescale(self.currency.exponent());
        write!(f, "{major}")
    }
}

/// Rounds to an integer, half away from zero: 2.5 is 3, -2.5 is -3.
pub fn round_half_away(value: Decimal) -> Result<i64> {
    value
        .round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero)
        .to_i64()
        .ok_or_else(overflow)
}

/// Reads an exact decimal. Exponents and more than 28 digits are refused, never rounded.
pub fn parse_decimal(text: &str) -> Result<Decimal> {
    Decimal::from_str_exact(text.trim())
        .map_err(|cause| Error::invalid("", format!("\"{text}\" is not an exact decimal")).because(cause))
}

fn overflow() -> Error {
    Error::new(
        crate::Kind::InvalidArgument,
        "AMOUNT_OVERFLOW",
        "an amount left the exact range; split the work",
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn cur(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    #[test]
    fn rounds_half_away_from_zero_both_ways() {
        assert_eq!(Money::round(parse_decimal("2.345").unwrap(), cur("USD")).unwrap().minor, 235);
        assert_eq!(
            Money::round(parse_decimal("-2.345").unwrap(), cur("USD")).unwrap().minor,
            -235
        );
    }

    #[test]
    fn prints_and_reads_the_currencys_decimals() {
        for (text, code) in [("1234.50", "USD"), ("1500", "JPY"), ("-3.125", "KWD"), ("0.00", "EUR")] {
            assert_eq!(Money::parse(text, cur(code)).unwrap().to_string(), text);
        }
        assert!(Money::parse("1.001", cur("USD")).is_err());
    }

    #[test]
    fn overflow_is_an_error() {
        let big = Money::new(i64::MAX, cur("USD"));
        assert_eq!(big.plus(Money::new(1, cur("USD"))).unwrap_err().reason, "AMOUNT_OVERFLOW");
    }
}
