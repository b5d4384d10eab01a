//! Cases of `payments.json`.

use serde::Deserialize;
use serde_json::{Value, json};
use strata_finance::payment::{PaymentTerms, Receivable, apply_in_turn, settle_within_tolerance};
use strata_kernel::{Date, Money, Result};

use crate::given::{Dec, Operation, currency_of, run};

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("payment_tolerance", |given| run(given, tolerance)),
    ("apply_payments", |given| run(given, payments)),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tolerance {
    invoice: Dec,
    payment: Dec,
    payment_date: Date,
    #[serde(default)]
    discount: Option<Dec>,
    #[serde(default)]
    max_tolerance: Option<Dec>,
    #[serde(default)]
    discount_date: Option<Date>,
    #[serde(default)]
    discount_tolerance_date: Option<Date>,
    #[serde(default)]
    accept_late_discount: bool,
    #[serde(default)]
    currency: Option<String>,
}

fn tolerance(given: Tolerance) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let optional = |amount: Option<Dec>| amount.map_or(Ok(Money::zero(currency)), |amount| amount.money_in(currency));
    let terms = PaymentTerms {
        discount: optional(given.discount)?,
        discount_date: given.discount_date,
        discount_grace_date: given.discount_tolerance_date,
        accept_late_discount: given.accept_late_discount,
        max_tolerance: optional(given.max_tolerance)?,
    };
    let (invoice, payment) = (given.invoice.money_in(currency)?, given.payment.money_in(currency)?);
    let found = settle_within_tolerance(invoice, terms, payment, given.payment_date)?;
    Ok(json!({
        "closed": found.closed,
        "tolerance_type": found.kind.as_str(),
        "tolerance_amount": found.tolerance.to_string(),
        "discount": found.discount.to_string(),
        "discount_tolerance": found.late_discount.to_string(),
        "remaining_on_invoice": found.remaining_on_invoice.to_string(),
        "remaining_on_payment": found.remaining_on_payment.to_string(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Payments {
    invoice: Dec,
    payments: Vec<Dec>,
    #[serde(default, alias = "credits")]
    credited: Option<Credits>,
    #[serde(default)]
    written_off: Option<Dec>,
    #[serde(default)]
    currency: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Credits {
    One(Dec),
    Many(Vec<Dec>),
}

fn payments(given: Payments) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let mut invoice = Receivable::posted(given.invoice.money_in(currency)?);
    let credits = match given.credited {
        None => Vec::new(),
        Some(Credits::One(amount)) => vec![amount],
        Some(Credits::Many(amounts)) => amounts,
    };
    for amount in credits {
        invoice.credit(amount.money_in(currency)?)?;
    }
    if let Some(amount) = given.written_off {
        invoice.write_off(amount.money_in(currency)?)?;
    }
    let paid = given
        .payments
        .iter()
        .map(|amount| amount.money_in(currency))
        .collect::<Result<Vec<_>>>()?;
    let steps = apply_in_turn(&mut invoice, &paid)?;
    let unapplied = steps.last().map_or(Money::zero(currency), |step| step.unapplied);
    Ok(json!({
        "states": steps.iter().map(|step| step.state.as_str()).collect::<Vec<_>>(),
        "open": steps.iter().map(|step| step.open.to_string()).collect::<Vec<_>>(),
        "unapplied": unapplied.to_string(),
    }))
}
