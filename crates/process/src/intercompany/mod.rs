//! Work of one company's people on another company's contracts: what the first charges the second.
//!
//! [`work`] sums it by pair and month of the work, as known on a day; [`rates`] knows what an hour costs. On the billing day of
//! each month a run ([`schedule`]) finds the pairs there are something to charge between ([`compute`]), charges each the
//! difference between what is known and what was charged before ([`charge`]), and posts it as one journal in the books of each
//! of the two ([`journal`], [`post`]). A correction of time therefore reverses both sides by itself.

mod charge;
mod compute;
mod journal;
mod list;
mod post;
mod rates;
mod schedule;
mod work;

pub(crate) use list::list;
pub(crate) use schedule::schedule;

use crate::engine::{Done, Job, Stop, unknown};

pub(crate) async fn step(job: &Job<'_>) -> Result<Done, Stop> {
    match job.step.name.split(':').next().unwrap_or_default() {
        "compute" => compute::compute(job).await,
        "charge" => charge::charge(job).await,
        "post-delivering" | "post-contracting" => post::post(job).await,
        _ => Err(unknown(job.run, job.step)),
    }
}
