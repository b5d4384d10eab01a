//! Feeds: what the vendors' systems say has changed, one file each.
//!
//! A page and the cursor behind it are stored together, so a page is never lost and may come twice. Vendors
//! repeat records (their windows overlap): a page that says what it said last time is no work.

mod amendments;
mod documents;
mod exchange_rates;
pub(crate) mod expenses;
mod opportunities;
mod place;
mod projects;
mod rate_lines;
mod reference;
pub(crate) mod time;
mod workers;

use std::future::Future;

use strata_kernel::Result;
use strata_store::{Conn, both};
use tracing::{debug, warn};

use crate::core::Core;
use crate::engine::Problem;
use crate::exceptions::{self, Owner};
use crate::store::{lite, pg};

/// Reads what later work stands on: reference data, rates, sales, people, projects. Returns the changes read.
pub(crate) async fn pull_foundations(core: &Core) -> Result<u64> {
    // Everything else names legal entities and cost centers.
    let first = guard(core, "erp-reference", reference::pull(core)).await?;
    let (fx, rates, sales, amendments, workers, projects) = tokio::try_join!(
        guard(core, "erp-exchange-rates", exchange_rates::pull(core)),
        guard(core, "crm-rate-lines", rate_lines::pull(core)),
        guard(core, "crm-opportunities", opportunities::pull(core)),
        guard(core, "crm-amendments", amendments::pull(core)),
        guard(core, "hr-workers", workers::pull(core)),
        guard(core, "psa-projects", projects::pull(core)),
    )?;
    Ok(first + fx + rates + sales + amendments + workers + projects)
}

/// Reads approved work and the state of documents. Returns the changes read.
pub(crate) async fn pull_work(core: &Core) -> Result<u64> {
    let (time, expenses, documents) = tokio::try_join!(
        guard(core, "psa-time", time::pull(core)),
        guard(core, "psa-expenses", expenses::pull(core)),
        guard(core, "erp-documents", documents::pull(core)),
    )?;
    Ok(time + expenses + documents)
}

/// A feed that fails stops nothing else. What needs nobody is looked at again in the next pass; the rest is
/// an exception until the feed works again.
async fn guard(core: &Core, feed: &'static str, pull: impl Future<Output = Result<u64>>) -> Result<u64> {
    let now = core.now();
    let problem = |reason, message| Problem::new(reason, "feed", feed, Owner::Integration, message);
    match pull.await {
        Ok(count) => {
            if count > 0 {
                debug!(feed, count, "changes read");
            }
            let stopped = core.db.read(move |c| both!(c, exceptions::open_of("feed", feed))).await?;
            if !stopped.is_empty() {
                let resolve =
                    move |c: &mut Conn<'_>| stopped.iter().try_for_each(|id| exceptions::resolve(c, id, now).map(|_| ()));
                core.db.write(resolve).await?;
            }
            Ok(count)
        }
        Err(error) if error.is_temporary() => {
            warn!(feed, %error, "feed cannot be read now");
            Ok(0)
        }
        Err(error) => {
            warn!(feed, %error, "feed is stopped");
            let problem = problem(error.reason, format!("the feed stopped: {}", error.message));
            let news = core
                .db
                .write(move |c| exceptions::open(c, &problem, "", now).map(|(_, news, _)| news))
                .await?;
            Ok(u64::from(news))
        }
    }
}
