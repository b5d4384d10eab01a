//! Sends one posting, once, whatever happens in between.
//!
//! INTENDED -> SENT, committed before the call -> CONFIRMED in the transaction that ends the step. A lost answer leaves UNKNOWN,
//! and is looked up by key before anything is sent again.

use std::future::Future;

use strata_contract::strata::common::v1::WriteOutcome;
use strata_contract::strata::common::v1::write_outcome::State;
use strata_contract::strata::system::erp::v1 as erp;
use strata_kernel::{Error, Kind, Result};
use strata_rpc::error;
use tracing::warn;

use super::ledger::{self, Lookup};
use super::settle::rejected;
use crate::core::Core;
use crate::engine::Stop;
use crate::store::rows::PostingRow;

/// The record in the books that has the key of a posting. None: it is not there, or was never sent; one whose answer was lost is
/// INTENDED then, as the look-up says.
pub(crate) async fn in_books(core: &Core, posting: &mut PostingRow, kind: erp::RecordKind) -> Result<Option<erp::FoundRecord>> {
    if posting.state == "INTENDED" {
        return Ok(None);
    }
    let request = erp::LookupByKeyRequest {
        kind: kind.into(),
        keys: vec![posting.key.clone()],
    };
    let answer = core.clients.erp.clone().lookup_by_key(request).await.map_err(error)?;
    let found = answer.into_inner().found.into_iter().find(|record| record.key == posting.key);
    if found.is_none() && matches!(posting.state.as_str(), "UNKNOWN" | "SENT") {
        *posting = mark(core, posting, "INTENDED", Lookup::NotFound).await?;
    }
    Ok(found)
}

/// Sends a posting that is not in the books, and returns its outcome and answer when the books took it. What else became of
/// it is stored here.
pub(crate) async fn send<T>(
    core: &Core,
    posting: &PostingRow,
    call: impl Future<Output = Result<(WriteOutcome, T)>>,
) -> Result<(WriteOutcome, T), Stop> {
    let posting = &mark(core, posting, "SENT", Lookup::None).await?;
    let (outcome, answer) = match call.await {
        Ok(answered) => answered,
        Err(failure) => {
            warn!(posting.key = %posting.key, error = %failure, "a posting has no answer; it is looked up");
            mark(core, posting, "UNKNOWN", Lookup::None).await?;
            return Err(if failure.is_temporary() {
                Stop::Later(failure)
            } else {
                failure.into()
            });
        }
    };
    match outcome.state() {
        State::Confirmed => Ok((outcome, answer)),
        State::Rejected => {
            mark(core, posting, "INTENDED", Lookup::None).await?;
            let text = format!("{} ({})", outcome.message, posting.natural_key);
            Err(rejected(&posting.key, &outcome.reason, text).into())
        }
        State::Unknown | State::Unspecified => {
            mark(core, posting, "UNKNOWN", Lookup::None).await?;
            Err(Stop::Later(Error::new(
                Kind::Unavailable,
                "VENDOR_UNAVAILABLE",
                "the answer to a posting was lost; it is looked up",
            )))
        }
    }
}

async fn mark(core: &Core, posting: &PostingRow, state: &str, lookup: Lookup) -> Result<PostingRow> {
    let sent = i32::from(state == "SENT");
    let row = PostingRow {
        state: state.to_owned(),
        attempts: posting.attempts + sent,
        updated_at: core.now().naive_utc(),
        ..posting.clone()
    };
    let stored = row.clone();
    core.db
        .write(move |c| ledger::put(c, std::slice::from_ref(&stored), lookup))
        .await?;
    Ok(row)
}
