//! Approved time of the PSA.

mod accept;
mod store;

use std::collections::HashSet;

use strata_contract::strata::system::psa::v1 as psa;
use strata_kernel::Result;
use strata_rpc::error;
use strata_store::both;

use super::feed::{Feed, Page, Store, seen};
use crate::core::{Core, Systems};
use crate::engine::{self, Done, Job, NewRun, NewStep, Problem, Stop, kind};
use crate::store::{lite, pg};
use crate::{exceptions, json};
use accept::{Accepted, accept};

/// Approved entries. One that does not fit becomes a run of its own, which stops at an exception and takes the entry
/// when it is mended.
pub(super) struct Time;

impl Feed for Time {
    const NAME: &'static str = "psa-time";
    type Item = psa::TimeEntry;

    fn system(systems: &Systems) -> &str {
        &systems.psa
    }

    fn fitting(item: &Self::Item) -> Vec<(&'static str, &str)> {
        vec![("time_entry", item.id.as_str())]
    }

    async fn list(core: &Core, cursor: String) -> Result<Page<Self::Item>> {
        let request = psa::ListTimeEntryChangesRequest { cursor, page_size: 500 };
        let page = core
            .clients
            .psa
            .clone()
            .list_time_entry_changes(request)
            .await
            .map_err(error)?
            .into_inner();
        Ok(Page {
            seen: seen(&page),
            items: page.time_entries,
            malformed: page.malformed,
            next_cursor: page.next_cursor,
            more: page.more,
        })
    }

    async fn take(core: &Core, items: Vec<Self::Item>) -> Result<Store> {
        let fresh = new_and_approved(core, items).await?;
        let edited = exceptions::of_time(core, &fresh).await?;
        let (accepted, now) = (accept(core, &edited).await?, core.now());
        Ok(Box::new(move |c| {
            let mut news = 0;
            for (entry, accepted) in fresh.iter().zip(&accepted) {
                let refused = match accepted {
                    Ok(accepted) => store::store(c, accepted, now)?,
                    Err(problem) => Some(problem.clone()),
                };
                let id = std::slice::from_ref(&entry.id);
                let held_back = refused.is_some() || !both!(c, runs::unfinished(kind::TIME_ENTRY, id))?.is_empty();
                let begun = held_back && engine::restart(c, &run(entry)?, now)?;
                news += u64::from(begun || refused.is_none());
            }
            Ok(news)
        }))
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
    let edited = exceptions::of_time(job.core, std::slice::from_ref(&entry)).await?;
    let accepted = accept(job.core, &edited).await?.pop();
    let Some(accepted) = accepted else {
        return Ok(Done::note("nothing to take"));
    };
    let accepted = accepted?;
    let now = job.core.now();
    match job.core.db.write(move |c| store::store(c, &accepted, now)).await? {
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
