//! Posts a released document into the books, once, whatever happens in between.

use futures::TryFutureExt;
use prost::Message;
use strata_contract::strata::common::v1::WriteOutcome;
use strata_contract::strata::common::v1::write_outcome::State;
use strata_contract::strata::system::erp::v1 as erp;
use strata_kernel::{Error, Result};
use strata_rpc::error;
use strata_store::both;

use super::compare::of_document;
use super::compute::document_key;
use super::erp_document::addressed;
use super::ledger::Lookup;
use super::{apply, once};
use crate::closes::freeze;
use crate::core::Core;
use crate::engine::{Done, Job, Stop};
use crate::restored;
use crate::store::rows::{DocumentRow, PostingRow};
use crate::store::{lite, pg};

pub(super) async fn post(job: &Job<'_>) -> Result<Done, Stop> {
    let core = job.core;
    let key = document_key(job.run);
    let (document, mut posting) = read(core, &key).await?;
    if document.state != "RELEASED" {
        // The feed of the books saw it there under our key.
        return Ok(Done::vendor(&document.erp_id));
    }
    let ours = erp::Document::decode(posting.body.as_slice()).map_err(Error::internal)?;
    if let Some(found) = once::in_books(core, &mut posting, record_kind(ours.kind())).await? {
        return Ok(found_in_books(core, &found, &document).await?);
    }
    if freeze::read(core).await?.holds(&posting) {
        return Err(freeze::refusal(&posting).into());
    }
    let request = erp::PostDocumentRequest {
        key,
        document: Some(addressed(core, ours).await?),
    };
    let call = async { core.clients.erp.clone().post_document(request).await.map_err(error) };
    let call = call.map_ok(|answer| settled(answer.into_inner()));
    let (_, posted) = once::send(core, &posting, call).await?;
    let held = of_document(&posted);
    Ok(booked(core, posted, Some(held), Lookup::None).await?)
}

/// How the write ended, and the document as the books hold it. A document that they hold and do not show is looked up.
fn settled(answer: erp::PostDocumentResponse) -> (WriteOutcome, erp::PostedDocument) {
    let mut outcome = answer.outcome.unwrap_or_default();
    if answer.posted.is_none() && outcome.state() == State::Confirmed {
        outcome.set_state(State::Unknown);
    }
    (outcome, answer.posted.unwrap_or_default())
}

/// Key of the document of the run: its subject is "contract:period".
async fn read(core: &Core, key: &str) -> Result<(DocumentRow, PostingRow)> {
    let key = key.to_owned();
    let (document, posting) = core
        .db
        .read(move |c| Ok((both!(c, documents::get(&key))?, both!(c, postings::get(&key))?)))
        .await?;
    document
        .zip(posting)
        .ok_or_else(|| Error::internal("a run posts a document that was never computed"))
}

fn record_kind(kind: erp::DocumentKind) -> erp::RecordKind {
    match kind {
        erp::DocumentKind::CreditMemo => erp::RecordKind::CreditMemo,
        _ => erp::RecordKind::Invoice,
    }
}

/// A document whose answer was lost is in the books. What the books say of its amounts comes with their feed.
async fn found_in_books(core: &Core, found: &erp::FoundRecord, document: &DocumentRow) -> Result<Done> {
    let amount = |minor_units| {
        Some(strata_contract::strata::common::v1::Money {
            currency_code: document.currency_code.clone(),
            minor_units,
        })
    };
    let posted = erp::PostedDocument {
        id: found.vendor_id.clone(),
        key: found.key.clone(),
        number: found.vendor_number.clone(),
        state: erp::DocumentState::Posted.into(),
        net: amount(document.net),
        tax: amount(document.tax),
        gross: amount(document.gross),
        open: amount(document.open),
        ..erp::PostedDocument::default()
    };
    booked(core, posted, found.held.clone(), Lookup::Found).await
}

/// The document is in the books, and we say of it what they say.
async fn booked(core: &Core, posted: erp::PostedDocument, held: Option<erp::BookedPosting>, lookup: Lookup) -> Result<Done> {
    let (system, now) = (core.systems().await?.erp.clone(), core.now());
    Ok(Done::vendor(&posted.id).also(move |c| {
        apply(c, &posted, held.as_ref(), lookup, &system, now)?;
        match lookup {
            Lookup::Found => restored::found_document(c),
            _ => Ok(()),
        }
    }))
}
