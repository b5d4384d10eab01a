//! Accounting periods: on which day an amount is posted, and what a month's revenue knows.

mod known_at;
mod month;
mod posting;
mod reopen;

pub use known_at::{ApprovedWork, revenue_known_at};
pub use month::Month;
pub use posting::{DateRule, Posting, intercompany_posting, posting};
pub use reopen::{ReopenRequest, reopen};

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
