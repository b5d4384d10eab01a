//! A sandbox of the Kantata OX REST API, version 1: a real HTTP server with the vendor's envelope, filters, rules and
//! quirks, keeping its records in a [`strata_sandbox::Store`]. Adapters and simulated people use the same public API.
//!
//! - `model` says what a resource is made of; `resources/` declares each one with the rules a professional-services
//!   system enforces on it.
//! - `write` and `list` carry out any operation on any resource; `render` prints the envelope.
//! - Quirks kept on purpose: 200 on create, association ids only with `include`, archived means 404, 429 without
//!   headers, stamps to the second, no idempotency key, hard deletes, unknown fields ignored without a word.

mod answer;
mod auth;
mod custom_fields;
mod dispatch;
mod input;
mod limit;
mod list;
mod model;
mod query;
mod references;
mod render;
mod resources;
mod times;
mod write;

use std::sync::Arc;

use axum::{Router, middleware, routing};
use strata_sandbox::{SandboxClock, Setup, Store, Tokens, guard};

pub use limit::RateLimit;

use limit::Limiter;

/// The application registered by an account administrator: client id.
pub const CLIENT_ID: &str = "strata";
/// Secret of [`CLIENT_ID`]; a sandbox has no other customers.
pub const CLIENT_SECRET: &str = "sandbox-secret";

/// Everything a request needs.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) store: Store,
    pub(crate) clock: SandboxClock,
    pub(crate) tokens: Tokens,
}

/// The sandbox with the default rate limit.
///
/// # Errors
/// When the records in `setup.dir` cannot be opened.
pub fn router(setup: Setup) -> std::io::Result<Router> {
    router_with(setup, RateLimit::default())
}

/// The sandbox with a rate limit of the caller's choice.
///
/// # Errors
/// When the records in `setup.dir` cannot be opened.
pub fn router_with(setup: Setup, rate: RateLimit) -> std::io::Result<Router> {
    let store = Store::open(setup.dir.as_deref(), "kantata-ox", resources::KINDS)?;
    if let Some(newest) = store.newest() {
        setup.clock.resume_after(newest);
    }
    let tokens = Tokens::default();
    let app = Arc::new(App {
        store,
        clock: setup.clock,
        tokens: tokens.clone(),
    });
    let api = Router::new()
        .route("/api/v1/{*path}", routing::any(dispatch::dispatch))
        .layer(middleware::from_fn_with_state(app.clone(), auth::require_token))
        // Outside the token check: the vendor counts refused requests too.
        .layer(middleware::from_fn_with_state(Arc::new(Limiter::new(rate)), limit::hold));
    let routes = Router::new()
        .merge(api)
        .route("/oauth/token", routing::post(auth::token))
        .fallback(answer::no_route)
        .with_state(app);
    let guarded = guard(routes, setup.faults, tokens, answer::refused);
    Ok(guarded.layer(middleware::from_fn_with_state(Arc::default(), answer::number_requests)))
}
