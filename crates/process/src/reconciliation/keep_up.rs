//! Reconciling by itself: a month that something happened in is compared again, one month in a pass, and each not too often.

use chrono::TimeDelta;
use strata_kernel::{Error, Result};
use strata_store::both;
use tracing::info;

use super::month::reconcile_month;
use crate::billing::ledger;
use crate::core::Core;
use crate::months::Month;
use crate::store::{lite, pg};

/// Reconciles the first month that is due. Returns 1 when there was one: there may be another behind it.
pub(crate) async fn keep_up(core: &Core) -> Result<u64> {
    let mut work = 0;
    if !core.db.read(|c| both!(c, postings::unvalued(1))).await?.is_empty() {
        work += core.db.write(ledger::value_some).await?;
    }
    let minutes = core.settings.books_minutes;
    if minutes == 0 {
        return Ok(work);
    }
    let before = (core.now() - TimeDelta::minutes(i64::from(minutes))).naive_utc();
    let Some(period) = core.db.read(move |c| both!(c, balances::due(before))).await? else {
        return Ok(work);
    };
    let first = format!("{period}-01").parse().map_err(Error::internal)?;
    let compared = reconcile_month(core, &Month::of(first)).await?;
    info!(%period, lines = compared.lines, differing = compared.differing, "books are reconciled");
    work += 1;
    Ok(work)
}
