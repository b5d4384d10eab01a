//! Exact numbers on the wire.

use serde_json::{Number, Value};
use strata_kernel::{Currency, Money, parse_decimal};

use crate::{Error, Result};

/// A decimal as a JSON number with exactly its digits.
pub(super) fn number(text: &str) -> Result<Value> {
    let text = text.trim();
    parse_decimal(text).map_err(|cause| Error::Setup(cause.to_string()))?;
    let number: Number = text
        .parse()
        .map_err(|cause| Error::Setup(format!("\"{text}\" is not a number: {cause}")))?;
    Ok(Value::Number(number))
}

/// A decimal as a JSON number, or null.
pub(super) fn optional(text: Option<&str>) -> Result<Value> {
    text.map_or(Ok(Value::Null), number)
}

/// Integer minor units of an amount in major units.
pub(super) fn minor(text: &str, currency: &str) -> Result<i64> {
    let currency = Currency::parse(currency).map_err(|cause| Error::Setup(cause.to_string()))?;
    let amount = Money::parse(text, currency).map_err(|cause| Error::Setup(cause.to_string()))?;
    Ok(amount.minor)
}

/// The text of a JSON number or string; empty for null and what is not there.
pub(super) fn text(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(flag)) => flag.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn amounts_keep_every_digit() {
        assert_eq!(number("0.78050910").unwrap().to_string(), "0.78050910");
        assert_eq!(number("115700.00").unwrap().to_string(), "115700.00");
        assert!(number("1e5x").is_err());
        assert_eq!(minor("3.125", "KWD").unwrap(), 3125);
        assert_eq!(minor("1500", "JPY").unwrap(), 1500);
        assert!(minor("1.005", "USD").is_err());
    }
}
