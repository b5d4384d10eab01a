//! Asynchronous jobs: batches that are accepted at once and asked about later, `/services/rest/async/v1/job`.
//!
//! A batch is carried out when it is accepted, in one write with the job itself, so neither is ever there without the
//! other. What is asynchronous is the news: the first poll says pending, the second says completed.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use strata_sandbox::{Body, Tx, View};

use crate::app::App;
use crate::errors::{Answer, NsError};
use crate::record::input::Unknown;
use crate::record::{Verb, output};
use crate::request::{self, Page, host};
use crate::schema::{JOB, RecordType};

/// Most records of a batch.
const BATCH_MAX: usize = 100;
/// Which poll is the first to say that a job is completed.
const POLLS: u64 = 2;
/// Address of the jobs.
const ADDRESS: &str = "/services/rest/async/v1/job";
/// Header with the client's key for a job.
const KEY_HEADER: &str = "x-netsuite-idempotency-key";

/// Accepts a write as a job: `202` and the job's address.
pub(crate) fn accept(
    app: &App,
    kind: &'static RecordType,
    verb: Verb,
    sent: Body,
    unknown: Unknown,
    headers: &HeaderMap,
) -> Answer<Response> {
    let items = items(sent, request::is_collection(headers))?;
    let key = request::header(headers, KEY_HEADER).map(str::to_owned);
    let host = host(headers);
    let id = app.write(|tx, at| {
        if let Some(key) = &key
            && let Some(first) = tx.find(JOB, "idempotencyKey", key).first()
        {
            return Err(NsError::repeated(format!("{ADDRESS}/{first}")));
        }
        // A stamp for each record, as if they had been sent one by one.
        let tasks: Vec<Value> = items
            .iter()
            .map(|item| task(verb.run(tx, kind, item, unknown, app.clock.stamp()), kind, item, &host))
            .collect();
        let mut job = Body::new();
        job.insert("polls".into(), json!(0));
        job.insert("tasks".into(), Value::Array(tasks));
        if let Some(key) = &key {
            job.insert("idempotencyKey".into(), json!(key));
        }
        Ok(tx.insert(JOB, job, at))
    })?;
    let head = [
        ("location", format!("{ADDRESS}/{id}")),
        ("preference-applied", "respond-async".to_owned()),
    ];
    Ok((StatusCode::ACCEPTED, head).into_response())
}

fn items(mut sent: Body, collection: bool) -> Answer<Vec<Body>> {
    if !collection {
        return Ok(vec![sent]);
    }
    let Some(Value::Array(items)) = sent.remove("items") else {
        return Err(NsError::content("items", "A batch holds a list 'items'."));
    };
    if items.is_empty() || items.len() > BATCH_MAX {
        return Err(NsError::content(
            "items",
            format!("A batch holds between 1 and {BATCH_MAX} records."),
        ));
    }
    let read = |(at, item): (usize, Value)| match item {
        Value::Object(item) => Ok(item),
        _ => Err(NsError::content(&format!("items[{at}]"), "A record is an object.")),
    };
    items.into_iter().enumerate().map(read).collect()
}

/// What became of one record.
fn task(outcome: Answer<u64>, kind: &RecordType, item: &Body, host: &str) -> Value {
    let mut task = match outcome {
        Ok(id) => json!({
            "status": StatusCode::NO_CONTENT.as_u16(),
            "id": id.to_string(),
            "location": format!("{host}{}", output::path(kind, id)),
        }),
        Err(error) => json!({"status": error.status(), "error": error.body()}),
    };
    if let Some(key) = item.get("externalId") {
        task["externalId"] = key.clone();
    }
    task
}

/// `GET /job/{id}`: counts as a poll.
pub(crate) async fn poll(State(app): State<App>, Path(id): Path<String>, headers: HeaderMap) -> Answer<Response> {
    let id = job_id(&id)?;
    let completed = app.write(|tx: &mut Tx<'_>, at| {
        let mut job = read(tx.view(), id)?;
        let polls = polls(&job) + 1;
        // A job that is completed stays so; counting on would only write.
        if polls <= POLLS {
            job.insert("polls".into(), json!(polls));
            tx.put(JOB, id, job, at);
        }
        Ok(polls >= POLLS)
    })?;
    let host = host(&headers);
    Ok(Json(json!({
        "links": output::self_link(&host, &format!("{ADDRESS}/{id}")),
        "id": id.to_string(),
        "completed": completed,
        // Of the job, not of its records: a job whose records all failed succeeded in trying them.
        "progress": if completed { "succeeded" } else { "pending" },
        "task": {"links": output::self_link(&host, &format!("{ADDRESS}/{id}/task"))},
    }))
    .into_response())
}

/// `GET /job/{id}/task`: one task for each record, in the order they were sent.
pub(crate) async fn tasks(State(app): State<App>, Path(id): Path<String>, headers: HeaderMap) -> Answer<Response> {
    let id = job_id(&id)?;
    let job = app.store.read(|view| read(*view, id))?;
    let host = host(&headers);
    let stored = stored(&job);
    let items: Vec<Value> = (1..=stored.len()).map(|number| shown(&job, id, number, &host)).collect();
    let page = Page {
        limit: items.len(),
        offset: 0,
    };
    Ok(Json(page.envelope(&format!("{host}{ADDRESS}/{id}/task"), items, stored.len())).into_response())
}

/// `GET /job/{id}/task/{number}`.
pub(crate) async fn one_task(
    State(app): State<App>,
    Path((id, number)): Path<(String, String)>,
    headers: HeaderMap,
) -> Answer<Response> {
    let id = job_id(&id)?;
    let job = app.store.read(|view| read(*view, id))?;
    let number = task_number(&job, &number)?;
    Ok(Json(shown(&job, id, number, &host(&headers))).into_response())
}

/// `GET /job/{id}/task/{number}/result`: the answer the record's write would have had by itself. UNVERIFIED path.
pub(crate) async fn result(State(app): State<App>, Path((id, number)): Path<(String, String)>) -> Answer<Response> {
    let id = job_id(&id)?;
    let job = app.store.read(|view| read(*view, id))?;
    let number = task_number(&job, &number)?;
    if polls(&job) < POLLS {
        return Err(NsError::rule(format!("Job {id} is not completed.")));
    }
    let task = &stored(&job)[number - 1];
    let status = task["status"]
        .as_u64()
        .and_then(|status| u16::try_from(status).ok())
        .and_then(|status| StatusCode::from_u16(status).ok());
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match (task["location"].as_str(), task.get("error")) {
        (Some(location), _) => Ok((status, [(LOCATION, location.to_owned())]).into_response()),
        (None, Some(error)) => Ok((status, Json(error.clone())).into_response()),
        (None, None) => Ok(status.into_response()),
    }
}

/// A task as the list and its own address show it.
fn shown(job: &Body, id: u64, number: usize, host: &str) -> Value {
    let address = format!("{ADDRESS}/{id}/task/{number}");
    let completed = polls(job) >= POLLS;
    let mut shown = json!({
        "links": output::self_link(host, &address),
        "id": number.to_string(),
        "completed": completed,
        "progress": "pending",
        "result": {"links": output::self_link(host, &format!("{address}/result"))},
    });
    if completed {
        let task = &stored(job)[number - 1];
        shown["progress"] = json!(if task.get("error").is_some() { "failed" } else { "succeeded" });
        for name in ["status", "location", "externalId", "error"] {
            if let Some(value) = task.get(name) {
                shown[name] = value.clone();
            }
        }
    }
    shown
}

fn read(view: View<'_>, id: u64) -> Answer<Body> {
    view.get(JOB, id).ok_or_else(|| no_job(&id.to_string()))
}

fn job_id(text: &str) -> Answer<u64> {
    text.parse().map_err(|_| no_job(text))
}

fn no_job(id: &str) -> NsError {
    NsError::missing(format!("Job {id} does not exist."))
}

fn task_number(job: &Body, text: &str) -> Answer<usize> {
    let number = text.parse().ok().filter(|number| (1..=stored(job).len()).contains(number));
    number.ok_or_else(|| NsError::missing(format!("Task {text} does not exist.")))
}

fn polls(job: &Body) -> u64 {
    job.get("polls").and_then(Value::as_u64).unwrap_or(0)
}

fn stored(job: &Body) -> &[Value] {
    job.get("tasks").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
