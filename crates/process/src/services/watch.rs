//! Hand-offs as they happen.

use std::time::Duration;

use strata_contract::strata::process::mobilisation::v1::WatchHandOffsResponse;
use strata_kernel::Result;
use strata_rpc::status;
use strata_store::both;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use super::mobilisation::hand_off;
use crate::core::Core;
use crate::store::{lite, pg};

/// Hand-offs that may wait for a slow reader. More are not read before it has taken some.
const AHEAD: usize = 32;
/// Rows read at a time.
const BATCH: i64 = 100;
/// Another process may have written: looked at again after this time, told or not.
const LOOK: Duration = Duration::from_secs(2);

/// Sends what is behind `after`, and then what comes, until the reader goes away.
pub(super) fn hand_offs(core: Core, engagement_id: String, after: i64) -> ReceiverStream<Result<WatchHandOffsResponse, Status>> {
    let (to, from) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        if let Err(cause) = follow(&core, engagement_id, after, &to).await {
            // Nobody listening any more is no failure.
            let _ = to.send(Err(status(cause))).await;
        }
    });
    ReceiverStream::new(from)
}

async fn follow(
    core: &Core,
    engagement_id: String,
    mut after: i64,
    to: &mpsc::Sender<Result<WatchHandOffsResponse, Status>>,
) -> Result<()> {
    let mut news = core.listen();
    loop {
        news.mark_unchanged();
        let id = engagement_id.clone();
        let rows = core.db.read(move |c| both!(c, hand_offs::list(&id, after, BATCH))).await?;
        let more = !rows.is_empty();
        for row in rows {
            after = row.sequence;
            if to
                .send(Ok(WatchHandOffsResponse {
                    hand_off: Some(hand_off(row)),
                }))
                .await
                .is_err()
            {
                return Ok(());
            }
        }
        if more {
            continue;
        }
        tokio::select! {
            () = to.closed() => return Ok(()),
            _ = news.changed() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}
