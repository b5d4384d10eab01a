//! When contracts are billed.

mod advance;
mod arrears;

pub(crate) use advance::{INVOICE_DAY, advance_runs};
pub(crate) use arrears::schedule;

use serde::{Deserialize, Serialize};
use strata_contract::strata::common::v1::BillingTiming;
use strata_kernel::Date;

/// Input of an invoice run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct InvoiceInput {
    pub(super) contract_id: String,
    /// Day of the run: issue date, and what is known.
    pub(super) run_date: Date,
    /// Last day of the month that is billed.
    pub(super) month_end: Date,
    /// When it bills.
    #[serde(default)]
    pub(super) timing: Timing,
}

/// When a document bills what it bills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) enum Timing {
    /// After the month.
    #[default]
    Arrears,
    /// Before the work.
    Advance,
}

impl Timing {
    /// As rows say it.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Arrears => "ARREARS",
            Self::Advance => "ADVANCE",
        }
    }
}

impl From<Timing> for BillingTiming {
    fn from(timing: Timing) -> Self {
        match timing {
            Timing::Arrears => Self::Arrears,
            Timing::Advance => Self::Advance,
        }
    }
}
