//! Which address means which operation.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use strata_sandbox::{Record, Tx, View};

use crate::call::{Answer, Call};
use crate::errors::ApiError;
use crate::records::{self, Writing};
use crate::schema::{Field, Object};
use crate::server::Org;
use crate::soql;
use crate::{collections, describe, ids, objects, query};

/// `GET /services/data`.
pub(crate) fn versions() -> Value {
    json!([{ "label": "Spring '26", "url": "/services/data/v66.0", "version": "66.0" }])
}

/// A call that changes nothing.
pub(crate) fn read(app: &Org, view: &View<'_>, call: &Call) -> Result<Answer, ApiError> {
    match call.segments().as_slice() {
        [] => Ok(Answer::ok(directory(&call.version))),
        ["limits"] => Ok(Answer::ok(limits(app))),
        ["query"] => query::start(app, view, call, false),
        ["queryAll"] => query::start(app, view, call, true),
        ["query" | "queryAll", locator] => query::go_on(app, view, call, locator),
        ["sobjects"] => Ok(Answer::ok(describe::all(&call.version))),
        ["sobjects", name, "describe"] => Ok(Answer::ok(describe::one(object(name)?))),
        ["sobjects", name, id] => {
            let object = object(name)?;
            show(call, object, &records::by_id(view, object, id)?)
        }
        ["sobjects", name, key, value] => {
            let object = object(name)?;
            let field = records::key_field(object, key)?;
            match records::by_key(view, object, field, value.trim()).as_slice() {
                [] => Err(ApiError::not_found()),
                [record] => show(call, object, record),
                several => Err(ApiError::several(
                    several
                        .iter()
                        .map(|r| records::address(&call.version, object, r.id))
                        .collect(),
                )),
            }
        }
        ["composite"] | ["composite", "sobjects"] => Err(ApiError::method()),
        _ => Err(ApiError::not_found()),
    }
}

/// A call that writes.
pub(crate) fn write(tx: &mut Tx<'_>, w: Writing<'_>, call: &Call) -> Result<Answer, ApiError> {
    match (&call.method, call.segments().as_slice()) {
        (&Method::POST, ["sobjects", name]) => create(tx, w, object(name)?, call),
        (&Method::PATCH, ["sobjects", name, id]) => {
            let object = object(name)?;
            let record = records::by_id(&tx.view(), object, id)?;
            records::update(tx, w, object, record.id, call.object()?)?;
            Ok(Answer::empty())
        }
        (&Method::PATCH, ["sobjects", name, key, value]) => {
            let object = object(name)?;
            upsert(tx, w, (object, records::key_field(object, key)?), value, call)
        }
        (&Method::DELETE, ["sobjects", name, id]) => {
            let object = object(name)?;
            let record = records::by_id(&tx.view(), object, id)?;
            records::delete(tx, w, object, record.id)?;
            Ok(Answer::empty())
        }
        (&Method::POST, ["composite", "sobjects"]) => collections::create(tx, w, call),
        (&Method::PATCH, ["composite", "sobjects"]) => collections::update(tx, w, call),
        (&Method::PATCH, ["composite", "sobjects", name, key]) => {
            let object = object(name)?;
            collections::upsert(tx, w, (object, records::key_field(object, key)?), call)
        }
        (_, ["sobjects", ..] | ["composite", "sobjects", ..] | ["query", ..] | ["limits"]) => Err(ApiError::method()),
        _ => Err(ApiError::not_found()),
    }
}

fn object(name: &str) -> Result<&'static Object, ApiError> {
    objects::object(name).ok_or_else(ApiError::not_found)
}

fn show(call: &Call, object: &'static Object, record: &Record) -> Result<Answer, ApiError> {
    let fields: Vec<&'static Field> = match call.parameter("fields") {
        None => object.all_fields().collect(),
        Some(names) => names
            .split(',')
            .map(|n| soql::column(object, n.trim()))
            .collect::<Result<_, _>>()?,
    };
    Ok(Answer::ok(records::render(&call.version, object, record, &fields)))
}

fn create(tx: &mut Tx<'_>, w: Writing<'_>, object: &Object, call: &Call) -> Result<Answer, ApiError> {
    let number = records::create(tx, w, object, call.object()?)?;
    let body = json!({ "id": ids::id18(object.prefix, number), "success": true, "errors": [] });
    let mut answer = Answer::with(StatusCode::CREATED, body);
    answer.location = Some(records::address(w.version, object, number));
    Ok(answer)
}

fn upsert(tx: &mut Tx<'_>, w: Writing<'_>, target: (&Object, &Field), key: &str, call: &Call) -> Result<Answer, ApiError> {
    let (number, created) = records::upsert(tx, w, target, key, call.object()?)?;
    let id = ids::id18(target.0.prefix, number);
    let body = json!({ "id": id, "success": true, "errors": [], "created": created });
    Ok(Answer::with(if created { StatusCode::CREATED } else { StatusCode::OK }, body))
}

fn limits(app: &Org) -> Value {
    let (used, max) = app.meter.usage(app.clock.now());
    json!({ "DailyApiRequests": { "Max": max, "Remaining": max - used } })
}

fn directory(version: &str) -> Value {
    let base = format!("/services/data/{version}");
    json!({
        "sobjects": format!("{base}/sobjects"),
        "query": format!("{base}/query"),
        "queryAll": format!("{base}/queryAll"),
        "composite": format!("{base}/composite"),
        "limits": format!("{base}/limits"),
    })
}
