//! Checking what a caller writes into a field, and how stored values look on the wire.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde_json::{Number, Value};
use strata_sandbox::View;

use crate::errors::ApiError;
use crate::objects;
use crate::schema::{Field, FieldKind};
use crate::{ids, records};

/// Digits a number field keeps.
const MAX_DIGITS: usize = 18;
/// How a calendar day is written.
const DAY: &str = "%Y-%m-%d";

/// Turns what a caller sent for `field` into what is stored; null clears the field.
pub(crate) fn accept(view: &View<'_>, field: &Field, sent: &Value) -> Result<Value, ApiError> {
    match (field.kind, sent) {
        (FieldKind::Bool, Value::Null) => Ok(Value::Bool(false)),
        (_, Value::Null) => Ok(Value::Null),
        (FieldKind::Bool, Value::Bool(_)) => Ok(sent.clone()),
        (FieldKind::Int, Value::Number(number)) => int(field, number),
        (FieldKind::Decimal(_), Value::Number(number)) => {
            decimal(number)
                .filter(|_| digits(number) <= MAX_DIGITS)
                .ok_or_else(|| out_of_range(field))?;
            Ok(sent.clone())
        }
        (FieldKind::Bool | FieldKind::Int | FieldKind::Decimal(_), _) => Err(wrong_type(field, sent)),
        (_, Value::String(text)) if text.trim().is_empty() => Ok(Value::Null),
        (_, Value::String(text)) => written(view, field, text.trim()),
        _ => Err(wrong_type(field, sent)),
    }
}

/// Accepts a value that arrives as text.
fn written(view: &View<'_>, field: &Field, text: &str) -> Result<Value, ApiError> {
    let keep = |fits: bool, error: fn(&Field, &str) -> ApiError| {
        if fits {
            Ok(Value::from(text))
        } else {
            Err(error(field, text))
        }
    };
    match field.kind {
        FieldKind::Text(max) => keep(text.chars().count() <= max, too_long),
        FieldKind::Email => keep(
            text.split_once('@').is_some_and(|(a, b)| !a.is_empty() && b.contains('.')),
            bad_email,
        ),
        FieldKind::Date => keep(day(text).is_some(), |field, text| wrong_type(field, &Value::from(text))),
        FieldKind::Picklist(values) => keep(values.contains(&text), bad_choice),
        FieldKind::Currency => keep(text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase()), bad_choice),
        FieldKind::Reference(target) => reference(view, field, target, text),
        FieldKind::OpenPicklist | FieldKind::MultiPicklist => Ok(Value::from(text)),
        FieldKind::Id | FieldKind::DateTime | FieldKind::Bool | FieldKind::Int | FieldKind::Decimal(_) => {
            Err(wrong_type(field, &Value::from(text)))
        }
    }
}

fn reference(view: &View<'_>, field: &Field, target: &str, text: &str) -> Result<Value, ApiError> {
    let target = objects::object(target).ok_or_else(ApiError::not_found)?;
    let number = ids::number(target.prefix, text).ok_or_else(|| ids::malformed(field.name, text))?;
    match view.record(target.name, number) {
        None => Err(ApiError::bad("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id").on(field.name)),
        Some(record) if records::is_deleted(&record) => {
            Err(ApiError::bad("ENTITY_IS_DELETED", "entity is deleted").on(field.name))
        }
        Some(_) => Ok(Value::from(ids::id18(target.prefix, number))),
    }
}

fn int(field: &Field, number: &Number) -> Result<Value, ApiError> {
    let whole = decimal(number).filter(|d| d.fract().is_zero() && digits(number) <= MAX_DIGITS);
    let whole = whole.ok_or_else(|| out_of_range(field))?;
    let number = Number::from_str(&whole.trunc().to_string()).map_err(|_| out_of_range(field))?;
    Ok(Value::Number(number))
}

/// The exact value of a JSON number.
pub(crate) fn decimal(number: &Number) -> Option<Decimal> {
    decimal_text(&number.to_string())
}

/// The exact value of a number's text.
pub(crate) fn decimal_text(text: &str) -> Option<Decimal> {
    Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text)).ok()
}

fn digits(number: &Number) -> usize {
    number
        .to_string()
        .split(['e', 'E'])
        .next()
        .unwrap_or_default()
        .bytes()
        .filter(u8::is_ascii_digit)
        .count()
}

/// Reads a calendar day.
pub(crate) fn day(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, DAY).ok().filter(|_| text.len() == 10)
}

/// An instant as the vendor prints it: whole seconds, zero milliseconds, an offset without a colon.
pub(crate) fn instant(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S.000+0000").to_string()
}

fn wrong_type(field: &Field, sent: &Value) -> ApiError {
    let token = match sent {
        Value::Null => "VALUE_NULL",
        Value::Bool(true) => "VALUE_TRUE",
        Value::Bool(false) => "VALUE_FALSE",
        Value::Number(_) => "VALUE_NUMBER",
        Value::String(_) => "VALUE_STRING",
        Value::Array(_) => "START_ARRAY",
        Value::Object(_) => "START_OBJECT",
    };
    let (label, value) = (field.kind.label(), sent.as_str().unwrap_or_default());
    let text = format!(
        "Cannot deserialize instance of {label} from {token} value {value} ({})",
        field.name
    );
    ApiError::bad("JSON_PARSER_ERROR", text)
}

fn too_long(field: &Field, text: &str) -> ApiError {
    let max = if let FieldKind::Text(max) = field.kind { max } else { 0 };
    let start: String = text.chars().take(20).collect();
    let text = format!("{}: data value too large: {start} (max length={max})", field.name);
    ApiError::bad("STRING_TOO_LONG", text).on(field.name)
}

fn bad_email(field: &Field, text: &str) -> ApiError {
    let text = format!("{}: invalid email address: {text}", field.name);
    ApiError::bad("INVALID_EMAIL_ADDRESS", text).on(field.name)
}

fn bad_choice(field: &Field, text: &str) -> ApiError {
    let text = format!("{}: bad value for restricted picklist field: {text}", field.name);
    ApiError::bad("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", text).on(field.name)
}

fn out_of_range(field: &Field) -> ApiError {
    let text = format!("{}: value outside of valid range on numeric field", field.name);
    ApiError::bad("NUMBER_OUTSIDE_VALID_RANGE", text).on(field.name)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use strata_sandbox::Store;

    use super::*;
    use crate::objects::KINDS;

    fn try_one(kind: FieldKind, sent: &str) -> Result<String, &'static str> {
        let store = Store::open(None, "crm", KINDS).unwrap();
        let sent: Value = serde_json::from_str(sent).unwrap();
        let field = Field::new("F__c", kind);
        store
            .read(|view| accept(view, &field, &sent))
            .map(|v| v.to_string())
            .map_err(|e| e.code)
    }

    #[test]
    fn amounts_keep_their_digits_and_stay_numbers() {
        let money = FieldKind::Decimal("currency");
        assert_eq!(try_one(money, "120000.50").unwrap(), "120000.50");
        assert_eq!(try_one(money, "0.1").unwrap(), "0.1");
        assert_eq!(try_one(money, "-12.00").unwrap(), "-12.00");
        assert_eq!(try_one(money, "\"12.5\""), Err("JSON_PARSER_ERROR"));
        assert_eq!(try_one(money, "1234567890123456789"), Err("NUMBER_OUTSIDE_VALID_RANGE"));
    }

    #[test]
    fn each_kind_refuses_what_does_not_fit() {
        assert_eq!(try_one(FieldKind::Int, "30.0").unwrap(), "30");
        assert_eq!(try_one(FieldKind::Int, "30.5"), Err("NUMBER_OUTSIDE_VALID_RANGE"));
        assert_eq!(try_one(FieldKind::Date, "\"2026-02-29\""), Err("JSON_PARSER_ERROR"));
        assert_eq!(try_one(FieldKind::Date, "\"2026-02-28\"").unwrap(), "\"2026-02-28\"");
        assert_eq!(try_one(FieldKind::Text(3), "\"äöü\"").unwrap(), "\"äöü\"");
        assert_eq!(try_one(FieldKind::Text(3), "\"äöüß\""), Err("STRING_TOO_LONG"));
        assert_eq!(try_one(FieldKind::Text(3), "\"  \"").unwrap(), "null");
        assert_eq!(try_one(FieldKind::Email, "\"ada\""), Err("INVALID_EMAIL_ADDRESS"));
        assert_eq!(
            try_one(FieldKind::Currency, "\"Eur\""),
            Err("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST")
        );
        assert_eq!(try_one(FieldKind::Bool, "null").unwrap(), "false");
        assert_eq!(
            try_one(FieldKind::Reference("Account"), "\"0015g0000000001AAA\""),
            Err("INVALID_CROSS_REFERENCE_KEY")
        );
    }
}
