//! What a run considered, and what it could not price.

use std::collections::HashSet;

use strata_finance::billing::Outcome;
use strata_kernel::{Date, Instant, Result};
use strata_store::{Conn, both};

use super::work::Work;
use super::work_of;
use crate::engine::Problem;
use crate::exceptions::{self, Owner};
use crate::hand_offs;
use crate::positions;
use crate::store::rows::RunRow;
use crate::store::{lite, pg};

/// What a run says about its sources, kept together with its document.
#[derive(Default)]
pub(super) struct Verdict {
    /// Ids of time that was considered.
    time: Vec<String>,
    /// Ids of expenses that were considered.
    expenses: Vec<String>,
    /// Codes of milestones that were billed.
    milestones: Vec<String>,
    /// What people call time and expenses that were considered.
    names: Vec<String>,
    /// What could not be priced, and waits for the next run, and what else somebody must know.
    problems: Vec<Problem>,
    /// The exception about the cap, when there is no reason for it any more.
    settled: Option<String>,
}

impl Verdict {
    pub(super) fn of(outcome: &Outcome, work: &Work, contract: &str) -> Self {
        let ids: HashSet<&str> = outcome.priced.iter().map(|priced| priced.source_id.as_str()).collect();
        let warnings = outcome.warnings.iter();
        let warnings = warnings.map(|warning| Problem::of(warning, "contract", contract, Owner::Finance));
        let cap = Problem::new("CAP_BELOW_BILLED", "contract", contract, Owner::Finance, "");
        let mut verdict = Self {
            problems: held(outcome, work).into_iter().chain(warnings).collect(),
            settled: outcome.warnings.is_empty().then(|| cap.exception_id()),
            ..Self::default()
        };
        for entry in &work.entries {
            if ids.contains(work_of::time_source(&entry.id).as_str()) {
                verdict.time.push(entry.id.clone());
                verdict.names.push(entry.reference.clone());
            }
        }
        for row in &work.expense_rows {
            if ids.contains(work_of::expense_source(&row.id).as_str()) {
                verdict.expenses.push(row.id.clone());
                verdict.names.push(row.reference.clone());
            }
        }
        for row in &work.milestone_rows {
            if ids.contains(work_of::milestone_source(&row.code).as_str()) {
                verdict.milestones.push(row.code.clone());
            }
        }
        verdict
    }

    /// Marks what was considered, resolves what an earlier run could not price and this one could, and opens
    /// exceptions for what this one could not, in the caller's transaction.
    pub(super) fn store(&self, conn: &mut Conn<'_>, run: &RunRow, run_date: Date, now: Instant) -> Result<()> {
        for ids in self.time.chunks(500) {
            both!(conn, work::consider_entries(ids, run_date))?;
            positions::touch(conn, positions::kind::TIME, ids, now)?;
        }
        for ids in self.expenses.chunks(500) {
            both!(conn, work::consider_expenses(ids, run_date))?;
        }
        both!(conn, milestones::consider(&self.milestones, run_date))?;
        let mut stories = Vec::new();
        for names in self.names.chunks(500) {
            let open = both!(conn, exceptions::open_of_work(names))?;
            stories.extend(exceptions::resolve_unneeded(conn, &open, now)?);
        }
        if let Some(id) = &self.settled {
            stories.extend(exceptions::resolve(conn, id, now)?);
        }
        for problem in &self.problems {
            let (_, _, story) = exceptions::open(conn, problem, &run.engagement_id, now)?;
            stories.extend(story);
        }
        hand_offs::record(conn, &run.engagement_id, &run.correlation_id, &stories, now)
    }
}

/// Why a source could not be priced. A missing receipt was told already.
fn held(outcome: &Outcome, work: &Work) -> Vec<Problem> {
    let names = work.names();
    let news = outcome.held.iter().filter(|held| held.error.reason != "RECEIPT_MISSING");
    let problems = news.map(|held| {
        let (kind, name) = names.get(&held.source_id).copied().unwrap_or(("time_entry", &held.source_id));
        Problem::of(&held.error, kind, name, Owner::Finance)
    });
    problems.collect()
}
