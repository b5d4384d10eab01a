//! What the platform writes back: its ids on a deal, the state of documents.

use serde_json::{Map, Value, json};
use strata_contract::strata::common::v1::WriteOutcome;
use strata_contract::strata::system::crm::v1 as pb;
use strata_contract::{date, require_date};
use strata_kernel::{Error, Result};
use strata_port::outcome;
use strata_vendor_http::{Reply, outcome_of};

use crate::client::Org;
use crate::errors::Refusal;
use crate::fields as f;
use crate::map;
use crate::soql::Query;

/// Writes our ids on a deal.
pub(crate) async fn record_engagement(org: &Org, request: &pb::RecordEngagementRequest) -> Result<WriteOutcome> {
    let key = request.engagement_id.as_str();
    let joiner = f::JOINER.to_string();
    let mut body = Map::new();
    for (field, text) in [
        (f::ENGAGEMENT_ID, request.engagement_id.clone()),
        (f::ERP_CUSTOMER_ID, request.erp_customer_id.clone()),
        (f::ERP_CONTRACT_ID, request.erp_contract_id.clone()),
        (f::PSA_PROJECT_IDS, request.psa_project_ids.join(&joiner)),
    ] {
        // Empty means "not known": what stands there stays.
        if !text.is_empty() {
            body.insert(field.to_owned(), Value::String(text));
        }
    }
    match org
        .update(f::OPPORTUNITY, &request.opportunity_id, &Value::Object(body))
        .await
    {
        Ok(reply) if is_done(&reply) => Ok(outcome::confirmed(key, map::id18(&request.opportunity_id))),
        Ok(reply) if reply.is_success() => Ok(unproven(&reply, key)),
        Ok(reply) => Refusal::of(&reply).outcome(key),
        Err(failure) => outcome_of(failure, key),
    }
}

/// Writes the state of a document, upserted by its key.
pub(crate) async fn put_invoice_status(org: &Org, status: &pb::InvoiceStatus) -> Result<WriteOutcome> {
    let body = invoice_status(status)?;
    let key = status.key.as_str();
    match org.upsert(f::INVOICE_STATUS, f::KEY, key, &body).await {
        Ok(reply) if is_done(&reply) => Ok(match upserted_id(org, &reply, key).await {
            Some(id) => outcome::confirmed(key, id),
            None => outcome::unknown(key),
        }),
        Ok(reply) if reply.is_success() => Ok(unproven(&reply, key)),
        Ok(reply) => Refusal::of(&reply).outcome(key),
        Err(failure) => outcome_of(failure, key),
    }
}

/// True when the vendor itself says that it is written: with an empty answer, or with one that says so. A gateway's page with status 200
/// says nothing of the kind.
fn is_done(reply: &Reply) -> bool {
    let says = || reply.json().ok().and_then(|body| body.get("success")?.as_bool());
    reply.is_success() && (reply.status == 204 && reply.body.is_empty() || says() == Some(true))
}

fn unproven(reply: &Reply, key: &str) -> WriteOutcome {
    tracing::warn!(
        key,
        status = reply.status,
        "an answer to a write that does not say that it is done"
    );
    outcome::unknown(key)
}

/// The id of an upserted record. The vendor says it when it creates one, and since API 46 when it updates one.
async fn upserted_id(org: &Org, reply: &Reply, key: &str) -> Option<String> {
    let said = reply.json().ok().and_then(|body| body.get("id")?.as_str().map(str::to_owned));
    if let Some(id) = said.filter(|id| map::is_id(id)) {
        return Some(map::id18(&id));
    }
    let query = Query::new(f::INVOICE_STATUS, &[f::ID]).is(f::KEY, key).most(1);
    let rows = org.written(&query).await.unwrap_or_default();
    rows.first().map(map::row_id).filter(|id| map::is_id(id))
}

/// The body of an upsert. The key stands in the URL: the vendor refuses it in the body.
fn invoice_status(status: &pb::InvoiceStatus) -> Result<Value> {
    let gross = status
        .gross
        .as_ref()
        .ok_or_else(|| Error::invalid("status.gross", "is required"))?;
    let open = status
        .open
        .as_ref()
        .ok_or_else(|| Error::invalid("status.open", "is required"))?;
    if gross.currency_code != open.currency_code {
        return Err(Error::invalid("status.open", "has to be in the currency of the total"));
    }
    let due = status
        .due_date
        .as_ref()
        .map(date)
        .transpose()
        .map_err(|e| e.at("status.due_date"))?;
    Ok(json!({
        f::OF_ACCOUNT: status.account_id,
        f::OF_OPPORTUNITY: status.opportunity_id,
        f::DOCUMENT_NUMBER: status.number,
        f::STATUS: status.status,
        f::ISSUE_DATE: require_date(status.issue_date.as_ref(), "status.issue_date")?.to_string(),
        f::DUE_DATE: due.map(|day| day.to_string()),
        f::CURRENCY: gross.currency_code,
        f::GROSS: map::amount(gross)?,
        f::OPEN: map::amount(open)?,
    }))
}
