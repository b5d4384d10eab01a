//! What finance keeps: legal entities, cost centers, taxes, rates, limits, periods.

use super::Shape::{Choice, Currency, CurrencyCode, Day, Flag, Number, Ref, Text, Whole};
use super::{Choices, RecordType, Rule, may, must};

/// UNVERIFIED labels.
static ACCOUNT_TYPES: Choices = &[
    ("AcctRec", "Accounts Receivable"),
    ("UnbilledRec", "Unbilled Receivable"),
    ("OthCurrAsset", "Other Current Asset"),
    ("OthCurrLiab", "Other Current Liability"),
    ("DeferRevenue", "Deferred Revenue"),
    ("Income", "Income"),
    ("OthIncome", "Other Income"),
    ("COGS", "Cost of Goods Sold"),
    ("Expense", "Expense"),
];

pub(super) static TYPES: &[RecordType] = &[
    RecordType {
        name: "subsidiary",
        kind: "subsidiary",
        fields: &[
            must("name", Text),
            must("country", Text),
            must("currency", Currency),
            may("custrecord_fx_max_age_days", Whole),
            may("custrecord_eu_member", Flag),
            may("isInactive", Flag),
        ],
        rule: Rule::Plain,
        label: "name",
        // Document numbers are made of it.
        unique: Some("name"),
        numbered: None,
        used_by: &[
            ("department", "subsidiary.id"),
            ("salesTaxItem", "subsidiary.id"),
            ("customer", "subsidiary.id"),
            ("salesOrder", "subsidiary.id"),
            ("job", "subsidiary.id"),
            ("employee", "subsidiary.id"),
            ("transaction", "subsidiary.id"),
        ],
    },
    RecordType {
        name: "department",
        kind: "department",
        fields: &[
            must("name", Text),
            must("subsidiary", Ref("subsidiary")),
            may("custrecord_label", Text),
            may("isInactive", Flag),
        ],
        rule: Rule::Plain,
        label: "name",
        unique: None,
        numbered: None,
        used_by: &[("job", "department.id"), ("employee", "department.id")],
    },
    RecordType {
        name: "salesTaxItem",
        kind: "salesTaxItem",
        fields: &[
            must("itemId", Text),
            must("subsidiary", Ref("subsidiary")),
            must("rate", Number),
            may("custrecord_tax_category", Text),
            may("isInactive", Flag),
        ],
        rule: Rule::Plain,
        label: "itemId",
        unique: None,
        numbered: None,
        used_by: &[("transaction", "_taxes")],
    },
    // UNVERIFIED record name.
    RecordType {
        name: "currencyRate",
        kind: "currencyRate",
        fields: &[
            must("baseCurrency", Currency),
            must("transactionCurrency", Currency),
            must("exchangeRate", Number),
            must("effectiveDate", Day),
        ],
        rule: Rule::Rate,
        label: "effectiveDate",
        unique: None,
        numbered: None,
        used_by: &[],
    },
    RecordType {
        name: "customrecord_receipt_limit",
        kind: "customrecord_receipt_limit",
        fields: &[must("custrecord_currency", CurrencyCode), must("custrecord_limit", Number)],
        rule: Rule::Plain,
        label: "custrecord_currency",
        unique: Some("custrecord_currency"),
        numbered: None,
        used_by: &[],
    },
    RecordType {
        name: "accountingPeriod",
        kind: "accountingPeriod",
        fields: &[
            must("periodName", Text),
            must("startDate", Day),
            must("endDate", Day),
            may("closed", Flag),
            may("closedOnDate", Day),
            may("arLocked", Flag),
            may("allLocked", Flag),
            // Lets what posts nothing to the ledger, such as time, into the closed period.
            may("allowNonGLChanges", Flag),
            may("isAdjust", Flag),
            may("isPosting", Flag),
            may("isQuarter", Flag),
            may("isYear", Flag),
            may("parent", Ref("accountingPeriod")),
        ],
        rule: Rule::Period,
        label: "periodName",
        unique: Some("periodName"),
        numbered: None,
        used_by: &[],
    },
    RecordType {
        name: "account",
        kind: "account",
        fields: &[
            must("acctNumber", Text),
            must("acctName", Text),
            must("acctType", Choice(ACCOUNT_TYPES)),
            may("description", Text),
            // Open to every subsidiary below.
            may("includeChildren", Flag),
            may("isInactive", Flag),
        ],
        rule: Rule::Plain,
        label: "acctName",
        unique: Some("acctNumber"),
        numbered: None,
        used_by: &[("transaction", "_accounts")],
    },
];
