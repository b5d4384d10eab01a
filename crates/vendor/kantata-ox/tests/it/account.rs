//! A small account: records by collection, references, and answers that go wrong on demand.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use strata_kantata_ox::KantataOx;
use strata_kernel::{Instant, SimClock};
use tokio::net::TcpListener;

/// What goes wrong with a request.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    /// It is carried out and never answered.
    Lost,
    /// It is refused with this status.
    Refused(u16),
}

#[derive(Clone, Default)]
pub(crate) struct Account(pub(crate) Arc<Mutex<Inner>>);

#[derive(Default)]
pub(crate) struct Inner {
    pub(crate) records: BTreeMap<String, BTreeMap<u64, Value>>,
    pub(crate) asked: Vec<String>,
    pub(crate) bodies: Vec<Value>,
    /// By the start of "METHOD /path".
    pub(crate) faults: VecDeque<(&'static str, Fault)>,
    /// Shows every record, whatever reference is asked for.
    pub(crate) ignores_filters: bool,
    tokens: u32,
    pub(crate) refused_tokens: u32,
}

impl Account {
    /// Requests that begin so.
    pub(crate) fn count(&self, start: &str) -> usize {
        self.0
            .lock()
            .unwrap()
            .asked
            .iter()
            .filter(|asked| asked.starts_with(start))
            .count()
    }

    pub(crate) fn fault(&self, start: &'static str, fault: Fault) {
        self.0.lock().unwrap().faults.push_back((start, fault));
    }

    pub(crate) fn add(&self, collection: &str, row: Value) {
        let id: u64 = row["id"].as_str().unwrap().parse().unwrap();
        self.0
            .lock()
            .unwrap()
            .records
            .entry(collection.to_owned())
            .or_default()
            .insert(id, row);
    }

    /// Bodies of writes, the newest last.
    pub(crate) fn bodies(&self) -> Vec<Value> {
        self.0.lock().unwrap().bodies.clone()
    }

    pub(crate) fn tokens(&self) -> u32 {
        self.0.lock().unwrap().tokens
    }
}

/// An adapter and its account. The clock stands at 2026-03-31.
pub(crate) async fn start() -> (KantataOx, Account) {
    let account = Account::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(handle).with_state(account.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let config = json!({
        "base_url": base, "client_id": "strata", "client_secret": "sandbox-secret", "limits": {"timeout_ms": 400}
    });
    let clock = Arc::new(SimClock::new(Instant::from_timestamp(1_774_958_400, 0).unwrap()));
    (
        KantataOx::new(serde_json::from_value(config).unwrap(), clock).unwrap(),
        account,
    )
}

async fn handle(State(account): State<Account>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let path = parts.uri.path().to_owned();
    if path == "/oauth/token" {
        let mut inner = account.0.lock().unwrap();
        inner.tokens += 1;
        return axum::Json(json!({"access_token": format!("t{}", inner.tokens)})).into_response();
    }
    let asked = format!("{} {}", parts.method, path.strip_prefix("/api/v1").unwrap());
    let query: HashMap<String, String> = parts
        .uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(k, v)| (k.to_owned(), v.replace("%2C", ",")))
        .collect();
    let (answer, fault) = {
        let mut inner = account.0.lock().unwrap();
        if parts.headers["authorization"] == format!("Bearer t{}", inner.refused_tokens) {
            return (StatusCode::UNAUTHORIZED, r#"{"errors":[{"type":"oauth","message":"m"}]}"#).into_response();
        }
        inner.asked.push(match parts.uri.query() {
            Some(query) => format!("{asked}?{query}"),
            None => asked.clone(),
        });
        let armed = inner.faults.iter().position(|(start, _)| asked.starts_with(start));
        let fault = armed.and_then(|at| inner.faults.remove(at)).map(|(_, fault)| fault);
        if let Some(Fault::Refused(status)) = fault {
            let body = r#"{"errors":[{"type":"validation","message":"CANARY","field":"title"}]}"#;
            return (StatusCode::from_u16(status).unwrap(), body).into_response();
        }
        let sent = serde_json::from_slice(&body).unwrap_or(Value::Null);
        (inner.answer(&asked, &query, sent), fault)
    };
    if let Some(Fault::Lost) = fault {
        tokio::time::sleep(Duration::from_secs(20)).await;
    }
    answer.to_string().into_response()
}

impl Inner {
    fn answer(&mut self, asked: &str, query: &HashMap<String, String>, sent: Value) -> Value {
        let (method, path) = asked.split_once(" /").unwrap();
        let mut parts = path.split('/');
        let collection = parts.next().unwrap().to_owned();
        let id: Option<u64> = parts.next().map(|id| id.parse().unwrap());
        if method == "GET" {
            return self.list(&collection, query);
        }
        self.bodies.push(sent.clone());
        let fields = sent
            .as_object()
            .and_then(|body| body.values().next())
            .cloned()
            .unwrap_or_default();
        let rows = self.records.entry(collection.clone()).or_default();
        let id = id.unwrap_or(rows.len() as u64 + 1);
        let row = rows.entry(id).or_insert_with(|| json!({"id": id.to_string()}));
        for (name, value) in fields.as_object().cloned().unwrap_or_default() {
            // Ids are numbers in requests and texts in answers.
            let value = if name.ends_with("_id") {
                Value::from(value.to_string().trim_matches('"'))
            } else {
                value
            };
            row[name] = value;
        }
        if parts.next() == Some("disable") {
            row["disabled_at"] = json!("2026-03-31T12:00:00Z");
        }
        envelope(&collection, &[row])
    }

    fn list(&self, collection: &str, query: &HashMap<String, String>) -> Value {
        let refs: Option<Vec<&str>> = query
            .get("external_reference_service_model_refs")
            .map(|refs| refs.split(',').collect());
        let held = |row: &&Value| {
            let reference = row["external_reference"]["service_model_ref"].as_str();
            let named = refs.as_ref().is_none_or(|refs| reference.is_some_and(|r| refs.contains(&r)));
            let owned = query.get("user_id").is_none_or(|user| row["user_id"] == **user);
            self.ignores_filters || (named && owned)
        };
        let size: usize = query
            .get("limit")
            .or(query.get("per_page"))
            .map_or(20, |size| size.parse().unwrap());
        let offset: usize = query.get("offset").map_or(0, |offset| offset.parse().unwrap());
        let rows = self
            .records
            .get(collection)
            .into_iter()
            .flat_map(BTreeMap::values)
            .filter(held);
        let mut answer = envelope(collection, &rows.skip(offset).take(size).collect::<Vec<_>>());
        if collection == "workspaces" {
            // Side-loaded, without their references.
            let stories = self.records.get("stories").into_iter().flatten();
            let stories: Map<String, Value> = stories.map(|(id, row)| (id.to_string(), row.clone())).collect();
            answer["stories"] = stories.into();
        }
        answer
    }
}

/// The vendor's envelope, references beside.
fn envelope<R: std::borrow::Borrow<Value>>(collection: &str, rows: &[R]) -> Value {
    let (mut own, mut references, mut results) = (Map::new(), Map::new(), Vec::new());
    for row in rows {
        let mut row: Value = row.borrow().clone();
        let id = row["id"].as_str().unwrap().to_owned();
        if !row["external_reference"].is_null() {
            references.insert(id.clone(), row["external_reference"].clone());
            row["external_reference_ids"] = json!([id]);
        }
        results.push(json!({"key": collection, "id": id}));
        own.insert(id, row);
    }
    json!({"count": rows.len(), "results": results, collection: own, "external_references": references})
}
