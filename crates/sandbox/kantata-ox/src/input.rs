//! Reading request bodies: each field by its type, unknown fields ignored as the vendor ignores them.

use serde_json::{Map, Value};
use strata_sandbox::Body;

use crate::answer::Refusal;
use crate::model::{Access, Change, Field, Model, Type};
use crate::times;

/// The fields of a request: what is inside the wrapper `{"time_entry": {..}}`.
pub(crate) fn unwrap(model: &Model, request: &[u8]) -> Result<Body, Refusal> {
    match parse(request)?.remove(model.singular) {
        Some(Value::Object(fields)) => Ok(fields),
        _ => Err(Refusal::Unreadable(format!(
            "param is missing or the value is empty: {}",
            model.singular
        ))),
    }
}

/// A request body; an empty one counts as no fields.
pub(crate) fn parse(request: &[u8]) -> Result<Body, Refusal> {
    if request.trim_ascii().is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_slice(request).map_err(|error| Refusal::Unreadable(format!("The body is not a JSON object: {error}")))
}

/// Takes over every field the request may set, noting a violation for each value that does not fit.
pub(crate) fn assign(model: &Model, change: &mut Change<'_, '_>) {
    let creating = change.old.is_none();
    for field in model.fields {
        let settable = match field.access {
            Access::Computed => false,
            Access::Once => creating,
            Access::Any => true,
        };
        let Some(value) = change.input.get(field.request_name).filter(|_| settable) else {
            continue;
        };
        match read(change, field, value) {
            Ok(value) => {
                change.new.insert(field.name.to_owned(), value);
            }
            Err(message) => change.violates(field.request_name, format!("{} {message}", title(field.request_name))),
        }
    }
}

fn read(change: &Change<'_, '_>, field: &Field, value: &Value) -> Result<Value, String> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    match field.holds {
        Type::Text => text(value).map(Value::from).ok_or_else(|| "is not a text".into()),
        Type::Bool => bool(value).map(Value::from).ok_or_else(|| "must be true or false".into()),
        Type::Int => int(value).map(Value::from).ok_or_else(|| "is not a whole number".into()),
        Type::Date => match value.as_str().and_then(times::date) {
            Some(date) => Ok(date.to_string().into()),
            None => Err("is not a date".into()),
        },
        Type::OneOf(names) => match value.as_str().filter(|name| names.contains(name)) {
            Some(name) => Ok(name.into()),
            None => Err(format!("must be one of: {}", names.join(", "))),
        },
        Type::Number => id(value).map(Value::from).ok_or_else(|| "is not an id".into()),
        Type::Id(kind) => known(change, kind, value).map(Value::from),
        Type::Ids(kind) => {
            let list = value.as_array().ok_or("is not a list of ids")?;
            let mut ids = list
                .iter()
                .map(|value| known(change, kind, value))
                .collect::<Result<Vec<_>, _>>()?;
            ids.sort_unstable();
            ids.dedup();
            Ok(ids.into())
        }
        Type::Rates => rates(value).ok_or_else(|| "must be a list of role_name and rate_in_cents".into()),
        Type::Instant => Err("cannot be set".into()),
    }
}

/// The id of a record that exists.
fn known(change: &Change<'_, '_>, kind: &str, value: &Value) -> Result<u64, String> {
    let id = id(value).ok_or("is not an id")?;
    if change.tx.exists(kind, id) {
        Ok(id)
    } else {
        Err("could not be found".into())
    }
}

/// An id: the vendor documents numbers and takes numeric texts as well.
pub(crate) fn id(value: &Value) -> Option<u64> {
    let id = match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    id.filter(|id| *id > 0)
}

fn int(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn bool(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if matches!(text.as_str(), "true" | "1") => Some(true),
        Value::String(text) if matches!(text.as_str(), "false" | "0") => Some(false),
        _ => None,
    }
}

/// A text; the vendor's framework also takes a bare number for one.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn rates(value: &Value) -> Option<Value> {
    let rows = value.as_array()?.iter().map(|row| {
        let role = row.get("role_name")?.as_str().filter(|role| !role.trim().is_empty())?;
        let rate = int(row.get("rate_in_cents")?).filter(|rate| *rate >= 0)?;
        Some(serde_json::json!({"role_name": role, "rate_in_cents": rate}))
    });
    rows.collect::<Option<Vec<_>>>().map(Value::from)
}

/// A field's name as a person reads it: `user_id` is "User".
pub(crate) fn title(field: &str) -> String {
    let words = field.strip_suffix("_id").unwrap_or(field).replace('_', " ");
    let mut letters = words.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
