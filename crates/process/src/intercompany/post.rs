//! Posts one journal of a charge into the books, once, whatever happens in between. Both journals are on the same day: the last of the
//! month that is charged, or the first that is open for both companies. That day is settled before the first of them is sent.

use futures::TryFutureExt;
use prost::Message;
use strata_contract::strata::system::erp::v1 as erp;
use strata_kernel::{Error, Result};
use strata_rpc::error;
use strata_store::both;

use super::charge::seen;
use super::journal::{Side, addressed, key};
use crate::billing::ledger::{self, Lookup};
use crate::billing::once;
use crate::core::Core;
use crate::engine::{Done, Job, Stop};
use crate::periods;
use crate::store::rows::PostingRow;
use crate::store::{lite, pg};

pub(super) async fn post(job: &Job<'_>) -> Result<Done, Stop> {
    let core = job.core;
    let (side, mirror) = if job.step.name.starts_with(Side::Delivering.step()) {
        (Side::Delivering, Side::Contracting)
    } else {
        (Side::Contracting, Side::Delivering)
    };
    let target = seen(job).await?;
    let key_of = |side| key(&target, &job.run.subject, side);
    let mut posting = read(core, key_of(side)).await?;
    if let Some(found) = once::in_books(core, &mut posting, erp::RecordKind::Journal).await? {
        return Ok(booked(core, posting.key, found, Lookup::Found));
    }
    let mut mirrored = read(core, key_of(mirror)).await?;
    let day_is_fixed = once::in_books(core, &mut mirrored, erp::RecordKind::Journal).await?.is_some();
    if !day_is_fixed && let Some(moved) = agreed(core, side, &posting, &mirrored).await? {
        (posting, mirrored) = moved;
    }
    loop {
        let ours = erp::Journal::decode(posting.body.as_slice()).map_err(Error::internal)?;
        let request = erp::PostJournalRequest {
            key: posting.key.clone(),
            journal: Some(addressed(core, ours).await?),
        };
        let call = async { core.clients.erp.clone().post_journal(request).await.map_err(error) };
        let call = call.map_ok(|answer| (answer.into_inner().outcome.unwrap_or_default(), ()));
        match once::send(core, &posting, call).await {
            Ok((outcome, ())) => {
                let found = erp::FoundRecord {
                    vendor_id: outcome.vendor_id,
                    ..erp::FoundRecord::default()
                };
                return Ok(booked(core, posting.key, found, Lookup::None));
            }
            // The period was closed just now. What the other company has in its books does not move any more, so this is for finance.
            Err(stop) if periods::is_refusal(&stop) && !day_is_fixed => {
                (posting, mirrored) = agreed(core, side, &posting, &mirrored).await?.ok_or(stop)?;
            }
            Err(stop) => return Err(stop),
        }
    }
}

async fn read(core: &Core, key: String) -> Result<PostingRow> {
    let posting = core.db.read(move |c| both!(c, postings::get(&key))).await?;
    posting.ok_or_else(|| Error::internal("a run posts a charge that was never made"))
}

/// This journal and its mirror on the day that both companies accept. None: they are on it.
async fn agreed(
    core: &Core,
    side: Side,
    own: &PostingRow,
    mirror: &PostingRow,
) -> Result<Option<(PostingRow, PostingRow)>, Stop> {
    // The rule asks for the delivering company first.
    let pair = match side {
        Side::Delivering => [own, mirror],
        Side::Contracting => [mirror, own],
    };
    let moved = periods::agreed(core, pair).await?;
    Ok(moved.map(|[delivering, contracting]| match side {
        Side::Delivering => (delivering, contracting),
        Side::Contracting => (contracting, delivering),
    }))
}

/// The journal is in the books.
fn booked(core: &Core, key: String, found: erp::FoundRecord, lookup: Lookup) -> Done {
    let now = core.now();
    let vendor_id = found.vendor_id.clone();
    Done::vendor(&vendor_id).also(move |c| {
        ledger::certain(
            c,
            &key,
            (&found.vendor_id, &found.vendor_number),
            found.held.as_ref(),
            lookup,
            now,
        )
    })
}
