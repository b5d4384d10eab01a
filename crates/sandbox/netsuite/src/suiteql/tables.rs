//! Tables and columns as data.

use crate::schema::{DISCRIMINATOR, TRANSACTION};

/// A table.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// Kind of document behind it.
    pub(crate) kind: &'static str,
    /// One row for each line of the document instead of one for the document.
    pub(crate) lines: bool,
    pub(crate) columns: &'static [Column],
}

/// A column.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) holds: Holds,
    pub(crate) from: From,
    /// Index of the store that finds documents by this column's text.
    pub(crate) index: Option<&'static str>,
}

/// What the values of a column are, which decides how they compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    Text,
    Number,
    /// `YYYY-MM-DD`.
    Day,
    /// `YYYY-MM-DD HH:MM:SS`, UTC.
    Stamp,
    /// `T` or `F`.
    Flag,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    /// The document's id.
    Id,
    /// When it was last written.
    Modified,
    /// When it was created.
    Created,
    /// A field of the document; a dot steps into an object.
    Field(&'static str),
    /// A field of the line.
    Line(&'static str),
    /// `CustInvc`, `CustCred` or `Journal`.
    Type,
    /// Minutes of the duration in this field.
    Minutes(&'static str),
    /// A field of the job that the field `customer` refers to.
    OfJob(&'static str),
    /// `F`: the row is a line of the document, not its head.
    Line0,
}

/// Type codes by record type.
pub(crate) const TYPE_CODES: [(&str, &str); 3] = [
    ("invoice", "CustInvc"),
    ("creditMemo", "CustCred"),
    ("journalEntry", "Journal"),
];

const fn column(name: &'static str, holds: Holds, from: From) -> Column {
    Column {
        name,
        holds,
        from,
        index: None,
    }
}
const fn text(name: &'static str, path: &'static str) -> Column {
    column(name, Holds::Text, From::Field(path))
}
const fn number(name: &'static str, path: &'static str) -> Column {
    column(name, Holds::Number, From::Field(path))
}
const fn day(name: &'static str, path: &'static str) -> Column {
    column(name, Holds::Day, From::Field(path))
}
const fn flag(name: &'static str, path: &'static str) -> Column {
    column(name, Holds::Flag, From::Field(path))
}
/// A column that is also an index under the same path.
const fn indexed(name: &'static str, holds: Holds, path: &'static str) -> Column {
    Column {
        name,
        holds,
        from: From::Field(path),
        index: Some(path),
    }
}
const ID: Column = column("id", Holds::Number, From::Id);
const MODIFIED: Column = column("lastmodifieddate", Holds::Stamp, From::Modified);
const CREATED: Column = column("createddate", Holds::Stamp, From::Created);
const KEY: Column = indexed("externalid", Holds::Text, "externalId");

/// The table of this name.
pub(crate) fn find(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

impl Table {
    /// The column of this name.
    pub(crate) fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

macro_rules! table {
    ($name:literal, $kind:expr, $($column:expr),* $(,)?) => {
        Table { name: $name, kind: $kind, lines: false, columns: &[ID, KEY, MODIFIED, CREATED, $($column),*] }
    };
}

static TABLES: &[Table] = &[
    table!(
        "transaction",
        TRANSACTION,
        Column {
            name: "type",
            holds: Holds::Text,
            from: From::Type,
            index: Some(DISCRIMINATOR)
        },
        indexed("tranid", Holds::Text, "tranId"),
        indexed("entity", Holds::Number, "entity.id"),
        indexed("subsidiary", Holds::Number, "subsidiary.id"),
        indexed("trandate", Holds::Day, "tranDate"),
        day("duedate", "dueDate"),
        text("currency", "currency.refName"),
        number("exchangerate", "exchangeRate"),
        number("foreignsubtotal", "subtotal"),
        number("foreigntotal", "total"),
        number("foreigntaxtotal", "taxTotal"),
        number("foreignamountunpaid", "amountRemaining"),
        text("status", "status.id"),
        indexed("otherrefnum", Holds::Text, "otherRefNum"),
        text("memo", "memo"),
        indexed("custbody_period", Holds::Text, "custbody_period"),
        text("custbody_original_period", "custbody_original_period"),
        text("custbody_billing_timing", "custbody_billing_timing"),
        number("custbody_total_functional", "custbody_total_functional"),
    ),
    Table {
        name: "transactionline",
        kind: TRANSACTION,
        lines: true,
        columns: &[
            column("transaction", Holds::Number, From::Id),
            column("id", Holds::Number, From::Line("line")),
            column("linesequencenumber", Holds::Number, From::Line("line")),
            column("mainline", Holds::Flag, From::Line0),
            column("linelastmodifieddate", Holds::Stamp, From::Modified),
            Column {
                name: "type",
                holds: Holds::Text,
                from: From::Type,
                index: Some(DISCRIMINATOR),
            },
            column("memo", Holds::Text, From::Line("description")),
            // The project that a line bills is its entity.
            column("entity", Holds::Number, From::Line("job.id")),
            column("job", Holds::Number, From::Line("job.id")),
            column("foreignamount", Holds::Number, From::Line("amount")),
            column("taxcode", Holds::Number, From::Line("taxCode.id")),
            // Of a journal.
            column("account", Holds::Number, From::Line("account.id")),
            column("debitforeignamount", Holds::Number, From::Line("debit")),
            column("creditforeignamount", Holds::Number, From::Line("credit")),
            column("custcol_contract", Holds::Text, From::Line("custcol_contract")),
            column("custcol_project", Holds::Text, From::Line("custcol_project")),
            column("custcol_line_kind", Holds::Text, From::Line("custcol_line_kind")),
            column("custcol_source", Holds::Text, From::Line("custcol_source")),
        ],
    },
    table!(
        "customerpayment",
        "customerPayment",
        text("tranid", "tranId"),
        indexed("customer", Holds::Number, "customer.id"),
        text("currency", "currency.refName"),
        number("payment", "payment"),
        number("applied", "applied"),
        number("unapplied", "unapplied"),
        day("trandate", "tranDate"),
        text("status", "status.id"),
        text("memo", "memo"),
    ),
    table!(
        "timebill",
        "timeBill",
        indexed("employee", Holds::Number, "employee.id"),
        // Holds the project, in spite of its name; `job` and `entityid` show its id and code.
        indexed("customer", Holds::Number, "customer.id"),
        indexed("job", Holds::Number, "customer.id"),
        column("entityid", Holds::Text, From::OfJob("entityId")),
        indexed("trandate", Holds::Day, "tranDate"),
        text("hours", "hours"),
        column("minutes", Holds::Number, From::Minutes("hours")),
        flag("isbillable", "isBillable"),
        text("memo", "memo"),
        number("approvalstatus", "approvalStatus.id"),
        number("custcol_billable_minutes", "custcol_billable_minutes"),
        number("custcol_bill_amount", "custcol_bill_amount"),
        text("custcol_bill_currency", "custcol_bill_currency"),
        number("custcol_cost_amount", "custcol_cost_amount"),
        text("custcol_cost_currency", "custcol_cost_currency"),
        indexed("custcol_work_date", Holds::Day, "custcol_work_date"),
        text("custcol_original_period", "custcol_original_period"),
    ),
    table!(
        "currencyrate",
        "currencyRate",
        text("basecurrency", "baseCurrency.refName"),
        text("transactioncurrency", "transactionCurrency.refName"),
        number("exchangerate", "exchangeRate"),
        day("effectivedate", "effectiveDate"),
    ),
    table!(
        "subsidiary",
        "subsidiary",
        indexed("name", Holds::Text, "name"),
        text("country", "country"),
        text("currency", "currency.refName"),
        number("custrecord_fx_max_age_days", "custrecord_fx_max_age_days"),
        flag("custrecord_eu_member", "custrecord_eu_member"),
        flag("isinactive", "isInactive"),
    ),
    table!(
        "department",
        "department",
        text("name", "name"),
        indexed("subsidiary", Holds::Number, "subsidiary.id"),
        text("custrecord_label", "custrecord_label"),
        flag("isinactive", "isInactive"),
    ),
    table!(
        "salestaxitem",
        "salesTaxItem",
        text("itemid", "itemId"),
        indexed("subsidiary", Holds::Number, "subsidiary.id"),
        number("rate", "rate"),
        text("custrecord_tax_category", "custrecord_tax_category"),
        flag("isinactive", "isInactive"),
    ),
    table!(
        "customrecord_receipt_limit",
        "customrecord_receipt_limit",
        indexed("custrecord_currency", Holds::Text, "custrecord_currency"),
        number("custrecord_limit", "custrecord_limit"),
    ),
    table!(
        "customrecord_transfer_rate",
        "customrecord_transfer_rate",
        indexed("custrecord_delivering", Holds::Number, "custrecord_delivering.id"),
        indexed("custrecord_contracting", Holds::Number, "custrecord_contracting.id"),
        text("custrecord_role", "custrecord_role"),
        text("custrecord_currency", "custrecord_currency"),
        number("custrecord_hourly_rate", "custrecord_hourly_rate"),
        day("custrecord_effective_from", "custrecord_effective_from"),
        day("custrecord_effective_to", "custrecord_effective_to"),
    ),
    table!(
        "accountingperiod",
        "accountingPeriod",
        indexed("periodname", Holds::Text, "periodName"),
        day("startdate", "startDate"),
        day("enddate", "endDate"),
        flag("closed", "closed"),
        day("closedondate", "closedOnDate"),
        flag("allownonglchanges", "allowNonGLChanges"),
        flag("alllocked", "allLocked"),
        flag("isadjust", "isAdjust"),
        flag("isquarter", "isQuarter"),
        flag("isyear", "isYear"),
    ),
    table!(
        "taskitemstatus",
        "taskItemStatus",
        indexed("period", Holds::Number, "period.id"),
        indexed("subsidiary", Holds::Number, "subsidiary.id"),
        text("itemtype", "itemType"),
        flag("complete", "complete"),
    ),
    table!(
        "account",
        "account",
        indexed("acctnumber", Holds::Text, "acctNumber"),
        text("fullname", "acctName"),
        text("accttype", "acctType.id"),
        flag("isinactive", "isInactive"),
    ),
    table!(
        "customer",
        "customer",
        indexed("entityid", Holds::Text, "entityId"),
        text("companyname", "companyName"),
        text("email", "email"),
        indexed("subsidiary", Holds::Number, "subsidiary.id"),
        text("currency", "currency.refName"),
        text("custentity_country", "custentity_country"),
        number("custentity_terms_days", "custentity_terms_days"),
        flag("isinactive", "isInactive"),
    ),
    table!(
        "salesorder",
        "salesOrder",
        indexed("entity", Holds::Number, "entity.id"),
        indexed("subsidiary", Holds::Number, "subsidiary.id"),
        indexed("otherrefnum", Holds::Text, "otherRefNum"),
        text("currency", "currency.refName"),
        day("startdate", "startDate"),
        day("enddate", "endDate"),
        number("custbody_sold_value", "custbody_sold_value"),
    ),
    table!(
        "job",
        "job",
        indexed("entityid", Holds::Text, "entityId"),
        text("companyname", "companyName"),
        indexed("parent", Holds::Number, "parent.id"),
        indexed("subsidiary", Holds::Number, "subsidiary.id"),
        indexed("department", Holds::Number, "department.id"),
        text("currency", "currency.refName"),
        day("startdate", "startDate"),
        day("enddate", "endDate"),
        flag("isinactive", "isInactive"),
    ),
    table!(
        "employee",
        "employee",
        indexed("entityid", Holds::Text, "entityId"),
        text("firstname", "firstName"),
        text("lastname", "lastName"),
        text("email", "email"),
        indexed("subsidiary", Holds::Number, "subsidiary.id"),
        indexed("department", Holds::Number, "department.id"),
        day("hiredate", "hireDate"),
        day("releasedate", "releasedate"),
        flag("isinactive", "isInactive"),
        number("laborcost", "laborCost"),
        text("currency", "currency.refName"),
    ),
];
