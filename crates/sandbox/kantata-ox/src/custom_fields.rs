//! Custom fields: any name is one. They travel inline in requests and as rows of their own in answers.

use serde_json::{Value, json};
use strata_sandbox::{Body, Tx};

use crate::input;
use crate::model::Change;

/// Where a record keeps its values: `{name: [id of the value, text]}`.
const KEPT: &str = "_custom";

/// Takes over `custom_fields: {name: value}`; null removes a value, names not mentioned stay.
pub(crate) fn assign(change: &mut Change<'_, '_>) {
    let fields = match change.input.get("custom_fields") {
        None | Some(Value::Null) => return,
        Some(Value::Object(fields)) => fields,
        Some(_) => return change.violates("custom_fields", "Custom fields must be an object of name and value"),
    };
    let mut kept = kept(&change.new).cloned().unwrap_or_default();
    for (name, value) in fields {
        match value {
            Value::Null => {
                kept.remove(name);
            }
            Value::Array(_) | Value::Object(_) => {
                change.violates("custom_fields", format!("{name} must be a text, number or boolean"));
            }
            value => {
                let id = id_of(&kept, name).unwrap_or_else(|| next_id(change.tx));
                kept.insert(name.clone(), json!([id, display(value)]));
            }
        }
    }
    change.new.insert(KEPT.into(), Value::Object(kept));
}

/// The text of a record's custom field; blank counts as none.
pub(crate) fn get<'b>(body: &'b Body, name: &str) -> Option<&'b str> {
    kept(body)?.get(name)?.get(1)?.as_str().filter(|text| !text.trim().is_empty())
}

/// The rows that `include=custom_field_values` prints, by id.
pub(crate) fn rows(subject: &str, id: u64, body: &Body) -> Body {
    let values = kept(body).into_iter().flatten();
    let rows = values.filter_map(|(name, entry)| {
        let value_id = entry.get(0)?.to_string();
        let row = json!({
            "id": value_id,
            "subject_type": subject,
            "subject_id": id.to_string(),
            "custom_field_name": name,
            "display_value": entry.get(1)?,
        });
        Some((value_id, row))
    });
    rows.collect()
}

fn kept(body: &Body) -> Option<&Body> {
    body.get(KEPT).and_then(Value::as_object)
}

fn id_of(kept: &Body, name: &str) -> Option<u64> {
    kept.get(name)?.get(0)?.as_u64()
}

fn next_id(tx: &mut Tx<'_>) -> u64 {
    tx.next("custom_field_values")
}

fn display(value: &Value) -> String {
    input::text(value).unwrap_or_else(|| value.to_string())
}
