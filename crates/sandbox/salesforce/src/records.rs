//! Single records: making, changing, deleting, reading.
//!
//! Every operation checks everything before it writes anything, so a refused one leaves no trace in the transaction it ran in.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use strata_sandbox::{Body, Record, Tx, View};

use crate::errors::ApiError;
use crate::objects;
use crate::schema::{Field, FieldKind, Object};
use crate::{ids, values};

/// Currency of a record that names none: the org's corporate currency.
const CORPORATE_CURRENCY: &str = "USD";
/// Number of the user all API calls run as; the sandbox makes it first.
pub(crate) const RUNNING_USER: u64 = 1;
/// Marks a deleted record, which stays in the recycle bin.
const DELETED: &str = "IsDeleted";

/// What a write needs to know beside its input.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Writing<'a> {
    /// Version of the API the caller speaks: `v66.0`.
    pub(crate) version: &'a str,
    /// The stamp of the write.
    pub(crate) at: DateTime<Utc>,
    /// Whether the administrator marked external ids as unique.
    pub(crate) unique: bool,
}

/// Whether the record is in the recycle bin.
pub(crate) fn is_deleted(record: &Record) -> bool {
    record.body.get(DELETED) == Some(&Value::Bool(true))
}

/// The record an id names.
pub(crate) fn by_id(view: &View<'_>, object: &Object, id: &str) -> Result<Record, ApiError> {
    let Some(number) = ids::number(object.prefix, id) else {
        let text = format!("Provided external ID field does not exist or is not accessible: {id}");
        return Err(ApiError::new(StatusCode::NOT_FOUND, "NOT_FOUND", text));
    };
    living(view, object, number)
}

fn living(view: &View<'_>, object: &Object, number: u64) -> Result<Record, ApiError> {
    let record = view.record(object.name, number).ok_or_else(ApiError::not_found)?;
    if is_deleted(&record) {
        Err(ApiError::deleted())
    } else {
        Ok(record)
    }
}

/// The records with this value in an external id field.
pub(crate) fn by_key(view: &View<'_>, object: &Object, field: &Field, key: &str) -> Vec<Record> {
    let found = view.find(object.name, field.name, key);
    found
        .into_iter()
        .filter_map(|n| view.record(object.name, n))
        .filter(|r| !is_deleted(r))
        .collect()
}

/// The external id field of this name.
pub(crate) fn key_field(object: &Object, name: &str) -> Result<&'static Field, ApiError> {
    object.field(name).filter(|f| f.external_id).ok_or_else(|| {
        let text = format!("Provided external ID field does not exist or is not accessible: {name}");
        ApiError::new(StatusCode::NOT_FOUND, "NOT_FOUND", text)
    })
}

/// Makes a record.
pub(crate) fn create(tx: &mut Tx<'_>, w: Writing<'_>, object: &Object, input: &Map<String, Value>) -> Result<u64, ApiError> {
    let mut body = changes(&tx.view(), object, input)?;
    if object.name == "Contract" {
        body.entry("Status").or_insert_with(|| Value::from("Draft"));
    }
    if object.field("CurrencyIsoCode").is_some() && body.get("CurrencyIsoCode").is_none_or(Value::is_null) {
        body.insert("CurrencyIsoCode".to_owned(), Value::from(CORPORATE_CURRENCY));
    }
    check(&tx.view(), w, object, None, &body)?;
    body.retain(|_, value| !value.is_null());
    Ok(tx.insert(object.name, body, w.at))
}

/// Changes a record; fields not named stay as they are.
pub(crate) fn update(
    tx: &mut Tx<'_>,
    w: Writing<'_>,
    object: &Object,
    number: u64,
    input: &Map<String, Value>,
) -> Result<(), ApiError> {
    let mut body = living(&tx.view(), object, number)?.body;
    body.extend(changes(&tx.view(), object, input)?);
    check(&tx.view(), w, object, Some(number), &body)?;
    body.retain(|_, value| !value.is_null());
    tx.put(object.name, number, body, w.at);
    Ok(())
}

/// Makes the record with this key, or changes it. Gives its number and whether it is new.
pub(crate) fn upsert(
    tx: &mut Tx<'_>,
    w: Writing<'_>,
    (object, field): (&Object, &Field),
    key: &str,
    input: &Map<String, Value>,
) -> Result<(u64, bool), ApiError> {
    if input.keys().any(|name| name.eq_ignore_ascii_case(field.name)) {
        let text = format!("The {} field should not be specified in the sobject data.", field.name);
        return Err(ApiError::bad("INVALID_FIELD", text).on(field.name));
    }
    let key = key.trim();
    if key.is_empty() {
        return Err(ApiError::bad("MISSING_ARGUMENT", format!("{} not specified", field.name)).on(field.name));
    }
    let found = by_key(&tx.view(), object, field, key);
    match found.as_slice() {
        [] => {
            let mut input = input.clone();
            input.insert(field.name.to_owned(), Value::from(key));
            Ok((create(tx, w, object, &input)?, true))
        }
        [one] => {
            update(tx, w, object, one.id, input)?;
            Ok((one.id, false))
        }
        several => Err(ApiError::several(
            several.iter().map(|r| address(w.version, object, r.id)).collect(),
        )),
    }
}

/// Puts a record into the recycle bin; refused while others hold on to it.
pub(crate) fn delete(tx: &mut Tx<'_>, w: Writing<'_>, object: &Object, number: u64) -> Result<(), ApiError> {
    let mut body = living(&tx.view(), object, number)?.body;
    let id = ids::id18(object.prefix, number);
    for (other, field) in objects::referring(object) {
        if !by_key(&tx.view(), other, field, &id).is_empty() {
            let text = format!(
                "Your attempt to delete {id} could not be completed because it is associated with {} records.",
                other.name
            );
            return Err(ApiError::bad("DELETE_FAILED", text));
        }
    }
    body.insert(DELETED.to_owned(), Value::Bool(true));
    tx.put(object.name, number, body, w.at);
    Ok(())
}

/// The input as it would be stored, null where it clears a field.
fn changes(view: &View<'_>, object: &Object, input: &Map<String, Value>) -> Result<Body, ApiError> {
    let mut body = Body::new();
    for (name, sent) in input.iter().filter(|(name, _)| *name != "attributes") {
        let Some(field) = object.field(name) else {
            let text = format!("No such column '{name}' on sobject of type {}", object.name);
            return Err(ApiError::bad("INVALID_FIELD", text).on(name.as_str()));
        };
        if field.kind == FieldKind::Id {
            let text = "The Id field should not be specified in the sobject data.";
            return Err(ApiError::bad("INVALID_FIELD", text).on("Id"));
        }
        if field.read_only {
            let text = format!(
                "Unable to create/update fields: {}. Please check the security settings of this field and verify that it is \
                 read/write for your profile or permission set.",
                field.name
            );
            return Err(ApiError::bad("INVALID_FIELD_FOR_INSERT_UPDATE", text).on(field.name));
        }
        body.insert(field.name.to_owned(), values::accept(view, field, sent)?);
    }
    Ok(body)
}

/// Checks a whole record: required fields, unique keys.
fn check(view: &View<'_>, w: Writing<'_>, object: &Object, own: Option<u64>, body: &Body) -> Result<(), ApiError> {
    let empty = |f: &&Field| f.required && body.get(f.name).is_none_or(Value::is_null);
    let missing: Vec<_> = object.fields.iter().filter(empty).map(|f| f.name).collect();
    if !missing.is_empty() {
        let text = format!("Required fields are missing: [{}]", missing.join(", "));
        let error = ApiError::bad("REQUIRED_FIELD_MISSING", text);
        return Err(missing.into_iter().fold(error, ApiError::on));
    }
    for field in object.fields.iter().filter(|f| w.unique && f.external_id) {
        let Some(key) = body.get(field.name).and_then(Value::as_str) else {
            continue;
        };
        if let Some(other) = by_key(view, object, field, key).iter().find(|r| Some(r.id) != own) {
            let id = ids::id18(object.prefix, other.id);
            let text = format!(
                "duplicate value found: {} duplicates value on record with id: {id}",
                field.name
            );
            return Err(ApiError::bad("DUPLICATE_VALUE", text).on(field.name));
        }
    }
    Ok(())
}

/// What a field of a record reads as.
pub(crate) fn value(object: &Object, record: &Record, field: &Field) -> Value {
    let stored = |name: &str| record.body.get(name);
    match field.name {
        "Id" => Value::from(ids::id18(object.prefix, record.id)),
        "CreatedDate" => Value::from(values::instant(record.created)),
        "LastModifiedDate" | "SystemModstamp" => Value::from(values::instant(record.modified)),
        "IsWon" => Value::Bool(stored("StageName").is_some_and(|s| s == "Closed Won")),
        "IsClosed" => Value::Bool(stored("StageName").is_some_and(|s| s == "Closed Won" || s == "Closed Lost")),
        "ContractNumber" => Value::from(format!("{:08}", record.id)),
        name => match (stored(name), field.kind) {
            (Some(value), _) => value.clone(),
            (None, FieldKind::Bool) => Value::Bool(false),
            (None, _) if name == "OwnerId" => Value::from(ids::id18("005", RUNNING_USER)),
            // A custom object's name is the id unless somebody gave one.
            (None, _) if name == "Name" && object.is_custom() => Value::from(ids::id18(object.prefix, record.id)),
            (None, _) => Value::Null,
        },
    }
}

/// The address of a record.
pub(crate) fn address(version: &str, object: &Object, number: u64) -> String {
    format!(
        "/services/data/{version}/sobjects/{}/{}",
        object.name,
        ids::id18(object.prefix, number)
    )
}

/// A record as it goes over the wire.
pub(crate) fn render(version: &str, object: &Object, record: &Record, fields: &[&'static Field]) -> Value {
    let mut out = Map::new();
    let url = address(version, object, record.id);
    out.insert("attributes".to_owned(), json!({ "type": object.name, "url": url }));
    for field in fields {
        out.insert(field.name.to_owned(), value(object, record, field));
    }
    Value::Object(out)
}
