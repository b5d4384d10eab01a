//! What one run bills for one contract: **target minus billed**.
//!
//! At each run every source is priced as it should be priced with what is known now; what is billed of it is
//! taken off, and the difference goes on paper. First bills, late approvals, corrections, amendments and cap
//! changes are one algorithm, and a run that is repeated bills nothing.
//!
//! The caller brings the approved time and expenses with what was billed of each ([`TimeEntry::billed`]), and
//! keeps what the run says about them ([`Outcome::priced`]) for the next one.

mod advance;
mod charges;
mod document;
mod expense;
mod explain;
mod milestone;
mod overage;
mod paper;
mod run;
#[cfg(test)]
mod tests;
mod time;

pub use advance::bill_advance;
pub use charges::{BilledCharges, CappedCost, FeeBase, PercentFee, TimeCharge, bill_charges};
pub use document::{Document, DocumentKind, DocumentTotal, document_of, document_totals, due_date};
pub use explain::{PriceExplanation, explain_time};
pub use milestone::Milestone;
pub use overage::billable_minutes_by_period;
pub use paper::Paper;
pub use run::bill;
pub use time::{TimePrice, price_time, price_version};

use std::collections::BTreeMap;

use strata_kernel::{Currency, Date, Decimal, Error, Money};

use crate::fx::ExchangeRates;
use crate::rates::{RateBook, Resolved};
use crate::retainer::RetainerTerms;
use crate::rounding::TimeRounding;
use crate::tax::TaxTreatment;

/// Terms of a contract, as far as a run asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BillingTerms {
    /// Contract number: key of contract rates.
    pub contract: String,
    /// Key of the customer's rate card.
    pub customer: String,
    /// Code of the contracting legal entity: key of the standard card.
    pub entity: String,
    /// Currency of every price in the contract.
    pub currency: Currency,
    /// How the minutes of an entry are rounded.
    pub time_rounding: TimeRounding,
    /// Percent of the rate for overtime. 100: no premium.
    pub overtime_percent: Decimal,
    /// Percent added to billable expenses.
    pub expense_markup_percent: Decimal,
    /// How hours are billed.
    pub hours: HoursBasis,
    /// The cap, for capped contracts.
    pub cap: Option<Cap>,
    /// Days from issue date to due date.
    pub payment_terms_days: u32,
    /// How the contract is taxed.
    pub tax: TaxTreatment,
}

/// How the hours of a contract are billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoursBasis {
    /// Each at its rate: time and material, capped or blended.
    Rate,
    /// Beyond what the fee of a month includes.
    Overage(RetainerTerms),
    /// Not at all: the price is fixed, or paid in advance.
    Never,
}

/// The most that time may bill, with its versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cap {
    /// As the contract was signed.
    pub signed: Money,
    /// Later versions by the day their amendment was signed.
    pub amended: BTreeMap<Date, Money>,
}

impl Cap {
    /// The cap known on a day.
    pub fn known_on(&self, day: Date) -> Money {
        self.amended
            .range(..=day)
            .next_back()
            .map_or(self.signed, |(_, amount)| *amount)
    }
}

/// A time entry with its corrections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeEntry {
    /// Id of the original entry. Corrections are versions of it.
    pub id: String,
    /// Project code.
    pub project: String,
    /// Day of the work, at the place of work.
    pub work_date: Date,
    /// The original first, then each correction after the version it supersedes. Approved versions only.
    pub versions: Vec<EntryVersion>,
    /// What earlier runs billed of it. None: no run has considered it.
    pub billed: Option<Billed>,
}

/// One approved version of a time entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryVersion {
    /// Worked minutes.
    pub minutes: i64,
    /// Minutes written down after rounding. A correction starts without: its own is given anew.
    pub write_down_minutes: u32,
    /// Day it was approved, which is when it is known.
    pub approved_on: Date,
    /// Role that prices it.
    pub role: String,
    /// True when the project system calls it overtime. Never derived here.
    pub overtime: bool,
    /// True when entry, task and contract line are all billable.
    pub billable: bool,
}

/// What earlier runs billed of a time entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Billed {
    /// Billed less credited, before any cap. Zero when it was considered and cost nothing, or was voided.
    pub net: Money,
    /// Day of the first run that considered it: later card versions do not reach it.
    pub first_run_on: Date,
}

/// An approved expense.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpenseItem {
    /// Id.
    pub id: String,
    /// Project code.
    pub project: String,
    /// Day the money was spent.
    pub incurred_on: Date,
    /// Day it was approved.
    pub approved_on: Date,
    /// Amount in the currency it was spent in.
    pub amount: Money,
    /// True when there is a receipt.
    pub has_receipt: bool,
    /// True when the customer pays for it, whoever is reimbursed.
    pub billable: bool,
    /// True when an earlier run billed it. Approval froze it, so it is not priced again.
    pub billed: bool,
}

/// Net of time on the contract's earlier documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeBilledBefore {
    /// Lines of kind time, credit and rebill.
    pub gross: Money,
    /// Lines of kind cap adjustment.
    pub cap_adjustment: Money,
}

impl TimeBilledBefore {
    /// Nothing billed yet.
    pub fn nothing(currency: Currency) -> Self {
        Self {
            gross: Money::zero(currency),
            cap_adjustment: Money::zero(currency),
        }
    }
}

/// Everything a run asks.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// Terms of the contract.
    pub terms: &'a BillingTerms,
    /// Rate lines of the contract, its projects, its customer and its entity.
    pub rates: &'a RateBook,
    /// Exchange rates into the contract's currency.
    pub exchange_rates: &'a ExchangeRates,
    /// Exchange rates older than this many days are refused.
    pub fx_max_age_days: u32,
    /// Amounts above which an expense needs a receipt, by currency.
    pub receipt_limits: &'a BTreeMap<Currency, Money>,
    /// Day of the run: issue date, and what is known.
    pub run_date: Date,
    /// Last day of the month that is billed. Work after it waits.
    pub month_end: Date,
    /// Time of the contract. May leave out entries that nothing happened to.
    pub time: &'a [TimeEntry],
    /// Expenses of the contract.
    pub expenses: &'a [ExpenseItem],
    /// What earlier documents billed for time.
    pub billed_before: TimeBilledBefore,
    /// What earlier documents billed for overage, by work month ("2025-03").
    pub overage_before: &'a BTreeMap<String, Money>,
    /// Accepted milestones of the contract.
    pub milestones: &'a [Milestone],
}

/// Kind of a document line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LineKind {
    /// First bill of a time entry.
    Time,
    /// Full credit of what was billed of a time entry.
    TimeCredit,
    /// Full bill of a credited time entry at its new price.
    TimeRebill,
    /// What a cap takes off, or gives back.
    CapAdjustment,
    /// Hours of a month beyond what its fee includes.
    Overage,
    /// A milestone of a fixed price.
    Milestone,
    /// A fee in advance.
    Fee,
    /// An expense.
    Expense,
}

impl LineKind {
    /// The word for it, as documents carry it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::TimeCredit => "time_credit",
            Self::TimeRebill => "time_rebill",
            Self::CapAdjustment => "cap_adjustment",
            Self::Overage => "overage",
            Self::Milestone => "milestone",
            Self::Fee => "fee",
            Self::Expense => "expense",
        }
    }
}

/// One line of a document. Never zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Kind.
    pub kind: LineKind,
    /// Time entry, expense or milestone it bills; the contract for a cap adjustment; the month ("2025-03") for
    /// overage and fees.
    pub source_id: String,
    /// Project code. Empty for what belongs to the whole contract: cap adjustments, overage, milestones, fees.
    pub project: String,
    /// Work date, or the day an expense was incurred or a milestone accepted. None for what has no day.
    pub date: Option<Date>,
    /// Net amount.
    pub amount: Money,
    /// Billable minutes behind it. Zero for credits and whatever is not time.
    pub minutes: i64,
    /// Rate line behind it, for time and rebills.
    pub rate: Option<Resolved>,
}

/// What a run says about a source: to be kept for the next run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Priced {
    /// Time entry or expense.
    pub source_id: String,
    /// Billed less credited once this run is posted. May be zero.
    pub net: Money,
    /// Day of the first run that considered it.
    pub first_run_on: Date,
}

/// A source that could not be priced. It is not considered, and waits for the next run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Time entry or expense.
    pub source_id: String,
    /// Why.
    pub error: Error,
}

/// What a run bills.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Lines: time by work date and entry, then the cap adjustment, overage by month, milestones by day and id,
    /// expenses by day and id.
    pub lines: Vec<Line>,
    /// The document they make. None when there are none.
    pub document: Option<Document>,
    /// Sources whose net changed, or that were considered for the first time.
    pub priced: Vec<Priced>,
    /// Sources that could not be priced.
    pub held: Vec<Held>,
    /// Time that is worked and priced but stands above the cap. It is not lost: a raised cap bills it.
    pub over_cap: Money,
}

impl Outcome {
    /// Nothing billed.
    fn nothing(currency: Currency) -> Self {
        Self {
            lines: Vec::new(),
            document: None,
            priced: Vec::new(),
            held: Vec::new(),
            over_cap: Money::zero(currency),
        }
    }
}
