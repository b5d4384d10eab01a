//! Feeds: what the vendors' systems say has changed, one file each.
//!
//! A page and the cursor behind it are stored together, so a page is never lost and may come twice. Vendors
//! repeat records (their windows overlap): a page that says what it said last time is no work.

mod amendments;
mod documents;
mod estimates;
mod exchange_rates;
pub(crate) mod expenses;
mod feed;
mod milestones;
mod opportunities;
mod project_milestones;
mod projects;
mod rate_lines;
mod reference;
pub(crate) mod time;
mod transfer_rates;
pub(crate) mod workers;

use strata_kernel::Result;
use tracing::debug;

use crate::core::Core;
use crate::guard::guarded;
pub(crate) use documents::NAME as DOCUMENTS;
use feed::{Feed, pull};

/// Name of the cursor of approved time: without it, all of it is read again.
pub(crate) const TIME: &str = <time::Time as Feed>::NAME;

/// Reads what later work stands on: reference data, rates, sales, milestones, people, projects. Returns the changes read.
pub(crate) async fn pull_foundations(core: &Core) -> Result<u64> {
    // Everything else names legal entities and cost centers.
    let first = read::<reference::Reference>(core).await?;
    let (fx, transfer, rates, sales, amendments, milestones, workers, projects) = tokio::try_join!(
        read::<exchange_rates::ExchangeRates>(core),
        read::<transfer_rates::TransferRates>(core),
        read::<rate_lines::RateLines>(core),
        read::<opportunities::Opportunities>(core),
        read::<amendments::Amendments>(core),
        read::<milestones::Milestones>(core),
        read::<workers::Workers>(core),
        read::<projects::Projects>(core),
    )?;
    Ok(first + fx + transfer + rates + sales + amendments + milestones + workers + projects)
}

/// Reads approved work, accepted milestones and the state of documents. Returns the changes read.
pub(crate) async fn pull_work(core: &Core) -> Result<u64> {
    let (time, expenses, milestones, documents) = tokio::try_join!(
        read::<time::Time>(core),
        read::<expenses::Expenses>(core),
        read::<project_milestones::ProjectMilestones>(core),
        read::<documents::Documents>(core),
    )?;
    Ok(time + expenses + milestones + documents)
}

/// Reads one feed.
async fn read<F: Feed>(core: &Core) -> Result<u64> {
    let count = guarded(core, F::NAME, pull::<F>(core)).await?;
    if count > 0 {
        debug!(feed = F::NAME, count, "changes read");
        core.tell();
    }
    Ok(count)
}
