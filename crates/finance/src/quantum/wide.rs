//! A decimal of any magnitude. Amounts in books end at 28 digits; what other systems send may not.

use std::fmt;

use strata_kernel::{Decimal, Error, Result};

use super::{RoundingMode, round_quotient};
use crate::ratio::overflow;

/// Powers of ten beyond this are a slip of the pen, and would only make work.
const MOST_EXPONENT: i32 = 6_144;

/// An exact decimal `digits x 10^exponent` of up to 38 digits, always without zeros at its end: equal
/// numbers are equal values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WideDecimal {
    digits: i128,
    exponent: i32,
}

impl WideDecimal {
    fn new(mut digits: i128, mut exponent: i32) -> Self {
        if digits == 0 {
            return Self { digits, exponent: 0 };
        }
        while digits % 10 == 0 {
            digits /= 10;
            exponent += 1;
        }
        Self { digits, exponent }
    }

    /// Reads a decimal with or without exponent: `12.50`, `-3`, `1E50`, `2.5e-3`.
    /// Anything else, and more than 38 digits, is `INVALID_FIELD`: it is never rounded in reading.
    pub fn parse(text: &str) -> Result<Self> {
        let refused = || Error::invalid("", format!("\"{text}\" is not an exact decimal"));
        let (number, exponent) = match text.trim().split_once(['e', 'E']) {
            Some((number, exponent)) => (number, exponent.parse::<i32>().map_err(|_| refused())?),
            None => (text.trim(), 0),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let unsigned = whole.strip_prefix(['+', '-']).unwrap_or(whole);
        let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if unsigned.len() + fraction.len() == 0 || !plain(unsigned) || !plain(fraction) {
            return Err(refused());
        }
        let digits = format!("{whole}{fraction}").parse::<i128>().map_err(|_| refused())?;
        let places = i32::try_from(fraction.len()).map_err(|_| refused())?;
        if exponent.abs() > MOST_EXPONENT {
            return Err(refused());
        }
        Ok(Self::new(digits, exponent - places))
    }

    /// The product, exact. More than 38 digits are `AMOUNT_OVERFLOW`.
    pub fn times(self, other: Self) -> Result<Self> {
        let digits = self.digits.checked_mul(other.digits).ok_or_else(overflow)?;
        let exponent = self.exponent.checked_add(other.exponent).ok_or_else(overflow)?;
        Ok(Self::new(digits, exponent))
    }

    /// The sum, exact. More than 38 digits are `AMOUNT_OVERFLOW`.
    pub fn plus(self, other: Self) -> Result<Self> {
        let exponent = self.exponent.min(other.exponent);
        let sum = self.at(exponent)?.checked_add(other.at(exponent)?);
        Ok(Self::new(sum.ok_or_else(overflow)?, exponent))
    }

    /// A multiple of `quantum`, by `mode`. Refuses a quantum that is not above zero; a result of more than 38
    /// digits is `AMOUNT_OVERFLOW`, but a multiple of the quantum is returned as it is, however large.
    ///
    /// Source: as [`super::round_to_quantum`].
    pub fn round_to(self, quantum: Decimal, mode: RoundingMode) -> Result<Self> {
        if quantum <= Decimal::ZERO {
            return Err(Error::invalid("quantum", "a quantum must be above zero"));
        }
        let quantum = Self::from(quantum);
        if mode == RoundingMode::None || self.is_multiple_of(quantum) {
            return Ok(self);
        }
        let exponent = self.exponent.min(quantum.exponent);
        let multiples = round_quotient(self.at(exponent)?, quantum.at(exponent)?, mode);
        let digits = multiples.checked_mul(quantum.digits).ok_or_else(overflow)?;
        Ok(Self::new(digits, quantum.exponent))
    }

    /// The number with 28 digits at most. More are `AMOUNT_OVERFLOW`.
    pub fn to_decimal(self) -> Result<Decimal> {
        let (digits, scale) = match u32::try_from(-self.exponent) {
            Ok(scale) => (self.digits, scale),
            Err(_) => (self.at(0)?, 0),
        };
        Decimal::try_from_i128_with_scale(digits, scale).map_err(|_| overflow())
    }

    /// The digits at a smaller exponent: 12 x 10^1 is 120 at 0.
    fn at(self, exponent: i32) -> Result<i128> {
        let places = u32::try_from(self.exponent - exponent).map_err(|_| overflow())?;
        let factor = 10_i128.checked_pow(places).ok_or_else(overflow)?;
        self.digits.checked_mul(factor).ok_or_else(overflow)
    }

    /// Tells it digit by digit, for the number itself may be far beyond 128 bits.
    fn is_multiple_of(self, quantum: Self) -> bool {
        let Ok(places) = u32::try_from(self.exponent - quantum.exponent) else {
            return self.digits == 0;
        };
        let mut rest = self.digits % quantum.digits;
        for _ in 0..places {
            if rest == 0 {
                return true;
            }
            // A quantum has 29 digits at most, so ten times a rest of it stays inside 128 bits.
            rest = (rest * 10) % quantum.digits;
        }
        rest == 0
    }
}

impl From<Decimal> for WideDecimal {
    fn from(value: Decimal) -> Self {
        // A decimal has 28 places at most.
        Self::new(value.mantissa(), -i32::try_from(value.scale()).unwrap_or_default())
    }
}

impl fmt::Display for WideDecimal {
    /// A plain number up to 28 digits, else with an exponent: "12.5", "1E50".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_decimal() {
            Ok(plain) => write!(f, "{plain}"),
            Err(_) => write!(f, "{}E{}", self.digits, self.exponent),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn wide(text: &str) -> WideDecimal {
        WideDecimal::parse(text).unwrap()
    }

    #[test]
    fn equal_numbers_are_equal_however_written() {
        for (one, other) in [
            ("1E50", "10e49"),
            ("12.50", "12.5"),
            ("0.00", "-0"),
            ("2.5e-3", "0.0025"),
            ("+7", "7."),
        ] {
            assert_eq!(wide(one), wide(other), "{one}");
        }
        for text in [
            "",
            ".",
            "-",
            "1.-5",
            "1e",
            "1e5.5",
            "--1",
            "1e7000",
            "x",
            "1234567890123456789012345678901234567890",
        ] {
            assert_eq!(WideDecimal::parse(text).unwrap_err().reason, "INVALID_FIELD", "{text}");
        }
    }

    #[test]
    fn prints_what_it_reads() {
        for text in ["1E50", "-1E50", "12.5", "-0.0025", "0", "79228162514264337593543950335"] {
            assert_eq!(wide(text).to_string(), text);
        }
    }

    #[test]
    fn rounds_beyond_the_digits_of_an_amount() {
        let quantum = Decimal::new(1, 2);
        assert_eq!(wide("1E50").round_to(quantum, RoundingMode::HalfEven).unwrap(), wide("1E50"));
        let third = Decimal::new(3, 2);
        assert_eq!(
            wide("1E30").round_to(third, RoundingMode::Down).unwrap().to_string(),
            "99999999999999999999999999999999E-2"
        );
        let refused = wide("1E50").round_to(third, RoundingMode::Down).unwrap_err();
        assert_eq!(refused.reason, crate::reason::AMOUNT_OVERFLOW);
        assert_eq!(
            wide("1E-50").round_to(quantum, RoundingMode::HalfUp).unwrap_err().reason,
            crate::reason::AMOUNT_OVERFLOW
        );
    }

    #[test]
    fn multiplies_and_adds_exactly() {
        assert_eq!(wide("1.1").times(wide("200")).unwrap(), wide("220"));
        assert_eq!(wide("1E20").plus(wide("0.5")).unwrap().to_string(), "100000000000000000000.5");
        assert!(wide("1E50").plus(wide("1")).is_err());
        assert!(wide("1E50").to_decimal().is_err());
    }
}
