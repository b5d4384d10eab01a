//! What customers owe on the last day: as the books show it, and as the platform says it.

use std::collections::{BTreeMap, BTreeSet};

use futures::FutureExt;
use rust_decimal::Decimal;
use strata_contract::money;
use strata_contract::strata::common::v1::Money;
use strata_contract::strata::process::billing::v1::ListReceivablesRequest;
use strata_kernel::parse_decimal;

use super::documents::is_foreseen;
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
    let as_of = firm.manifest.as_of.to_string();
    let (mut booked, mut later): (BTreeMap<Key, Sum>, BTreeMap<Key, Sum>) = Default::default();
    for document in evidence.documents.iter().filter(|document| !document.open.is_zero()) {
        let sums = if is_foreseen(firm, document.key()) {
            &mut booked
        } else {
            &mut later
        };
        let key = (customer(firm, &document.customer), document.currency.clone());
        // ISO days sort as text.
        add(sums, key, document.open, document.due_date < as_of);
    }
    let mut shown: BTreeMap<Key, Sum> = BTreeMap::new();
    for row in &evidence.receivables {
        shown.insert((customer(firm, &row.customer), row.currency.clone()), (row.open, row.overdue));
    }
    let keys: BTreeSet<&Key> = expected
        .keys()
        .chain(booked.keys())
        .chain(later.keys())
        .chain(shown.keys())
        .collect();
    for key in keys {
        let name = format!("{} {}", key.0, key.1);
        let of = |sums: &BTreeMap<Key, Sum>| sums.get(key).copied().unwrap_or_default();
        if !expected.contains_key(key) && !later.contains_key(key) {
            let got = format!("{} in the books, {} on the platform", of(&booked).0, of(&shown).0);
            report.unexpected(CHECK, &name, got);
            continue;
        }
        let (open, overdue) = of(&expected);
        // The platform says all that is owed; the generator knows nothing of documents of the next year.
        let all = (open + of(&later).0, overdue + of(&later).1);
        let mut record = Record::new(report, CHECK, &name);
        record.amount("open in the books", &open.to_string(), of(&booked).0);
        record.amount("overdue in the books", &overdue.to_string(), of(&booked).1);
        record.amount("open on the platform", &all.0.to_string(), of(&shown).0);
        record.amount("overdue on the platform", &all.1.to_string(), of(&shown).1);
        record.done();
    }
}

/// What the generator says is owed.
fn expected(firm: &Firm) -> BTreeMap<Key, Sum> {
    let decimal = |text: &str| parse_decimal(text).unwrap_or_default();
    let rows = firm.expected.receivables.iter();
    let rows = rows.map(|row| {
        let key = (row.customer_id.clone(), row.currency.clone());
        (key, (decimal(&row.open), decimal(&row.overdue)))
    });
    rows.collect()
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
