//! From the stream to consumers.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::AckKind;
use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::PullConsumer;
use fail::fail_point;
use futures::StreamExt;
use futures::future::{join_all, try_join_all};
use strata_events::{Consumer, Delivered, Desk};
use strata_kernel::Result;
use tokio::time::timeout;
use tracing::warn;

use crate::options::durable;
use crate::{JetStream, away, message};

/// Events that one partition hands over before others of the process get their turn.
const BURST: u32 = 200;
/// Longest time until the server answers a pull.
const ANSWER: Duration = Duration::from_secs(5);
/// What the server says when a partition has its one event under way already.
const TAKEN: &str = "MaxAckPending";

impl JetStream {
    /// Hands over what waits, partitions side by side, each in order. Returns how many events were taken or given up.
    pub(crate) async fn consume(&self, desk: &Desk) -> Result<u64> {
        let known = self.consumers(desk).await?;
        let mut lanes = Vec::new();
        for consumer in desk.consumers() {
            for partition in 0..self.options.partitions {
                if let Some(from) = known.get(&durable(consumer.name(), partition)) {
                    lanes.push(self.lane(desk, consumer, from));
                }
            }
        }
        Ok(join_all(lanes).await.into_iter().sum())
    }

    /// True when every consumer has acknowledged everything.
    pub(crate) async fn is_empty(&self, desk: &Desk) -> Result<bool> {
        let known = self.consumers(desk).await?;
        let infos = try_join_all(known.values().map(PullConsumer::get_info)).await;
        let infos = infos.map_err(|cause| {
            self.doubt();
            away("does not say what waits", &cause)
        })?;
        Ok(infos.iter().all(|info| info.num_pending == 0 && info.num_ack_pending == 0))
    }

    async fn lane(&self, desk: &Desk, consumer: &Arc<dyn Consumer>, from: &PullConsumer) -> u64 {
        let mut done = 0;
        for _ in 0..BURST {
            match self.next(from).await {
                Ok(Some(message)) => {
                    if !self.one(desk, consumer, &message).await {
                        break;
                    }
                    done += 1;
                }
                Ok(None) => break,
                Err(error) => {
                    warn!(consumer = consumer.name(), %error, "nothing can be pulled");
                    break;
                }
            }
        }
        done
    }

    /// The next message, if one waits that nobody is at work on.
    async fn next(&self, from: &PullConsumer) -> Result<Option<Message>> {
        let pull = async { from.fetch().max_messages(1).messages().await?.next().await.transpose() };
        match timeout(ANSWER, pull).await {
            Ok(Ok(message)) => Ok(message),
            // Another process is at work on this partition.
            Ok(Err(cause)) if cause.to_string().contains(TAKEN) => Ok(None),
            Ok(Err(cause)) => {
                self.doubt();
                Err(away("does not hand out events", &cause))
            }
            Err(cause) => Err(away("does not hand out events", &cause)),
        }
    }

    /// Handles one message. False: it comes again later, and its partition waits.
    async fn one(&self, desk: &Desk, consumer: &Arc<dyn Consumer>, message: &Message) -> bool {
        let (place, again) = match message.info() {
            Ok(info) => (format!("{}:{}", info.stream, info.stream_sequence), info.delivered > 1),
            Err(_) => (String::new(), true),
        };
        let (event, read) = message::event(message.headers.as_ref(), &message.payload, &place);
        let delivered = match read {
            Ok(()) => {
                let work = desk.hand(consumer.as_ref(), &event, again);
                tokio::pin!(work);
                let every = (self.options.ack_wait / 3).max(Duration::from_millis(10));
                let mut tick = tokio::time::interval_at(tokio::time::Instant::now() + every, every);
                loop {
                    tokio::select! {
                        delivered = &mut work => break delivered,
                        _ = tick.tick() => said(message.ack_with(AckKind::Progress).await),
                    }
                }
            }
            Err(error) => desk.bury(consumer.as_ref(), &event, error).await,
        };
        match delivered {
            // Without the broker's word an acknowledgement may be lost; then the event comes again, and the inbox knows it.
            Delivered::Taken | Delivered::Dead => {
                fail_point!("before-ack");
                said(message.double_ack().await);
                fail_point!("after-ack");
                true
            }
            // With a pause of its own: a bare refusal would bring it back at once.
            Delivered::Later(pause) => {
                said(message.ack_with(AckKind::Nak(Some(pause))).await);
                false
            }
        }
    }
}

fn said(told: Result<(), async_nats::Error>) {
    if let Err(cause) = told {
        warn!(%cause, "NATS does not hear what became of an event; it comes again");
    }
}
