//! What every handler works on, and the routes.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, http};
use chrono::{DateTime, Utc};
use strata_sandbox::{SandboxClock, Setup, Store, Tokens, Tx, guard};

use crate::account::Account;
use crate::auth::{self, TOKEN_PATH, Verifier};
use crate::errors::{Answer, NsError};
use crate::{Options, jobs, record, schema, suiteql};

/// Largest request body, in bytes.
const BODY_MAX: usize = 104 * 1024 * 1024;
/// Name of the log file.
const STORE: &str = "netsuite";

/// The time of a write.
pub(crate) type Stamp = DateTime<Utc>;

/// What every handler works on. Clones share it.
#[derive(Clone)]
pub(crate) struct App {
    pub(crate) clock: SandboxClock,
    pub(crate) store: Store,
    pub(crate) tokens: Tokens,
    pub(crate) verifier: Arc<Verifier>,
    account: Account,
    takes: Duration,
}

impl App {
    /// Runs one write. Its stamp is taken inside, so that later stamps are never seen before earlier ones.
    pub(crate) fn write<R>(&self, f: impl FnOnce(&mut Tx<'_>, Stamp) -> Answer<R>) -> Answer<R> {
        self.store.write(|tx| f(tx, self.clock.stamp()))
    }
}

/// The server's routes, with the layers around them.
pub(crate) fn routes(setup: Setup, options: &Options, account: Account) -> std::io::Result<Router> {
    let store = Store::open(setup.dir.as_deref(), STORE, schema::KINDS)?;
    if let Some(newest) = store.newest() {
        setup.clock.resume_after(newest);
    }
    let app = App {
        clock: setup.clock,
        store,
        tokens: Tokens::default(),
        verifier: Arc::new(Verifier::new()?),
        account,
        takes: options.takes,
    };
    let record = Router::new()
        .route(
            "/{kind}",
            get(record::list)
                .post(record::collection)
                .put(record::collection)
                .patch(record::collection),
        )
        .route(
            "/{kind}/{address}",
            get(record::get).patch(record::patch).put(record::put).delete(record::delete),
        )
        .route("/{kind}/{address}/{sublist}", get(record::sublist));
    let jobs = Router::new()
        .route("/{id}", get(jobs::poll))
        .route("/{id}/task", get(jobs::tasks))
        .route("/{id}/task/{number}", get(jobs::one_task))
        .route("/{id}/task/{number}/result", get(jobs::result));
    let services = Router::new()
        .nest("/services/rest/record/v1", record)
        .nest("/services/rest/async/v1/job", jobs)
        .route("/services/rest/query/v1/suiteql", post(suiteql::query))
        .route_layer(middleware::from_fn_with_state(app.clone(), auth::require));
    let all = services
        .route(TOKEN_PATH, post(auth::token))
        .fallback(|| async { NsError::no_such_resource() })
        .method_not_allowed_fallback(|| async { NsError::no_such_method() })
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .with_state(app.clone());
    let guarded = guard(all, setup.faults, app.tokens.clone(), |status| {
        NsError::refused(status).into_response()
    });
    // Outermost: a request that an armed fault holds up occupies its place like any slow one.
    Ok(guarded.layer(middleware::from_fn_with_state(app, take_place)))
}

/// Refuses a request when too many of the account are under way. Getting a token is not one of them.
async fn take_place(State(app): State<App>, request: Request, next: Next) -> Response {
    if request.uri().path() == TOKEN_PATH && request.method() == http::Method::POST {
        return next.run(request).await;
    }
    let Some(_place) = app.account.enter() else {
        return NsError::too_many().into_response();
    };
    let least = tokio::time::sleep(app.takes);
    let answer = next.run(request).await;
    least.await;
    answer
}
