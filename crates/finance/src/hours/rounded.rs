//! Hours as quantities: multiplied by an invoicing factor, then rounded to a unit.

use strata_kernel::{Decimal, Error, Result};

use crate::quantum::{RoundingMode, WideDecimal};

/// How hours become hours on paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HoursRounding {
    /// Percent of the hours that is invoiced. 100: as worked.
    pub factor_percent: Decimal,
    /// Hours are rounded to a multiple of this: 0.25 is a quarter of an hour. Zero: not rounded.
    pub unit: Decimal,
    /// How they are rounded.
    pub mode: RoundingMode,
}

/// Hours of several entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RoundedHours {
    /// As worked.
    pub raw: Decimal,
    /// Entry by entry multiplied and rounded, then added.
    pub billable: Decimal,
}

/// `hours x factor_percent/100`, rounded once to the unit.
///
/// Refuses a factor or a unit below zero; a result of more than 28 digits is `AMOUNT_OVERFLOW`.
/// Source: `sale_timesheet_rounded` of the Odoo Community Association.
pub fn round_hours(hours: Decimal, rule: HoursRounding) -> Result<Decimal> {
    if rule.factor_percent < Decimal::ZERO {
        return Err(Error::invalid("factor_percent", "an invoicing factor cannot be below zero"));
    }
    if rule.unit < Decimal::ZERO {
        return Err(Error::invalid("unit", "a rounding unit cannot be below zero"));
    }
    let percent = WideDecimal::from(Decimal::new(1, 2));
    let factored = WideDecimal::from(hours).times(rule.factor_percent.into())?.times(percent)?;
    match rule.unit.is_zero() {
        true => factored.to_decimal(),
        false => factored.round_to(rule.unit, rule.mode)?.to_decimal(),
    }
}

/// [`round_hours`] of every entry, then added: the sum of rounded hours, not the rounded sum.
///
/// Refuses as [`round_hours`] does. Source: `sale_timesheet_rounded` of the Odoo Community Association.
pub fn sum_rounded_hours(entries: &[Decimal], rule: HoursRounding) -> Result<RoundedHours> {
    let nothing = WideDecimal::from(Decimal::ZERO);
    let (mut raw, mut billable) = (nothing, nothing);
    for hours in entries {
        raw = raw.plus((*hours).into())?;
        billable = billable.plus(round_hours(*hours, rule)?.into())?;
    }
    Ok(RoundedHours {
        raw: raw.to_decimal()?,
        billable: billable.to_decimal()?,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::parse_decimal;

    fn rule(factor: i64, unit: &str, mode: RoundingMode) -> HoursRounding {
        HoursRounding {
            factor_percent: Decimal::from(factor),
            unit: parse_decimal(unit).unwrap(),
            mode,
        }
    }

    #[test]
    fn rounds_after_the_factor() {
        let cases = [
            ("1.1", rule(100, "0.25", RoundingMode::Up), "1.25"),
            ("-1.1", rule(100, "0.25", RoundingMode::Up), "-1.25"),
            ("1.1", rule(100, "0.25", RoundingMode::Down), "1"),
            ("1.125", rule(100, "0.25", RoundingMode::HalfUp), "1.25"),
            ("1.1", rule(150, "0", RoundingMode::Up), "1.65"),
            ("1.1", rule(150, "0.25", RoundingMode::None), "1.65"),
            ("0", rule(200, "0.25", RoundingMode::Up), "0"),
            ("3", rule(0, "0.25", RoundingMode::Up), "0"),
        ];
        for (hours, rule, expected) in cases {
            let got = round_hours(parse_decimal(hours).unwrap(), rule).unwrap();
            assert_eq!(got.to_string(), expected, "{hours} by {rule:?}");
        }
    }

    #[test]
    fn refuses_negative_terms_and_adds_nothing_to_nothing() {
        let refused = |rule| round_hours(Decimal::ONE, rule).unwrap_err().field;
        assert_eq!(refused(rule(-1, "1", RoundingMode::Up)), "factor_percent");
        assert_eq!(refused(rule(1, "-1", RoundingMode::Up)), "unit");
        let none = sum_rounded_hours(&[], rule(100, "1", RoundingMode::Up)).unwrap();
        assert_eq!((none.raw, none.billable), (Decimal::ZERO, Decimal::ZERO));
    }
}
