//! The general rate limit.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::Instant;

use crate::answer::refused;

/// How many API requests are served in a span of real time; more are answered 429.
#[derive(Clone, Copy, Debug)]
pub struct RateLimit {
    /// Requests served per span.
    pub requests: u32,
    /// The span. Real time: the simulated clock may stand still for longer than any client waits.
    pub per: Duration,
}

impl Default for RateLimit {
    /// More than a busy client sends. The vendor's own numbers are not public.
    fn default() -> Self {
        Self {
            requests: 1_000_000,
            per: Duration::from_secs(60),
        }
    }
}

/// Counts requests in the present span.
#[derive(Debug)]
pub(crate) struct Limiter {
    rate: RateLimit,
    span: Mutex<Option<(Instant, u32)>>,
}

impl Limiter {
    pub(crate) fn new(rate: RateLimit) -> Self {
        Self {
            rate,
            span: Mutex::new(None),
        }
    }

    fn admits(&self, now: Instant) -> bool {
        let mut span = self.span.lock().unwrap_or_else(PoisonError::into_inner);
        let (began, served) = match *span {
            Some((began, served)) if now.duration_since(began) < self.rate.per => (began, served),
            _ => (now, 0),
        };
        *span = Some((began, served.saturating_add(1)));
        served < self.rate.requests
    }
}

/// Answers 429 when the limit is used up, without a word on when to come back.
pub(crate) async fn hold(State(limiter): State<Arc<Limiter>>, request: Request, next: Next) -> Response {
    if limiter.admits(Instant::now()) {
        next.run(request).await
    } else {
        refused(StatusCode::TOO_MANY_REQUESTS)
    }
}
