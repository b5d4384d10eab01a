//! Storing how a step ended.

use std::collections::HashSet;

use chrono::{NaiveDateTime, TimeDelta};
use strata_kernel::Result;
use strata_store::{Conn, both};
use tracing::{info, warn};

use super::{Done, Stop};
use crate::core::Core;
use crate::store::rows::{RunRow, StepRow};
use crate::store::{lite, pg};
use crate::{exceptions, hand_offs};

/// Longest wait between two tries that need nobody.
const LONGEST_WAIT: TimeDelta = TimeDelta::minutes(10);

/// Stores a step that is done, and everything that goes with it, in one transaction.
pub(super) async fn commit_done(core: &Core, run: &RunRow, step: &StepRow, done: Done) -> Result<()> {
    let now = core.now();
    let (run, step) = (run.clone(), step.clone());
    let tells = !done.hand_offs.is_empty() || !step.exception_id.is_empty();
    core.db
        .write(move |c| {
            // Somebody called the run off while the step was under way: it stays so.
            if both!(c, runs::called_off(&run.id))? {
                return Ok(());
            }
            let at = now.naive_utc();
            let mut row = step.clone();
            let mended = std::mem::take(&mut row.exception_id);
            row.state = "DONE".to_owned();
            row.attempts += 1;
            row.reason.clear();
            row.message.clear();
            row.result = done.result.to_string();
            both!(c, runs::update_step(&row))?;
            add_steps(c, &run, &done, at)?;
            promote(c, &run.id, at)?;
            if let Some(write) = &done.write {
                write(c)?;
            }
            let mut hand_offs = done.hand_offs.clone();
            if !mended.is_empty() && both!(c, runs::stopped_by(&mended))?.is_empty() {
                hand_offs.extend(exceptions::resolve(c, &mended, now)?);
            }
            hand_offs::record(c, &run.engagement_id, &run.correlation_id, &hand_offs, now)?;
            strata_events::append_all(c, &done.events)
        })
        .await?;
    if tells {
        core.tell();
    }
    Ok(())
}

fn add_steps(conn: &mut Conn<'_>, run: &RunRow, done: &Done, at: NaiveDateTime) -> Result<()> {
    if done.steps.is_empty() {
        return Ok(());
    }
    let first = both!(conn, runs::steps(&run.id))?
        .iter()
        .map(|held| held.position)
        .max()
        .unwrap_or(0)
        + 1;
    let rows: Vec<StepRow> = (first..)
        .zip(&done.steps)
        .map(|(position, new)| new.row(&run.id, position, at))
        .collect();
    both!(conn, runs::add_steps(&rows)).map(|_| ())
}

/// Makes due what waited for steps that are done now, and ends the run when nothing is left.
fn promote(conn: &mut Conn<'_>, run_id: &str, at: NaiveDateTime) -> Result<()> {
    let steps = both!(conn, runs::steps(run_id))?;
    let done: HashSet<&str> = steps
        .iter()
        .filter(|step| step.state == "DONE")
        .map(|step| step.name.as_str())
        .collect();
    for step in steps.iter().filter(|step| step.state == "WAITING") {
        if step.after.split(';').all(|name| done.contains(name)) {
            let row = StepRow {
                state: "PENDING".to_owned(),
                due_at: step.due_at.max(at),
                ..step.clone()
            };
            both!(conn, runs::update_step(&row))?;
        }
    }
    let state = if done.len() == steps.len() { "DONE" } else { "RUNNING" };
    both!(conn, runs::set_state(run_id, state, at)).map(|_| ())
}

/// Stores a step that stopped. True: it is news, because a person has to act who had not before.
pub(super) async fn commit_stop(core: &Core, run: &RunRow, step: &StepRow, stop: Stop) -> Result<bool> {
    let now = core.now();
    let at = now.naive_utc();
    let mut row = StepRow {
        attempts: step.attempts + 1,
        ..step.clone()
    };
    let problem = match stop {
        Stop::Later(error) => {
            warn!(run.id = %run.id, step.name = %step.name, attempts = row.attempts, %error, "step is tried again later");
            row.due_at = at + wait(row.attempts);
            row.reason = error.reason.to_owned();
            row.message = error.message;
            let run_id = run.id.clone();
            core.db
                .write(move |c| match both!(c, runs::called_off(&run_id))? {
                    true => Ok(()),
                    false => both!(c, runs::update_step(&row)).map(|_| ()),
                })
                .await?;
            return Ok(false);
        }
        Stop::Exception(problem) => problem.about(run),
    };
    info!(run.id = %run.id, step.name = %step.name, error.reason = problem.cause, object = %problem.object, "step needs a person");
    row.state = "EXCEPTION".to_owned();
    row.due_at = at + TimeDelta::minutes(i64::from(core.settings.recheck_minutes));
    row.reason = problem.cause.to_owned();
    row.message.clone_from(&problem.message);
    let run = run.clone();
    let news = core
        .db
        .write(move |c| {
            if both!(c, runs::called_off(&run.id))? {
                return Ok(false);
            }
            let mut row = row.clone();
            let before = std::mem::take(&mut row.exception_id);
            let (id, news, story) = exceptions::open(c, &problem, &run.engagement_id, now)?;
            row.exception_id = id;
            both!(c, runs::update_step(&row))?;
            let mut hand_offs: Vec<_> = story.into_iter().collect();
            if !before.is_empty() && before != row.exception_id && both!(c, runs::stopped_by(&before))?.is_empty() {
                hand_offs.extend(exceptions::resolve(c, &before, now)?);
            }
            hand_offs::record(c, &run.engagement_id, &run.correlation_id, &hand_offs, now)?;
            Ok(news)
        })
        .await?;
    if news {
        core.tell();
    }
    Ok(news)
}

/// One second, then twice as long each time. No jitter: one process works the steps, key by key.
fn wait(attempts: i32) -> TimeDelta {
    let doublings = u32::try_from(attempts.clamp(1, 12) - 1).unwrap_or(0);
    TimeDelta::seconds(1 << doublings).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        assert_eq!(wait(1), TimeDelta::seconds(1));
        assert_eq!(wait(4), TimeDelta::seconds(8));
        assert_eq!(wait(99), LONGEST_WAIT);
    }
}
