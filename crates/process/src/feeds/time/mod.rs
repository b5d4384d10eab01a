//! Approved time of the PSA.

mod accept;
mod store;

use std::collections::HashSet;

use strata_contract::strata::system::psa::v1 as psa;
use strata_kernel::Result;
use strata_rpc::error;
use strata_store::both;

use super::place::{Place, quarantine, release};
use crate::core::Core;
use crate::engine::{self, Done, Job, NewRun, NewStep, Problem, Stop, kind};
use crate::json;
use crate::store::{lite, pg};
pub(super) use accept::projects_by_id;
use accept::{Accepted, accept};

const FEED: &str = "psa-time";
const PAGE: u32 = 500;

/// Takes every approved entry that is new. One that does not fit becomes a run of its own, which stops at an
/// exception and takes the entry when it is mended.
pub(super) async fn pull(core: &Core) -> Result<u64> {
    let mut count = 0;
    loop {
        let place = Place::load(core, FEED).await?;
        let request = psa::ListTimeEntryChangesRequest {
            cursor: place.cursor.clone(),
            page_size: PAGE,
        };
        let mut page = core
            .clients
            .psa
            .clone()
            .list_time_entry_changes(request)
            .await
            .map_err(error)?
            .into_inner();
        let Some(next) = place.after(&page, &page.next_cursor) else {
            return Ok(count);
        };
        let ids: Vec<String> = page.time_entries.iter().map(|entry| entry.id.clone()).collect();
        let fresh = new_and_approved(core, std::mem::take(&mut page.time_entries)).await?;
        let accepted = accept(core, &fresh).await?;
        let (system, now, more) = (core.systems().await?.psa.clone(), core.now(), page.more);
        count += core
            .db
            .write(move |c| {
                quarantine(c, &system, &page.malformed, now)?;
                release(c, "time_entry", ids.iter(), now)?;
                let mut news = 0;
                for (entry, accepted) in fresh.iter().zip(accepted) {
                    let refused = match accepted {
                        Ok(accepted) => store::store(c, &accepted)?,
                        Err(problem) => Some(problem),
                    };
                    let held_back = refused.is_some()
                        || !both!(c, runs::unfinished(kind::TIME_ENTRY, std::slice::from_ref(&entry.id)))?.is_empty();
                    let begun = held_back && engine::restart(c, &run(entry)?, now)?;
                    news += u64::from(begun || refused.is_none());
                }
                next.store(c)?;
                Ok(news)
            })
            .await?;
        if !more {
            return Ok(count);
        }
    }
}

async fn new_and_approved(core: &Core, entries: Vec<psa::TimeEntry>) -> Result<Vec<psa::TimeEntry>> {
    let approved: Vec<psa::TimeEntry> = entries
        .into_iter()
        .filter(|entry| entry.state() == psa::EntryState::Approved)
        .collect();
    let ids: Vec<String> = approved.iter().map(|entry| entry.id.clone()).collect();
    let known = core.db.read(move |c| both!(c, work::known(&ids))).await?;
    let known: HashSet<String> = known.into_iter().map(|version| version.psa_id).collect();
    Ok(approved.into_iter().filter(|entry| !known.contains(&entry.id)).collect())
}

fn run(entry: &psa::TimeEntry) -> Result<NewRun> {
    Ok(NewRun {
        kind: kind::TIME_ENTRY,
        subject: entry.id.clone(),
        ordering_key: format!("time:{}", entry.id),
        engagement_id: String::new(),
        input: json::text(entry)?,
        steps: vec![NewStep::new("take")],
    })
}

/// Tries again to take an entry that did not fit.
pub(crate) async fn retry(job: &Job<'_>) -> Result<Done, Stop> {
    let entry: psa::TimeEntry = json::message(&job.run.input)?;
    let accepted = accept(job.core, std::slice::from_ref(&entry)).await?.pop();
    let Some(accepted) = accepted else {
        return Ok(Done::note("nothing to take"));
    };
    let accepted = accepted?;
    match job.core.db.write(move |c| store::store(c, &accepted)).await? {
        None => Ok(Done::note("taken")),
        Some(problem) => Err(problem.into()),
    }
}

/// What a person calls the entry.
fn name(entry: &psa::TimeEntry) -> &str {
    if entry.reference.is_empty() {
        &entry.id
    } else {
        &entry.reference
    }
}
