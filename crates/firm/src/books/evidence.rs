//! What is there: the books as the ERP shows them, and what the platform says.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use strata_kernel::Date;

use crate::director::RecordedUnbilled;

/// Everything the comparison looks at.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Evidence {
    /// Invoices and credit memos in the ERP.
    pub documents: Vec<Booked>,
    /// Time in the ERP, summed by project code.
    pub projects: BTreeMap<String, Worked>,
    /// Documents as the platform shows them.
    pub platform: Vec<PlatformDocument>,
    /// Exceptions in any state.
    pub exceptions: Vec<RaisedException>,
    /// Unbilled time, by the day it was recorded.
    pub unbilled: BTreeMap<Date, Vec<RecordedUnbilled>>,
    /// Journals in the ERP.
    pub journals: Vec<BookedJournal>,
    /// Revenue as the platform says it.
    pub revenue: Vec<PlatformRevenue>,
    /// Positions as the platform says them.
    pub positions: Vec<PlatformPosition>,
    /// Milestones as the platform shows them, by code.
    pub milestones: BTreeMap<String, ShownMilestone>,
    /// Estimates as the platform shows them, day and minutes of every version, by project code.
    pub estimates: BTreeMap<String, Vec<(String, u32)>>,
    /// Time credited and billed anew, as the lines of documents in the ERP show it.
    pub booked_adjustments: BTreeMap<AdjustmentKey, Adjusted>,
    /// The same, as the platform shows it.
    pub adjustments: BTreeMap<AdjustmentKey, Adjusted>,
    /// Worked time against capacity, as the platform shows it.
    pub utilization: Vec<Utilized>,
    /// What companies owe each other, as the platform shows it.
    pub intercompany: Vec<Charged>,
    /// The same in the journals of the ERP, by pair and month of the work.
    pub booked_intercompany: BTreeMap<String, BookedCharge>,
    /// What customers owe, as the platform shows it.
    pub receivables: Vec<Owed>,
    /// Cells of the equation of the books, as the platform compared them.
    #[serde(default)]
    pub balances: Vec<Cell>,
    /// Sums as dashboards show them.
    #[serde(default)]
    pub dashboards: Dashboards,
    /// How the damaged books differ, as the platform found it. Known last: finding it needs the damage.
    #[serde(skip)]
    pub reconciled: Reconciled,
}

/// Sums as dashboards show them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dashboards {
    /// Sums and lines that the platform itself finds to differ from their facts.
    pub differing: u64,
    /// Minutes worked and what they cost by currency, by project code.
    pub projects: BTreeMap<String, (i64, BTreeMap<String, Decimal>)>,
    /// Earned and billed to date, by contract number.
    pub contracts: BTreeMap<String, (Decimal, Decimal)>,
}

/// A milestone as the platform shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownMilestone {
    /// Contract number.
    pub contract: String,
    /// Price.
    pub amount: Decimal,
    /// Its currency.
    pub currency: String,
    /// Day the customer accepted it. Empty: not accepted.
    pub accepted_on: String,
    /// Day finance approved it. Empty: not approved.
    pub approved_on: String,
}

/// A journal in the books.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookedJournal {
    /// Printed number.
    pub number: String,
    /// Contract code, of its lines.
    pub contract: String,
    /// Period.
    pub period: String,
    /// Code of the entity.
    pub legal_entity: String,
    /// Day it is posted on.
    pub date: String,
    /// Currency.
    pub currency: String,
    /// Debits less credits, by account number.
    pub accounts: BTreeMap<String, Decimal>,
}

/// Revenue of a contract and period as the platform says it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformRevenue {
    /// Contract number.
    pub contract: String,
    /// Period.
    pub period: String,
    /// By expenses, not by work and fees.
    pub expenses: bool,
    /// Earned in the period.
    pub amount: Decimal,
    /// Recognised, and not in the books.
    pub on_its_way: bool,
}

/// Position of a contract as the platform says it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformPosition {
    /// Contract number.
    pub contract: String,
    /// Period.
    pub period: String,
    /// Earned until its end.
    pub revenue: Decimal,
    /// Billed until its end.
    pub billed: Decimal,
    /// Earned more than billed: unbilled receivable and contract asset.
    pub asset: Decimal,
    /// Billed more than earned.
    pub liability: Decimal,
}

/// Which document: there is one of each timing for a contract and period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct DocumentKey<'a> {
    pub(super) contract: &'a str,
    pub(super) period: &'a str,
    /// `arrears` or `advance`.
    pub(super) timing: &'a str,
}

impl std::fmt::Display for DocumentKey<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.contract, self.period, self.timing)
    }
}

/// Time entry and billing period, printed with a blank between.
pub type AdjustmentKey = String;

/// What was taken back and billed anew of one time entry in one period.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjusted {
    /// Contract code.
    pub contract: String,
    /// Taken back.
    pub credit: Decimal,
    /// Billed anew.
    pub rebill: Decimal,
    /// Currency.
    pub currency: String,
}

/// Worked time of one entity and month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Utilized {
    /// Entity.
    pub entity: String,
    /// Month.
    pub period: String,
    /// Minutes that people have.
    pub capacity_minutes: i64,
    /// Minutes worked and approved.
    pub approved_minutes: i64,
    /// Minutes of entries that count for billing.
    pub billable_minutes: i64,
}

/// What one company owes another for a month's work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charged {
    /// Employs the people.
    pub delivering: String,
    /// Signed the contracts.
    pub contracting: String,
    /// Month of the work.
    pub period: String,
    /// Minutes.
    pub minutes: i64,
    /// Transfer price.
    pub amount: Decimal,
    /// Its currency.
    pub currency: String,
    /// Entries without a transfer rate.
    pub unpriced: u32,
    /// What of it was charged.
    pub charged: Decimal,
}

/// What the books of two companies say that the one owes the other, by pair and month of the work: "IN01 for DE01 2025-03".
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookedCharge {
    /// Receivable in the books of the company that employs the people.
    pub receivable: Decimal,
    /// Payable in the books of the other.
    pub payable: Decimal,
}

/// What a customer owes in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owed {
    /// Name of the customer.
    pub customer: String,
    /// Currency.
    pub currency: String,
    /// Open.
    pub open: Decimal,
    /// The part of it that is overdue.
    pub overdue: Decimal,
}

/// A cell of the equation of the books: approved = posted + excepted + in flight.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Month, kind, project or contract, and currency: "2025-01 time PR-00001 USD".
    pub name: String,
    /// Lines that differ.
    pub differing: u64,
    /// Minutes that the ERP has too much.
    pub minutes: i64,
    /// Minor units that the ERP has too much.
    pub minor_units: i64,
}

/// What came of reconciling the damaged books.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Finding and time entry: "missing_in_erp TE-1".
    pub findings: Vec<String>,
    /// Time entries that an open exception asks somebody to mend.
    pub exceptions: BTreeSet<String>,
}

/// A document in the books. Amounts of a credit memo are negative.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booked {
    /// Printed number.
    pub number: String,
    /// A credit memo.
    pub credit_memo: bool,
    /// Contract code.
    pub contract: String,
    /// Period.
    pub period: String,
    /// `arrears` or `advance`.
    pub timing: String,
    /// Code of the entity.
    pub legal_entity: String,
    /// Name of the customer.
    pub customer: String,
    /// Issue date.
    pub issue_date: String,
    /// Due date.
    pub due_date: String,
    /// Currency.
    pub currency: String,
    /// Sums by line kind.
    pub lines: BTreeMap<String, Decimal>,
    /// What is taken back and billed anew, by source.
    pub adjusted: BTreeMap<String, (Decimal, Decimal)>,
    /// Tax codes used: category and percent.
    pub taxes: BTreeSet<(String, Decimal)>,
    /// Net total.
    pub net: Decimal,
    /// Tax.
    pub tax: Decimal,
    /// Net and tax.
    pub gross: Decimal,
    /// What is still open.
    pub open: Decimal,
    /// Currency of the entity's books.
    pub functional_currency: String,
    /// Rate to it.
    pub fx_rate: Decimal,
    /// Gross in it.
    pub gross_functional: Decimal,
}

impl Booked {
    /// Which document it is.
    pub(super) fn key(&self) -> DocumentKey<'_> {
        DocumentKey {
            contract: &self.contract,
            period: &self.period,
            timing: &self.timing,
        }
    }
}

/// Time of one project in the books.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worked {
    /// Rows.
    pub rows: u64,
    /// Minutes worked.
    pub minutes: i64,
    /// Minutes that count for billing.
    pub billable_minutes: i64,
    /// Cost by currency.
    pub cost: BTreeMap<String, Decimal>,
}

/// A document as the platform shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlatformDocument {
    /// Contract number.
    pub contract: String,
    /// Period.
    pub period: String,
    /// `arrears` or `advance`.
    pub timing: String,
    /// Printed number.
    pub number: String,
    /// "released", "posted", "part_paid", "paid".
    pub state: String,
    /// Gross.
    pub gross: Decimal,
    /// Open.
    pub open: Decimal,
}

impl PlatformDocument {
    /// Which document it is.
    pub(super) fn key(&self) -> DocumentKey<'_> {
        DocumentKey {
            contract: &self.contract,
            period: &self.period,
            timing: &self.timing,
        }
    }
}

/// An exception the platform raised.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RaisedException {
    /// Cause, as `RECEIPT_MISSING`.
    pub cause: String,
    /// Object, by the code people use.
    pub object: String,
    /// Nobody mended it.
    pub open: bool,
}
