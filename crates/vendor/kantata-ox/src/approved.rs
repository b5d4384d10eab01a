//! Approved time as it stands now, of a range of work dates: what a reconciliation compares.

use strata_contract::require_date;
use strata_contract::strata::system::psa::v1 as pb;
use strata_kernel::{Error, Result};
use strata_vendor_http::unavailable;

use crate::api::PAGE;
use crate::fields as f;
use crate::map;
use crate::once::Keyed;

/// What comes along with an entry.
const INCLUDE: &str = "workspace,user,story,timesheet_submission,custom_field_values";

/// Reads a page. Entries keep the order in which they were made, so only what is deleted or loses its approval meanwhile shifts
/// them; the total tells.
pub(crate) async fn list(keyed: &Keyed, request: &pb::ListApprovedTimeRequest) -> Result<pb::ListApprovedTimeResponse> {
    let from = require_date(request.from_date.as_ref(), "from_date")?;
    let to = require_date(request.to_date.as_ref(), "to_date")?;
    if to < from {
        return Err(Error::invalid("to_date", "must not be before from_date"));
    }
    let number = request.page_number.max(1);
    let (days, size, page) = (format!("{from}:{to}"), PAGE.to_string(), number.to_string());
    let query = [
        ("approved", "true"),
        ("date_performed_between", days.as_str()),
        ("order", "created_at:asc"),
        ("include", INCLUDE),
        (f::FROM_ARCHIVED, "true"),
        ("per_page", size.as_str()),
        ("page", page.as_str()),
    ];
    let answer = keyed.api.list(f::TIME_ENTRIES, &query).await?;
    let total = answer
        .total()
        .ok_or_else(|| unavailable("a list of time without its count"))?;
    let (mut time_entries, mut malformed) = (Vec::new(), Vec::new());
    for (id, row) in answer.rows() {
        match map::time_entry(&answer, row) {
            Ok(entry) if entry.state() == pb::EntryState::Approved => time_entries.push(entry),
            Ok(_) => {}
            Err(misfit) => malformed.push(misfit.malformed("time_entry", id)),
        }
    }
    let is_last = answer.ids().len() < PAGE;
    Ok(pb::ListApprovedTimeResponse {
        time_entries,
        malformed,
        next_page_number: if is_last { 0 } else { number.saturating_add(1) },
        total,
    })
}
