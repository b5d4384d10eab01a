//! Revenue of months that are closed: earlier months never change, what is learned later is caught up.

use chrono::Datelike;
use strata_kernel::{Currency, Date, Error, Money, Result, month_of};

use super::Month;
use crate::ratio::overflow;

/// Priced work, as far as revenue asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApprovedWork {
    /// Day of the work.
    pub work_date: Date,
    /// Day it was approved, which is when it is known. None: it is not.
    pub approved_on: Option<Date>,
    /// Its price.
    pub value: Money,
}

/// Revenue of each month: cumulative revenue known at its close, less that known at the close of the month
/// before. Work of a closed month that is approved later is revenue of the month it is known in.
///
/// A month closes at the end of day `close_day` of the next one, or of its last day when it is shorter.
/// Refuses a close day that no month has. Source: ASC 606-10-25-35, IFRS 15.43: a change of measured progress is
/// a change of estimate, so it is accounted for when it happens.
pub fn revenue_known_at(work: &[ApprovedWork], months: &[Month], close_day: u32, currency: Currency) -> Result<Vec<Money>> {
    if !(1..=31).contains(&close_day) {
        return Err(Error::invalid("close_day", "a month has days from 1 to 31"));
    }
    let revenue = |month: &Month| {
        let now = cumulative(work, *month, close_day, currency)?;
        let before = cumulative(work, month.before()?, close_day, currency)?;
        let earned = now.minor.checked_sub(before.minor).ok_or_else(overflow)?;
        Ok(Money::new(earned, currency))
    };
    months.iter().map(revenue).collect()
}

/// Price of the work up to the end of a month, as known at its close.
fn cumulative(work: &[ApprovedWork], month: Month, close_day: u32, currency: Currency) -> Result<Money> {
    let next = month.after(1)?.first_day();
    let closes_on = next.with_day(close_day).unwrap_or(month_of(next).1);
    let known = |item: &&ApprovedWork| item.work_date < next && item.approved_on.is_some_and(|day| day <= closes_on);
    work.iter()
        .filter(known)
        .try_fold(Money::zero(currency), |sum, item| sum.plus(item.value))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn work(work_date: &str, approved_on: Option<&str>, minor: i64) -> ApprovedWork {
        ApprovedWork {
            work_date: work_date.parse().unwrap(),
            approved_on: approved_on.map(|day| day.parse().unwrap()),
            value: Money::new(minor, Currency::parse("USD").unwrap()),
        }
    }

    fn revenue(work: &[ApprovedWork], months: &[&str], close_day: u32) -> Vec<i64> {
        let months: Vec<_> = months.iter().map(|month| Month::parse(month).unwrap()).collect();
        let usd = Currency::parse("USD").unwrap();
        let revenue = revenue_known_at(work, &months, close_day, usd).unwrap();
        revenue.iter().map(|amount| amount.minor).collect()
    }

    #[test]
    fn the_close_day_still_counts() {
        let on_close = [work("2025-03-31", Some("2025-04-08"), 100)];
        assert_eq!(revenue(&on_close, &["2025-03", "2025-04"], 8), [100, 0]);
        let after_close = [work("2025-03-31", Some("2025-04-09"), 100)];
        assert_eq!(revenue(&after_close, &["2025-03", "2025-04"], 8), [0, 100]);
        let next_month = [work("2025-04-01", Some("2025-04-02"), 100)];
        assert_eq!(revenue(&next_month, &["2025-03", "2025-04"], 8), [0, 100]);
    }

    #[test]
    fn a_close_day_that_the_month_lacks_is_its_last() {
        let work = [
            work("2025-01-10", Some("2025-02-28"), 100),
            work("2025-01-10", Some("2025-03-01"), 7),
        ];
        assert_eq!(revenue(&work, &["2025-01", "2025-02"], 31), [100, 7]);
        assert_eq!(revenue(&work, &["2025-02"], 31), [7], "a month alone is the same");
        assert_eq!(revenue(&[], &["2025-02"], 1), [0]);
    }

    #[test]
    fn what_is_not_approved_is_no_revenue() {
        assert_eq!(revenue(&[work("2025-01-10", None, 100)], &["2025-01", "2025-12"], 8), [0, 0]);
        let usd = Currency::parse("USD").unwrap();
        for day in [0, 32] {
            assert_eq!(revenue_known_at(&[], &[], day, usd).unwrap_err().field, "close_day");
        }
    }
}
