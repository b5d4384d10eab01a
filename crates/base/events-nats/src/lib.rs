//! The bus through NATS JetStream, for when several processes share the work.
//!
//! A stream keeps what is published until every consumer has acknowledged it. An event's subject names a partition that follows
//! from its ordering key, `strata.events.<partition>.<type>`, and each consumer has a durable consumer per partition with one
//! unacknowledged event at most: whichever processes pull from it, the order of a key is kept. Messages are CloudEvents 1.0 in
//! binary mode.
//!
//! The database stays the truth: rows of the outbox are kept after they are published, so a stream that was lost is replayed.

mod connect;
mod consume;
mod message;
mod options;
mod publish;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_nats::jetstream::consumer::PullConsumer;
use async_nats::jetstream::context::Context;
use async_trait::async_trait;
use strata_events::{Claimed, Desk, Sent, Transport};
use strata_kernel::{Error, Kind, Result};
use tokio::sync::Mutex;

pub use options::Options;

/// A connection to a stream. Cloning shares it.
#[derive(Clone)]
pub struct JetStream {
    context: Context,
    options: Options,
    /// Durable consumers by name, once they are known to exist.
    known: Arc<Mutex<HashMap<String, PullConsumer>>>,
    /// The broker may have forgotten what it knew.
    doubtful: Arc<AtomicBool>,
}

#[async_trait]
impl Transport for JetStream {
    async fn send(&self, desk: &Desk, rows: &[Claimed]) -> Vec<Sent> {
        self.publish(desk, rows).await
    }

    async fn receive(&self, desk: &Desk) -> Result<u64> {
        self.consume(desk).await
    }

    async fn is_drained(&self, desk: &Desk) -> Result<bool> {
        self.is_empty(desk).await
    }
}

impl JetStream {
    fn doubt(&self) {
        self.doubtful.store(true, Ordering::SeqCst);
    }
}

/// The broker does not answer, or not as it should: that passes.
fn away(what: &str, cause: &dyn std::fmt::Display) -> Error {
    let text = format!("NATS {what}; it is tried again");
    Error::new(Kind::Unavailable, "SERVER_UNREACHABLE", text).because(cause)
}
