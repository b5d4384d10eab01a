//! Accounting periods: on which day an amount is posted, and what a month's revenue knows.

mod known_at;
mod posting;
mod reopen;

pub use known_at::{ApprovedWork, Month, revenue_known_at};
pub use posting::{DateRule, Posting, intercompany_posting, posting};
pub use reopen::{ReopenRequest, reopen};

use chrono::{Datelike, Months};
use strata_kernel::{Date, Error, Result};

/// May post into soft-closed periods.
pub const ADJUST_SCOPE: &str = "finance.adjust";
/// May reopen closed periods.
pub const REOPEN_SCOPE: &str = "finance.reopen";

/// State of an accounting period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PeriodState {
    /// Not begun.
    Future,
    /// Open to everybody.
    Open,
    /// Open to adjustments only.
    SoftClosed,
    /// Closed.
    Closed,
}

impl PeriodState {
    /// Reads a state by its name. Another word is `INVALID_FIELD`.
    pub fn parse(name: &str) -> Result<Self> {
        Ok(match name {
            "future" => Self::Future,
            "open" => Self::Open,
            "soft_closed" => Self::SoftClosed,
            "closed" => Self::Closed,
            _ => return Err(Error::invalid("state", format!("\"{name}\" is not a state of a period"))),
        })
    }

    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Future => "future",
            Self::Open => "open",
            Self::SoftClosed => "soft_closed",
            Self::Closed => "closed",
        }
    }
}

/// An accounting period of one legal entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// Code: "2025-03".
    pub code: String,
    /// First day.
    pub from: Date,
    /// Day after the last.
    pub to: Date,
    /// State.
    pub state: PeriodState,
}

impl Period {
    /// The period of a calendar month, by its code. A code that is no month is `INVALID_FIELD`.
    pub fn month(code: &str, state: PeriodState) -> Result<Self> {
        let month = Month::parse(code)?;
        Ok(Self {
            code: code.to_owned(),
            from: month.first_day(),
            to: month.after(1)?.first_day(),
            state,
        })
    }

    fn contains(&self, day: Date) -> bool {
        self.from <= day && day < self.to
    }
}

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
        Self(day.with_day(1).unwrap_or(day))
    }

    /// Its first day.
    pub fn first_day(self) -> Date {
        self.0
    }

    /// The month so many months later.
    pub fn after(self, months: u32) -> Result<Self> {
        let later = self.0.checked_add_months(Months::new(months));
        later.map(Self).ok_or_else(crate::ratio::overflow)
    }

    /// The month before.
    pub fn before(self) -> Result<Self> {
        let day = self.0.pred_opt().ok_or_else(crate::ratio::overflow)?;
        Ok(Self::of(day))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_month_is_half_open() {
        let december = Period::month("2024-12", PeriodState::Open).unwrap();
        assert_eq!(december.to.to_string(), "2025-01-01");
        assert!(december.contains("2024-12-31".parse().unwrap()));
        assert!(!december.contains(december.to));
        for code in ["2025", "2025-13", "2025-3", "2025-03-01", "Q1-2025"] {
            assert!(Period::month(code, PeriodState::Open).is_err(), "{code}");
        }
    }

    #[test]
    fn states_read_what_they_say() {
        for state in [
            PeriodState::Future,
            PeriodState::Open,
            PeriodState::SoftClosed,
            PeriodState::Closed,
        ] {
            assert_eq!(PeriodState::parse(state.name()), Ok(state));
        }
        assert_eq!(PeriodState::parse("ajar").unwrap_err().field, "state");
    }
}
