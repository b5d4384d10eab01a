//! Calendar months.

use chrono::Months;
use strata_kernel::{Date, Error, Result, month_of};

use crate::ratio::overflow;

/// A calendar month, kept as its first day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Month(Date);

impl Month {
    /// Reads "2025-03". Anything else is `INVALID_FIELD`.
    pub fn parse(code: &str) -> Result<Self> {
        let refused = || Error::invalid("period", format!("\"{code}\" is not a month like 2025-03"));
        match code.len() {
            7 => format!("{code}-01").parse().map(Self::of).map_err(|_| refused()),
            _ => Err(refused()),
        }
    }

    /// The month of a day.
    pub fn of(day: Date) -> Self {
        Self(month_of(day).0)
    }

    /// Its first day.
    pub fn first_day(self) -> Date {
        self.0
    }

    /// The month so many months later.
    ///
    /// Out of the calendar it is `AMOUNT_OVERFLOW`.
    pub fn after(self, months: u32) -> Result<Self> {
        let later = self.0.checked_add_months(Months::new(months));
        later.map(Self).ok_or_else(overflow)
    }

    /// The month before.
    ///
    /// Out of the calendar it is `AMOUNT_OVERFLOW`.
    pub fn before(self) -> Result<Self> {
        let day = self.0.pred_opt().ok_or_else(overflow)?;
        Ok(Self::of(day))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn months_follow_each_other() {
        let january = Month::of("2025-01-31".parse().unwrap());
        assert_eq!(january, Month::parse("2025-01").unwrap());
        assert_eq!(january.before().unwrap(), Month::parse("2024-12").unwrap());
        assert_eq!(january.after(14).unwrap().first_day().to_string(), "2026-03-01");
        assert_eq!(january.after(u32::MAX).unwrap_err().reason, crate::reason::AMOUNT_OVERFLOW);
    }

    #[test]
    fn refuses_what_is_no_month() {
        for code in ["", "2025", "2025-13", "2025-3", "2025-03-01", "Q1-2025"] {
            assert_eq!(Month::parse(code).unwrap_err().field, "period", "{code}");
        }
    }
}
