//! From the outbox to the stream.

use std::collections::{HashMap, HashSet};

use async_nats::jetstream::context::{PublishAckFuture, PublishErrorKind};
use strata_events::{Claimed, Desk, Event, Sent};
use strata_kernel::Result;
use tracing::warn;

use crate::message::headers;
use crate::{JetStream, away};

impl JetStream {
    /// Publishes rows and waits for the broker to keep them. Of each key one is under way at a time: were the first lost and
    /// the second kept, they would be out of order.
    pub(crate) async fn publish(&self, desk: &Desk, rows: &[Claimed]) -> Vec<Sent> {
        let later = Sent::Later(desk.rules().pause_after(2));
        if let Err(error) = self.consumers(desk).await {
            warn!(%error, "nothing can be published");
            return vec![later; rows.len()];
        }
        let mut sent = vec![Sent::Untried; rows.len()];
        let mut held: HashSet<&str> = HashSet::new();
        for wave in waves(rows) {
            let mut under_way = Vec::with_capacity(wave.len());
            for index in wave {
                let event = &rows[index].event;
                if !held.contains(event.ordering_key.as_str()) {
                    under_way.push((index, event, self.send_one(event).await));
                }
            }
            for (index, event, started) in under_way {
                match self.kept(started).await {
                    Ok(()) => sent[index] = Sent::Done,
                    Err(error) => {
                        warn!(event.id = %event.id, %error, "event was not published; it stays in the outbox");
                        held.insert(&event.ordering_key);
                        sent[index] = later;
                    }
                }
            }
        }
        sent
    }

    async fn send_one(&self, event: &Event) -> Result<PublishAckFuture> {
        let subject = self.options.subject_of(event.partition(self.options.partitions), &event.kind);
        let body = event.body.clone().into();
        let sent = self.context.publish_with_headers(subject, headers(event), body).await;
        sent.map_err(|cause| away("does not take an event", &cause))
    }

    async fn kept(&self, started: Result<PublishAckFuture>) -> Result<()> {
        let ack = started?.await;
        ack.map(drop).map_err(|cause| {
            if cause.kind() == PublishErrorKind::StreamNotFound {
                self.doubt();
            }
            away("does not keep an event", &cause)
        })
    }
}

/// Indexes of rows: the first of each key, then the second of each, and so on.
fn waves(rows: &[Claimed]) -> Vec<Vec<usize>> {
    let mut before: HashMap<&str, usize> = HashMap::new();
    let mut waves: Vec<Vec<usize>> = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let count = before.entry(&row.event.ordering_key).or_default();
        if waves.len() == *count {
            waves.push(Vec::new());
        }
        waves[*count].push(index);
        *count += 1;
    }
    waves
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn one_of_a_key_is_under_way_at_a_time() {
        let row = |key: &str| Claimed {
            sequence: 0,
            event: Event::new("a.v1", key, "", &1, "", Default::default()).unwrap(),
            again: false,
        };
        let rows = ["a", "b", "a", "c", "a", "b"].map(row);
        assert_eq!(waves(&rows), [vec![0, 1, 3], vec![2, 5], vec![4]]);
        assert!(waves(&[]).is_empty());
    }
}
