//! Posts the journal of a period into the books, once, whatever happens in between. When its period is closed there, it goes into the
//! next open one.

use futures::TryFutureExt;
use prost::Message;
use strata_contract::strata::system::erp::v1 as erp;
use strata_kernel::{Error, Result};
use strata_rpc::error;
use strata_store::both;

use super::compute::key_of;
use super::journal::addressed;
use crate::billing::ledger::{self, Lookup};
use crate::billing::once;
use crate::closes::freeze;
use crate::core::Core;
use crate::engine::{Done, Job, Stop};
use crate::hand_offs::HandOff;
use crate::periods;
use crate::store::rows::PostingRow;
use crate::store::{lite, pg};

pub(super) async fn post(job: &Job<'_>) -> Result<Done, Stop> {
    let (core, key) = (job.core, key_of(job.run));
    let wanted = key.clone();
    let posting = core.db.read(move |c| both!(c, postings::get(&wanted))).await?;
    let mut posting = posting.ok_or_else(|| Error::internal("a run posts a journal that was never computed"))?;
    if let Some(found) = once::in_books(core, &mut posting, erp::RecordKind::Journal).await? {
        return Ok(booked(core, key, &posting, found, Lookup::Found).await?);
    }
    if freeze::read(core).await?.holds(&posting) {
        let moved = periods::later(core, &posting).await?;
        posting = moved.ok_or_else(|| freeze::refusal(&posting))?;
    }
    loop {
        let ours = erp::Journal::decode(posting.body.as_slice()).map_err(Error::internal)?;
        let contract = ours
            .lines
            .first()
            .map(|line| line.contract_number.clone())
            .unwrap_or_default();
        let request = erp::PostJournalRequest {
            key: key.clone(),
            journal: Some(addressed(core, ours, &contract).await?),
        };
        let call = async { core.clients.erp.clone().post_journal(request).await.map_err(error) };
        let call = call.map_ok(|answer| (answer.into_inner().outcome.unwrap_or_default(), ()));
        match once::send(core, &posting, call).await {
            Ok((outcome, ())) => {
                let found = erp::FoundRecord {
                    vendor_id: outcome.vendor_id,
                    ..erp::FoundRecord::default()
                };
                return Ok(booked(core, key, &posting, found, Lookup::None).await?);
            }
            // Every turn is on another day: the one after a refusal of the rule's own day does not come.
            Err(stop) if periods::is_refusal(&stop) => posting = periods::later(core, &posting).await?.ok_or(stop)?,
            Err(stop) => return Err(stop),
        }
    }
}

/// The journal is in the books.
async fn booked(core: &Core, key: String, posting: &PostingRow, found: erp::FoundRecord, lookup: Lookup) -> Result<Done> {
    let erp_id = found.vendor_id.clone();
    let (system, now) = (core.systems().await?.erp.clone(), core.now());
    let told = HandOff::done("revenue posted", &system, "journal", &key, &erp_id).saying(posting.said());
    Ok(Done::vendor(&erp_id).with(told).also(move |c| {
        both!(c, revenue::posted(&key, &erp_id))?;
        ledger::certain(c, &key, (&erp_id, &found.vendor_number), found.held.as_ref(), lookup, now)
    }))
}
