//! Exact quotients of 128-bit integers. A decimal division would round before the place where the
//! rules round, and a decimal product beyond 28 digits rounds without saying so; a quotient does neither.

use strata_kernel::{Currency, Decimal, Error, Kind, Money, Result};

use crate::quantum::{RoundingMode, round_quotient};
use crate::reason;

/// `num / den`, with `den` above zero. Not necessarily in lowest terms.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ratio {
    num: i128,
    den: i128,
}

impl Ratio {
    pub(crate) fn whole(value: i64) -> Self {
        Self {
            num: i128::from(value),
            den: 1,
        }
    }

    pub(crate) fn decimal(value: Decimal) -> Self {
        let value = value.normalize();
        Self {
            num: value.mantissa(),
            den: power_of_ten(value.scale()),
        }
    }

    /// What an amount of minor units is multiplied by when its currency has `from` decimals and the result `to`.
    pub(crate) fn rescale(from: u32, to: u32) -> Self {
        Self {
            num: power_of_ten(to),
            den: power_of_ten(from),
        }
    }

    pub(crate) fn times(self, other: Self) -> Result<Self> {
        if let (Some(num), Some(den)) = (self.num.checked_mul(other.num), self.den.checked_mul(other.den)) {
            return Ok(Self { num, den });
        }
        // Lowest terms before giving up: the value may fit though the plain product does not.
        let left = gcd(self.num, other.den);
        let right = gcd(other.num, self.den);
        let num = (self.num / left).checked_mul(other.num / right).ok_or_else(overflow)?;
        let den = (self.den / right).checked_mul(other.den / left).ok_or_else(overflow)?;
        Ok(Self { num, den })
    }

    /// Divides by a ratio other than zero.
    pub(crate) fn over(self, other: Self) -> Result<Self> {
        if other.num == 0 {
            return Err(Error::internal("a quotient was divided by zero"));
        }
        let flipped = other.num < 0;
        let positive = |value: i128| if flipped { value.checked_neg() } else { Some(value) };
        let (Some(num), Some(den)) = (positive(other.den), positive(other.num)) else {
            return Err(overflow());
        };
        self.times(Self { num, den })
    }

    pub(crate) fn plus(self, other: Self) -> Result<Self> {
        if self.den == other.den {
            let num = self.num.checked_add(other.num).ok_or_else(overflow)?;
            return Ok(Self { num, den: self.den });
        }
        let common = gcd(self.den, other.den);
        let left = self.num.checked_mul(other.den / common).ok_or_else(overflow)?;
        let right = other.num.checked_mul(self.den / common).ok_or_else(overflow)?;
        Ok(Self {
            num: left.checked_add(right).ok_or_else(overflow)?,
            den: self.den.checked_mul(other.den / common).ok_or_else(overflow)?,
        })
    }

    pub(crate) fn minus(self, other: Self) -> Result<Self> {
        let num = other.num.checked_neg().ok_or_else(overflow)?;
        self.plus(Self { num, den: other.den })
    }

    /// `1 - self`.
    pub(crate) fn complement(self) -> Result<Self> {
        let num = self.den.checked_sub(self.num).ok_or_else(overflow)?;
        Ok(Self { num, den: self.den })
    }

    pub(crate) fn is_positive(self) -> bool {
        self.num > 0
    }

    pub(crate) fn is_negative(self) -> bool {
        self.num < 0
    }

    /// The nearest integer, half away from zero.
    pub(crate) fn round(self) -> Result<i64> {
        i64::try_from(round_quotient(self.num, self.den, RoundingMode::HalfUp)).map_err(|_| overflow())
    }

    /// The value as an amount of major units, rounded once to the minor unit.
    pub(crate) fn money(self, currency: Currency) -> Result<Money> {
        let minor = self.times(Self::rescale(0, currency.exponent()))?.round()?;
        Ok(Money::new(minor, currency))
    }

    /// The nearest decimal of so many places, half away from zero.
    pub(crate) fn round_places(self, places: u32) -> Result<Decimal> {
        if places > Decimal::MAX_SCALE {
            return Err(Error::invalid(
                "places",
                format!("a number has at most {} places", Decimal::MAX_SCALE),
            ));
        }
        let shifted = self.times(Self::rescale(0, places))?;
        let rounded = round_quotient(shifted.num, shifted.den, RoundingMode::HalfUp);
        Decimal::try_from_i128_with_scale(rounded, places).map_err(|_| overflow())
    }

    /// The integer that `mode` makes of the value.
    pub(crate) fn round_by(self, mode: RoundingMode) -> Result<i64> {
        i64::try_from(round_quotient(self.num, self.den, mode)).map_err(|_| overflow())
    }

    /// The value counted in steps of `quantum`, which must be above zero (`INVALID_FIELD`).
    pub(crate) fn in_steps(self, quantum: Decimal) -> Result<Self> {
        if quantum <= Decimal::ZERO {
            return Err(Error::invalid("quantum", "a quantum must be above zero"));
        }
        self.over(Self::decimal(quantum))
    }

    /// The multiple of `quantum` (above zero) that `mode` makes of the value.
    pub(crate) fn to_multiple(self, quantum: Decimal, mode: RoundingMode) -> Result<Decimal> {
        multiple(self.in_steps(quantum)?.round_by(mode)?, quantum)
    }

    /// The value to 28 significant digits, half away from zero: for display and evidence, never to go on with.
    pub(crate) fn significant(self) -> Result<Decimal> {
        let (mut mantissa, places, rest) = self.digits()?;
        if rest.unsigned_abs() >= self.den.unsigned_abs() - rest.unsigned_abs() {
            mantissa += self.num.signum();
        }
        let value = Decimal::try_from_i128_with_scale(mantissa, places).map_err(|_| overflow())?;
        Ok(value.normalize())
    }

    /// The value as it is. One that takes more than 28 digits has left the exact range.
    pub(crate) fn exact(self) -> Result<Decimal> {
        match self.digits()? {
            (mantissa, places, 0) => Decimal::try_from_i128_with_scale(mantissa, places).map_err(|_| overflow()),
            _ => Err(overflow()),
        }
    }

    /// Leading digits, 28 at most unless the whole part has more, the places among them, and what is left.
    fn digits(self) -> Result<(i128, u32, i128)> {
        let (mut mantissa, mut rest, mut places) = (self.num / self.den, self.num % self.den, 0);
        while rest != 0 && places < Decimal::MAX_SCALE && mantissa.unsigned_abs() < 10_u128.pow(27) {
            rest = rest.checked_mul(10).ok_or_else(overflow)?;
            mantissa = mantissa * 10 + rest / self.den;
            rest %= self.den;
            places += 1;
        }
        Ok((mantissa, places, rest))
    }

    /// Several values over one denominator: their numerators, and it.
    pub(crate) fn over_one_denominator(values: &[Self]) -> Result<(Vec<i128>, i128)> {
        let mut common = 1_i128;
        for value in values {
            common = common.checked_mul(value.den / gcd(common, value.den)).ok_or_else(overflow)?;
        }
        let numerators = values
            .iter()
            .map(|value| value.num.checked_mul(common / value.den).ok_or_else(overflow))
            .collect::<Result<_>>()?;
        Ok((numerators, common))
    }
}

/// So many steps of a quantum.
pub(crate) fn multiple(steps: i64, quantum: Decimal) -> Result<Decimal> {
    Decimal::from(steps).checked_mul(quantum).ok_or_else(overflow)
}

/// A number that left its exact range.
pub(crate) fn overflow() -> Error {
    Error::new(
        Kind::InvalidArgument,
        reason::AMOUNT_OVERFLOW,
        "an amount left the exact range; split the work",
    )
}

/// A decimal has at most 28 places, and 10^28 is far inside 128 bits.
fn power_of_ten(exponent: u32) -> i128 {
    10_i128.pow(exponent)
}

/// Greatest common divisor, at least 1 so that it can always be divided by.
pub(crate) fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    i128::try_from(a).unwrap_or(1).max(1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn dec(text: &str) -> Ratio {
        Ratio::decimal(strata_kernel::parse_decimal(text).unwrap())
    }

    #[test]
    fn rounds_half_away_from_zero() {
        for (text, rounded) in [("2.5", 3), ("-2.5", -3), ("2.4999999999", 2), ("-0.5", -1), ("0", 0)] {
            assert_eq!(dec(text).round().unwrap(), rounded, "{text}");
        }
    }

    #[test]
    fn adds_and_subtracts_exactly() {
        let third = Ratio::whole(1).over(Ratio::whole(3)).unwrap();
        let sixth = Ratio::whole(1).over(Ratio::whole(6)).unwrap();
        let half = third.plus(sixth).unwrap();
        assert_eq!(half.round_places(1).unwrap(), Decimal::new(5, 1));
        assert_eq!(half.minus(sixth).unwrap().round_places(4).unwrap(), Decimal::new(3_333, 4));
        let most = dec("79228162514264337593543950335");
        let least = dec("0.0000000000000000000000000001");
        assert_eq!(most.plus(least).unwrap_err().reason, reason::AMOUNT_OVERFLOW);
        let yen = Currency::parse("JPY").unwrap();
        assert_eq!(dec("-2.5").money(yen).unwrap(), Money::new(-3, yen));
    }

    #[test]
    fn rounds_to_multiples() {
        let quantum = Decimal::new(5, 2);
        assert_eq!(
            dec("987.345").to_multiple(quantum, RoundingMode::Down).unwrap(),
            Decimal::new(98_730, 2)
        );
        assert_eq!(
            dec("-0.01").to_multiple(quantum, RoundingMode::Up).unwrap(),
            Decimal::new(-5, 2)
        );
        assert_eq!(
            dec("1").to_multiple(Decimal::ZERO, RoundingMode::Up).unwrap_err().field,
            "quantum"
        );
    }

    #[test]
    fn reduces_before_it_overflows() {
        let tiny = dec("0.0000000000000000000000000001");
        let back = dec("10000000000000000000000000000");
        let twice = tiny.times(tiny).unwrap_err();
        assert_eq!(twice.reason, reason::AMOUNT_OVERFLOW);
        assert_eq!(tiny.times(back).unwrap().times(Ratio::whole(7)).unwrap().round().unwrap(), 7);
        assert_eq!(
            back.times(tiny)
                .unwrap()
                .times(back)
                .unwrap()
                .times(tiny)
                .unwrap()
                .round()
                .unwrap(),
            1
        );
        assert!(back.round().is_err());
    }

    #[test]
    fn divides_by_either_sign_but_not_by_zero() {
        let quotient = |by: &str| {
            dec("-7")
                .over(dec(by))
                .map(|ratio| ratio.round_places(2).unwrap().to_string())
        };
        assert_eq!(quotient("-2").unwrap(), "3.50");
        assert_eq!(quotient("3").unwrap(), "-2.33");
        assert!(quotient("0").is_err());
        assert!(dec("1").round_places(29).is_err());
    }

    #[test]
    fn adds_over_one_denominator() {
        let third = Ratio::whole(1).over(Ratio::whole(3)).unwrap();
        let sixth = Ratio::whole(-1).over(Ratio::whole(6)).unwrap();
        assert_eq!(third.plus(sixth).unwrap().round_places(4).unwrap(), Decimal::new(1_667, 4));
        let most = Ratio::decimal(Decimal::MAX).times(Ratio::whole(1_000_000_000)).unwrap();
        assert_eq!(most.plus(third).unwrap_err().reason, reason::AMOUNT_OVERFLOW);
    }

    #[test]
    fn shows_28_digits() {
        let third = |count| {
            Ratio::whole(count)
                .over(Ratio::whole(3))
                .unwrap()
                .significant()
                .unwrap()
                .to_string()
        };
        assert_eq!(third(2), "0.6666666666666666666666666667");
        assert_eq!(third(-200), "-66.66666666666666666666666667");
        assert_eq!(third(6), "2");
        assert_eq!(dec("0").significant().unwrap(), Decimal::ZERO);
        assert_eq!(dec("-0.125").exact().unwrap(), Decimal::new(-125, 3));
        assert!(Ratio::whole(1).over(Ratio::whole(3)).unwrap().exact().is_err());
    }

    #[test]
    fn brings_values_over_one_denominator() {
        let values = [dec("0.5"), dec("-0.25"), Ratio::whole(3)];
        assert_eq!(Ratio::over_one_denominator(&values).unwrap(), (vec![50, -25, 300], 100));
    }
}
