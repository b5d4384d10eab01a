//! Printing records in the vendor's envelope.

use std::collections::{BTreeMap, BTreeSet};

use chrono::DateTime;
use serde_json::{Value, json};
use strata_sandbox::{Body, Record, View};

use crate::list::Page;
use crate::model::{Field, Model, Type};
use crate::query::{Query, Slice};
use crate::{custom_fields, model, references, resources, times};

/// The envelope of a list.
pub(crate) fn list(view: &View<'_>, model: &'static Model, page: &Page, query: &Query) -> Value {
    let mut envelope = Envelope {
        view,
        query,
        collections: BTreeMap::new(),
        sideloaded: BTreeSet::new(),
    };
    // An empty list still has its collection.
    envelope.collections.insert(model.kind, Body::new());
    for record in &page.records {
        envelope.add(model, record);
    }
    let results = page
        .records
        .iter()
        .map(|record| json!({"key": model.kind, "id": record.id.to_string()}));
    let meta = json!({
        "count": page.total,
        "page_count": page.total.div_ceil(page.slice.size),
        "page_number": page.slice.number(),
        "page_size": page.slice.size,
    });
    let results: Vec<Value> = results.collect();
    let mut answer = json!({"count": page.total, "meta": meta, "results": results});
    if let Some(answer) = answer.as_object_mut() {
        answer.extend(
            envelope
                .collections
                .into_iter()
                .map(|(kind, rows)| (kind.to_owned(), Value::Object(rows))),
        );
    }
    answer
}

/// The envelope of a single record.
pub(crate) fn one(view: &View<'_>, model: &'static Model, record: Record, query: &Query) -> Value {
    list(
        view,
        model,
        &Page {
            total: 1,
            slice: Slice::FIRST,
            records: vec![record],
        },
        query,
    )
}

struct Envelope<'a> {
    view: &'a View<'a>,
    query: &'a Query,
    collections: BTreeMap<&'static str, Body>,
    sideloaded: BTreeSet<(&'static str, u64)>,
}

impl Envelope<'_> {
    /// Adds a record with the associations the request includes.
    fn add(&mut self, model: &'static Model, record: &Record) {
        let mut row = plain(self.view, model, record);
        for field in model.fields {
            if !field.include.is_some_and(|association| self.query.includes(association)) {
                continue;
            }
            row.insert(field.name.to_owned(), print(field, record.body.get(field.name)));
            match field.holds {
                Type::Id(kind) => self.sideload(kind, model::id(&record.body, field.name)),
                Type::Ids(kind) => self.sideload(kind, model::ids(&record.body, field.name)),
                _ => {}
            }
        }
        for many in model.many.iter().filter(|many| self.query.includes(many.include)) {
            let ids = self.view.find(many.kind, many.index, &record.id.to_string());
            let printed: Vec<Value> = ids.iter().map(|id| id.to_string().into()).collect();
            let single = many.name.ends_with("_id");
            let printed = if single {
                printed.into_iter().next().unwrap_or(Value::Null)
            } else {
                printed.into()
            };
            row.insert(many.name.to_owned(), printed);
            self.sideload(many.kind, ids);
        }
        if self.query.includes("external_references") {
            let ids = references::of(self.view, model.subject, record.id);
            row.insert("external_reference_ids".into(), ids.iter().map(u64::to_string).collect());
            self.sideload(references::MODEL.kind, ids);
        }
        if self.query.includes("custom_field_values") {
            let values = custom_fields::rows(model.subject, record.id, &record.body);
            row.insert("custom_field_value_ids".into(), values.keys().cloned().collect());
            self.collections.entry("custom_field_values").or_default().extend(values);
        }
        self.put(model.kind, record.id, row);
    }

    fn sideload(&mut self, kind: &'static str, ids: impl IntoIterator<Item = u64>) {
        let Some(model) = resources::find(kind) else { return };
        self.collections.entry(kind).or_default();
        for id in ids {
            if self.sideloaded.insert((kind, id))
                && let Some(record) = self.view.record(kind, id)
            {
                let row = plain(self.view, model, &record);
                // A row of the list itself is the fuller one and stays.
                self.collections
                    .entry(kind)
                    .or_default()
                    .entry(id.to_string())
                    .or_insert(Value::Object(row));
            }
        }
    }

    fn put(&mut self, kind: &'static str, id: u64, row: Body) {
        self.collections
            .entry(kind)
            .or_default()
            .insert(id.to_string(), Value::Object(row));
    }
}

/// A record without its associations.
fn plain(view: &View<'_>, model: &Model, record: &Record) -> Body {
    let mut row = Body::new();
    row.insert("id".into(), record.id.to_string().into());
    for field in model.fields.iter().filter(|field| field.include.is_none()) {
        row.insert(field.name.to_owned(), print(field, record.body.get(field.name)));
    }
    if let Some(currency) = model::text(&record.body, "currency") {
        row.insert("currency_base_unit".into(), base_unit(currency).into());
    }
    if let Some(extra) = model.extra {
        extra(view, record, &mut row);
    }
    row.insert("created_at".into(), times::print(record.created).into());
    row.insert("updated_at".into(), times::print(record.modified).into());
    row
}

fn print(field: &Field, value: Option<&Value>) -> Value {
    match (field.holds, value) {
        (Type::Ids(_), None | Some(Value::Null)) => Value::Array(Vec::new()),
        (_, None | Some(Value::Null)) => Value::Null,
        (Type::Id(_) | Type::Number, Some(id)) => id.to_string().into(),
        (Type::Ids(_), Some(Value::Array(ids))) => ids.iter().map(Value::to_string).collect(),
        (Type::Instant, Some(millis)) => {
            let at = millis.as_i64().and_then(DateTime::from_timestamp_millis);
            at.map_or(Value::Null, |at| times::print(at).into())
        }
        (_, Some(value)) => value.clone(),
    }
}

/// Subunits of a currency in one unit (ISO 4217; the vendor's `currency_base_unit`).
fn base_unit(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND" | "VUV" | "XAF" | "XOF"
        | "XPF" => 1,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 1000,
        _ => 100,
    }
}
