//! When time is reconciled by itself: each month's work on a day of the month after.

use strata_kernel::{Result, month_of};
use tracing::info;

use super::reconcile_time;
use crate::core::Core;
use crate::monthly;

/// Name of the cursor that remembers the last day.
const CURSOR: &str = "reconciliation-schedule";

/// Reconciles the month before the next day that has come. A day that is not stored as worked is worked again: comparing twice finds
/// nothing twice.
pub(crate) async fn schedule(core: &Core) -> Result<u64> {
    let day = core.settings.reconcile_day;
    if day == 0 {
        return Ok(0);
    }
    let Some(due) = monthly::due(core, CURSOR, day).await? else {
        return Ok(0);
    };
    let (first, last) = month_of(monthly::month_before(due));
    let compared = reconcile_time(core, first, last).await?;
    info!(%first, %last, entries = compared.entries, findings = compared.findings, "time is reconciled");
    monthly::worked(core, CURSOR, due, Vec::new()).await
}
