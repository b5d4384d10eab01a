//! Approved time of the PSA.

mod accept;
mod store;

use std::collections::HashSet;

use strata_contract::strata::system::psa::v1 as psa;
use strata_kernel::{Instant, Result};
use strata_rpc::error;
use strata_store::{Conn, both};

use super::feed::{Feed, Page, Store, seen};
use crate::billing::Version;
use crate::core::{Core, Systems};
use crate::engine::{self, Done, Job, NewRun, NewStep, Problem, Stop, kind};
use crate::exceptions::{self, Edits};
use crate::json;
use crate::master_view::View;
use crate::store::{lite, pg};
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
        let (fresh, edits) = new_and_approved(core, items).await?;
        let view = View::of(core).await?;
        let (batch, now) = (Batch::of(&view, fresh, &edits).await?, core.now());
        Ok(Box::new(move |c| {
            let stored = batch.store(c, Posting::Later, now)?;
            Ok(stored
                .iter()
                .filter(|stored| stored.begun || stored.refused.is_none())
                .count() as u64)
        }))
    }
}

/// Approved entries that are new, with what they name.
pub(crate) struct Batch {
    entries: Vec<psa::TimeEntry>,
    accepted: Vec<Result<Accepted, Problem>>,
}

/// Who posts what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Posting {
    /// The caller, in the same transaction.
    Now,
    /// The biller, later.
    Later,
}

/// What became of an entry.
pub(crate) struct Stored {
    /// Why it does not fit.
    pub(crate) refused: Option<Problem>,
    /// What the caller has to post now. None: it was there before, it does not fit, it is left out of the books, or it is posted later.
    pub(crate) to_post: Option<Version>,
    /// A run was made, or begun again, that takes the entry when it fits.
    pub(crate) begun: bool,
}

impl Batch {
    /// Looks up what entries name, as people say they are.
    pub(crate) async fn of(view: &View<'_>, entries: Vec<psa::TimeEntry>, edits: &Edits) -> Result<Self> {
        let edited = exceptions::edited_time(&entries, edits)?;
        let accepted = accept(view, &edited).await?;
        Ok(Self { entries, accepted })
    }

    /// The entries that fit: our ids of their contracts and people, which price them.
    pub(crate) fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        let fitting = self.accepted.iter().flatten();
        fitting.map(|accepted| (accepted.entry.contract_id.as_str(), accepted.entry.employee_id.as_str()))
    }

    /// Stores the entries, in the caller's transaction, and begins a run for each that does not fit. In their order.
    pub(crate) fn store(&self, conn: &mut Conn<'_>, posting: Posting, now: Instant) -> Result<Vec<Stored>> {
        let ids: Vec<String> = self.entries.iter().map(|entry| entry.id.clone()).collect();
        let left_out: HashSet<String> = match posting {
            Posting::Now => both!(conn, lines::excepted_among(exceptions::lines::TIME, &ids))?
                .into_iter()
                .collect(),
            Posting::Later => HashSet::new(),
        };
        let is_posted = |id: &str| posting == Posting::Now && !left_out.contains(id);
        let is_original = |accepted: &&Accepted| accepted.supersedes.is_empty();
        let originals: Vec<&Accepted> = self.accepted.iter().flatten().filter(is_original).collect();
        let added = store::originals(conn, &originals, is_posted)?;
        let waiting: HashSet<String> = both!(conn, runs::unfinished(kind::TIME_ENTRY, &ids))?.into_iter().collect();
        let both = self.entries.iter().zip(&self.accepted);
        both.map(|(entry, accepted)| {
            let stored = match accepted {
                Ok(accepted) if is_original(&accepted) => {
                    let is_new = added.contains(&entry.id);
                    Ok(is_new.then(|| (accepted.entry.clone(), accepted.version.clone())))
                }
                Ok(correction) => store::correction(conn, correction, is_posted(&entry.id), now)?,
                Err(problem) => Err(problem.clone()),
            };
            let (to_post, refused) = match stored {
                Ok(version) => (version.filter(|_| is_posted(&entry.id)), None),
                Err(problem) => (None, Some(problem)),
            };
            let held_back = refused.is_some() || waiting.contains(&entry.id);
            let begun = held_back && engine::restart(conn, &run(entry)?, now)?;
            Ok(Stored { refused, to_post, begun })
        })
        .collect()
    }
}

/// Approved entries that are not known, and what people say of them.
async fn new_and_approved(core: &Core, entries: Vec<psa::TimeEntry>) -> Result<(Vec<psa::TimeEntry>, Edits)> {
    let approved: Vec<psa::TimeEntry> = entries
        .into_iter()
        .filter(|entry| entry.state() == psa::EntryState::Approved)
        .collect();
    let ids: Vec<String> = approved.iter().map(|entry| entry.id.clone()).collect();
    let read = core.db.read(move |c| {
        let known = both!(c, work::known(&ids))?;
        Ok((known, exceptions::edits_of_time(c, &ids)?))
    });
    let (known, edits) = read.await?;
    let known: HashSet<String> = known.into_iter().map(|version| version.psa_id).collect();
    let fresh = approved.into_iter().filter(|entry| !known.contains(&entry.id)).collect();
    Ok((fresh, edits))
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
    let accepted = accept(&View::of(job.core).await?, &edited).await?.pop();
    let Some(accepted) = accepted else {
        return Ok(Done::note("nothing to take"));
    };
    let accepted = accepted?;
    let now = job.core.now();
    let stored = job.core.db.write(move |c| match accepted.supersedes.as_str() {
        "" => store::originals(c, &[&accepted], |_| false).map(|_| Ok(())),
        _ => Ok(store::correction(c, &accepted, false, now)?.map(drop)),
    });
    match stored.await? {
        Ok(()) => Ok(Done::note("taken")),
        Err(problem) => Err(problem.into()),
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
