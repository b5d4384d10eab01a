//! Straight-line revenue: every day of a term earns the same.

use strata_kernel::{Date, Decimal, Error, Money, Result};

use super::method::period_revenue;
use super::progress::Progress;

/// Progress by days (IFRS 15 B18, ASC 606-10-55-20): days of the term before `until` over all its days.
///
/// The term is half-open: `from` counts, `to` does not. Before the term progress is 0, after it 1.
/// Refuses a term without a day (`INVALID_FIELD`).
pub fn elapsed(from: Date, to: Date, until: Date) -> Result<Progress> {
    if to <= from {
        return Err(Error::invalid("to", format!("a term from {from} to {to} has no day")));
    }
    let days = |end: Date| Decimal::from(end.signed_duration_since(from).num_days());
    Progress::part_of(days(until), days(to))
}

/// Revenue of the days from `start` up to, but without, `end`: cumulative at the end less cumulative at the
/// start, each rounded once, so that the parts of a term add up to its amount exactly.
///
/// Refuses a term or a period without a day (`INVALID_FIELD`).
/// In minor units, half away from zero. Source: IFRS 15 B18, ASC 606-10-55-20; a stand-ready obligation.
pub fn straight_line(amount: Money, from: Date, to: Date, start: Date, end: Date) -> Result<Money> {
    if end <= start {
        return Err(Error::invalid("end", format!("a period from {start} to {end} has no day")));
    }
    let earned = |until| elapsed(from, to, until)?.earned(amount);
    period_revenue(earned(end)?, earned(start)?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_kernel::Currency;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn share(until: &str) -> String {
        let progress = elapsed(day("2024-02-01"), day("2024-03-01"), day(until)).unwrap();
        progress.share().unwrap().to_string()
    }

    #[test]
    fn counts_days_of_the_term_only() {
        assert_eq!(share("2024-01-31"), "0");
        assert_eq!(share("2024-02-01"), "0");
        assert_eq!(share("2024-03-01"), "1", "29 days in a leap year");
        assert_eq!(share("2030-01-01"), "1");
    }

    #[test]
    fn months_add_up_to_the_amount() {
        let amount = Money::new(100, Currency::parse("USD").unwrap());
        let months = ["2025-01-01", "2025-02-01", "2025-03-01", "2025-04-01", "2025-05-01"].map(day);
        let parts: Vec<i64> = months
            .windows(2)
            .map(|month| {
                straight_line(amount, day("2025-01-20"), day("2025-04-10"), month[0], month[1])
                    .unwrap()
                    .minor
            })
            .collect();
        assert_eq!(parts, [15, 35, 39, 11]);
    }

    #[test]
    fn refuses_terms_and_periods_without_a_day() {
        let amount = Money::new(100, Currency::parse("USD").unwrap());
        let (one, two) = (day("2025-01-01"), day("2025-01-02"));
        assert_eq!(straight_line(amount, two, one, one, two).unwrap_err().field, "to");
        assert_eq!(straight_line(amount, one, one, one, two).unwrap_err().field, "to");
        assert_eq!(straight_line(amount, one, two, two, two).unwrap_err().field, "end");
    }
}
