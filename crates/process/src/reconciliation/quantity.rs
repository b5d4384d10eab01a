//! Minutes and money that are added up together.

use crate::store::rows::PostingRow;
use crate::store::rows_books::BookRow;

/// Minutes, and minor units of one currency.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Quantity {
    pub(super) minutes: i64,
    pub(super) minor: i64,
}

impl Quantity {
    pub(super) fn of_posting(row: &PostingRow) -> Self {
        Self {
            minutes: row.minutes,
            minor: row.minor_units,
        }
    }

    pub(super) fn of_record(row: &BookRow) -> Self {
        Self {
            minutes: row.minutes,
            minor: row.minor_units,
        }
    }

    /// The sum. It stops at the largest number there is: then it differs from the other side, which is what it is for.
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            minutes: self.minutes.saturating_add(other.minutes),
            minor: self.minor.saturating_add(other.minor),
        }
    }

    pub(super) fn negated(self) -> Self {
        Self {
            minutes: self.minutes.saturating_neg(),
            minor: self.minor.saturating_neg(),
        }
    }

    /// The same with some minutes more.
    pub(super) fn minutes(self, more: i64) -> Self {
        Self {
            minutes: self.minutes.saturating_add(more),
            ..self
        }
    }
}
