//! What stands in the ledger: invoices, credit memos, payments, journals.

use super::Shape::{Choice, Currency, Day, Document, Flag, Number, Ref, Sublist, Text, Whole};
use super::{Choices, Field, RecordType, Rule, TRANSACTION, computed, may, must};

/// UNVERIFIED labels.
static INVOICE_STATUS: Choices = &[("A", "Open"), ("B", "Paid In Full")];
/// UNVERIFIED labels.
static CREDIT_STATUS: Choices = &[("A", "Open"), ("B", "Fully Applied")];
/// UNVERIFIED labels.
static PAYMENT_STATUS: Choices = &[("C", "Deposited")];

static LINES: &[Field] = &[
    computed("line", Whole),
    may("description", Text),
    may("job", Ref("job")),
    must("amount", Number),
    must("taxCode", Ref("salesTaxItem")),
    may("custcol_line_kind", Text),
    may("custcol_source", Text),
];

static JOURNAL_LINES: &[Field] = &[
    computed("line", Whole),
    must("account", Ref("account")),
    may("debit", Number),
    may("credit", Number),
    may("memo", Text),
    may("entity", Ref("customer")),
    may("department", Ref("department")),
    may("custcol_contract", Text),
    may("custcol_project", Text),
];

static APPLIED: &[Field] = &[must("doc", Document), may("apply", Flag), must("amount", Number)];

/// Fields of both kinds of document, but for the status, whose labels differ.
macro_rules! document_fields {
    ($($more:expr),* $(,)?) => {
        &[
            must("entity", Ref("customer")),
            may("subsidiary", Ref("subsidiary")),
            must("tranDate", Day),
            may("dueDate", Day),
            may("currency", Currency),
            may("exchangeRate", Number),
            may("memo", Text),
            may("otherRefNum", Text),
            may("custbody_period", Text),
            may("custbody_billing_timing", Text),
            must("item", Sublist(LINES)),
            computed("tranId", Text),
            computed("subtotal", Number),
            computed("taxTotal", Number),
            computed("total", Number),
            computed("amountRemaining", Number),
            computed("custbody_total_functional", Number),
            $($more),*
        ]
    };
}

pub(super) static TYPES: &[RecordType] = &[
    RecordType {
        name: "invoice",
        kind: TRANSACTION,
        fields: document_fields!(computed("amountPaid", Number), computed("status", Choice(INVOICE_STATUS))),
        rule: Rule::Document("INV"),
        label: "tranId",
        unique: None,
        numbered: None,
        used_by: &[],
    },
    RecordType {
        name: "creditMemo",
        kind: TRANSACTION,
        fields: document_fields!(
            may("createdFrom", Ref("invoice")),
            computed("applied", Number),
            computed("status", Choice(CREDIT_STATUS)),
        ),
        rule: Rule::Document("CM"),
        label: "tranId",
        unique: None,
        numbered: None,
        used_by: &[],
    },
    RecordType {
        name: "customerPayment",
        kind: "customerPayment",
        fields: &[
            must("customer", Ref("customer")),
            may("currency", Currency),
            must("payment", Number),
            must("tranDate", Day),
            may("memo", Text),
            may("apply", Sublist(APPLIED)),
            computed("tranId", Text),
            computed("applied", Number),
            computed("unapplied", Number),
            computed("status", Choice(PAYMENT_STATUS)),
        ],
        rule: Rule::Payment,
        label: "tranId",
        unique: None,
        numbered: None,
        used_by: &[],
    },
    RecordType {
        name: "journalEntry",
        kind: TRANSACTION,
        fields: &[
            must("subsidiary", Ref("subsidiary")),
            must("tranDate", Day),
            may("currency", Currency),
            may("exchangeRate", Number),
            may("memo", Text),
            may("approved", Flag),
            may("custbody_period", Text),
            may("custbody_original_period", Text),
            must("line", Sublist(JOURNAL_LINES)),
            computed("tranId", Text),
            computed("custbody_total_functional", Number),
        ],
        rule: Rule::Journal,
        label: "tranId",
        unique: None,
        numbered: None,
        used_by: &[],
    },
];
