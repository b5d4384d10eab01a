//! Every custom field, and every name the public documentation does not confirm, in one place.
//!
//! An administrator adds the custom fields once when NetSuite is connected: see `docs/system-of-record.md`.

use strata_contract::strata::system::erp::v1::AccountKind;

/// Days after which an exchange rate is refused, on `subsidiary`.
pub(crate) const FX_MAX_AGE_DAYS: &str = "custrecord_fx_max_age_days";
/// Whether the country belongs to the European Union for VAT, on `subsidiary`.
pub(crate) const EU_MEMBER: &str = "custrecord_eu_member";
/// Readable name of a cost center, on `department`.
pub(crate) const LABEL: &str = "custrecord_label";
/// UNCL 5305 letter of a tax code, on `salesTaxItem`.
pub(crate) const TAX_CATEGORY: &str = "custrecord_tax_category";
/// Currency of a receipt limit.
pub(crate) const RECEIPT_CURRENCY: &str = "custrecord_currency";
/// Amount above which an expense needs a receipt.
pub(crate) const RECEIPT_LIMIT: &str = "custrecord_limit";
/// Company that employs the person, of a transfer rate.
pub(crate) const DELIVERING: &str = "custrecord_delivering";
/// Company that signed the contract, of a transfer rate.
pub(crate) const CONTRACTING: &str = "custrecord_contracting";
/// Role of a transfer rate.
pub(crate) const TRANSFER_ROLE: &str = "custrecord_role";
/// Currency of a transfer rate.
pub(crate) const TRANSFER_CURRENCY: &str = "custrecord_currency";
/// Price of an hour, of a transfer rate.
pub(crate) const HOURLY_RATE: &str = "custrecord_hourly_rate";
/// First work date of a transfer rate.
pub(crate) const EFFECTIVE_FROM: &str = "custrecord_effective_from";
/// First work date that a transfer rate holds for no more.
pub(crate) const EFFECTIVE_TO: &str = "custrecord_effective_to";
/// Country of a customer.
pub(crate) const COUNTRY: &str = "custentity_country";
/// Payment terms of a customer in days.
pub(crate) const TERMS_DAYS: &str = "custentity_terms_days";
/// Sold value of a contract, on `salesOrder`.
pub(crate) const SOLD_VALUE: &str = "custbody_sold_value";
/// Billing period of a document; period that a journal is about.
pub(crate) const PERIOD: &str = "custbody_period";
/// Accounting period that a journal belongs to, when it is posted in a later one.
pub(crate) const ORIGINAL_PERIOD: &str = "custbody_original_period";
/// When a document bills: `arrears` or `advance`.
pub(crate) const BILLING_TIMING: &str = "custbody_billing_timing";
/// What a document line bills.
pub(crate) const LINE_KIND: &str = "custcol_line_kind";
/// Source a document line bills.
pub(crate) const SOURCE: &str = "custcol_source";
/// Minutes that count for billing, on `timeBill`.
pub(crate) const BILLABLE_MINUTES: &str = "custcol_billable_minutes";
/// Sales value, on `timeBill`.
pub(crate) const BILL_AMOUNT: &str = "custcol_bill_amount";
/// Currency of the sales value, on `timeBill`.
pub(crate) const BILL_CURRENCY: &str = "custcol_bill_currency";
/// Cost, on `timeBill`.
pub(crate) const COST_AMOUNT: &str = "custcol_cost_amount";
/// Currency of the cost, on `timeBill`.
pub(crate) const COST_CURRENCY: &str = "custcol_cost_currency";
/// Day of the work, on `timeBill`, when it is posted on another.
pub(crate) const WORK_DATE: &str = "custcol_work_date";
/// Accounting period of the work date, on `timeBill`, when it is posted in a later one.
pub(crate) const TIME_ORIGINAL_PERIOD: &str = "custcol_original_period";

/// Contract of a journal line.
pub(crate) const CONTRACT: &str = "custcol_contract";
/// Project code of a journal line.
pub(crate) const PROJECT: &str = "custcol_project";

/// Numbers of the accounts that journals are posted to. Finance has them in the chart of accounts, open to every subsidiary.
pub(crate) const ACCOUNTS: [(AccountKind, &str); 9] = [
    (AccountKind::Revenue, "4000"),
    (AccountKind::ExpenseRevenue, "4100"),
    (AccountKind::UnbilledReceivable, "1250"),
    (AccountKind::ContractAsset, "1260"),
    (AccountKind::ContractLiability, "2400"),
    (AccountKind::IntercompanyReceivable, "1280"),
    (AccountKind::IntercompanyRevenue, "4200"),
    (AccountKind::IntercompanyCost, "5200"),
    (AccountKind::IntercompanyPayable, "2080"),
];

/// Table of exchange rates in SuiteQL. UNVERIFIED name.
pub(crate) const RATE_TABLE: &str = "currencyrate";
/// Table of the tasks that close a period, in SuiteQL. UNVERIFIED name, and columns `period`, `subsidiary`, `itemtype`, `complete`.
pub(crate) const LOCK_TABLE: &str = "taskitemstatus";
/// `itemtype` of the task that locks a period for everything of a subsidiary. UNVERIFIED.
pub(crate) const LOCKS_EVERYTHING: &str = "PCP_LOCKALL";
/// Table of receipt limits: a custom record of ours.
pub(crate) const RECEIPT_LIMIT_TABLE: &str = "customrecord_receipt_limit";
/// Table of transfer rates: a custom record of ours.
pub(crate) const TRANSFER_RATE_TABLE: &str = "customrecord_transfer_rate";
/// Columns of a transfer rate, as a query asks for them.
pub(crate) const TRANSFER_RATE_COLUMNS: &str = "custrecord_delivering, custrecord_contracting, custrecord_role, \
    custrecord_currency, custrecord_hourly_rate, custrecord_effective_from, custrecord_effective_to";

/// `approvalStatus` of approved time. UNVERIFIED mapping of the number to "Approved".
pub(crate) const TIME_APPROVED: &str = "3";
/// `status.id` of a voided document. UNVERIFIED mapping of the letter to "Voided".
pub(crate) const STATUS_VOIDED: &str = "V";
/// `status.id` of documents that wait for approval or were refused, so are not in the books. UNVERIFIED mapping.
pub(crate) const STATUS_NOT_POSTED: [&str; 2] = ["D", "E"];
/// Life of a token when the answer does not say. Seconds; Oracle states 60 minutes.
pub(crate) const TOKEN_LIFE_SECONDS: u64 = 3600;
/// Life of a client assertion. Seconds. UNVERIFIED limit: at most an hour after `iat`.
pub(crate) const ASSERTION_LIFE_SECONDS: i64 = 300;
