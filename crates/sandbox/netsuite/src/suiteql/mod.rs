//! SuiteQL: `POST /services/rest/query/v1/suiteql`.

mod cell;
mod parse;
mod run;
mod tables;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::app::App;
use crate::errors::{Answer, NsError};
use crate::request::{self, Page, host, object, parameters};

/// Rows a query can reach; further ones are found by asking from the last id or stamp on.
const ROWS_MAX: usize = 100_000;

/// Answers a query.
pub(crate) async fn query(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Answer<Response> {
    if !request::prefers(&headers, "transient") {
        return Err(NsError::parameter("A SuiteQL query needs the header Prefer: transient."));
    }
    let page = Page::of(&parameters(query.as_deref(), &["limit", "offset"])?)?;
    if page.offset.saturating_add(page.limit) > ROWS_MAX {
        return Err(NsError::parameter(format!("A query reaches {ROWS_MAX} rows only.")));
    }
    let body = object(&body)?;
    let Some(text) = body.get("q").and_then(Value::as_str) else {
        return Err(NsError::content("q", "The request body must hold the query as a text 'q'."));
    };
    let bound = parse::parse(text).and_then(run::bind).map_err(|reason| {
        NsError::parameter(format!(
            "Invalid search query. Detailed unprocessed description follows. Search error occurred: {reason}."
        ))
    })?;
    // A scan of a million rows takes seconds; it must not hold up other requests.
    let rows = tokio::task::spawn_blocking(move || app.store.read(|view| run::run(*view, &bound, page)));
    let rows = rows.await.map_err(|error| NsError::from(std::io::Error::other(error)))?;
    let address = format!("{}/services/rest/query/v1/suiteql", host(&headers));
    let total = rows.total.min(ROWS_MAX);
    Ok(Json(page.envelope(&address, rows.items, total)).into_response())
}
