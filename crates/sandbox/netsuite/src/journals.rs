//! Journals: debits that are credits.

use rust_decimal::Decimal;
use serde_json::{Value, json};
use strata_sandbox::{Body, View};

use crate::errors::{Answer, NsError};
use crate::record::find::referred;
use crate::record::write::Ready;
use crate::schema::{DISCRIMINATOR, RecordType};
use crate::{periods, rates, values};

/// Starts the number of a journal.
const PREFIX: &str = "JE";

/// Checks a journal and fills what NetSuite computes. Its number is taken when it is stored.
pub(crate) fn complete(view: View<'_>, kind: &'static RecordType, mut body: Body) -> Answer<Ready> {
    periods::check(view, kind.rule, &body)?;
    let unknown = |field: &str| NsError::content(field, format!("Please enter value(s) for: {field}"));
    let entity = referred(view, "subsidiary", &body, "subsidiary").ok_or_else(|| unknown("subsidiary"))?;
    let base = values::currency(&entity, "currency").ok_or_else(|| unknown("currency"))?;
    let currency = values::currency(&body, "currency").unwrap_or(base).to_owned();
    let rate = rates::of_transaction(view, &body, &currency, base)?;
    let (total, accounts) = sum_lines(view, &mut body, values::minor_digits(&currency).unwrap_or(2))?;
    let functional = total
        .checked_mul(rate)
        .ok_or_else(|| NsError::content("exchangeRate", "The exchange rate is out of range."))?;
    let functional = values::round(functional, values::minor_digits(base).unwrap_or(2));
    let code = values::text(&entity, "name").unwrap_or_default().to_owned();
    body.insert("currency".into(), json!({"refName": currency}));
    body.insert("exchangeRate".into(), values::number(rate));
    body.insert("custbody_total_functional".into(), values::number(functional));
    body.insert(DISCRIMINATOR.into(), json!(kind.name));
    body.insert("_accounts".into(), json!(accounts));
    Ok(Ready {
        body,
        number: Some(("tranId", format!("{PREFIX}-{code}"))),
        also: Vec::new(),
    })
}

/// Adds the sides up, which must be equal. Answers their total and the accounts used.
fn sum_lines(view: View<'_>, body: &mut Body, digits: u32) -> Answer<(Decimal, Vec<String>)> {
    let items = body
        .get_mut("line")
        .and_then(|lines| lines.get_mut("items"))
        .and_then(Value::as_array_mut);
    let Some(items) = items.filter(|items| items.len() >= 2) else {
        return Err(NsError::rule("A journal entry needs at least two lines."));
    };
    let (mut debit, mut credit) = (Decimal::ZERO, Decimal::ZERO);
    let mut accounts: Vec<String> = Vec::new();
    for (at, item) in items.iter_mut().enumerate() {
        let place = |field: &str| format!("line.items[{at}].{field}");
        let Some(line) = item.as_object_mut() else { continue };
        let sides = (line.get("debit"), line.get("credit"));
        let (field, sum) = match sides {
            (Some(_), None) => ("debit", &mut debit),
            (None, Some(_)) => ("credit", &mut credit),
            _ => {
                return Err(NsError::content(
                    &place("debit"),
                    "A line has either a debit or a credit amount.",
                ));
            }
        };
        let amount = values::stored_decimal(line.get(field));
        if amount <= Decimal::ZERO || !values::fits(amount, digits) {
            let detail = format!("The amount {amount} must be above zero, and no finer than the currency's minor unit.");
            return Err(NsError::content(&place(field), detail));
        }
        *sum = sum
            .checked_add(amount)
            .ok_or_else(|| NsError::content(&place(field), "The amount is out of range."))?;
        let account = values::reference(line, "account").unwrap_or_default();
        let held = view.get("account", account).unwrap_or_default();
        if held.get("isInactive").and_then(Value::as_bool) == Some(true) {
            return Err(NsError::content(&place("account"), format!("Account {account} is inactive.")));
        }
        if !accounts.contains(&account.to_string()) {
            accounts.push(account.to_string());
        }
        line.insert("line".into(), json!(at + 1));
    }
    if debit != credit {
        return Err(NsError::rule(format!(
            "Please balance the debits and credits for this transaction: {debit} is debited, {credit} credited."
        )));
    }
    Ok((debit, accounts))
}
