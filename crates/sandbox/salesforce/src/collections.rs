//! Up to 200 records in one call, each with a result of its own. The call answers 200 even when rows fail.

use serde_json::{Map, Value, json};
use strata_sandbox::Tx;

use crate::call::{Answer, Call};
use crate::errors::ApiError;
use crate::records::{self, Writing};
use crate::schema::{Field, Object};
use crate::{ids, objects};

/// Most records of a call (UNVERIFIED).
const MAX_ROWS: usize = 200;

/// What a row's record is now: its object, number, and whether it was made (upserts only).
type Done = (&'static Object, u64, Option<bool>);

/// `POST /composite/sobjects`.
pub(crate) fn create(tx: &mut Tx<'_>, w: Writing<'_>, call: &Call) -> Result<Answer, ApiError> {
    rows(call, |row| {
        let object = kind(row)?;
        Ok((object, records::create(tx, w, object, row)?, None))
    })
}

/// `PATCH /composite/sobjects`.
pub(crate) fn update(tx: &mut Tx<'_>, w: Writing<'_>, call: &Call) -> Result<Answer, ApiError> {
    rows(call, |row| {
        let object = kind(row)?;
        let mut input = row.clone();
        let id = take(&mut input, "Id").ok_or_else(|| missing("Id not specified in an update call"))?;
        let number = ids::number(object.prefix, &id).ok_or_else(|| ids::malformed("Id", &id))?;
        records::update(tx, w, object, number, &input)?;
        Ok((object, number, None))
    })
}

/// `PATCH /composite/sobjects/{Object}/{External Id Field}`.
pub(crate) fn upsert(
    tx: &mut Tx<'_>,
    w: Writing<'_>,
    (object, field): (&'static Object, &Field),
    call: &Call,
) -> Result<Answer, ApiError> {
    rows(call, |row| {
        let mut input = row.clone();
        let key = take(&mut input, field.name).ok_or_else(|| missing(&format!("{} not specified", field.name)))?;
        let (number, created) = records::upsert(tx, w, (object, field), &key, &input)?;
        Ok((object, number, Some(created)))
    })
}

fn rows(call: &Call, mut each: impl FnMut(&Map<String, Value>) -> Result<Done, ApiError>) -> Result<Answer, ApiError> {
    let body = call.object()?;
    let rows = body.get("records").and_then(Value::as_array);
    let rows = rows.ok_or_else(|| ApiError::bad("JSON_PARSER_ERROR", "records must be an array"))?;
    if rows.len() > MAX_ROWS {
        let text = format!("record limit reached. cannot submit more than {MAX_ROWS} records into this call");
        return Err(ApiError::bad("EXCEEDED_ID_LIMIT", text));
    }
    let all_or_none = body.get("allOrNone").and_then(Value::as_bool).unwrap_or(false);
    let apply = |row: &Value| match row.as_object() {
        Some(row) => each(row),
        None => Err(ApiError::bad("JSON_PARSER_ERROR", "a record must be an object")),
    };
    let outcomes: Vec<_> = rows.iter().map(apply).collect();
    let rollback = all_or_none && outcomes.iter().any(Result::is_err);
    let results: Vec<_> = outcomes.iter().map(|outcome| result(outcome, rollback)).collect();
    let mut answer = Answer::ok(Value::Array(results));
    answer.rollback = rollback;
    Ok(answer)
}

fn result(outcome: &Result<Done, ApiError>, rollback: bool) -> Value {
    match outcome {
        Err(error) => json!({ "success": false, "errors": [error.row()] }),
        Ok(_) if rollback => {
            let text = "Record rolled back because not all records were valid and the request was using AllOrNone header";
            json!({ "success": false, "errors": [ApiError::bad("ALL_OR_NONE_OPERATION_ROLLED_BACK", text).row()] })
        }
        Ok((object, number, created)) => {
            let mut row = json!({ "id": ids::id18(object.prefix, *number), "success": true, "errors": [] });
            if let Some(created) = created {
                row["created"] = Value::Bool(*created);
            }
            row
        }
    }
}

/// The object a row says it is of.
fn kind(row: &Map<String, Value>) -> Result<&'static Object, ApiError> {
    let name = row.get("attributes").and_then(|a| a.get("type")).and_then(Value::as_str);
    let name = name.ok_or_else(|| missing("attributes.type not specified"))?;
    objects::object(name).ok_or_else(|| ApiError::bad("INVALID_TYPE", format!("sObject type '{name}' is not supported.")))
}

/// Takes a text out of a row.
fn take(row: &mut Map<String, Value>, name: &str) -> Option<String> {
    let name = row.keys().find(|k| k.eq_ignore_ascii_case(name))?.clone();
    Some(row.remove(&name)?.as_str()?.to_owned())
}

fn missing(text: &str) -> ApiError {
    ApiError::bad("MISSING_ARGUMENT", text)
}
