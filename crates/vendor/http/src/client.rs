//! The HTTP client.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use fail::fail_point;
use serde::{Deserialize, Deserializer};
use strata_kernel::{Error, Result};

use crate::failure::Failure;
use crate::gate::Gate;
use crate::pause::pause;
use crate::request::{Effect, Reply, Request};
use crate::url::cut_url;

/// Most tries of one request, the first included (reliability rules: at most 4, one tier only).
const TRIES: u32 = 4;
/// A vendor that asks for a longer pause than this gets it from the caller's own schedule.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How long a connection may take. Part of the request's own time-out.
const CONNECT: Duration = Duration::from_secs(5);

/// What one adapter may use of its vendor. Every field has a default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Requests in flight at once. Default 8.
    pub concurrency: usize,
    /// Requests that may start in any one second. Default: no limit.
    pub per_second: Option<u32>,
    /// How long one try may take; `timeout_ms` in settings. Default 20 s.
    #[serde(rename = "timeout_ms", deserialize_with = "millis")]
    pub timeout: Duration,
    /// Largest answer in bytes, decompressed. Default 32 MiB.
    pub max_body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            concurrency: 8,
            per_second: None,
            timeout: Duration::from_secs(20),
            max_body: 32 * 1024 * 1024,
        }
    }
}

fn millis<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u64::deserialize(deserializer).map(Duration::from_millis)
}

/// A client of one vendor. Clones share connections and limits.
#[derive(Debug, Clone)]
pub struct Client {
    vendor: &'static str,
    http: reqwest::Client,
    gate: Gate,
    max_body: usize,
    tickets: Arc<AtomicU64>,
}

impl Client {
    /// A client without redirects (a token must not follow one) and without proxy variables.
    pub fn new(vendor: &'static str, limits: Limits) -> Result<Self> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(limits.timeout)
            .connect_timeout(CONNECT.min(limits.timeout))
            .user_agent(concat!("strata/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(Error::internal)?;
        let seed = vendor
            .bytes()
            .fold(0_u64, |hash, byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte)));
        Ok(Self {
            vendor,
            http,
            gate: Gate::new(limits.concurrency, limits.per_second, limits.timeout),
            max_body: limits.max_body,
            tickets: Arc::new(AtomicU64::new(seed)),
        })
    }

    /// Starts the jitter elsewhere, so that two processes do not pause alike.
    #[must_use]
    pub fn with_jitter_seed(self, seed: u64) -> Self {
        self.tickets.store(seed, Ordering::Relaxed);
        self
    }

    /// Name of the vendor, for the log.
    pub fn vendor(&self) -> &'static str {
        self.vendor
    }

    /// What admits its requests.
    pub fn gate(&self) -> Gate {
        self.gate.clone()
    }

    /// Sends a request. Reads and idempotent requests are tried up to four times: after a connection that could not be
    /// made, 429, 502, 503, 504. Only a read is also tried again after a cut. A time-out is never waited for twice.
    pub async fn send(&self, request: Request) -> Result<Reply, Failure> {
        let mut attempt = 0;
        loop {
            let outcome = self.once(&request).await;
            attempt += 1;
            let Some(at_least) = again(request.kind, &outcome).filter(|_| attempt < TRIES) else {
                return outcome.map_err(Attempt::into_failure);
            };
            let length = pause(attempt, self.tickets.fetch_add(1, Ordering::Relaxed)).max(at_least);
            tracing::debug!(
                vendor = self.vendor, method = %request.method, url = %cut_url(&request.url), attempt,
                pause_ms = length.as_millis(), "vendor call is tried again"
            );
            tokio::time::sleep(length).await;
        }
    }

    async fn once(&self, request: &Request) -> Result<Reply, Attempt> {
        let Some(_place) = self.gate.enter().await else {
            return Err(Attempt::NoPlace);
        };
        let mut call = self.http.request(request.method.clone(), &request.url);
        for (name, value) in &request.headers {
            call = call.header(name, value);
        }
        if let Some(body) = &request.body {
            call = call
                .header(http::header::CONTENT_TYPE, &request.content_type)
                .body(body.clone());
        }
        fail_point!("before-send");
        let answer = call.send().await.map_err(Attempt::Transport)?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        tracing::debug!(vendor = self.vendor, method = %request.method, url = %cut_url(&request.url), status, "vendor answered");
        let body = self.collect(answer).await?;
        fail_point!("after-send");
        Ok(Reply { status, headers, body })
    }

    /// Reads the body as far as the limit goes, whatever length was announced.
    async fn collect(&self, mut answer: reqwest::Response) -> Result<Bytes, Attempt> {
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(Attempt::Transport)? {
            if body.len() + chunk.len() > self.max_body {
                return Err(Attempt::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }
}

/// One try that brought no answer.
enum Attempt {
    Transport(reqwest::Error),
    TooLarge,
    NoPlace,
}

impl Attempt {
    fn into_failure(self) -> Failure {
        match self {
            Self::TooLarge => Failure::TooLarge,
            Self::NoPlace => Failure::NoPlace,
            // The URL may carry data of people, so it is left out of the text.
            Self::Transport(cause) if unsent(&cause) => Failure::NotSent(chain(&cause.without_url())),
            Self::Transport(cause) => Failure::Lost(chain(&cause.without_url())),
        }
    }
}

fn unsent(cause: &reqwest::Error) -> bool {
    cause.is_connect() || cause.is_builder()
}

/// An error with its causes: reqwest's own text alone says too little.
fn chain(cause: &dyn std::error::Error) -> String {
    let mut text = cause.to_string();
    let mut next = cause.source();
    while let Some(inner) = next {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        next = inner.source();
    }
    text
}

/// Whether to try again, and the pause the vendor asked for. None: what came is the answer.
fn again(kind: Effect, outcome: &Result<Reply, Attempt>) -> Option<Duration> {
    if kind == Effect::Write {
        return None;
    }
    match outcome {
        Ok(reply) if matches!(reply.status, 429 | 502..=504) => asked_pause(reply),
        Err(Attempt::Transport(cause)) if cause.is_builder() || cause.is_timeout() => None,
        Err(Attempt::Transport(cause)) if cause.is_connect() || kind == Effect::Read => Some(Duration::ZERO),
        Ok(_) | Err(_) => None,
    }
}

/// The pause in `Retry-After`, in seconds. None: it is longer than we wait inside a call. A date is not understood, and then
/// our own pause holds.
fn asked_pause(reply: &Reply) -> Option<Duration> {
    let seconds = reply
        .header("retry-after")
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(0);
    let pause = Duration::from_secs(seconds);
    (pause <= LONGEST_PAUSE).then_some(pause)
}
