//! Exchange rates by pair and day.

use rust_decimal::Decimal;
use serde_json::json;
use strata_sandbox::{Body, View};

use crate::errors::{Answer, NsError};
use crate::values;

/// Kind of document that holds the rates.
const KIND: &str = "currencyRate";
/// Digits behind the point that an exchange rate may have.
const RATE_DIGITS: u32 = 12;

/// Checks a rate and adds the field it is found by.
pub(crate) fn derive(body: &mut Body) -> Answer<()> {
    let to = values::currency(body, "baseCurrency").unwrap_or_default();
    let from = values::currency(body, "transactionCurrency").unwrap_or_default();
    if to == from {
        return Err(NsError::content("transactionCurrency", "A currency has no rate to itself."));
    }
    if values::stored_decimal(body.get("exchangeRate")) <= Decimal::ZERO {
        return Err(NsError::content("exchangeRate", "An exchange rate must be above zero."));
    }
    let day = values::text(body, "effectiveDate").unwrap_or_default();
    let pair_day = pair_day(from, to, day);
    body.insert("_pairDay".into(), json!(pair_day));
    Ok(())
}

/// The rate that converts `from` into `to` on `day` (`YYYY-MM-DD`): the newest that is effective by then; of two for one
/// day, the later record. `None` when there is none.
pub(crate) fn find(view: View<'_>, from: &str, to: &str, day: &str) -> Option<Decimal> {
    if from == to {
        return Some(Decimal::ONE);
    }
    // The days of a pair sort as text; the last up to this one is wanted.
    let first = pair_day(from, to, "");
    let last = view
        .find_between(KIND, "_pairDay", Some(&first), Some(&pair_day(from, to, day)))
        .pop()?;
    let rate = view.get(KIND, last)?;
    Some(values::stored_decimal(rate.get("exchangeRate")))
}

/// The rate of a transaction: the one that was sent, or the one on record for its day.
pub(crate) fn of_transaction(view: View<'_>, body: &Body, currency: &str, base: &str) -> Answer<Decimal> {
    let day = values::text(body, "tranDate").unwrap_or_default();
    let rate = match body.get("exchangeRate") {
        Some(_) => values::stored_decimal(body.get("exchangeRate")),
        None => find(view, currency, base, day).ok_or_else(|| {
            let detail = format!("There is no exchange rate from {currency} to {base} on {day}.");
            NsError::rule(detail)
        })?,
    };
    let same = currency == base;
    if rate <= Decimal::ZERO || !values::fits(rate, RATE_DIGITS) || (same && rate != Decimal::ONE) {
        return Err(NsError::content(
            "exchangeRate",
            format!("The exchange rate {rate} is not valid here."),
        ));
    }
    Ok(rate)
}

fn pair_day(from: &str, to: &str, day: &str) -> String {
    format!("{from}/{to}/{day}")
}
