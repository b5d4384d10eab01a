//! How a record looks when it is read.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use strata_sandbox::{Body, Record, View};

use super::input::type_of;
use crate::schema::{Field, RecordType, Shape, TRANSACTION};
use crate::{schema, values};

/// What of a record to show.
#[derive(Clone, Debug, Default)]
pub(crate) struct Show {
    /// Names of the fields wanted; `None` shows all.
    pub(crate) fields: Option<Vec<String>>,
    /// Sublists with their lines; otherwise only the link to them.
    pub(crate) expand: bool,
}

/// Path of a record.
pub(crate) fn path(kind: &RecordType, id: u64) -> String {
    format!("/services/rest/record/v1/{}/{id}", kind.name)
}

/// A stamp as records show it: whole seconds, UTC.
pub(crate) fn stamp(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `[{"rel": "self", ..}]`.
pub(crate) fn self_link(host: &str, path: &str) -> Value {
    json!([{"rel": "self", "href": format!("{host}{path}")}])
}

/// A record as JSON. `host` is scheme and authority, as the client addressed the server.
pub(crate) fn record(view: View<'_>, kind: &RecordType, record: &Record, show: &Show, host: &str) -> Value {
    let printer = Printer { view, host };
    let wanted = |name: &str| show.fields.as_ref().is_none_or(|names| names.iter().any(|n| n == name));
    let own = path(kind, record.id);
    let mut shown = Body::new();
    shown.insert("links".into(), self_link(host, &own));
    shown.insert("id".into(), json!(record.id.to_string()));
    if let Some(key) = record.body.get("externalId").filter(|_| wanted("externalId")) {
        shown.insert("externalId".into(), key.clone());
    }
    for field in kind.fields.iter().filter(|field| wanted(field.name)) {
        let Some(value) = record.body.get(field.name) else { continue };
        let value = match field.shape {
            Shape::Sublist(fields) if show.expand => printer.lines(fields, value),
            Shape::Sublist(_) => json!({"links": self_link(host, &format!("{own}/{}", field.name))}),
            shape => printer.value(shape, value),
        };
        shown.insert(field.name.into(), value);
    }
    for (name, at) in [("createdDate", record.created), ("lastModifiedDate", record.modified)] {
        if wanted(name) {
            shown.insert(name.into(), json!(stamp(at)));
        }
    }
    Value::Object(shown)
}

/// The lines of a sublist as a collection; `None` when the record type has no such sublist.
pub(crate) fn sublist(view: View<'_>, kind: &RecordType, record: &Record, name: &str, host: &str) -> Option<Value> {
    let Shape::Sublist(fields) = kind.field(name)?.shape else {
        return None;
    };
    let printer = Printer { view, host };
    let mut lines = match record.body.get(name) {
        Some(stored) => printer.lines(fields, stored),
        None => json!({"items": []}),
    };
    lines["links"] = self_link(host, &format!("{}/{name}", path(kind, record.id)));
    Some(lines)
}

struct Printer<'a> {
    view: View<'a>,
    host: &'a str,
}

impl Printer<'_> {
    fn value(&self, shape: Shape, value: &Value) -> Value {
        match shape {
            Shape::Ref(target) => self.reference(target, value),
            Shape::Document => self.reference(TRANSACTION, value),
            Shape::Choice(choices) => {
                let id = value.get("id").and_then(Value::as_str).unwrap_or_default();
                let label = choices.iter().find(|(known, _)| *known == id).map(|(_, label)| *label);
                json!({"id": id, "refName": label.unwrap_or(id)})
            }
            _ => value.clone(),
        }
    }

    fn reference(&self, target: &str, value: &Value) -> Value {
        let id = value.get("id").and_then(Value::as_str).and_then(|id| id.parse::<u64>().ok());
        let kind = match target {
            TRANSACTION => id.and_then(|id| type_of(self.view, TRANSACTION, id)),
            other => schema::find(other),
        };
        let (Some(id), Some(kind)) = (id, kind) else {
            return value.clone();
        };
        let referred = self.view.get(kind.kind, id).unwrap_or_default();
        json!({
            "links": self_link(self.host, &path(kind, id)),
            "id": id.to_string(),
            "refName": values::text(&referred, kind.label).unwrap_or_default(),
        })
    }

    fn lines(&self, fields: &[Field], stored: &Value) -> Value {
        let items: Vec<Value> = stored["items"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|line| self.line(fields, line))
            .collect();
        json!({"count": items.len(), "hasMore": false, "offset": 0, "totalResults": items.len(), "items": items})
    }

    fn line(&self, fields: &[Field], line: &Value) -> Value {
        let shown = fields
            .iter()
            .filter_map(|field| Some((field.name.to_owned(), self.value(field.shape, line.get(field.name)?))));
        Value::Object(shown.collect())
    }
}
