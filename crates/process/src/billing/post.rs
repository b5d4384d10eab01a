//! Posts a released document into the books, once, whatever happens in between.

use prost::Message;
use strata_contract::strata::common::v1::write_outcome::State;
use strata_contract::strata::system::erp::v1 as erp;
use strata_kernel::{Error, Kind, Result};
use strata_rpc::error;
use strata_store::both;
use tracing::warn;

use super::apply;
use super::compute::document_key;
use super::erp_document::addressed;
use super::send::rejected;
use crate::core::Core;
use crate::engine::{Done, Job, Stop};
use crate::store::rows::{DocumentRow, PostingRow};
use crate::store::{lite, pg};

pub(super) async fn post(job: &Job<'_>) -> Result<Done, Stop> {
    let core = job.core;
    let key = document_key(job.run);
    let (document, posting) = read(core, &key).await?;
    if document.state != "RELEASED" {
        // The feed of the books saw it there under our key.
        return Ok(Done::vendor(&document.erp_id));
    }
    let ours = erp::Document::decode(posting.body.as_slice()).map_err(Error::internal)?;
    if posting.state != "INTENDED" {
        // SENT and nobody knows: it is looked up before anything is sent again.
        if let Some(found) = look_up(core, &key, ours.kind()).await? {
            return Ok(found_in_books(core, &found, &document).await?);
        }
    }
    let body = addressed(core, ours).await?;
    mark(core, &posting, "SENT").await?;
    let request = erp::PostDocumentRequest {
        key: key.clone(),
        document: Some(body),
    };
    let answer = match core.clients.erp.clone().post_document(request).await.map_err(error) {
        Ok(answer) => answer.into_inner(),
        Err(failure) => {
            warn!(posting.key = %key, error = %failure, "a document has no answer; it is looked up");
            mark(core, &posting, "UNKNOWN").await?;
            return Err(if failure.is_temporary() {
                Stop::Later(failure)
            } else {
                failure.into()
            });
        }
    };
    let outcome = answer.outcome.unwrap_or_default();
    match (outcome.state(), answer.posted) {
        (State::Confirmed, Some(posted)) => Ok(booked(core, posted).await?),
        (State::Rejected, _) => {
            mark(core, &posting, "INTENDED").await?;
            let text = format!("{} ({} {})", outcome.message, document.contract_number, document.period);
            Err(rejected(&key, &outcome.reason, text).into())
        }
        _ => {
            mark(core, &posting, "UNKNOWN").await?;
            Err(Stop::Later(Error::new(
                Kind::Unavailable,
                "VENDOR_UNAVAILABLE",
                "the answer to a document was lost; it is looked up",
            )))
        }
    }
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

async fn mark(core: &Core, posting: &PostingRow, state: &str) -> Result<()> {
    let sent = i32::from(state == "SENT");
    let row = PostingRow {
        state: state.to_owned(),
        attempts: posting.attempts + sent,
        updated_at: core.now().naive_utc(),
        ..posting.clone()
    };
    core.db
        .write(move |c| both!(c, postings::update(std::slice::from_ref(&row))).map(|_| ()))
        .await
}

async fn look_up(core: &Core, key: &str, kind: erp::DocumentKind) -> Result<Option<erp::FoundRecord>> {
    let kind = match kind {
        erp::DocumentKind::CreditMemo => erp::RecordKind::CreditMemo,
        _ => erp::RecordKind::Invoice,
    };
    let request = erp::LookupByKeyRequest {
        kind: kind.into(),
        keys: vec![key.to_owned()],
    };
    let answer = core.clients.erp.clone().lookup_by_key(request).await.map_err(error)?;
    Ok(answer.into_inner().found.into_iter().find(|record| record.key == key))
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
    booked(core, posted).await
}

/// The document is in the books, and we say of it what they say.
async fn booked(core: &Core, posted: erp::PostedDocument) -> Result<Done> {
    let (system, now) = (core.systems().await?.erp.clone(), core.now());
    Ok(Done::vendor(&posted.id).also(move |c| apply(c, &posted, &system, now).map(|_| ())))
}
