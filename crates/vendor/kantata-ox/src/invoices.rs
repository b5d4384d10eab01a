//! Documents posted in the ERP, as the people in the PSA see them.

use serde_json::{Value, json};
use strata_contract::require_date;
use strata_contract::strata::common::v1::{Money, WriteOutcome};
use strata_contract::strata::system::psa::v1 as pb;
use strata_kernel::{Error, Result};
use strata_port::outcome;

use crate::fields as f;
use crate::map;
use crate::once::{Found, Keyed, ended};
use crate::projects::object;

/// Records a document once per key, with the time and expenses on it; later its status and balance follow.
pub(crate) async fn put_invoice(keyed: &Keyed, request: pb::PutInvoiceRequest) -> Result<WriteOutcome> {
    let (total, currency) = map::subunits(required(request.gross.as_ref(), "gross")?, "gross")?;
    let (open, open_currency) = map::subunits(required(request.open.as_ref(), "open")?, "open")?;
    if currency != open_currency {
        return Err(Error::invalid("open", "has to be in the currency of the total"));
    }
    let state = json!({"status": if request.paid { f::PAID } else { f::ISSUED }, "balance_in_cents": open});
    let fields = json!({
        "user_invoice_number": request.number,
        "draft": false,
        "invoice_date": require_date(request.issue_date.as_ref(), "issue_date")?.to_string(),
        "due_date": require_date(request.due_date.as_ref(), "due_date")?.to_string(),
        "currency": currency.code(),
        "total_in_cents": total,
        "workspace_ids": map::ids(&request.project_ids, "project_ids")?,
        "time_entry_ids": map::ids(&request.time_entry_ids, "time_entry_ids")?,
        "expense_ids": map::ids(&request.expense_ids, "expense_ids")?,
    });
    let _alone = keyed.alone(&f::INVOICE, &request.key).await;
    match keyed.find(&f::INVOICE, &request.key, &[]).await? {
        Some(found) => follow(keyed, &request.key, &found, state).await,
        None => {
            let mut fields = object(fields);
            fields.extend(object(state));
            keyed.create(&f::INVOICE, &request.key, fields).await
        }
    }
}

/// Brings status and balance of a recorded document up to date. Nothing else of it ever changes.
async fn follow(keyed: &Keyed, key: &str, found: &Found, state: Value) -> Result<WriteOutcome> {
    let row = found.row(&f::INVOICE);
    if ["status", "balance_in_cents"]
        .iter()
        .all(|field| row.get(*field) == state.get(*field))
    {
        return Ok(outcome::confirmed(key, found.id.clone()));
    }
    ended(
        keyed.api.update(f::INVOICE.path, &found.id, f::INVOICE.singular, state).await,
        f::INVOICE.path,
        key,
    )
}

fn required<'a>(amount: Option<&'a Money>, field: &str) -> Result<&'a Money> {
    amount.ok_or_else(|| Error::invalid(field, "is required"))
}
