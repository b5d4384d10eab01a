//! Posting a document once per key.

use serde_json::Value;
use strata_contract::pb_money;
use strata_contract::strata::common::v1::WriteOutcome;
use strata_contract::strata::system::erp::v1::{DocumentKind, PostDocumentRequest, PostDocumentResponse, PostedDocument};
use strata_kernel::{Error, Money, Result};
use strata_port::outcome;
use strata_vendor_http::{Reader, outcome_of};

use super::map::{RECORD_FIELDS, from_record, record, table};
use crate::client::{Client, Trouble};
use crate::lookup::Table;
use crate::wire::reference;

/// Posts, then reads back what the books hold. A lost answer is UNKNOWN; so is a document that cannot be read back, because its
/// number and tax are part of the answer. A refusal under a key that is there already is a repeat, if its totals agree.
pub(crate) async fn post(client: &Client, request: &PostDocumentRequest) -> Result<PostDocumentResponse> {
    let key = request.key.as_str();
    let document = request
        .document
        .as_ref()
        .ok_or_else(|| Error::invalid("document", "is required"))?;
    let (kind, table) = (document.kind(), table(document.kind())?);
    let (body, net) = record(key, document)?;
    match client.create(table.record(), &body).await {
        Ok(_) => match read_back(client, table, kind, key).await {
            Ok(Some((posted, _))) => Ok(confirmed(key, posted)),
            Ok(None) => Ok(ended(outcome::unknown(key))),
            Err(error) => {
                tracing::warn!(vendor.name = crate::VENDOR, key, %error, "posted, but not read back");
                Ok(ended(outcome::unknown(key)))
            }
        },
        Err(Trouble::Failed(failure)) => outcome_of(failure, key).map(ended),
        Err(Trouble::Refused(refusal)) => {
            let refused = refusal.outcome(key)?;
            if refused.state() != strata_contract::strata::common::v1::write_outcome::State::Rejected {
                return Ok(ended(refused));
            }
            // A key that exists already is refused with a code that many rules share; only looking tells.
            match read_back(client, table, kind, key).await {
                Ok(Some((posted, customer))) => Ok(repeat(key, posted, customer.as_deref(), &document.customer_id, net)),
                Ok(None) => Ok(ended(refused)),
                // Whether it is a repeat is not known, so it must not be called refused.
                Err(error) => {
                    tracing::warn!(vendor.name = crate::VENDOR, key, %error, "refused, and not looked up");
                    Ok(ended(outcome::unknown(key)))
                }
            }
        }
    }
}

/// The document that has the key, and the customer it is for.
async fn read_back(
    client: &Client,
    table: Table,
    kind: DocumentKind,
    key: &str,
) -> Result<Option<(PostedDocument, Option<String>)>> {
    let Some(found) = client.read(table.record(), key, &RECORD_FIELDS).await? else {
        return Ok(None);
    };
    let read = |found: &Value| Ok((from_record(Reader(found), kind)?, reference(Reader(found), "entity", "id")?));
    read(&found).map(Some).map_err(|misfit: strata_vendor_http::Misfit| {
        Error::precondition(
            "VENDOR_RECORD_MALFORMED",
            "NetSuite returned a document that does not fit its contract",
        )
        .because(misfit)
    })
}

fn repeat(key: &str, posted: PostedDocument, customer: Option<&str>, expected: &str, net: Money) -> PostDocumentResponse {
    let (same_customer, same_net) = (customer.is_none_or(|id| id == expected), posted.net == Some(pb_money(net)));
    if same_customer && same_net {
        return confirmed(key, posted);
    }
    if same_customer {
        // Who looks it up is told what the books hold, and compares.
        tracing::warn!(
            vendor.name = crate::VENDOR,
            key,
            vendor_id = posted.id,
            "held with another total"
        );
        return ended(outcome::unknown(key));
    }
    tracing::warn!(
        vendor.name = crate::VENDOR,
        key,
        vendor_id = posted.id,
        "key is taken by another document"
    );
    ended(outcome::rejected(
        key,
        "VENDOR_REJECTED",
        "NetSuite has a document with this key for another customer; compare the two",
    ))
}

fn confirmed(key: &str, posted: PostedDocument) -> PostDocumentResponse {
    PostDocumentResponse {
        outcome: Some(WriteOutcome {
            vendor_number: posted.number.clone(),
            ..outcome::confirmed(key, &posted.id)
        }),
        posted: Some(posted),
    }
}

fn ended(outcome: WriteOutcome) -> PostDocumentResponse {
    PostDocumentResponse {
        outcome: Some(outcome),
        posted: None,
    }
}
