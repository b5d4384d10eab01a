//! What a client sent, checked field by field and brought into the form it is stored in.

use serde_json::{Value, json};
use strata_sandbox::{Body, View};

use super::find::{by_id, by_key};
use crate::errors::{Answer, NsError};
use crate::schema::{self, Choices, Field, Filled, RecordType, Shape, TRANSACTION};
use crate::values;

/// What to do with a field the record type does not have: header `X-NetSuite-PropertyNameValidation`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// `Error`.
    Refuse,
    /// `Warning`, the default, and `Ignore`: it is dropped without a word.
    Drop,
}

/// Members that a read adds to every record; sent back, they mean nothing.
const DECORATION: [&str; 5] = ["id", "links", "refName", "createdDate", "lastModifiedDate"];

/// The sent fields of a record as they are stored. `null` is kept: it clears a field.
pub(crate) fn record(view: View<'_>, kind: &RecordType, sent: &Body, unknown: Unknown) -> Answer<Body> {
    let reader = Reader { view, unknown };
    let mut fields = sent.clone();
    let key = fields.remove("externalId");
    let mut read = reader.fields(kind.fields, &fields, "")?;
    match key {
        None => {}
        Some(Value::String(key)) if !key.is_empty() => {
            read.insert("externalId".into(), Value::String(key));
        }
        Some(_) => return Err(NsError::content("externalId", "externalId must be a text that is not empty.")),
    }
    Ok(read)
}

struct Reader<'a> {
    view: View<'a>,
    unknown: Unknown,
}

impl Reader<'_> {
    fn fields(&self, known: &[Field], sent: &Body, path: &str) -> Answer<Body> {
        let mut read = Body::new();
        for (name, value) in sent {
            if DECORATION.contains(&name.as_str()) {
                continue;
            }
            let place = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            match known
                .iter()
                .find(|field| field.name == name && field.filled != Filled::Computed)
            {
                Some(_) if value.is_null() => {
                    read.insert(name.clone(), Value::Null);
                }
                Some(field) => {
                    read.insert(name.clone(), self.value(field.shape, value, &place)?);
                }
                None if self.unknown == Unknown::Drop => {}
                None => {
                    let detail = format!("Unknown reference or field '{name}' in the request body.");
                    return Err(NsError::content(&place, detail));
                }
            }
        }
        Ok(read)
    }

    fn value(&self, shape: Shape, value: &Value, path: &str) -> Answer<Value> {
        match (shape, value) {
            (Shape::Text, Value::String(_)) | (Shape::Flag, Value::Bool(_)) => Ok(value.clone()),
            (Shape::Day, Value::String(text)) if values::day(text).is_some() => Ok(value.clone()),
            (Shape::Hours, Value::String(text)) if values::minutes(text).is_some() => Ok(value.clone()),
            (Shape::CurrencyCode, Value::String(code)) if values::minor_digits(code).is_some() => Ok(value.clone()),
            (Shape::Number, Value::Number(sent)) => match values::decimal(sent) {
                Some(exact) => Ok(values::number(exact)),
                None => Err(invalid(value, path)),
            },
            (Shape::Whole, Value::Number(sent)) => match values::decimal(sent) {
                Some(exact) if values::fits(exact, 0) => Ok(values::number(exact.normalize())),
                _ => Err(invalid(value, path)),
            },
            (Shape::Currency, Value::Object(sent)) => match values::text(sent, "refName") {
                Some(code) if values::minor_digits(code).is_some() => Ok(json!({"refName": code})),
                _ => Err(invalid(value, path)),
            },
            (Shape::Choice(choices), Value::Object(sent)) => choice(choices, sent).ok_or_else(|| invalid(value, path)),
            (Shape::Ref(target), Value::Object(sent)) => self.reference(&[target], sent, path),
            (Shape::Document, Value::Object(sent)) => self.reference(&["invoice", "creditMemo"], sent, path),
            (Shape::Sublist(fields), Value::Object(sent)) => self.lines(fields, sent, path),
            _ => Err(invalid(value, path)),
        }
    }

    fn reference(&self, targets: &[&str], sent: &Body, path: &str) -> Answer<Value> {
        let targets = || targets.iter().filter_map(|name| schema::find(name));
        let found = match (id_text(sent), values::text(sent, "externalId")) {
            (Some(id), _) => targets().find_map(|kind| by_id(self.view, kind, &id)),
            (None, Some(key)) => targets().find_map(|kind| by_key(self.view, kind, key)),
            (None, None) => None,
        };
        let found = found.ok_or_else(|| invalid(&Value::Object(sent.clone()), path))?;
        Ok(json!({"id": found.to_string()}))
    }

    fn lines(&self, fields: &[Field], sent: &Body, path: &str) -> Answer<Value> {
        let Some(items) = sent.get("items").and_then(Value::as_array) else {
            return Err(NsError::content(path, format!("'{path}' must hold a list 'items'.")));
        };
        let mut lines = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            let place = format!("{path}.items[{at}]");
            let item = item.as_object().ok_or_else(|| invalid(item, &place))?;
            let mut line = self.fields(fields, item, &place)?;
            line.retain(|_, value| !value.is_null());
            if let Some(name) = missing(fields, &line) {
                return Err(NsError::content(
                    &format!("{place}.{name}"),
                    format!("Please enter value(s) for: {name}"),
                ));
            }
            lines.push(Value::Object(line));
        }
        Ok(json!({"items": lines}))
    }
}

/// The first field the client must fill and did not.
pub(crate) fn missing(fields: &[Field], body: &Body) -> Option<&'static str> {
    let absent = |field: &&Field| field.filled == Filled::Must && body.get(field.name).is_none_or(Value::is_null);
    fields.iter().find(absent).map(|field| field.name)
}

/// The id in a reference; a client may write it as text or number.
pub(crate) fn id_text(sent: &Body) -> Option<String> {
    match sent.get("id")? {
        Value::String(id) => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

fn choice(choices: Choices, sent: &Body) -> Option<Value> {
    let id = id_text(sent)?;
    choices.iter().any(|(known, _)| *known == id).then(|| json!({"id": id}))
}

/// NetSuite's words for a value it cannot take.
fn invalid(value: &Value, path: &str) -> NsError {
    let shown = match value {
        Value::Object(reference) => id_text(reference)
            .or_else(|| values::text(reference, "externalId").map(str::to_owned))
            .unwrap_or_else(|| value.to_string()),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let field = path.rsplit('.').next().unwrap_or(path);
    let detail = format!(
        "Error while accessing resource: You have entered an Invalid Field Value {shown} for the following field: {field}"
    );
    NsError::content(path, detail)
}

/// Whether storing `sent` over `stored` would change nothing.
pub(crate) fn changes_nothing(stored: &Body, sent: &Body) -> bool {
    sent.iter()
        .all(|(name, value)| same(stored.get(name).unwrap_or(&Value::Null), value))
}

fn same(stored: &Value, sent: &Value) -> bool {
    match (stored, sent) {
        (Value::Number(a), Value::Number(b)) => matches!((values::decimal(a), values::decimal(b)), (Some(a), Some(b)) if a == b),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => changes_nothing(a, b),
        _ => stored == sent,
    }
}

/// The type that `id` of the kind [`TRANSACTION`] has, or the only type of another kind.
pub(crate) fn type_of(view: View<'_>, kind: &str, id: u64) -> Option<&'static RecordType> {
    if kind != TRANSACTION {
        return schema::find(kind);
    }
    schema::find(values::text(&view.get(kind, id)?, schema::DISCRIMINATOR)?)
}
