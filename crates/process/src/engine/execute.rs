//! Executing what is due.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures::stream::{self, StreamExt};
use strata_kernel::{Error, Result};
use strata_store::both;
use strata_telemetry::CorrelationId;
use tracing::{Instrument, debug, info_span};

use super::commit::{commit_done, commit_stop};
use super::{Done, Job, Stop, kind};
use crate::core::Core;
use crate::store::rows::{RunRow, StepRow};
use crate::store::{lite, pg};
use crate::{billing, feeds, intercompany, milestones, mobilisation, revenue, workforce};

/// Steps read at a time.
const BATCH: i64 = 400;
/// Ordering keys claimed at a time, for each that is worked at the same time. Other instances want some too.
const AHEAD: usize = 4;
/// Pause of an instance that waits for the steps of others.
const LOOK: Duration = Duration::from_millis(20);

/// Executes steps until none is due, and says how many were done. Steps of one ordering key go one after the
/// other, in one instance; different keys go side by side. A step that stops is not due again before a later instant.
pub(crate) async fn work_due(core: &Core) -> Result<u64> {
    let mut total = 0;
    loop {
        total += help(core).await?;
        let instance = Arc::clone(&core.instance);
        if !core.db.read(move |c| instance.others_work(c)).await? {
            return Ok(total);
        }
        // What others execute may make more due. When one of them is dead, its claims are free after a lease.
        tokio::time::sleep(LOOK).await;
    }
}

/// Executes steps until none is due that others have not claimed.
pub(crate) async fn help(core: &Core) -> Result<u64> {
    let helped = work_claimed(core).await;
    if helped.is_err() {
        // Others wait for what this instance has claimed. Should this fail too, they wait for the lease.
        let instance = Arc::clone(&core.instance);
        core.db.write(move |c| instance.release_keys(c)).await?;
    }
    helped
}

async fn work_claimed(core: &Core) -> Result<u64> {
    let mut total = 0;
    let mut is_holding = false;
    loop {
        let due = claim(core, is_holding).await?;
        if due.is_empty() {
            return Ok(total);
        }
        is_holding = true;
        let groups = by_key(due);
        let done: Vec<Result<u64>> = stream::iter(groups)
            .map(|group| one_after_the_other(core, group))
            .buffer_unordered(core.settings.concurrency)
            .collect()
            .await;
        for count in done {
            total += count?;
        }
    }
}

/// Gives back the ordering keys that were worked, claims some with steps that are due, and reads those steps.
async fn claim(core: &Core, is_holding: bool) -> Result<Vec<Due>> {
    let (now, instance) = (core.now().naive_utc(), Arc::clone(&core.instance));
    let due = core
        .db
        .read(move |c| both!(c, runs::due(instance.incarnation(), now, BATCH)))
        .await?;
    if due.is_empty() && !is_holding {
        return Ok(due);
    }
    let mut keys: Vec<String> = Vec::new();
    for (run, _) in due {
        if keys.len() < core.settings.concurrency * AHEAD && !keys.contains(&run.ordering_key) {
            keys.push(run.ordering_key);
        }
    }
    let instance = Arc::clone(&core.instance);
    core.db
        .write(move |c| {
            instance.release_keys(c)?;
            let own = instance.claim_keys(c, &keys)?;
            // Only now: others may have executed them since they were read.
            let due = both!(c, runs::due_of(&own, now, BATCH))?;
            if due.is_empty() {
                instance.release_keys(c)?;
            }
            Ok(due)
        })
        .await
}

type Due = (RunRow, StepRow);

/// Groups what is due by ordering key, in the order of the first of each.
fn by_key(due: Vec<Due>) -> Vec<Vec<Due>> {
    let mut groups: Vec<Vec<Due>> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for item in due {
        let place = *places.entry(item.0.ordering_key.clone()).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Vec::new());
        }
        groups[place].push(item);
    }
    groups
}

async fn one_after_the_other(core: &Core, group: Vec<Due>) -> Result<u64> {
    let mut done = 0;
    for (run, step) in &group {
        if execute(core, run, step).await? {
            done += 1;
        }
    }
    Ok(done)
}

/// Executes one step and stores how it ended. True: it is done, or newly stopped.
async fn execute(core: &Core, run: &RunRow, step: &StepRow) -> Result<bool> {
    let span =
        info_span!("step", run.id = %run.id, run.kind = %run.kind, step.name = %step.name, correlation.id = %run.correlation_id);
    let work = act(core, run, step).instrument(span);
    let ended = match CorrelationId::parse(&run.correlation_id) {
        Some(id) => id.scope(work).await,
        None => work.await,
    };
    match ended {
        Ok(done) => commit_done(core, run, step, done).await.map(|()| true),
        Err(stop) => {
            debug!(run.id = %run.id, step.name = %step.name, ?stop, "step stopped");
            commit_stop(core, run, step, stop).await
        }
    }
}

/// The step's own work. A step that is not known is a run of a newer program.
async fn act(core: &Core, run: &RunRow, step: &StepRow) -> Result<Done, Stop> {
    let job = Job { core, run, step };
    match run.kind.as_str() {
        kind::MOBILISE => mobilisation::step(&job).await,
        kind::WORKER => workforce::step(&job).await,
        kind::WORKER_RECORD => feeds::workers::retry(&job).await,
        kind::INTERNAL_PROJECT => mobilisation::internal_step(&job).await,
        kind::TIME_ENTRY => feeds::time::retry(&job).await,
        kind::EXPENSE => feeds::expenses::retry(&job).await,
        kind::MILESTONE => milestones::step(&job).await,
        kind::ACCEPTANCE => milestones::retry(&job).await,
        kind::TIME_POSTING => billing::prepare_one(&job).await,
        kind::INVOICE => billing::invoice_step(&job).await,
        kind::INVOICE_STATUS => billing::status_step(&job).await,
        kind::REVENUE => revenue::revenue_step(&job).await,
        kind::INTERCOMPANY => intercompany::step(&job).await,
        _ => Err(unknown(run, step)),
    }
}

pub(crate) fn unknown(run: &RunRow, step: &StepRow) -> Stop {
    Error::internal(format!(
        "nobody knows step {} of a {} run: is this an older program?",
        step.name, run.kind
    ))
    .into()
}
