//! From a request's method and path to an operation on a resource.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::answer::Refusal;
use crate::model::Model;
use crate::query::Query;
use crate::{App, list, references, render, resources, write};

/// Serves `/api/v1/{path}`; the path may end in `.json`.
pub(crate) async fn dispatch(
    State(app): State<Arc<App>>,
    Path(path): Path<String>,
    RawQuery(query): RawQuery,
    method: Method,
    body: Bytes,
) -> Response {
    let path = path.strip_suffix(".json").unwrap_or(&path);
    let segments: Vec<&str> = path.split('/').collect();
    match operate(&app, &method, &segments, &Query::parse(query.as_deref()), &body) {
        // Also a create answers 200: a quirk of the vendor.
        Ok(Some(answer)) => Json(answer).into_response(),
        Ok(None) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

fn operate(app: &App, method: &Method, path: &[&str], query: &Query, body: &[u8]) -> Result<Option<Value>, Refusal> {
    let model = path.first().and_then(|kind| resources::find(kind)).ok_or(Refusal::NotFound)?;
    match (method.as_str(), &path[1..]) {
        ("GET", []) => index(app, model, query).map(Some),
        ("GET", [id]) => show(app, model, number(id)?, query).map(Some),
        ("POST", []) => write::create(app, model, body, query).map(Some),
        ("POST", ["create_or_update"]) if model.kind == references::MODEL.kind => {
            references::create_or_update(app, body, query).map(Some)
        }
        ("PUT", [id]) => write::update(app, model, number(id)?, body, query).map(Some),
        ("PUT", [id, action]) => write::act(app, model, number(id)?, action, body, query).map(Some),
        ("DELETE", [id]) => write::delete(app, model, &[number(id)?]).map(|()| None),
        ("DELETE", []) => {
            let ids = query.list("ids").unwrap_or_default();
            let ids = ids.into_iter().map(number).collect::<Result<Vec<_>, _>>()?;
            write::delete(app, model, &ids).map(|()| None)
        }
        _ => Err(Refusal::NotFound),
    }
}

fn index(app: &App, model: &'static Model, query: &Query) -> Result<Value, Refusal> {
    app.store.read(|view| {
        let page = list::page(view, model, query)?;
        Ok(render::list(view, model, &page, query))
    })
}

fn show(app: &App, model: &'static Model, id: u64, query: &Query) -> Result<Value, Refusal> {
    app.store.read(|view| {
        let record = view
            .record(model.kind, id)
            .filter(|record| list::visible(view, model, &record.body, query));
        Ok(render::one(view, model, record.ok_or(Refusal::NotFound)?, query))
    })
}

fn number(id: &str) -> Result<u64, Refusal> {
    id.parse().map_err(|_| Refusal::NotFound)
}
