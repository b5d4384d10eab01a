//! Records of a generated firm, as its files hold them. Money stays the text it is.

use std::collections::BTreeMap;

use serde::Deserialize;
use strata_kernel::Date;

/// A company of the firm.
#[derive(Debug, Clone, Deserialize)]
pub struct LegalEntity {
    /// Code: "US01".
    pub id: String,
    /// ISO 3166 alpha-2 country.
    pub country: String,
    /// Currency of its books.
    pub functional_currency: String,
    /// Standard tax rate in percent, an exact decimal.
    pub standard_tax_percent: String,
}

/// A currency and its receipt policy.
#[derive(Debug, Clone, Deserialize)]
pub struct Currency {
    /// ISO 4217 code.
    pub code: String,
    /// Amount above which an expense needs a receipt, major units.
    pub receipt_required_over: String,
}

/// Where cost is booked.
#[derive(Debug, Clone, Deserialize)]
pub struct CostCenter {
    /// Code.
    pub id: String,
    /// Entity it belongs to.
    pub legal_entity_id: String,
    /// Label.
    pub name: String,
}

/// One unit of `from` buys `rate` units of `to`, from `date` on.
#[derive(Debug, Clone, Deserialize)]
pub struct ExchangeRate {
    /// First day.
    pub date: Date,
    /// Converted from.
    pub from: String,
    /// Converted to.
    pub to: String,
    /// Exact decimal.
    pub rate: String,
}

/// A customer.
#[derive(Debug, Clone, Deserialize)]
pub struct Customer {
    /// Firm's id.
    pub id: String,
    /// Legal name.
    pub name: String,
    /// ISO 3166 alpha-2 country.
    pub country: String,
    /// Currency it is billed in.
    pub billing_currency: String,
    /// Whether its VAT id was checked and is valid.
    pub vat_id_valid: bool,
    /// Days from issue to due date.
    pub payment_terms_days: u32,
}

/// A deal, won or not.
#[derive(Debug, Clone, Deserialize)]
pub struct Opportunity {
    /// Firm's id.
    pub id: String,
    /// Customer.
    pub customer_id: String,
    /// `closed_won`, `closed_lost`, `negotiation`, `proposal`.
    pub stage: String,
    /// Day it was won.
    pub closed_on: Option<Date>,
    /// Value, major units.
    pub amount: String,
    /// Currency of the value.
    pub currency: String,
}

/// Agreed terms.
#[derive(Debug, Clone, Deserialize)]
pub struct Contract {
    /// Code: "CT-00001".
    pub id: String,
    /// Customer.
    pub customer_id: String,
    /// Deal it was sold with.
    pub opportunity_id: String,
    /// Contracting entity.
    pub legal_entity_id: String,
    /// Currency of every amount.
    pub currency: String,
    /// `time`, `time_capped`, `blended`, `fixed_fee`, `retainer_monthly`, `retainer_prepaid`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `hours_input`, `milestone`, `straight_line` or nothing.
    pub revenue_method: Option<String>,
    /// First day.
    pub start_date: Date,
    /// Last day.
    pub end_date: Date,
    /// Day of signature.
    pub signed_on: Date,
    /// Step of rounding in minutes; 1 rounds nothing.
    pub increment_minutes: u32,
    /// `up` or `half_up`.
    pub rounding_mode: String,
    /// Smallest billable time in minutes.
    pub minimum_minutes: u32,
    /// Price of overtime in percent of the rate.
    pub overtime_multiplier_percent: u32,
    /// Markup on expenses in percent.
    pub expense_markup_percent: u32,
    /// Cap, major units.
    pub cap_amount: Option<String>,
    /// Fixed price, major units.
    pub contract_value: Option<String>,
    /// Monthly fee, major units.
    pub monthly_fee: Option<String>,
    /// Minutes the fee includes.
    pub included_minutes: Option<u32>,
    /// Price of an hour beyond, major units.
    pub overage_rate: Option<String>,
    /// Prepaid amount, major units.
    pub prepaid_amount: Option<String>,
}

impl Contract {
    /// True for contracts billed by the hour: those the platform bills.
    #[must_use]
    pub fn is_timed(&self) -> bool {
        matches!(self.kind.as_str(), "time" | "time_capped" | "blended")
    }
}

/// A change of a contract.
#[derive(Debug, Clone, Deserialize)]
pub struct Amendment {
    /// Code.
    pub id: String,
    /// Contract it changes.
    pub contract_id: String,
    /// `rates`, `cap`, `scope`.
    pub kind: String,
    /// First day it holds.
    pub effective_from: Date,
    /// Day of signature: known from then on.
    pub signed_on: Date,
    /// Currency of its amounts.
    pub currency: String,
    /// New rates by role, major units.
    #[serde(default)]
    pub rates: BTreeMap<String, String>,
    /// New cap, major units.
    pub cap_amount: Option<String>,
    /// Added value, major units.
    pub added_value: Option<String>,
}

/// A part of a fixed fee that is billed once the customer accepted it.
#[derive(Debug, Clone, Deserialize)]
pub struct Milestone {
    /// Code: "CT-00002-M1".
    pub id: String,
    /// Contract it belongs to.
    pub contract_id: String,
    /// What is delivered.
    pub name: String,
    /// Price, major units.
    pub amount: String,
    /// Currency of the price.
    pub currency: String,
    /// Day it is planned for.
    pub planned_on: Date,
    /// Day the customer accepts it; none: not within the year.
    pub accepted_on: Option<Date>,
    /// Amendment that adds it; none: part of the contract as it was signed.
    pub change_order_id: Option<String>,
}

/// What a project of a fixed fee was expected, on a day, to take in all.
#[derive(Debug, Clone, Deserialize)]
pub struct Estimate {
    /// Code: "ES-00001".
    pub id: String,
    /// Contract.
    pub contract_id: String,
    /// Day of the estimate.
    pub recorded_on: Date,
    /// Minutes in all.
    pub eac_minutes: u32,
}

/// A project.
#[derive(Debug, Clone, Deserialize)]
pub struct Project {
    /// Code: "PR-00001", "INT-US01".
    pub id: String,
    /// Contract; none for internal work.
    pub contract_id: Option<String>,
    /// Entity that carries it.
    pub legal_entity_id: String,
    /// First day of work.
    pub activated_on: Date,
    /// Id in the ERP; none: its structure is incomplete at first.
    pub erp_project_id: Option<String>,
    /// Cost center.
    pub cost_center_id: String,
}

/// A task.
#[derive(Debug, Clone, Deserialize)]
pub struct Task {
    /// Code: "PR-00001-T1".
    pub id: String,
    /// Project.
    pub project_id: String,
    /// Name.
    pub name: String,
    /// Whether its hours are billable.
    pub billable: bool,
}

/// A line of a rate card.
#[derive(Debug, Clone, Deserialize)]
pub struct RateLine {
    /// Code.
    pub id: String,
    /// `contract`, `project`, `customer`, `standard`.
    pub level: String,
    /// What the line is for, by its code.
    pub level_id: String,
    /// Role or "*".
    pub role: String,
    /// Currency.
    pub currency: String,
    /// Price of an hour, major units.
    pub rate: String,
    /// First day.
    pub effective_from: Date,
    /// First day no more.
    pub effective_to: Option<Date>,
}

/// A person.
#[derive(Debug, Clone, Deserialize)]
pub struct Employee {
    /// Number: "EM-00001".
    pub id: String,
    /// Role.
    pub role: String,
    /// First day.
    pub hired_on: Date,
    /// Last day.
    pub terminated_on: Option<Date>,
    /// Share of full time.
    pub fte_percent: u32,
}

/// Who employs a person, from a day on.
#[derive(Debug, Clone, Deserialize)]
pub struct Employment {
    /// Person.
    pub employee_id: String,
    /// Employer.
    pub legal_entity_id: String,
    /// First day.
    pub effective_from: Date,
}

/// What an hour of a person costs, from a day on.
#[derive(Debug, Clone, Deserialize)]
pub struct CostRate {
    /// Person.
    pub employee_id: String,
    /// Currency.
    pub currency: String,
    /// Cost of an hour, major units.
    pub rate: String,
    /// First day.
    pub effective_from: Date,
}

/// A person on a project.
#[derive(Debug, Clone, Deserialize)]
pub struct Assignment {
    /// Project.
    pub project_id: String,
    /// Role on it.
    pub role: String,
}

/// What one company charges another for an hour of its people.
#[derive(Debug, Clone, Deserialize)]
pub struct TransferRate {
    /// Employs the person.
    pub delivering_entity_id: String,
    /// Signed the contract.
    pub contracting_entity_id: String,
    /// Role.
    pub role: String,
    /// Currency.
    pub currency: String,
    /// Price of an hour, major units.
    pub rate: String,
    /// First day.
    pub effective_from: Date,
    /// First day no more.
    pub effective_to: Option<Date>,
}

/// New minutes for an approved entry.
#[derive(Debug, Clone, Deserialize)]
pub struct Correction {
    /// Firm's id.
    pub id: String,
    /// Entry it replaces.
    pub time_entry_id: String,
    /// Minutes now; 0 voids.
    pub corrected_minutes: u32,
    /// Day of approval.
    pub approved_on: Date,
}

/// An expense.
#[derive(Debug, Clone, Deserialize)]
pub struct Expense {
    /// Firm's id.
    pub id: String,
    /// Who spent it.
    pub employee_id: String,
    /// For which project.
    pub project_id: String,
    /// Day it was spent.
    pub incurred_on: Date,
    /// Category.
    pub category: String,
    /// Amount, major units.
    pub amount: String,
    /// Currency.
    pub currency: String,
    /// Whether there is a receipt.
    pub receipt: bool,
    /// Whether the customer owes it.
    pub billable: bool,
    /// Whether the firm owes it to the person.
    pub reimbursable: bool,
    /// Day of approval.
    pub approved_on: Option<Date>,
}

/// Money a customer pays.
#[derive(Debug, Clone, Deserialize)]
pub struct Payment {
    /// Firm's id.
    pub id: String,
    /// Contract of the document paid.
    pub contract_id: String,
    /// Period of the document paid.
    pub period: String,
    /// `arrears` or `advance`.
    pub document: String,
    /// Day it arrives.
    pub received_on: Date,
    /// Amount, major units.
    pub amount: String,
    /// Currency.
    pub currency: String,
}

/// Time as the books show it after somebody damaged them. Corrections are not in it.
#[derive(Debug, Clone, Deserialize)]
pub struct DamagedPosting {
    /// Entry.
    pub psa_time_entry_id: String,
    /// Minutes.
    pub minutes: u32,
}

/// A document that must be in the books.
#[derive(Debug, Clone, Deserialize)]
pub struct ExpectedInvoice {
    /// Contract.
    pub contract_id: String,
    /// Customer.
    pub customer_id: String,
    /// Entity.
    pub legal_entity_id: String,
    /// Period.
    pub period: String,
    /// `arrears` or `advance`.
    pub document: String,
    /// `invoice` or `credit_memo`.
    pub kind: String,
    /// Issue date.
    pub issue_date: Date,
    /// Due date.
    pub due_date: Date,
    /// Currency of the amounts.
    pub currency: String,
    /// Time billed first.
    pub time_new: String,
    /// Time taken back.
    pub time_credit: String,
    /// The same billed anew.
    pub time_rebill: String,
    /// What the cap takes or gives.
    pub cap_adjustment: String,
    /// Hours beyond what a fee includes.
    pub overage: String,
    /// Expenses.
    pub expenses: String,
    /// Milestones.
    pub milestones: String,
    /// Fee in advance.
    pub fee: String,
    /// Net total.
    pub net: String,
    /// Tax category.
    pub tax_category: String,
    /// Tax percent.
    pub tax_percent: String,
    /// Tax.
    pub tax: String,
    /// Net and tax.
    pub gross: String,
    /// Currency of the entity's books.
    pub functional_currency: String,
    /// Rate to it.
    pub fx_rate: String,
    /// Gross in it.
    pub gross_functional: String,
}

/// What must have been posted for a project.
#[derive(Debug, Clone, Deserialize)]
pub struct ExpectedProject {
    /// Project.
    pub project_id: String,
    /// Minutes worked and approved.
    pub approved_minutes: i64,
    /// Minutes that count for billing.
    pub billable_minutes: i64,
    /// Cost by currency, major units.
    pub cost: BTreeMap<String, String>,
}

/// What must be unbilled for a project on a day.
#[derive(Debug, Clone, Deserialize)]
pub struct ExpectedUnbilled {
    /// Day.
    pub as_of: Date,
    /// Project.
    pub project_id: String,
    /// Entries.
    pub entries: u32,
    /// Minutes that count for billing.
    pub billable_minutes: i64,
    /// Sales value, major units.
    pub amount: String,
    /// Its currency.
    pub currency: String,
}

/// An exception that must have been raised.
#[derive(Debug, Clone, Deserialize)]
pub struct ExpectedException {
    /// Cause.
    pub kind: String,
    /// Object at fault.
    pub id: String,
}

/// A time entry that must have been credited and billed anew.
#[derive(Debug, Clone, Deserialize)]
pub struct ExpectedAdjustment {
    /// Entry.
    pub time_entry_id: String,
    /// Contract.
    pub contract_id: String,
    /// Period of the document.
    pub period: String,
    /// Taken back, major units.
    pub credit: String,
    /// Billed anew, major units.
    pub rebill: String,
    /// Currency.
    pub currency: String,
}

/// Worked time of one entity and month against what its people have.
#[derive(Debug, Clone, Deserialize)]
pub struct ExpectedUtilization {
    /// Entity.
    pub legal_entity_id: String,
    /// Month.
    pub period: String,
    /// Minutes that people have.
    pub capacity_minutes: i64,
    /// Minutes worked and approved.
    pub approved_minutes: i64,
    /// Minutes of entries that count for billing, as worked.
    pub billable_minutes: i64,
}

/// What one company owes another for a month's work.
#[derive(Debug, Clone, Deserialize)]
pub struct ExpectedIntercompany {
    /// Employs the people.
    pub delivering_entity_id: String,
    /// Signed the contracts.
    pub contracting_entity_id: String,
    /// Month of the work.
    pub period: String,
    /// Minutes.
    pub minutes: i64,
    /// Transfer price, major units.
    pub amount: String,
    /// Its currency.
    pub currency: String,
}

/// What a customer must owe on the last day.
#[derive(Debug, Clone, Deserialize)]
pub struct ExpectedReceivable {
    /// Customer.
    pub customer_id: String,
    /// Currency.
    pub currency: String,
    /// Open, major units.
    pub open: String,
    /// The part of it that is overdue.
    pub overdue: String,
}

/// A way in which the damaged books differ.
#[derive(Debug, Clone, Deserialize)]
pub struct ExpectedFinding {
    /// `missing_in_erp`, `duplicate_in_erp`, `minutes_differ`.
    pub finding: String,
    /// Entry.
    pub time_entry_id: String,
}

/// What a contract must have earned in a month, and how it must stand at its end.
#[derive(Debug, Clone, Deserialize)]
pub struct ExpectedRevenue {
    /// Contract.
    pub contract_id: String,
    /// Month.
    pub period: String,
    /// Currency of the amounts.
    pub currency: String,
    /// Earned in the month by work and fees.
    pub revenue: String,
    /// Earned in the month by expenses.
    pub expense_revenue: String,
    /// Earned until its end, expenses included.
    pub cumulative_revenue: String,
    /// Net of the documents issued until its end.
    pub cumulative_billed: String,
    /// Earned more than billed.
    pub contract_asset: String,
    /// Billed more than earned.
    pub contract_liability: String,
}
