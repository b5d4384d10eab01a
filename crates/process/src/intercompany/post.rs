//! Posts one journal of a charge into the books, once, whatever happens in between.

use futures::TryFutureExt;
use prost::Message;
use strata_contract::strata::system::erp::v1 as erp;
use strata_kernel::{Error, Result};
use strata_rpc::error;
use strata_store::both;

use super::charge::seen;
use super::journal::{Side, addressed, key};
use crate::billing::{ledger, once};
use crate::core::Core;
use crate::engine::{Done, Job, Stop};
use crate::store::{lite, pg};

pub(super) async fn post(job: &Job<'_>) -> Result<Done, Stop> {
    let core = job.core;
    let side = if job.step.name.starts_with(Side::Delivering.step()) {
        Side::Delivering
    } else {
        Side::Contracting
    };
    let key = key(&seen(job).await?, &job.run.subject, side);
    let wanted = key.clone();
    let posting = core.db.read(move |c| both!(c, postings::get(&wanted))).await?;
    let posting = posting.ok_or_else(|| Error::internal("a run posts a charge that was never made"))?;
    if let Some(found) = once::in_books(core, &posting, erp::RecordKind::Journal).await? {
        return Ok(booked(core, key, found.vendor_id));
    }
    let ours = erp::Journal::decode(posting.body.as_slice()).map_err(Error::internal)?;
    let request = erp::PostJournalRequest {
        key: key.clone(),
        journal: Some(addressed(core, ours).await?),
    };
    let call = async { core.clients.erp.clone().post_journal(request).await.map_err(error) };
    let call = call.map_ok(|answer| (answer.into_inner().outcome.unwrap_or_default(), ()));
    let (outcome, ()) = once::send(core, &posting, call).await?;
    Ok(booked(core, key, outcome.vendor_id))
}

/// The journal is in the books.
fn booked(core: &Core, key: String, erp_id: String) -> Done {
    let now = core.now();
    Done::vendor(&erp_id).also(move |c| ledger::certain(c, &key, &erp_id, "", now))
}
