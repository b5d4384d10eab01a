//! The REST service `common`: workers as they are today.

use std::collections::HashMap;

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use strata_sandbox::View;

use crate::history::{self, Identity, Worker};
use crate::server::{App, Org, not_found, unauthorised};
use crate::{TENANT, auth, worker_data};

/// Rows a page unless the caller says otherwise.
const PAGE: usize = 20;
/// Most rows a page.
const MAX_PAGE: usize = 100;

/// `GET /ccx/api/v1/{tenant}/workers?limit=&offset=`: those at work today; `includeTerminatedWorkers=true`: all known.
pub(crate) async fn workers(
    State(app): State<App>,
    Path(tenant): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    if let Some(refusal) = refusal(&app, &tenant, &headers) {
        return refusal;
    }
    let number = |name: &str, usual: usize| query.get(name).map_or(Some(usual), |text| text.parse().ok());
    let limit = number("limit", PAGE).filter(|limit| (1..=MAX_PAGE).contains(limit));
    let (Some(limit), Some(offset)) = (limit, number("offset", 0)) else {
        let error = format!("limit must be between 1 and {MAX_PAGE}, offset must not be negative");
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response();
    };
    let all = query.get("includeTerminatedWorkers").is_some_and(|v| v == "true");
    let today = app.clock.now().date_naive();
    let body = app.store.read(|view| {
        let rows: Vec<_> = history::workers(view)
            .into_iter()
            .filter_map(|n| today_of(&app, view, n))
            .filter(|(_, worker)| all || worker.is_active(today))
            .collect();
        let page: Vec<_> = rows
            .iter()
            .skip(offset)
            .take(limit)
            .map(|(identity, worker)| show(identity, worker))
            .collect();
        json!({ "total": rows.len(), "data": page })
    });
    Json(body).into_response()
}

/// `GET /ccx/api/v1/{tenant}/workers/{id}`; `Employee_ID=...` will do for an id (UNVERIFIED).
pub(crate) async fn worker(State(app): State<App>, Path((tenant, id)): Path<(String, String)>, headers: HeaderMap) -> Response {
    if let Some(refusal) = refusal(&app, &tenant, &headers) {
        return refusal;
    }
    let found = app.store.read(|view| {
        let number = match id.strip_prefix("Employee_ID=") {
            Some(employee) => history::find(view, "employee_id", employee),
            None => history::find(view, "wid", &id),
        };
        number.and_then(|n| today_of(&app, view, n))
    });
    match found {
        Some((identity, worker)) => Json(show(&identity, &worker)).into_response(),
        None => not_found(),
    }
}

fn refusal(org: &Org, tenant: &str, headers: &HeaderMap) -> Option<Response> {
    if !auth::is_authorised(org, headers) {
        return Some(unauthorised());
    }
    (tenant != TENANT).then(not_found)
}

fn today_of(org: &Org, view: &View<'_>, number: u64) -> Option<(Identity, Worker)> {
    let worker = history::as_of(&history::entries(view, number), org.clock.now().date_naive(), None)?;
    Some((history::identity(view, number)?, worker))
}

fn show(identity: &Identity, worker: &Worker) -> Value {
    let mut row = json!({
        "id": identity.wid,
        "descriptor": worker.name(),
        "primaryWorkEmail": worker.email,
        "isManager": false,
        "href": format!("/ccx/api/v1/{TENANT}/workers/{}", identity.wid),
    });
    if let Some(job) = &worker.job {
        let team = worker_data::team(&job.company);
        row["businessTitle"] = json!(job.role);
        row["primarySupervisoryOrganization"] = json!({ "id": history::organization_wid(&team), "descriptor": team });
    }
    row
}
