//! How events get from the outbox to consumers.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use strata_kernel::{Clock, Result, SystemClock};

use crate::{Claimed, Delivered, Desk, Rules};

/// What became of a row that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// It counts as published.
    Done,
    /// Not before this pause; its key waits.
    Later(Duration),
    /// It was not tried, because an earlier one of its key waits.
    Untried,
}

/// Carries events: within this process, or through a broker. Both keep the order of a key and deliver at least once.
#[async_trait]
pub trait Transport: Send + Sync + 'static {
    /// Sends claimed rows. Of one key in their order, and none after one that was not done. One answer for each, in order.
    async fn send(&self, desk: &Desk, rows: &[Claimed]) -> Vec<Sent>;

    /// Lets consumers handle what waits for them, and returns how much they took.
    ///
    /// # Errors
    /// When the broker cannot be used.
    async fn receive(&self, desk: &Desk) -> Result<u64>;

    /// True when nothing waits for a consumer and none is at work.
    ///
    /// # Errors
    /// When the broker cannot be asked.
    async fn is_drained(&self, desk: &Desk) -> Result<bool>;
}

/// By what a bus carries events, and how patient it is. The usual one stays within the process.
#[derive(Clone)]
pub struct Wire {
    /// The way.
    pub transport: Arc<dyn Transport>,
    /// The rules.
    pub rules: Rules,
    /// What time it is for claims and pauses. They are about machines that stop, not about the days of a firm: only a
    /// simulation of machines passes another than the machine's.
    pub clock: Arc<dyn Clock>,
}

impl Default for Wire {
    fn default() -> Self {
        Self {
            transport: Arc::new(InProcess),
            rules: Rules::default(),
            clock: Arc::new(SystemClock),
        }
    }
}

/// Hands events to the consumers of this process, and counts them as published when every one took them.
#[derive(Debug, Clone, Copy, Default)]
pub struct InProcess;

#[async_trait]
impl Transport for InProcess {
    async fn send(&self, desk: &Desk, rows: &[Claimed]) -> Vec<Sent> {
        let mut held = HashSet::new();
        let mut sent = Vec::with_capacity(rows.len());
        for row in rows {
            if held.contains(row.event.ordering_key.as_str()) {
                sent.push(Sent::Untried);
                continue;
            }
            sent.push(match desk.deliver(&row.event, row.again).await {
                Delivered::Taken | Delivered::Dead => Sent::Done,
                Delivered::Later(pause) => {
                    held.insert(row.event.ordering_key.as_str());
                    Sent::Later(pause)
                }
            });
        }
        sent
    }

    async fn receive(&self, _: &Desk) -> Result<u64> {
        Ok(0)
    }

    async fn is_drained(&self, _: &Desk) -> Result<bool> {
        Ok(true)
    }
}
