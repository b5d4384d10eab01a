//! Invoices and credit memos: what NetSuite computes when it posts one.

use rust_decimal::Decimal;
use serde_json::{Value, json};
use strata_sandbox::{Body, View};

use crate::errors::{Answer, NsError};
use crate::record::find::referred;
use crate::record::write::Ready;
use crate::schema::{DISCRIMINATOR, RecordType, Rule};
use crate::{periods, rates, values};

/// Amounts of the document's lines, before rounding.
#[derive(Debug, Default)]
struct Sums {
    net: Decimal,
    tax: Decimal,
    jobs: Vec<String>,
    taxes: Vec<String>,
}

/// Who trades in which currency.
struct Parties {
    subsidiary: u64,
    code: String,
    currency: String,
    base: String,
    terms: u64,
}

/// Checks a document and fills what NetSuite computes. Its number is taken when it is stored.
pub(crate) fn complete(view: View<'_>, kind: &'static RecordType, prefix: &'static str, mut body: Body) -> Answer<Ready> {
    let parties = parties(view, &body)?;
    periods::check(view, kind.rule, &body)?;
    let digits = values::minor_digits(&parties.currency).unwrap_or(2);
    let sums = sum_lines(view, &mut body, parties.subsidiary, digits)?;
    let (net, tax) = (values::round(sums.net, digits), values::round(sums.tax, digits));
    let total = net
        .checked_add(tax)
        .ok_or_else(|| NsError::content("item", "The total is out of range."))?;
    if total < Decimal::ZERO {
        return Err(NsError::rule("The total of a transaction must not be negative."));
    }
    let rate = rates::of_transaction(view, &body, &parties.currency, &parties.base)?;
    let functional = total
        .checked_mul(rate)
        .ok_or_else(|| NsError::content("exchangeRate", "The exchange rate is out of range."))?;
    let functional = values::round(functional, values::minor_digits(&parties.base).unwrap_or(2));

    body.insert("subsidiary".into(), json!({"id": parties.subsidiary.to_string()}));
    body.insert("currency".into(), json!({"refName": parties.currency}));
    body.insert("exchangeRate".into(), values::number(rate));
    body.insert("subtotal".into(), values::number(net));
    body.insert("taxTotal".into(), values::number(tax));
    body.insert("total".into(), values::number(total));
    body.insert("custbody_total_functional".into(), values::number(functional));
    settle(&mut body, kind.rule, total, values::round(Decimal::ZERO, digits));
    if !body.contains_key("dueDate") {
        let due = values::text(&body, "tranDate")
            .and_then(values::day)
            .and_then(|day| day.checked_add_days(chrono::Days::new(parties.terms)));
        let due = due.ok_or_else(|| NsError::content("dueDate", "The due date is out of range."))?;
        body.insert("dueDate".into(), json!(due.to_string()));
    }
    body.insert(DISCRIMINATOR.into(), json!(kind.name));
    body.insert("_jobs".into(), json!(sums.jobs));
    body.insert("_taxes".into(), json!(sums.taxes));
    Ok(Ready {
        body,
        number: Some(("tranId", format!("{prefix}-{}", parties.code))),
        also: Vec::new(),
    })
}

/// Writes what is open and settled, and the status that follows: A while anything is open, B when nothing is.
pub(crate) fn settle(body: &mut Body, rule: Rule, open: Decimal, settled: Decimal) {
    let paid = match rule {
        Rule::Document("INV") => "amountPaid",
        _ => "applied",
    };
    body.insert("amountRemaining".into(), values::number(open));
    body.insert(paid.into(), values::number(settled));
    body.insert("status".into(), json!({"id": if open.is_zero() { "B" } else { "A" }}));
}

fn parties(view: View<'_>, body: &Body) -> Answer<Parties> {
    let unknown = |field: &str| NsError::content(field, format!("Please enter value(s) for: {field}"));
    let customer = referred(view, "customer", body, "entity").ok_or_else(|| unknown("entity"))?;
    let holder = if body.contains_key("subsidiary") { body } else { &customer };
    let subsidiary = values::reference(holder, "subsidiary").ok_or_else(|| unknown("subsidiary"))?;
    let entity = view.get("subsidiary", subsidiary).ok_or_else(|| unknown("subsidiary"))?;
    let base = values::currency(&entity, "currency").ok_or_else(|| unknown("currency"))?;
    let currency = values::currency(body, "currency").or_else(|| values::currency(&customer, "currency"));
    Ok(Parties {
        subsidiary,
        code: values::text(&entity, "name").unwrap_or_default().to_owned(),
        currency: currency.unwrap_or(base).to_owned(),
        base: base.to_owned(),
        terms: customer
            .get("custentity_terms_days")
            .and_then(|days| days.to_string().parse().ok())
            .unwrap_or(0),
    })
}

/// Adds the lines up. Tax is not rounded here: it is rounded once, for the whole document.
fn sum_lines(view: View<'_>, body: &mut Body, subsidiary: u64, digits: u32) -> Answer<Sums> {
    let customer = body.get("entity").cloned();
    let items = body
        .get_mut("item")
        .and_then(|item| item.get_mut("items"))
        .and_then(Value::as_array_mut);
    let Some(items) = items.filter(|items| !items.is_empty()) else {
        return Err(NsError::rule("Please enter at least one line item for this transaction."));
    };
    let mut sums = Sums::default();
    let mut known_taxes: Vec<(u64, Decimal)> = Vec::new();
    let mut known_jobs: Vec<u64> = Vec::new();
    for (at, item) in items.iter_mut().enumerate() {
        let place = |field: &str| format!("item.items[{at}].{field}");
        let Some(line) = item.as_object_mut() else { continue };
        let amount = values::stored_decimal(line.get("amount"));
        if !values::fits(amount, digits) {
            return Err(NsError::content(
                &place("amount"),
                format!("The amount {amount} is finer than the currency's minor unit."),
            ));
        }
        let tax = values::reference(line, "taxCode").unwrap_or_default();
        let percent = match known_taxes.iter().find(|(id, _)| *id == tax) {
            Some((_, percent)) => *percent,
            None => {
                let percent = tax_percent(view, tax, subsidiary, &place("taxCode"))?;
                known_taxes.push((tax, percent));
                percent
            }
        };
        if let Some(job) = values::reference(line, "job")
            && !known_jobs.contains(&job)
        {
            check_job(view, job, customer.as_ref(), &place("job"))?;
            known_jobs.push(job);
        }
        line.insert("line".into(), json!(at + 1));
        let taxed = amount
            .checked_mul(percent)
            .and_then(|product| product.checked_div(Decimal::ONE_HUNDRED));
        let summed = taxed.and_then(|tax| Some((sums.net.checked_add(amount)?, sums.tax.checked_add(tax)?)));
        (sums.net, sums.tax) = summed.ok_or_else(|| NsError::content(&place("amount"), "The amount is out of range."))?;
    }
    sums.jobs = known_jobs.iter().map(u64::to_string).collect();
    sums.taxes = known_taxes.iter().map(|(id, _)| id.to_string()).collect();
    Ok(sums)
}

/// Percent of a tax code, which must be one of the document's subsidiary.
fn tax_percent(view: View<'_>, tax: u64, subsidiary: u64, place: &str) -> Answer<Decimal> {
    let code = view.get("salesTaxItem", tax).unwrap_or_default();
    if values::reference(&code, "subsidiary") != Some(subsidiary) {
        let detail = format!("Tax code {tax} does not belong to the subsidiary of the transaction.");
        return Err(NsError::content(place, detail));
    }
    Ok(values::stored_decimal(code.get("rate")))
}

/// A line bills a project of the document's customer.
fn check_job(view: View<'_>, job: u64, customer: Option<&Value>, place: &str) -> Answer<()> {
    let project = view.get("job", job).unwrap_or_default();
    match project.get("parent") == customer {
        true => Ok(()),
        false => Err(NsError::content(
            place,
            format!("Project {job} does not belong to the customer of the transaction."),
        )),
    }
}
