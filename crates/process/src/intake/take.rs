//! Takes the entries of several calls in one transaction.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::NaiveDateTime;
use prost::Message;
use strata_contract::strata::error::v1::Reason;
use strata_contract::strata::process::time::v1::time_acceptance::State;
use strata_contract::strata::process::time::v1::{ApprovedTimeEntry, TimeAcceptance};
use strata_contract::strata::system::psa::v1 as psa;
use strata_contract::{instant, require_date};
use strata_kernel::{Date, Error, Result, digest};
use strata_store::both;

use super::Call;
use crate::billing::{self, Rates, Version};
use crate::core::Core;
use crate::engine::Problem;
use crate::exceptions;
use crate::feeds::time::{Batch, Posting, Stored};
use crate::master_view::View;
use crate::store::rows::{TimeEntryRow, TimeVersionRow};
use crate::store::{lite, pg};

/// An entry as the PSA would have said it.
pub(crate) fn content(handed: ApprovedTimeEntry) -> psa::TimeEntry {
    let work_type = if handed.overtime {
        psa::WorkType::Overtime
    } else {
        psa::WorkType::Regular
    };
    psa::TimeEntry {
        id: handed.id,
        project_id: handed.project_id,
        task_id: handed.task_id,
        resource_id: handed.resource_id,
        role: handed.role,
        work_date: handed.work_date,
        minutes: handed.minutes,
        work_type: work_type.into(),
        billable: handed.billable,
        write_down_minutes: handed.write_down_minutes,
        state: psa::EntryState::Approved.into(),
        approved_time: handed.approved_time,
        supersedes_id: handed.supersedes_id,
        reference: handed.reference,
        modified_time: None,
    }
}

/// Takes calls: all of them or none. What becomes of the entries of each, in their order.
pub(super) async fn take(core: &Core, calls: Vec<Arc<Call>>) -> Result<Vec<Vec<TimeAcceptance>>> {
    let ids: Vec<String> = calls
        .iter()
        .flat_map(|call| &call.entries)
        .map(|entry| entry.id.clone())
        .collect();
    let read = core.db.read(move |c| {
        // Usually none is, and to say so takes no join.
        let known: Vec<String> = both!(c, work::known(&ids))?
            .into_iter()
            .map(|version| version.psa_id)
            .collect();
        let known = match known.is_empty() {
            true => Vec::new(),
            false => both!(c, work::known_entries(&known))?,
        };
        Ok((known, exceptions::edits_of_time(c, &ids)?))
    });
    let ((known, edits), view) = tokio::try_join!(read, View::of(core))?;
    let known: HashMap<String, (TimeEntryRow, TimeVersionRow)> =
        known.into_iter().map(|held| (held.1.psa_id.clone(), held)).collect();
    let mut seen: HashMap<&str, &psa::TimeEntry> = HashMap::new();
    let mut fresh = Vec::new();
    for entry in calls.iter().flat_map(|call| &call.entries) {
        if let Some((held, version)) = known.get(&entry.id) {
            same(entry, held, version)?;
        } else if let Some(other) = seen.insert(&entry.id, entry) {
            if other != entry {
                let digests = [other, entry].map(|entry| digest(&entry.encode_to_vec()));
                return Err(conflict(&entry.id, &digests[0], &digests[1]));
            }
        } else {
            fresh.push(entry.clone());
        }
    }
    let fresh_ids: Vec<String> = fresh.iter().map(|entry| entry.id.clone()).collect();
    let batch = Batch::of(&view, fresh, &edits).await?;
    let (rates, now) = (Rates::of(&view, batch.names()).await?, core.now());
    core.db
        .write(move |c| {
            let stored = batch.store(c, Posting::Now, now)?;
            let versions: Vec<Version> = stored.iter().filter_map(|stored| stored.to_post.clone()).collect();
            let places: HashMap<String, String> = versions
                .iter()
                .map(|(entry, version)| (version.psa_id.clone(), billing::time_key(&entry.id, version.version)))
                .collect();
            let unpriced = billing::prepare_some(c, versions, &rates, now)?;
            let mut became = fresh_ids.iter().zip(&stored).map(|(id, stored)| {
                let answer = became(id, stored, unpriced.get(id), places.get(id));
                (id.as_str(), answer)
            });
            let news: HashMap<&str, TimeAcceptance> = became.by_ref().collect();
            let answers = answers(&calls, &news);
            let audited = calls
                .iter()
                .zip(&answers)
                .filter_map(|(call, answer)| Some(call.audited.as_ref()?(answer)));
            strata_audit::keep_within(c, &audited.collect::<Vec<_>>(), now)?;
            Ok(answers)
        })
        .await
}

/// The answers of calls. The first that hands an entry in is told what became of it, others that it is known.
fn answers(calls: &[Arc<Call>], news: &HashMap<&str, TimeAcceptance>) -> Vec<Vec<TimeAcceptance>> {
    let mut told = HashSet::new();
    let mut answer = |entry: &psa::TimeEntry| match news.get(entry.id.as_str()) {
        Some(first) if told.insert(entry.id.clone()) || first.state() == State::Held => first.clone(),
        _ => TimeAcceptance {
            entry_id: entry.id.clone(),
            state: State::Known.into(),
            ..TimeAcceptance::default()
        },
    };
    calls
        .iter()
        .map(|call| call.entries.iter().map(&mut answer).collect())
        .collect()
}

fn became(id: &str, stored: &Stored, unpriced: Option<&Problem>, posting: Option<&String>) -> TimeAcceptance {
    let (state, problem) = match (&stored.refused, unpriced) {
        (Some(refused), _) => (State::Held, Some(refused)),
        (None, Some(unpriced)) => (State::Unpriced, Some(unpriced)),
        // Somebody else stored it a moment ago.
        (None, None) if posting.is_none() => (State::Known, None),
        (None, None) => (State::Accepted, None),
    };
    let reason = problem.and_then(|problem| Reason::from_str_name(&format!("REASON_{}", problem.cause)));
    TimeAcceptance {
        entry_id: id.to_owned(),
        state: state.into(),
        posting_key: posting.filter(|_| problem.is_none()).cloned().unwrap_or_default(),
        reason: reason.unwrap_or_default().into(),
        exception_id: problem.map(Problem::exception_id).unwrap_or_default(),
    }
}

/// Refuses an entry that was handed in with another content. What people say of it since is theirs to say, and is not compared.
fn same(sent: &psa::TimeEntry, held: &TimeEntryRow, version: &TimeVersionRow) -> Result<()> {
    let approved = sent.approved_time.as_ref().map(instant).transpose()?;
    let ours = Content {
        minutes: version.minutes.into(),
        write_down_minutes: version.write_down_minutes.into(),
        role: &version.role,
        is_overtime: version.overtime,
        approved: Some(version.approved_at),
        work_date: Some(held.work_date),
    };
    let theirs = Content {
        minutes: sent.minutes.into(),
        write_down_minutes: sent.write_down_minutes.into(),
        role: &sent.role,
        is_overtime: sent.work_type() == psa::WorkType::Overtime,
        approved: approved.map(|at| at.naive_utc()),
        work_date: Some(require_date(sent.work_date.as_ref(), "work_date")?),
    };
    if ours == theirs {
        return Ok(());
    }
    Err(conflict(&sent.id, &ours.digest(), &theirs.digest()))
}

/// What an entry says of the work, beside where and whose it is.
#[derive(Debug, PartialEq)]
struct Content<'a> {
    minutes: i64,
    write_down_minutes: i64,
    role: &'a str,
    is_overtime: bool,
    approved: Option<NaiveDateTime>,
    work_date: Option<Date>,
}

impl Content<'_> {
    fn digest(&self) -> String {
        digest(format!("{self:?}").as_bytes())
    }
}

fn conflict(id: &str, held: &str, sent: &str) -> Error {
    let text = format!("entry {id} was handed in with another content; enter a correction that supersedes it");
    Error::conflict(held, sent, text).at("time_entry.id")
}
