//! Price of a service that does not run for whole periods of its price.

use chrono::{Days, Months};
use strata_kernel::{Date, Decimal, Error, Result, month_of};

use crate::ratio::{Ratio, overflow};

/// Decimals of a prorated unit price.
pub const UNIT_PRICE_PLACES: u32 = 3;

/// The period that a recurring price is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BasePeriod {
    /// So many days.
    Days(u32),
    /// So many calendar months.
    Months(u32),
}

impl BasePeriod {
    /// Reads a number and a unit: `D` days, `W` weeks, `M` months, `Q` quarters, `Y` years. "1M", "3M" and "1Q".
    ///
    /// Anything else is `INVALID_FIELD`. Source: date formulas of Business Central.
    pub fn parse(text: &str) -> Result<Self> {
        let refused = || Error::invalid("base", format!("\"{text}\" is no period such as 1M, 1Q or 1Y"));
        let unit = text.chars().next_back().ok_or_else(refused)?;
        let count: u32 = text
            .strip_suffix(unit)
            .and_then(|count| count.parse().ok())
            .filter(|count| *count > 0)
            .ok_or_else(refused)?;
        let times = |each: u32| count.checked_mul(each).ok_or_else(refused);
        match unit.to_ascii_uppercase() {
            'D' => Ok(Self::Days(count)),
            'W' => times(7).map(Self::Days),
            'M' => Ok(Self::Months(count)),
            'Q' => times(3).map(Self::Months),
            'Y' => times(12).map(Self::Months),
            _ => Err(refused()),
        }
    }

    /// The day so many periods after another; the last day of a month that is too short.
    fn after(self, from: Date, count: u32) -> Option<Date> {
        match self {
            Self::Days(days) => from.checked_add_days(Days::new(u64::from(days).checked_mul(u64::from(count))?)),
            Self::Months(months) => from.checked_add_months(Months::new(months.checked_mul(count)?)),
        }
    }
}

/// What monthly periods keep when months differ in length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Alignment {
    /// The day of the month.
    #[default]
    Start,
    /// The distance to the end of the month, for services that start on one of its last three days.
    End,
}

/// One base period that is priced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProrationPart {
    /// Days that are charged.
    pub days: i64,
    /// Days of the period. A whole period that does not start with a month is shown as 1 of 1: how many days it
    /// has is a matter of alignment and changes nothing.
    pub of: i64,
}

/// Price of a service and how it comes about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proration {
    /// Price in major units, with [`UNIT_PRICE_PLACES`] decimals.
    pub price: Decimal,
    /// The base periods that were started.
    pub parts: Vec<ProrationPart>,
}

/// Price from `from` (inclusive) to `to` (exclusive) of a service with a price per base period: whole periods in
/// full, then `price x days / days of the period that was started`. One rounding, at the end, half away from zero.
///
/// Whole periods are counted from the first day, so that a month's end is not lost on the way through February.
/// The one that was started is as long as the calendar, or the alignment if that is shorter, makes it from its own
/// first day, and is never charged beyond a whole one. An end before the start is `INVALID_FIELD`.
/// Source: "Period calculation for subscription contracts", Dynamics 365 Business Central.
pub fn prorate_price(price: Decimal, base: BasePeriod, from: Date, to: Date, alignment: Alignment) -> Result<Proration> {
    if to <= from {
        return Err(Error::invalid(
            "to",
            format!("a service from {from} cannot end before it starts"),
        ));
    }
    let out_of_reach = || Error::invalid("to", "the period is out of reach of the calendar");
    let mut parts = Vec::new();
    let mut whole: u32 = 0;
    let mut start = from;
    let mut next = boundary(base, from, 1, alignment).ok_or_else(out_of_reach)?;
    while next <= to {
        parts.push(whole_part(base, start, next));
        whole = whole.checked_add(1).ok_or_else(overflow)?;
        start = next;
        next = whole
            .checked_add(1)
            .and_then(|count| boundary(base, from, count, alignment))
            .ok_or_else(out_of_reach)?;
    }
    let mut periods = Ratio::whole(i64::from(whole));
    if start < to {
        let by_calendar = base.after(start, 1).ok_or_else(out_of_reach)?;
        let of = days_between(start, next.min(by_calendar));
        let days = days_between(start, to).min(of);
        parts.push(ProrationPart { days, of });
        periods = periods.plus(Ratio::whole(days).over(Ratio::whole(of))?)?;
    }
    Ok(Proration {
        price: Ratio::decimal(price).times(periods)?.round_places(UNIT_PRICE_PLACES)?,
        parts,
    })
}

/// First day after so many base periods.
fn boundary(base: BasePeriod, from: Date, count: u32, alignment: Alignment) -> Option<Date> {
    let day = base.after(from, count)?;
    let to_month_end = days_between(from, month_of(from).1);
    match (alignment, base) {
        (Alignment::End, BasePeriod::Months(_)) if to_month_end <= 2 => {
            month_of(day).1.checked_sub_days(Days::new(u64::try_from(to_month_end).ok()?))
        }
        _ => Some(day),
    }
}

fn whole_part(base: BasePeriod, start: Date, next: Date) -> ProrationPart {
    let days = match base {
        BasePeriod::Months(_) if start == month_of(start).0 => days_between(start, next),
        _ => 1,
    };
    ProrationPart { days, of: days }
}

fn days_between(from: Date, to: Date) -> i64 {
    to.signed_duration_since(from).num_days()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Price 100 for days that are both printed inclusive.
    fn price(base: &str, from: &str, to: &str, alignment: Alignment) -> (String, Vec<(i64, i64)>) {
        let after: Date = to.parse::<Date>().unwrap().succ_opt().unwrap();
        let base = BasePeriod::parse(base).unwrap();
        let proration = prorate_price(Decimal::ONE_HUNDRED, base, from.parse().unwrap(), after, alignment).unwrap();
        let parts = proration.parts.iter().map(|part| (part.days, part.of)).collect();
        (proration.price.to_string(), parts)
    }

    #[test]
    fn prices_of_the_source() {
        for alignment in [Alignment::Start, Alignment::End] {
            let cases = [
                ("1M", "2023-02-01", "2023-02-14", "50.000", vec![(14, 28)]),
                ("1M", "2023-01-01", "2023-02-14", "150.000", vec![(31, 31), (14, 28)]),
                ("1M", "2023-01-31", "2023-03-01", "107.143", vec![(1, 1), (2, 28)]),
                ("1Q", "2023-01-01", "2023-01-14", "15.556", vec![(14, 90)]),
                ("1Q", "2023-01-01", "2023-04-14", "115.385", vec![(90, 90), (14, 91)]),
            ];
            for (base, from, to, expected, parts) in cases {
                assert_eq!(
                    price(base, from, to, alignment),
                    (expected.to_owned(), parts),
                    "{base} {from} {to}"
                );
            }
        }
    }

    #[test]
    fn whole_periods_of_the_source() {
        let start = [
            ("2024-01-28", ["2024-02-27", "2024-03-27", "2024-04-27", "2025-01-27"]),
            ("2024-01-30", ["2024-02-28", "2024-03-29", "2024-04-29", "2025-01-29"]),
            ("2024-01-31", ["2024-02-28", "2024-03-30", "2024-04-29", "2025-01-30"]),
            ("2024-02-29", ["2024-03-28", "2024-04-28", "2024-05-28", "2025-02-27"]),
        ];
        let end = [
            ("2024-01-28", ["2024-02-27", "2024-03-27", "2024-04-27", "2025-01-27"]),
            ("2024-01-29", ["2024-02-26", "2024-03-28", "2024-04-27", "2025-01-28"]),
            ("2024-01-30", ["2024-02-27", "2024-03-29", "2024-04-28", "2025-01-29"]),
            ("2024-01-31", ["2024-02-28", "2024-03-30", "2024-04-29", "2025-01-30"]),
            ("2024-02-29", ["2024-03-30", "2024-04-29", "2024-05-30", "2025-02-27"]),
        ];
        let aligned = [(Alignment::Start, &start[..]), (Alignment::End, &end[..])];
        for (alignment, rows) in aligned {
            for (from, ends) in rows {
                for (to, months) in ends.iter().zip(["100.000", "200.000", "300.000", "1200.000"]) {
                    assert_eq!(price("1M", from, to, alignment).0, months, "{from} {to} {alignment:?}");
                }
            }
        }
    }

    #[test]
    fn a_started_period_never_costs_more_than_a_whole_one() {
        // Two months from 31 January end on 30 March; the one started on 29 February has 29 days by itself.
        assert_eq!(price("1M", "2024-01-31", "2024-03-29", Alignment::Start).0, "200.000");
        assert_eq!(
            price("2W", "2024-01-31", "2024-02-06", Alignment::End),
            ("50.000".into(), vec![(7, 14)])
        );
    }

    #[test]
    fn reads_base_periods() {
        assert_eq!(BasePeriod::parse("2Q").unwrap(), BasePeriod::Months(6));
        assert_eq!(BasePeriod::parse("1Y").unwrap(), BasePeriod::Months(12));
        assert_eq!(BasePeriod::parse("10D").unwrap(), BasePeriod::Days(10));
        for wrong in ["", "M", "0M", "-1M", "1X", "1", "1.5M", "4000000000Y", "1é"] {
            assert_eq!(BasePeriod::parse(wrong).unwrap_err().field, "base", "{wrong}");
        }
    }

    #[test]
    fn refuses_what_the_calendar_lacks() {
        let day: Date = "2024-01-31".parse().unwrap();
        let vast = BasePeriod::Months(u32::MAX);
        let price = |base, to| prorate_price(Decimal::ONE, base, day, to, Alignment::End).unwrap_err().field;
        assert_eq!(price(BasePeriod::Months(1), day), "to");
        assert_eq!(price(vast, Date::MAX), "to");
    }
}
