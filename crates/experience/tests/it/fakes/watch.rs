//! The stream of hand-offs: what is recorded, and then what comes.

use std::sync::atomic::Ordering;

use futures::StreamExt;
use futures::stream::{self, BoxStream};
use strata_contract::strata::process::mobilisation::v1::{HandOff, WatchHandOffsRequest, WatchHandOffsResponse};
use tokio::sync::watch::Receiver;
use tonic::Status;

use super::Below;

/// A watch under way. Its end is counted.
struct Watch {
    below: Below,
    q: WatchHandOffsRequest,
    recorded: Receiver<usize>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.below.0.watchers.send_modify(|n| *n -= 1);
    }
}

impl Below {
    pub(super) fn watch(&self, q: WatchHandOffsRequest) -> BoxStream<'static, Result<WatchHandOffsResponse, Status>> {
        self.0.watchers.send_modify(|n| *n += 1);
        let watch = Watch {
            below: self.clone(),
            q,
            recorded: self.0.recorded.subscribe(),
        };
        stream::unfold(watch, |mut watch| async move {
            let next = watch.next().await;
            Some((next, watch))
        })
        .boxed()
    }
}

impl Watch {
    async fn next(&mut self) -> Result<WatchHandOffsResponse, Status> {
        loop {
            self.recorded.mark_unchanged();
            self.below.call("Watched")?;
            if let Some(hand_off) = self.following() {
                self.q.after_sequence = hand_off.sequence;
                self.below.0.sent.fetch_add(1, Ordering::SeqCst);
                return Ok(WatchHandOffsResponse {
                    hand_off: Some(hand_off),
                });
            }
            self.recorded
                .changed()
                .await
                .map_err(|_| Status::unavailable("the fake is gone"))?;
        }
    }

    fn following(&self) -> Option<HandOff> {
        let held = self.below.held();
        let mut story = held.hand_offs.iter().filter(|h| h.engagement_id == self.q.engagement_id);
        story.find(|h| h.sequence > self.q.after_sequence).cloned()
    }
}
