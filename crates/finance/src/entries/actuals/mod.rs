//! Actuals of a time-and-material engagement: append-only rows of cost, unbilled and billed sales.
//!
//! No row is ever changed. A change is a reversal, the exact negative of the row, and new rows. Billing moves
//! unbilled sales to billed sales, so what is unbilled afterwards is what it was less what is billed.
//! Source of the rows of each event: actuals in a time and materials engagement, Dynamics 365 Project Operations.

mod ledger;
#[cfg(test)]
mod tests;

pub use ledger::ActualsLedger;

use strata_kernel::{Currency, Decimal, Money};

/// Sub-ledger of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ActualKind {
    /// What the work costs the firm.
    Cost,
    /// Sales value of work that is not invoiced.
    Unbilled,
    /// Sales value of work that is invoiced.
    Billed,
}

impl ActualKind {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cost => "cost",
            Self::Unbilled => "unbilled",
            Self::Billed => "billed",
        }
    }
}

/// One row. A reversal is a row of the opposite sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actual {
    /// Sub-ledger.
    pub kind: ActualKind,
    /// Hours.
    pub hours: Decimal,
    /// Their value at the rate of the sub-ledger, rounded once per row.
    pub amount: Money,
    /// False: sales value that the customer does not pay.
    pub chargeable: bool,
}

/// Rates of an engagement, per hour in major units of one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ActualRates {
    /// What an hour costs.
    pub cost: Decimal,
    /// What an hour sells for.
    pub bill: Decimal,
    /// Currency of both.
    pub currency: Currency,
}

/// What happens to time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActualEvent {
    /// Time is created, submitted, or put on a draft invoice: no row.
    Noted,
    /// Time is approved: cost of the hours, sales of the billable ones. Hours that are not billable are sales
    /// that are not chargeable; more billable than worked hours are a write-up.
    Approve {
        /// Worked hours, above zero.
        hours: Decimal,
        /// Billable hours, not below zero. None: those worked.
        billable_hours: Option<Decimal>,
    },
    /// The newest approval is cancelled, or its time recalled: all its rows are reversed. Not once it is invoiced.
    CancelApproval,
    /// The contract is confirmed: what is not invoiced is reversed and made anew at the rates that hold now.
    ConfirmContract {
        /// Cost per hour from now on. None: as before.
        cost: Option<Decimal>,
        /// Price per hour from now on. None: as before.
        bill: Option<Decimal>,
    },
    /// An invoice over all open chargeable hours is confirmed for so many hours. Fewer: the rest is billed as not
    /// chargeable. More: the difference is written up.
    ConfirmInvoice {
        /// Hours on the invoice, not below zero. None: all that are open.
        hours: Option<Decimal>,
    },
    /// The newest invoice is corrected to so many hours at a price. Hours that leave it are unbilled again.
    CorrectInvoice {
        /// Hours on the corrected invoice, not below zero.
        hours: Decimal,
        /// Price per hour on it. None: that of the engagement.
        bill: Option<Decimal>,
    },
}
