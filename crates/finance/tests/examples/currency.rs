//! Cases of `currency.json`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use strata_finance::fx;
use strata_finance::invoice;
use strata_kernel::{Currency, Date, Decimal, Error, Money, Result};

use crate::given::{Dec, Operation, currency_of, run};

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("fx_lifecycle", |given| run(given, lifecycle)),
    ("fx_convert_divide", |given| run(given, divide)),
    ("fx_convert", |given| run(given, multiply)),
    ("fx_pick_rate", |given| run(given, pick)),
    ("fx_document", |given| run(given, document)),
    ("invoice_currency", |given| run(given, invoice_currency)),
    ("fx_revalue_set", |given| run(given, revalue_set)),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lifecycle {
    amount: Dec,
    invoice_rate: Dec,
    #[serde(default)]
    closing_rate: Option<Dec>,
    #[serde(default)]
    payment_rate: Option<Dec>,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default)]
    functional: Option<String>,
}

fn lifecycle(given: Lifecycle) -> Result<Value> {
    let functional = currency_of(given.functional.as_deref())?;
    let amount = given.amount.money_in(currency_of(given.currency.as_deref())?)?;
    let booked = fx::convert(amount, given.invoice_rate.0, functional)?;
    let receivable = fx::BalanceItem {
        kind: fx::BalanceKind::Receivable,
        amount,
        booked,
    };
    let month_end = given.closing_rate.map(|rate| fx::revalue(receivable, rate.0)).transpose()?;
    let payment = given
        .payment_rate
        .map(|rate| fx::settle(amount, booked, rate.0))
        .transpose()?;
    Ok(json!({
        "booked": booked.to_string(),
        "closing": month_end.map(|found| found.closing.to_string()),
        "unrealized": month_end.map(|found| found.difference.to_string()),
        "reversal": month_end.map(|found| found.reversal.to_string()),
        "settled": payment.map(|found| found.settled.to_string()),
        "realized": payment.map(|found| found.realized.to_string()),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Conversion {
    amount: Dec,
    rate: Dec,
    quantum: Dec,
}

fn divide(given: Conversion) -> Result<Value> {
    fx::divide_exact(given.amount.0, given.rate.0, given.quantum.0).map(converted)
}

fn multiply(given: Conversion) -> Result<Value> {
    fx::multiply_exact(given.amount.0, given.rate.0, given.quantum.0).map(converted)
}

fn converted(found: fx::Conversion) -> Value {
    json!({"result": found.rounded.to_string(), "unrounded": found.unrounded.to_string()})
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pick {
    date: Date,
    rates: Vec<Rate>,
    #[serde(default = "a_week")]
    max_age_days: u32,
    #[serde(default = "euro")]
    from: String,
    #[serde(default = "dollar")]
    to: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rate {
    date: Date,
    rate: Dec,
    #[serde(default = "euro")]
    from: String,
    #[serde(default = "dollar")]
    to: String,
}

/// Age that entities allow unless they say otherwise.
fn a_week() -> u32 {
    fx::USUAL_MAX_AGE_DAYS
}

fn euro() -> String {
    "EUR".to_owned()
}

fn dollar() -> String {
    "USD".to_owned()
}

fn pick(given: Pick) -> Result<Value> {
    let rates = given
        .rates
        .iter()
        .map(|row| {
            Ok(fx::ExchangeRate {
                from: Currency::parse(&row.from)?,
                to: Currency::parse(&row.to)?,
                date: row.date,
                rate: row.rate.0,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let (from, to) = (Currency::parse(&given.from)?, Currency::parse(&given.to)?);
    let held = fx::ExchangeRates::try_new(rates)?.pick(from, to, given.date, given.max_age_days)?;
    Ok(json!({"rate": held.rate.to_string(), "rate_date": held.date}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    currency: String,
    functional: String,
    rate: Dec,
    lines: Vec<Dec>,
    #[serde(default)]
    tax: Option<Dec>,
}

fn document(given: Document) -> Result<Value> {
    let (currency, functional) = (Currency::parse(&given.currency)?, Currency::parse(&given.functional)?);
    let money = |amount: Dec| amount.money_in(currency);
    let lines = given.lines.into_iter().map(money).collect::<Result<Vec<_>>>()?;
    let tax = given.tax.map_or(Ok(Money::zero(currency)), money)?;
    let converted = fx::convert_document(&lines, tax, given.rate.0, functional)?;
    let parts = converted.lines.iter().chain(given.tax.map(|_| &converted.tax));
    Ok(json!({
        "gross": converted.original_gross.to_string(),
        "gross_functional": converted.gross.to_string(),
        "parts_functional": parts.map(ToString::to_string).collect::<Vec<_>>(),
        "tax_functional": converted.tax.to_string(),
    }))
}

/// The rate is under a name like `eur_per_usd`: so many euro for one dollar.
#[derive(Deserialize)]
struct InvoiceCurrency {
    quantity: Dec,
    unit_price: Dec,
    currency: String,
    functional: String,
    #[serde(flatten)]
    rates: BTreeMap<String, Dec>,
}

fn invoice_currency(given: InvoiceCurrency) -> Result<Value> {
    let (currency, functional) = (Currency::parse(&given.currency)?, Currency::parse(&given.functional)?);
    let quotes = given
        .rates
        .iter()
        .map(|(name, rate)| quote(name, rate.0))
        .collect::<Result<Vec<_>>>()?;
    let total = invoice::priced(given.quantity.0, given.unit_price.0, Decimal::ONE, currency)?;
    let in_books = fx::convert_through(total, &quotes, functional)?;
    Ok(json!({"total": total.to_string(), "functional_total": in_books.to_string()}))
}

fn quote(name: &str, rate: Decimal) -> Result<fx::Quote> {
    let (counter, base) = name
        .split_once("_per_")
        .ok_or_else(|| Error::invalid("rates", format!("\"{name}\" names no two currencies")))?;
    Ok(fx::Quote {
        base: Currency::parse(&base.to_uppercase())?,
        counter: Currency::parse(&counter.to_uppercase())?,
        rate,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RevalueSet {
    closing_rate: Dec,
    items: Vec<Item>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    kind: String,
    amount: Dec,
    booked: Dec,
}

fn revalue_set(given: RevalueSet) -> Result<Value> {
    let items = given
        .items
        .iter()
        .map(|item| {
            Ok(fx::BalanceItem {
                kind: fx::BalanceKind::parse(&item.kind)?,
                amount: item.amount.money()?,
                booked: item.booked.money()?,
            })
        })
        .collect::<Result<Vec<_>>>()?;
    let by_kind = fx::unrealized_by_kind(&items, given.closing_rate.0)?;
    let revalued: BTreeMap<&str, String> = by_kind
        .iter()
        .map(|(kind, difference)| (kind.as_str(), difference.to_string()))
        .collect();
    Ok(json!({"revalued": revalued}))
}
