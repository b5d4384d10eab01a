//! Feeds: what the vendors' systems say has changed, one file each.
//!
//! A page and the cursor behind it are stored together, so a page is never lost and may come twice. Vendors
//! repeat records (their windows overlap): a page that says what it said last time is no work.

mod amendments;
mod documents;
mod exchange_rates;
pub(crate) mod expenses;
mod feed;
mod opportunities;
mod projects;
mod rate_lines;
mod reference;
pub(crate) mod time;
mod workers;

use strata_kernel::Result;
use strata_store::{Conn, both};
use tracing::{debug, warn};

use crate::core::Core;
use crate::engine::Problem;
use crate::exceptions::{self, Owner};
use crate::store::{lite, pg};
use feed::{Feed, pull};

/// Reads what later work stands on: reference data, rates, sales, people, projects. Returns the changes read.
pub(crate) async fn pull_foundations(core: &Core) -> Result<u64> {
    // Everything else names legal entities and cost centers.
    let first = read::<reference::Reference>(core).await?;
    let (fx, rates, sales, amendments, workers, projects) = tokio::try_join!(
        read::<exchange_rates::ExchangeRates>(core),
        read::<rate_lines::RateLines>(core),
        read::<opportunities::Opportunities>(core),
        read::<amendments::Amendments>(core),
        read::<workers::Workers>(core),
        read::<projects::Projects>(core),
    )?;
    Ok(first + fx + rates + sales + amendments + workers + projects)
}

/// Reads approved work and the state of documents. Returns the changes read.
pub(crate) async fn pull_work(core: &Core) -> Result<u64> {
    let (time, expenses, documents) = tokio::try_join!(
        read::<time::Time>(core),
        read::<expenses::Expenses>(core),
        read::<documents::Documents>(core),
    )?;
    Ok(time + expenses + documents)
}

/// Reads one feed. One that fails stops nothing else: what needs nobody is looked at again in the next pass; the
/// rest is an exception until the feed works again.
async fn read<F: Feed>(core: &Core) -> Result<u64> {
    let (feed, now) = (F::NAME, core.now());
    match pull::<F>(core).await {
        Ok(count) => {
            if count > 0 {
                debug!(feed, count, "changes read");
                core.tell();
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
            let text = format!("the feed stopped: {}", error.message);
            let problem = Problem::new(error.reason, "feed", feed, Owner::Integration, text);
            let open = move |c: &mut Conn<'_>| exceptions::open(c, &problem, "", now).map(|(_, news, _)| news);
            Ok(u64::from(core.db.write(open).await?))
        }
    }
}
