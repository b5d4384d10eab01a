//! What customers owe on the last day: as the books show it, and as the platform says it.

use std::collections::{BTreeMap, BTreeSet};

use futures::FutureExt;
use rust_decimal::Decimal;
use strata_contract::money;
use strata_contract::strata::common::v1::Money;
use strata_contract::strata::process::billing::v1::ListReceivablesRequest;
use strata_kernel::parse_decimal;

use super::documents::is_in_scope;
use super::evidence::{Evidence, Owed};
use super::report::{Record, Report};
use crate::data::Firm;
use crate::director::Stage;
use crate::{Error, Result};

/// Name of the check.
pub(super) const CHECK: &str = "receivables";

/// Customer and currency.
type Key = (String, String);

/// Open, and the part of it that is overdue.
type Sum = (Decimal, Decimal);

/// What the platform says today.
pub(super) async fn read(stage: &Stage) -> Result<Vec<Owed>> {
    let mut client = stage.billing.clone();
    let answer = client.list_receivables(ListReceivablesRequest::default()).boxed().await;
    let rows = answer.map_err(Error::platform("ListReceivables"))?.into_inner().receivables;
    let amount = |value: Option<&Money>| {
        let value = value.map(money).transpose();
        value.map_err(|cause| Error::Setup(format!("ListReceivables: {cause}")))
    };
    rows.iter()
        .map(|row| {
            let (open, overdue) = (amount(row.open.as_ref())?, amount(row.overdue.as_ref())?);
            Ok(Owed {
                customer: row.customer_name.clone(),
                currency: open.map(|open| open.currency.to_string()).unwrap_or_default(),
                open: open.map(strata_kernel::Money::major).unwrap_or_default(),
                overdue: overdue.map(strata_kernel::Money::major).unwrap_or_default(),
            })
        })
        .collect()
}

pub(super) fn compare(firm: &Firm, evidence: &Evidence, report: &mut Report) {
    let expected = expected(firm);
    let mut booked: BTreeMap<Key, Sum> = BTreeMap::new();
    let as_of = firm.manifest.as_of.to_string();
    for document in evidence.documents.iter().filter(|document| !document.open.is_zero()) {
        let key = (customer(firm, &document.customer), document.currency.clone());
        // ISO days sort as text.
        add(&mut booked, key, document.open, document.due_date < as_of);
    }
    let shown = evidence.receivables.iter();
    let shown: BTreeMap<Key, Sum> = shown
        .map(|row| ((customer(firm, &row.customer), row.currency.clone()), (row.open, row.overdue)))
        .collect();
    let keys: BTreeSet<&Key> = expected.keys().chain(booked.keys()).chain(shown.keys()).collect();
    for key in keys {
        let name = format!("{} {}", key.0, key.1);
        let Some((open, overdue)) = expected.get(key) else {
            let sum = |sum: Option<&Sum>| sum.map_or("nothing".to_owned(), |sum| sum.0.to_string());
            let got = format!(
                "{} in the books, {} on the platform",
                sum(booked.get(key)),
                sum(shown.get(key))
            );
            report.unexpected(CHECK, &name, got);
            continue;
        };
        let mut record = Record::new(report, CHECK, &name);
        for (place, sums) in [("in the books", &booked), ("on the platform", &shown)] {
            let got = sums.get(key).copied().unwrap_or_default();
            record.amount(&format!("open {place}"), &open.to_string(), got.0);
            record.amount(&format!("overdue {place}"), &overdue.to_string(), got.1);
        }
        record.done();
    }
}

/// What must be owed: what the generator says, when the platform makes every document it expects; else what is left of those
/// that the platform makes.
fn expected(firm: &Firm) -> BTreeMap<Key, Sum> {
    let decimal = |text: &str| parse_decimal(text).unwrap_or_default();
    let invoices = &firm.expected.invoices;
    if invoices.iter().all(|row| is_in_scope(firm, row)) {
        let rows = firm.expected.receivables.iter();
        let rows = rows.map(|row| {
            (
                (row.customer_id.clone(), row.currency.clone()),
                (decimal(&row.open), decimal(&row.overdue)),
            )
        });
        return rows.collect();
    }
    let as_of = firm.manifest.as_of;
    let mut paid: BTreeMap<(&str, &str, &str), Decimal> = BTreeMap::new();
    for payment in firm.payments.iter().filter(|payment| payment.received_on <= as_of) {
        let key = (
            payment.contract_id.as_str(),
            payment.period.as_str(),
            payment.document.as_str(),
        );
        *paid.entry(key).or_default() += decimal(&payment.amount);
    }
    let mut sums = BTreeMap::new();
    for row in invoices
        .iter()
        .filter(|row| is_in_scope(firm, row) && row.issue_date <= as_of)
    {
        let key = (row.contract_id.as_str(), row.period.as_str(), row.document.as_str());
        let open = decimal(&row.gross) - paid.get(&key).copied().unwrap_or_default();
        if !open.is_zero() {
            add(
                &mut sums,
                (row.customer_id.clone(), row.currency.clone()),
                open,
                row.due_date < as_of,
            );
        }
    }
    sums
}

fn add(sums: &mut BTreeMap<Key, Sum>, key: Key, open: Decimal, is_overdue: bool) {
    let sum = sums.entry(key).or_default();
    sum.0 += open;
    if is_overdue {
        sum.1 += open;
    }
}

/// The firm's id of a customer; the name itself when the firm has none of that name.
fn customer(firm: &Firm, name: &str) -> String {
    let found = firm.customers.iter().find(|customer| customer.name == name);
    found.map_or(name, |customer| &customer.id).to_owned()
}
