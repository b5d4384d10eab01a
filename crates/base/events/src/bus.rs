//! The in-process bus and the relay that feeds it.

use std::sync::Arc;

use async_trait::async_trait;
use strata_kernel::{Instant, Result};
use strata_store::Db;
use tracing::warn;

use crate::Event;
use crate::store::{OutboxRow, mark, unpublished};

/// Rows handed over in one pass.
const BATCH: i64 = 500;

/// Takes events. Must be safe to call twice with one event: see [`crate::first_time`].
#[async_trait]
pub trait Consumer: Send + Sync + 'static {
    /// Stable name, the key of its inbox.
    fn name(&self) -> &'static str;
    /// True when it wants events of this kind.
    fn wants(&self, kind: &str) -> bool;
    /// Handles one event.
    async fn handle(&self, event: &Event) -> Result<()>;
}

/// Delivers committed events to consumers in this process.
#[derive(Clone, Default)]
pub struct Bus {
    consumers: Arc<Vec<Arc<dyn Consumer>>>,
}

impl Bus {
    /// A bus with its consumers.
    pub fn new(consumers: Vec<Arc<dyn Consumer>>) -> Self {
        Self {
            consumers: Arc::new(consumers),
        }
    }

    /// Hands unpublished events over, oldest first, and returns how many every consumer took.
    /// An event that a consumer cannot take holds back later ones of its ordering key only.
    pub async fn relay(&self, db: &Db, now: Instant) -> Result<usize> {
        let rows = db.read(|c| unpublished(c, BATCH)).await?;
        let mut held = std::collections::HashSet::new();
        let mut done = Vec::with_capacity(rows.len());
        for row in rows {
            if held.contains(&row.ordering_key) {
                continue;
            }
            let (sequence, event) = (row.sequence, event_of(row));
            if let Err(error) = self.deliver(&event).await {
                warn!(event.id = %event.id, event.kind = %event.kind, %error, "event was not taken; it stays in the outbox");
                held.insert(event.ordering_key);
            } else {
                done.push(sequence);
            }
        }
        if done.is_empty() {
            return Ok(0);
        }
        db.write(move |c| mark(c, &done, now)).await
    }

    async fn deliver(&self, event: &Event) -> Result<()> {
        for consumer in self.consumers.iter().filter(|c| c.wants(&event.kind)) {
            consumer.handle(event).await?;
        }
        Ok(())
    }
}

fn event_of(row: OutboxRow) -> Event {
    Event {
        id: row.id,
        kind: row.kind,
        subject: row.subject,
        ordering_key: row.ordering_key,
        body: row.body,
        correlation_id: row.correlation_id,
        time: row.happened_at.and_utc(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::sync::Mutex;
    use strata_kernel::Error;
    use strata_store::Options;

    struct Picky(Mutex<Vec<String>>, Mutex<bool>);

    #[async_trait]
    impl Consumer for Picky {
        fn name(&self) -> &'static str {
            "picky"
        }
        fn wants(&self, _: &str) -> bool {
            true
        }
        async fn handle(&self, event: &Event) -> Result<()> {
            if *self.1.lock().unwrap() && event.subject == "a" {
                return Err(Error::internal("not today"));
            }
            self.0
                .lock()
                .unwrap()
                .push(event.subject.clone() + &String::from_utf8_lossy(&event.body));
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_failing_consumer_holds_back_its_key_only_and_gets_it_again_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let db = Db::open(&format!("sqlite:{}", dir.path().join("t.db").display()), &Options::default()).unwrap();
        strata_store::migrate::run(&db).unwrap();
        let now = Instant::from_timestamp(1_700_000_000, 0).unwrap();
        for (subject, n) in [("a", 1), ("b", 1), ("a", 2), ("a", 2)] {
            let event = Event::new("t.v1", subject, &n.to_string(), &n, "c", now).unwrap();
            db.write(move |c| crate::append(c, &event)).await.unwrap();
        }
        let picky = Arc::new(Picky(Mutex::default(), Mutex::new(true)));
        let bus = Bus::new(vec![picky.clone()]);
        assert_eq!(bus.relay(&db, now).await.unwrap(), 1);
        *picky.1.lock().unwrap() = false;
        assert_eq!(bus.relay(&db, now).await.unwrap(), 2);
        assert_eq!(bus.relay(&db, now).await.unwrap(), 0);
        assert_eq!(*picky.0.lock().unwrap(), ["b1", "a1", "a2"]);
    }
}
