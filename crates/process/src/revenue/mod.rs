//! What contracts earn: recognised once per contract and period, posted as journals, never changed.
//!
//! Revenue of a period is cumulative revenue now less what was recognised before, both with what was known on a day. Whatever is
//! learned later, be it a late approval, a correction, an amendment or an estimate, is caught up in the next period that closes.

mod agreement;
mod compute;
mod earned;
mod facts;
mod fixed;
mod journal;
mod position;
mod post;
mod preview;
mod schedule;
#[cfg(test)]
mod tests;

pub(crate) use compute::Part;
pub(crate) use position::{Position, positions};
pub(crate) use preview::preview;
pub(crate) use schedule::schedule;

use crate::engine::{Done, Job, Stop, unknown};

pub(crate) async fn revenue_step(job: &Job<'_>) -> Result<Done, Stop> {
    match job.step.name.as_str() {
        "compute" => compute::compute(job).await,
        "post" => post::post(job).await,
        _ => Err(unknown(job.run, job.step)),
    }
}

/// Kinds of revenue, as rows say it.
pub(crate) mod kind {
    /// Work and fees.
    pub(crate) const REVENUE: &str = "revenue";
    /// Expenses that the customer pays for.
    pub(crate) const EXPENSE: &str = "expense_revenue";
}
