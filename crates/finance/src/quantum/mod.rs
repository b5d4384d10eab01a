//! Rounding a number to a multiple of a quantum: a cent, a nickel, a quarter of an hour.

mod wide;

use strata_kernel::{Decimal, Error, Result};

pub use wide::WideDecimal;

/// What becomes of the part that is left of a quantum.
///
/// Sources: `Money::ROUND_*` of moneyphp, "Tax calculation rounding rules" of Dynamics 365 Finance
/// (normal, rounding-up, downward), and the modes of IEEE 754-2008, section 4.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RoundingMode {
    /// Away from zero.
    Up,
    /// Towards zero.
    Down,
    /// To the nearest multiple, halves away from zero. The rule for money.
    HalfUp,
    /// To the nearest multiple, halves towards zero.
    HalfDown,
    /// To the nearest multiple, halves to the even one.
    HalfEven,
    /// To the nearest multiple, halves to the odd one.
    HalfOdd,
    /// To the nearest multiple, halves to the greater one.
    HalfPositiveInfinity,
    /// To the nearest multiple, halves to the smaller one.
    HalfNegativeInfinity,
    /// To the next greater multiple.
    Ceiling,
    /// To the next smaller multiple.
    Floor,
    /// Not rounded.
    None,
}

impl RoundingMode {
    /// Reads a mode by its name: `half_up`, `down`, `none`. Another word is `INVALID_FIELD`.
    pub fn parse(name: &str) -> Result<Self> {
        Ok(match name {
            "up" => Self::Up,
            "down" => Self::Down,
            "half_up" => Self::HalfUp,
            "half_down" => Self::HalfDown,
            "half_even" => Self::HalfEven,
            "half_odd" => Self::HalfOdd,
            "half_positive_infinity" => Self::HalfPositiveInfinity,
            "half_negative_infinity" => Self::HalfNegativeInfinity,
            "ceiling" => Self::Ceiling,
            "floor" => Self::Floor,
            "none" => Self::None,
            _ => return Err(Error::invalid("mode", format!("\"{name}\" is not a way to round"))),
        })
    }
}

/// Rounds a number to a multiple of `quantum`, by `mode`. Exact: no half is lost in a division on the way.
///
/// Refuses a quantum that is not above zero; a result of more than 28 digits is `AMOUNT_OVERFLOW`.
/// Source: "Tax calculation rounding rules", Dynamics 365 Finance; the modes of moneyphp.
pub fn round_to_quantum(value: Decimal, quantum: Decimal, mode: RoundingMode) -> Result<Decimal> {
    WideDecimal::from(value).round_to(quantum, mode)?.to_decimal()
}

/// The multiple of `step` (above zero) that `value` rounds to. None: it leaves 128 bits.
pub(crate) fn round_to_step(value: i128, step: i128, mode: RoundingMode) -> Option<i128> {
    match mode {
        RoundingMode::None => Some(value),
        _ => round_quotient(value, step, mode).checked_mul(step),
    }
}

/// `num / den` as an integer, with `den` above zero. `None` rounds as `Down` does, for an integer must come out.
pub(crate) fn round_quotient(num: i128, den: i128, mode: RoundingMode) -> i128 {
    use RoundingMode as Mode;
    let (quotient, rest) = (num / den, (num % den).unsigned_abs());
    if rest == 0 {
        return quotient;
    }
    let (positive, odd) = (num > 0, quotient % 2 != 0);
    // Compares the rest with what is missing to the next multiple: twice the rest may leave 128 bits.
    let half = rest.cmp(&(den.unsigned_abs() - rest));
    let at_half = |away: bool| half.is_gt() || (half.is_eq() && away);
    let away = match mode {
        Mode::Up => true,
        Mode::Down | Mode::None => false,
        Mode::Ceiling => positive,
        Mode::Floor => !positive,
        Mode::HalfUp => at_half(true),
        Mode::HalfDown => at_half(false),
        Mode::HalfEven => at_half(odd),
        Mode::HalfOdd => at_half(!odd),
        Mode::HalfPositiveInfinity => at_half(positive),
        Mode::HalfNegativeInfinity => at_half(!positive),
    };
    quotient + if away { num.signum() } else { 0 }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::parse_decimal;

    fn round(value: &str, quantum: &str, mode: &str) -> Result<String> {
        round_to_quantum(parse_decimal(value)?, parse_decimal(quantum)?, RoundingMode::parse(mode)?).map(|got| got.to_string())
    }

    #[test]
    fn every_mode_on_both_sides_of_zero() {
        // Each at 2.5, 3.5, -2.5, -3.5, 2.4 and -2.6.
        let cases = [
            ("up", ["3", "4", "-3", "-4", "3", "-3"]),
            ("down", ["2", "3", "-2", "-3", "2", "-2"]),
            ("half_up", ["3", "4", "-3", "-4", "2", "-3"]),
            ("half_down", ["2", "3", "-2", "-3", "2", "-3"]),
            ("half_even", ["2", "4", "-2", "-4", "2", "-3"]),
            ("half_odd", ["3", "3", "-3", "-3", "2", "-3"]),
            ("half_positive_infinity", ["3", "4", "-2", "-3", "2", "-3"]),
            ("half_negative_infinity", ["2", "3", "-3", "-4", "2", "-3"]),
            ("ceiling", ["3", "4", "-2", "-3", "3", "-2"]),
            ("floor", ["2", "3", "-3", "-4", "2", "-3"]),
            ("none", ["2.5", "3.5", "-2.5", "-3.5", "2.4", "-2.6"]),
        ];
        for (mode, expected) in cases {
            let got = ["2.5", "3.5", "-2.5", "-3.5", "2.4", "-2.6"].map(|value| round(value, "1", mode).unwrap());
            assert_eq!(got, expected, "{mode}");
        }
    }

    #[test]
    fn any_quantum_and_any_scale() {
        let cases = [
            ("987.345", "0.05", "half_up", "987.35"),
            ("987.345", "10", "up", "990"),
            (
                "0.0000000000000000000000000005",
                "0.0000000000000000000000000010",
                "half_up",
                "0.000000000000000000000000001",
            ),
            (
                "79228162514264337593543950335",
                "0.01",
                "half_even",
                "79228162514264337593543950335",
            ),
            ("1", "0.3", "half_up", "0.9"),
            ("0", "0.25", "up", "0"),
        ];
        for (value, quantum, mode, expected) in cases {
            assert_eq!(round(value, quantum, mode).unwrap(), expected, "{value} to {quantum} {mode}");
        }
    }

    #[test]
    fn refuses_what_is_no_quantum_and_no_mode() {
        for (quantum, mode, field) in [("0", "up", "quantum"), ("-1", "up", "quantum"), ("1", "sideways", "mode")] {
            assert_eq!(round("1", quantum, mode).unwrap_err().field, field);
        }
        let most = "79228162514264337593543950335";
        assert_eq!(round(most, "2", "up").unwrap_err().reason, crate::reason::AMOUNT_OVERFLOW);
    }

    #[test]
    fn an_extreme_quotient_does_not_wrap() {
        assert_eq!(round_quotient(i128::MIN, i128::MAX, RoundingMode::HalfUp), -1);
        assert_eq!(round_quotient(i128::MAX - 1, i128::MAX, RoundingMode::HalfUp), 1);
        assert_eq!(round_to_step(i128::MAX, 1 << 100, RoundingMode::Up), None);
    }
}
