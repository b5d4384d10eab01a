//! Months that reports are asked for.

use chrono::Months;
use strata_kernel::{Date, Error, Result, month_of, period_of};

/// Most months of one report.
const MOST: usize = 36;

/// A month by its first and last day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Month {
    pub(crate) first: Date,
    pub(crate) last: Date,
}

impl Month {
    /// The month that a day falls in.
    pub(crate) fn of(day: Date) -> Self {
        let (first, last) = month_of(day);
        Self { first, last }
    }

    /// "2025-03".
    pub(crate) fn code(&self) -> String {
        period_of(self.first)
    }
}

/// The months from one period to another, both included.
pub(crate) fn between(from_period: &str, to_period: &str) -> Result<Vec<Month>> {
    let first_day = |period: &str, field: &str| {
        let day = format!("{period}-01").parse::<Date>();
        day.map_err(|_| Error::invalid(field, "is no month; write it as 2025-03"))
    };
    let (from, to) = (first_day(from_period, "from_period")?, first_day(to_period, "to_period")?);
    if to < from {
        return Err(Error::invalid("to_period", "must not be before from_period"));
    }
    let months = covering(from, to);
    if months.len() > MOST {
        let text = format!("makes {} months; at most {MOST} in one report", months.len());
        return Err(Error::invalid("to_period", text));
    }
    Ok(months)
}

/// The months that two days and those between them fall in.
pub(crate) fn covering(from: Date, to: Date) -> Vec<Month> {
    let mut months = Vec::new();
    let mut next = Some(month_of(from).0);
    while let Some(day) = next.filter(|day| *day <= to) {
        months.push(Month::of(day));
        next = day.checked_add_months(Months::new(1));
    }
    months
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn months_go_on_over_the_year() {
        let months = between("2025-11", "2026-02").unwrap();
        let codes: Vec<String> = months.iter().map(Month::code).collect();
        assert_eq!(codes, ["2025-11", "2025-12", "2026-01", "2026-02"]);
        assert_eq!(months[3].last.to_string(), "2026-02-28");
        assert_eq!(between("2025-03", "2025-03").unwrap().len(), 1);
    }

    #[test]
    fn what_is_no_range_is_refused() {
        assert_eq!(between("2025-03", "2025-02").unwrap_err().field, "to_period");
        assert_eq!(between("2025-01", "2028-01").unwrap_err().field, "to_period");
        assert_eq!(between("2025-13", "2026-01").unwrap_err().field, "from_period");
    }
}
