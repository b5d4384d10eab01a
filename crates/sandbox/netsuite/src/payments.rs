//! Customer payments and what they settle.

use rust_decimal::Decimal;
use serde_json::{Value, json};
use strata_sandbox::{Body, View};

use crate::errors::{Answer, NsError};
use crate::record::find::referred;
use crate::record::input::type_of;
use crate::record::write::Ready;
use crate::schema::{RecordType, TRANSACTION};
use crate::{documents, periods, values};

/// Starts the number of a payment.
const PREFIX: &str = "PMT";
/// Status of a payment. UNVERIFIED: C is taken for "Deposited".
const DEPOSITED: &str = "C";

/// Checks a payment and works out what it does to the documents it names. An invoice takes from the payment, a credit memo
/// adds to it; the rest stays unapplied.
pub(crate) fn complete(view: View<'_>, kind: &'static RecordType, mut body: Body) -> Answer<Ready> {
    periods::check(view, kind.rule, &body)?;
    let (code, currency) = payer(view, &body)?;
    let digits = values::minor_digits(&currency).unwrap_or(2);
    let paid = amount(body.get("payment"), digits, "payment")?;
    if paid < Decimal::ZERO {
        return Err(NsError::content("payment", "A payment must not be negative."));
    }
    let mut payment = Applying {
        view,
        customer: body.get("customer").cloned(),
        currency: currency.clone(),
        digits,
        applied: Decimal::ZERO,
        documents: Vec::new(),
    };
    let items = body
        .get("apply")
        .and_then(|apply| apply.get("items"))
        .and_then(Value::as_array);
    for (at, item) in items.into_iter().flatten().enumerate() {
        payment.apply(item, &format!("apply.items[{at}]"))?;
    }
    let applied = payment.applied;
    if applied < Decimal::ZERO || applied > paid {
        return Err(NsError::rule(format!(
            "The amounts applied come to {applied}, the payment is {paid}."
        )));
    }
    let also = payment.documents;
    body.insert("currency".into(), json!({"refName": currency}));
    body.insert("payment".into(), values::number(values::round(paid, digits)));
    body.insert("applied".into(), values::number(values::round(applied, digits)));
    body.insert("unapplied".into(), values::number(values::round(paid - applied, digits)));
    body.insert("status".into(), json!({"id": DEPOSITED}));
    Ok(Ready {
        body,
        number: Some(("tranId", format!("{PREFIX}-{code}"))),
        also,
    })
}

/// Code of the payer's subsidiary and the currency of the payment.
fn payer(view: View<'_>, body: &Body) -> Answer<(String, String)> {
    let unknown = |field: &str| NsError::content(field, format!("Please enter value(s) for: {field}"));
    let customer = referred(view, "customer", body, "customer").ok_or_else(|| unknown("customer"))?;
    let subsidiary = referred(view, "subsidiary", &customer, "subsidiary").ok_or_else(|| unknown("subsidiary"))?;
    let currency = [body, &customer, &subsidiary]
        .into_iter()
        .find_map(|holder| values::currency(holder, "currency"));
    let code = values::text(&subsidiary, "name").unwrap_or_default();
    Ok((code.to_owned(), currency.ok_or_else(|| unknown("currency"))?.to_owned()))
}

struct Applying<'a> {
    view: View<'a>,
    customer: Option<Value>,
    currency: String,
    digits: u32,
    applied: Decimal,
    documents: Vec<(&'static str, u64, Body)>,
}

impl Applying<'_> {
    fn apply(&mut self, item: &Value, place: &str) -> Answer<()> {
        let Some(line) = item.as_object() else { return Ok(()) };
        if line.get("apply") == Some(&Value::Bool(false)) {
            return Ok(());
        }
        let part = amount(line.get("amount"), self.digits, &format!("{place}.amount"))?;
        if part <= Decimal::ZERO {
            return Err(NsError::content(
                &format!("{place}.amount"),
                "The amount applied must be above zero.",
            ));
        }
        let place = format!("{place}.doc");
        let found = values::reference(line, "doc").and_then(|id| Some((id, type_of(self.view, TRANSACTION, id)?)));
        let (id, kind) = found.ok_or_else(|| NsError::content(&place, "The document does not exist."))?;
        if self.documents.iter().any(|(_, other, _)| *other == id) {
            return Err(NsError::content(&place, format!("Document {id} is named twice.")));
        }
        let mut document = self.view.get(TRANSACTION, id).unwrap_or_default();
        if document.get("entity") != self.customer.as_ref() {
            return Err(NsError::content(
                &place,
                format!("Document {id} belongs to another customer."),
            ));
        }
        if values::currency(&document, "currency") != Some(&self.currency) {
            return Err(NsError::content(&place, format!("Document {id} is in another currency.")));
        }
        let open = values::stored_decimal(document.get("amountRemaining"));
        if part > open {
            return Err(NsError::rule(format!(
                "Document {id} has {open} open; {part} cannot be applied to it."
            )));
        }
        let left = values::round(open - part, self.digits);
        let settled = values::stored_decimal(document.get("total")) - left;
        documents::settle(&mut document, kind.rule, left, settled);
        self.applied += if kind.name == "creditMemo" { -part } else { part };
        self.documents.push((TRANSACTION, id, document));
        Ok(())
    }
}

fn amount(value: Option<&Value>, digits: u32, place: &str) -> Answer<Decimal> {
    let amount = values::stored_decimal(value);
    match values::fits(amount, digits) {
        true => Ok(amount),
        false => Err(NsError::content(
            place,
            format!("The amount {amount} is finer than the currency's minor unit."),
        )),
    }
}
