//! The HTTP side: who may call, how often, and what a call becomes.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use serde_json::{Value, json};
use strata_sandbox::{SandboxClock, Setup, Store, Tokens, Tx, guard};

use crate::call::{Answer, Call};
use crate::errors::{ApiError, forced};
use crate::meter::Meter;
use crate::query::Cursors;
use crate::records::Writing;
use crate::{Options, auth, composite, objects, resources};

/// Largest body read.
const BODY_LIMIT: usize = 50 << 20;

/// What every call can reach.
pub(crate) type App = Arc<Org>;

/// The org.
#[derive(Debug)]
pub(crate) struct Org {
    pub(crate) clock: SandboxClock,
    pub(crate) store: Store,
    pub(crate) tokens: Tokens,
    pub(crate) options: Options,
    pub(crate) meter: Meter,
    pub(crate) cursors: Cursors,
}

/// See [`crate::router_with`].
pub(crate) fn router(setup: Setup, options: Options) -> std::io::Result<Router> {
    let Setup { clock, dir, faults } = setup;
    let store = Store::open(dir.as_deref(), "salesforce", objects::KINDS)?;
    if let Some(newest) = store.newest() {
        clock.resume_after(newest);
    }
    make_running_user(&store, &clock)?;
    let tokens = Tokens::default();
    let meter = Meter::new(options.daily_calls);
    let org = Org {
        clock,
        store,
        tokens: tokens.clone(),
        options,
        meter,
        cursors: Cursors::default(),
    };
    let routes = Router::new()
        .route("/services/oauth2/token", post(auth::token))
        .route("/services/oauth2/userinfo", get(auth::user_info))
        .route("/services/data", any(data))
        .route("/services/data/{*rest}", any(data))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(Arc::new(org));
    Ok(guard(routes, faults, tokens, |status| respond(Err(forced(status)))))
}

/// Makes the user all calls run as, once.
fn make_running_user(store: &Store, clock: &SandboxClock) -> std::io::Result<()> {
    store.write(|tx| {
        if tx.view().count("User") == 0 {
            let user = json!({ "Username": "integration@strata.example", "Name": "Integration User", "IsActive": true });
            tx.insert("User", user.as_object().cloned().unwrap_or_default(), clock.stamp());
        }
        Ok(())
    })
}

/// Any call below `/services/data`.
async fn data(State(app): State<App>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let address = uri.path_and_query().map_or("", |p| p.as_str());
    let outcome = auth::authorise(&app, &headers).and_then(|()| {
        if !app.meter.take(app.clock.now()) {
            // Text UNVERIFIED; status and code are the vendor's.
            let text = "TotalRequests Limit exceeded.";
            return Err(ApiError::new(StatusCode::FORBIDDEN, "REQUEST_LIMIT_EXCEEDED", text));
        }
        if uri.path().trim_end_matches('/') == "/services/data" {
            return Ok(Answer::ok(resources::versions()));
        }
        let mut call = Call::new(method, address, read_body(&body)?)?;
        call.batch = batch_size(&headers);
        perform(&app, &call)
    });
    let mut response = respond(outcome);
    let (used, max) = app.meter.usage(app.clock.now());
    if let Ok(value) = HeaderValue::from_str(&format!("api-usage={used}/{max}")) {
        response.headers_mut().insert("Sforce-Limit-Info", value);
    }
    response
}

fn read_body(body: &[u8]) -> Result<Value, ApiError> {
    if body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(body).map_err(|error| ApiError::bad("JSON_PARSER_ERROR", error.to_string()))
}

/// Rows a page from `Sforce-Query-Options: batchSize=500` (UNVERIFIED).
fn batch_size(headers: &HeaderMap) -> Option<usize> {
    let options = headers.get("Sforce-Query-Options")?.to_str().ok()?;
    let mut named = options.split([';', ',']).filter_map(|option| option.trim().split_once('='));
    named
        .find(|(name, _)| name.eq_ignore_ascii_case("batchSize"))?
        .1
        .trim()
        .parse()
        .ok()
}

fn respond(outcome: Result<Answer, ApiError>) -> Response {
    match outcome {
        Ok(Answer {
            status, body, location, ..
        }) => {
            let mut response = match body {
                Some(body) => (status, Json(body)).into_response(),
                None => status.into_response(),
            };
            if let Some(location) = location.and_then(|l| HeaderValue::from_str(&l).ok()) {
                response.headers_mut().insert(LOCATION, location);
            }
            response
        }
        Err(error) => (error.status, Json(error.body())).into_response(),
    }
}

/// Carries a call out in a transaction of its own.
pub(crate) fn perform(app: &Org, call: &Call) -> Result<Answer, ApiError> {
    if call.method == Method::GET {
        return app.store.read(|view| resources::read(app, view, call));
    }
    if call.segments() == ["composite"] {
        return composite::run(app, call);
    }
    let written = app.store.write(|tx| {
        let answer = perform_in(app, tx, call)?;
        if answer.rollback {
            Err(Undone::Answered(answer))
        } else {
            Ok(answer)
        }
    });
    match written {
        Ok(answer) | Err(Undone::Answered(answer)) => Ok(answer),
        Err(Undone::Refused(error)) => Err(error),
    }
}

/// Carries a call out as part of a transaction.
pub(crate) fn perform_in(app: &Org, tx: &mut Tx<'_>, call: &Call) -> Result<Answer, ApiError> {
    if call.method == Method::GET {
        return resources::read(app, &tx.view(), call);
    }
    // Stamped under the store's lock, so that stamps are committed in the order they rise.
    let w = Writing {
        version: &call.version,
        at: app.clock.stamp(),
        unique: app.options.unique_external_ids,
    };
    resources::write(tx, w, call)
}

/// Why a transaction was taken back.
enum Undone {
    Answered(Answer),
    Refused(ApiError),
}

impl From<ApiError> for Undone {
    fn from(error: ApiError) -> Self {
        Self::Refused(error)
    }
}

impl From<std::io::Error> for Undone {
    fn from(error: std::io::Error) -> Self {
        Self::Refused(error.into())
    }
}
