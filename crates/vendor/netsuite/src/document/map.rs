//! Documents between the contract and NetSuite's records. A credit memo carries positive amounts there, negative ones here.

use serde_json::{Value, json};
use strata_contract::strata::common::v1::BillingTiming;
use strata_contract::strata::system::erp::v1::{Document, DocumentKind, DocumentState, LineKind, PostedDocument};
use strata_contract::{pb_date, pb_instant, pb_money, require_date, require_money};
use strata_kernel::{Currency, Error, Instant, Money, Result, parse_decimal};
use strata_vendor_http::{Misfit, Reader, number};

use crate::fields::{BILLING_TIMING, LINE_KIND, PERIOD, SOURCE, STATUS_NOT_POSTED, STATUS_VOIDED};
use crate::lookup::Table;
use crate::suiteql::read_stamp;
use crate::wire::{must, must_id, reference};

/// Fields of a record that are read back after posting. Lines are left out: there may be thousands.
pub(crate) const RECORD_FIELDS: [&str; 12] = [
    "id",
    "externalId",
    "tranId",
    "entity",
    "currency",
    "status",
    "subtotal",
    "taxTotal",
    "total",
    "amountRemaining",
    "lastModifiedDate",
    "tranDate",
];

/// The table of a kind of document.
pub(crate) fn table(kind: DocumentKind) -> Result<Table> {
    match kind {
        DocumentKind::Invoice => Ok(Table::Invoice),
        DocumentKind::CreditMemo => Ok(Table::CreditMemo),
        DocumentKind::Unspecified => Err(Error::invalid("document.kind", "is required")),
    }
}

/// The record of a document, and the net total its lines make.
pub(crate) fn record(key: &str, document: &Document) -> Result<(Value, Money)> {
    let credit = document.kind() == DocumentKind::CreditMemo;
    let currency = Currency::parse(&document.currency_code).map_err(|e| Error::from(e).at("document.currency_code"))?;
    let mut net = Money::zero(currency);
    let mut items = Vec::with_capacity(document.lines.len());
    for (at, line) in document.lines.iter().enumerate() {
        let field = format!("document.lines[{at}].net");
        let amount = require_money(line.net.as_ref(), &field)?;
        if amount.currency != currency {
            return Err(Error::invalid(field, "another currency than the document's"));
        }
        net = net.plus(amount).map_err(|e| e.at(&field))?;
        let mut item = json!({
            "amount": number(signed(amount, credit).major()),
            "taxCode": {"id": document.tax_code_id},
            "description": line.description,
            LINE_KIND: line_kind(line.kind()).ok_or_else(|| Error::invalid(format!("document.lines[{at}].kind"), "is required"))?,
            SOURCE: line.source,
        });
        if !line.project_id.is_empty() {
            item["job"] = json!({"id": line.project_id});
        }
        items.push(item);
    }
    let rate = parse_decimal(&document.fx_rate).map_err(|e| e.at("document.fx_rate"))?;
    let mut body = json!({
        "externalId": key,
        "entity": {"id": document.customer_id},
        "subsidiary": {"id": document.legal_entity_id},
        "tranDate": require_date(document.issue_date.as_ref(), "document.issue_date")?.to_string(),
        "currency": {"refName": currency.code()},
        "exchangeRate": number(rate),
        "otherRefNum": document.contract_number,
        PERIOD: document.period,
        BILLING_TIMING: timing(document.timing()).ok_or_else(|| Error::invalid("document.timing", "is required"))?,
        "item": {"items": items},
    });
    // A credit memo has nothing to fall due, and NetSuite's record has no such field.
    if !credit {
        body["dueDate"] = Value::from(require_date(document.due_date.as_ref(), "document.due_date")?.to_string());
    }
    Ok((body, net))
}

/// A document as the record service shows it.
pub(crate) fn from_record(row: Reader<'_>, kind: DocumentKind) -> Result<PostedDocument, Misfit> {
    let code = reference(row, "currency", "refName")?.ok_or_else(|| Misfit::new("currency.refName", "a value"))?;
    let modified = Reader::required("lastModifiedDate", row.instant("lastModifiedDate"))?;
    posted(
        row,
        &NAMES_IN_RECORD,
        kind,
        &code,
        reference(row, "status", "id")?.as_deref(),
        modified,
    )
}

/// Columns of a document that tell its state, beside `id` and the stamp. UNVERIFIED: the names of the amounts.
pub(crate) const CHANGE_COLUMNS: &str =
    "type, currency, externalid, tranid, trandate, status, foreignsubtotal, foreigntaxtotal, foreigntotal, foreignamountunpaid";

/// A document as a row of the table `transaction` shows it.
pub(crate) fn from_row(row: Reader<'_>) -> Result<PostedDocument, Misfit> {
    let kind = match must(row, "type")?.as_str() {
        "CustInvc" => DocumentKind::Invoice,
        "CustCred" => DocumentKind::CreditMemo,
        _ => return Err(Misfit::new("type", "CustInvc or CustCred")),
    };
    let modified = row
        .text("lastmodifieddate")?
        .and_then(|text| read_stamp(&text))
        .ok_or_else(|| Misfit::new("lastmodifieddate", "an instant"))?;
    let code = must(row, "currency")?;
    posted(row, &NAMES_IN_ROW, kind, &code, row.text("status")?.as_deref(), modified)
}

/// How the same facts are called in a record and in a row.
struct Names {
    key: &'static str,
    number: &'static str,
    net: &'static str,
    tax: &'static str,
    gross: &'static str,
    open: &'static str,
    day: &'static str,
}

const NAMES_IN_RECORD: Names = Names {
    key: "externalId",
    number: "tranId",
    net: "subtotal",
    tax: "taxTotal",
    gross: "total",
    open: "amountRemaining",
    day: "tranDate",
};

const NAMES_IN_ROW: Names = Names {
    key: "externalid",
    number: "tranid",
    net: "foreignsubtotal",
    tax: "foreigntaxtotal",
    gross: "foreigntotal",
    open: "foreignamountunpaid",
    day: "trandate",
};

fn posted(
    row: Reader<'_>,
    names: &Names,
    kind: DocumentKind,
    code: &str,
    status: Option<&str>,
    modified: Instant,
) -> Result<PostedDocument, Misfit> {
    let currency = Currency::parse(code).map_err(|_| Misfit::new("currency", "an ISO 4217 code"))?;
    let credit = kind == DocumentKind::CreditMemo;
    let amount = |name: &str| -> Result<Money, Misfit> {
        let amount = Reader::required(name, row.money(name, currency))?;
        // The record shows a credit memo's amounts positive, SuiteQL may show them negative: the kind tells the sign.
        Ok(if credit {
            Money::new(-amount.minor.saturating_abs(), currency)
        } else {
            amount
        })
    };
    let (net, gross, open) = (amount(names.net)?, amount(names.gross)?, amount(names.open)?);
    Ok(PostedDocument {
        id: must_id(row, "id")?,
        key: row.text(names.key)?.unwrap_or_default(),
        number: must(row, names.number)?,
        kind: kind.into(),
        state: state(status, gross, open).into(),
        net: Some(pb_money(net)),
        tax: Some(pb_money(amount(names.tax)?)),
        gross: Some(pb_money(gross)),
        open: Some(pb_money(open)),
        modified_time: Some(pb_instant(modified)),
        issue_date: row.day(names.day)?.map(pb_date),
    })
}

/// State by the open amount. A document that waits for approval is not in the books, so nothing is said of it.
fn state(status: Option<&str>, gross: Money, open: Money) -> DocumentState {
    match status {
        Some(STATUS_VOIDED) => DocumentState::Voided,
        Some(other) if STATUS_NOT_POSTED.contains(&other) => DocumentState::Unspecified,
        _ if open.minor == 0 => DocumentState::Paid,
        _ if open == gross => DocumentState::Posted,
        _ => DocumentState::PartPaid,
    }
}

fn signed(amount: Money, credit: bool) -> Money {
    if credit { amount.negated() } else { amount }
}

fn line_kind(kind: LineKind) -> Option<&'static str> {
    match kind {
        LineKind::Unspecified => None,
        LineKind::Time => Some("time"),
        LineKind::TimeCredit => Some("time_credit"),
        LineKind::TimeRebill => Some("time_rebill"),
        LineKind::CapAdjustment => Some("cap_adjustment"),
        LineKind::Expense => Some("expense"),
        LineKind::Overage => Some("overage"),
        LineKind::Milestone => Some("milestone"),
        LineKind::Fee => Some("fee"),
    }
}

fn timing(timing: BillingTiming) -> Option<&'static str> {
    match timing {
        BillingTiming::Unspecified => None,
        BillingTiming::Arrears => Some("arrears"),
        BillingTiming::Advance => Some("advance"),
    }
}

#[cfg(test)]
mod tests;
