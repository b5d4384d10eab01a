//! Percentages that stand on top of a rate for a range of work dates: overtime, a travel premium.

use strata_kernel::{Date, Decimal, Error, Result};

use crate::ratio::overflow;
use crate::reason;

/// A percentage added to the base rate while its range lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Markup {
    /// First work date.
    pub from: Date,
    /// First work date no longer. None: open.
    pub to: Option<Date>,
    /// Percent of the base rate. Below zero is a markdown.
    pub percent: Decimal,
}

/// A base rate with the markup of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MarkedUp {
    /// Percent that holds on the day. Zero when none does.
    pub percent: Decimal,
    /// The rate with it, exact: rates are never rounded.
    pub rate: Decimal,
}

/// The markup percent that holds on a work date. Zero when none does: the base rate stands by itself.
/// Two that hold on one day are `RATE_AMBIGUOUS`.
///
/// Percents are exact. Source: "Set up date-effective price overrides", Dynamics 365 Project Operations.
pub fn markup_on(markups: &[Markup], work_date: Date) -> Result<Decimal> {
    let holds = |markup: &&Markup| markup.from <= work_date && markup.to.is_none_or(|to| work_date < to);
    let mut held = markups.iter().filter(holds);
    match (held.next(), held.next()) {
        (None, _) => Ok(Decimal::ZERO),
        (Some(markup), None) => Ok(markup.percent),
        (Some(_), Some(_)) => Err(Error::precondition(
            reason::RATE_AMBIGUOUS,
            format!("two markups hold on {work_date}; end all but one"),
        )),
    }
}

/// `base rate x (1 + percent/100)` with the percent of the work date, not rounded.
///
/// Source of the rule: date-effective overrides of role price markups, Dynamics 365 Project Operations.
/// Refuses a base rate below zero and a markdown of more than everything; a product that no decimal holds
/// exactly is `AMOUNT_OVERFLOW`.
pub fn rate_with_markup(base_rate: Decimal, markups: &[Markup], work_date: Date) -> Result<MarkedUp> {
    if base_rate < Decimal::ZERO {
        return Err(Error::invalid("base_rate", "a rate cannot be below zero"));
    }
    let percent = markup_on(markups, work_date)?;
    if percent < Decimal::NEGATIVE_ONE * Decimal::ONE_HUNDRED {
        return Err(Error::invalid("percent", "a markdown takes off 100 percent at most"));
    }
    let of_hundred = percent.checked_add(Decimal::ONE_HUNDRED).ok_or_else(overflow)?;
    Ok(MarkedUp {
        percent,
        rate: exact_product(base_rate, of_hundred, 2)?,
    })
}

/// `left x right / 10^places`, refused where a decimal would have to round it.
fn exact_product(left: Decimal, right: Decimal, places: u32) -> Result<Decimal> {
    let (left, right) = (left.normalize(), right.normalize());
    let mut mantissa = left.mantissa().checked_mul(right.mantissa()).ok_or_else(overflow)?;
    let mut scale = left.scale() + right.scale() + places;
    while scale > 0 && mantissa % 10 == 0 {
        mantissa /= 10;
        scale -= 1;
    }
    Decimal::try_from_i128_with_scale(mantissa, scale).map_err(|_| overflow())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::parse_decimal;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn markup(from: &str, to: Option<&str>, percent: &str) -> Markup {
        Markup {
            from: day(from),
            to: to.map(day),
            percent: parse_decimal(percent).unwrap(),
        }
    }

    fn rate(base: &str, markups: &[Markup], on: &str) -> Result<String> {
        rate_with_markup(parse_decimal(base).unwrap(), markups, day(on)).map(|found| found.rate.normalize().to_string())
    }

    #[test]
    fn the_markup_of_the_day_counts_and_nothing_is_rounded() {
        let markups = [
            markup("2025-01-01", Some("2025-03-15"), "10"),
            markup("2025-03-15", None, "12.345"),
        ];
        assert_eq!(rate("100", &markups, "2025-03-14").unwrap(), "110");
        assert_eq!(rate("33.33", &markups, "2025-03-15").unwrap(), "37.4445885");
        assert_eq!(
            rate("100", &markups, "2024-12-31").unwrap(),
            "100",
            "no markup, the base rate"
        );
        assert_eq!(rate("100", &[markup("2025-01-01", None, "-25")], "2025-01-01").unwrap(), "75");
    }

    #[test]
    fn refuses_what_is_no_price() {
        let twice = [markup("2025-01-01", None, "10"), markup("2025-02-01", None, "20")];
        assert_eq!(rate("100", &twice, "2025-02-01").unwrap_err().reason, reason::RATE_AMBIGUOUS);
        assert_eq!(rate("-1", &[], "2025-02-01").unwrap_err().field, "base_rate");
        let all = [markup("2025-01-01", None, "-100.1")];
        assert_eq!(rate("1", &all, "2025-02-01").unwrap_err().field, "percent");
        let fine = [markup("2025-01-01", None, "0.00000000000001")];
        let error = rate("79228162514264337593543950335", &fine, "2025-01-01").unwrap_err();
        assert_eq!(error.reason, reason::AMOUNT_OVERFLOW);
    }
}
