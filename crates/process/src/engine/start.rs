//! Making runs and steps.

use chrono::NaiveDateTime;
use strata_kernel::{Instant, Result, derive_id};
use strata_store::{Conn, both};

use crate::store::rows::{RunRow, StepRow};
use crate::store::{lite, pg};

/// A run to make. One per kind and subject, for ever.
#[derive(Debug, Clone)]
pub(crate) struct NewRun {
    pub(crate) kind: &'static str,
    pub(crate) subject: String,
    /// Runs with the same key never work at the same time.
    pub(crate) ordering_key: String,
    /// Empty: none.
    pub(crate) engagement_id: String,
    /// JSON.
    pub(crate) input: String,
    pub(crate) steps: Vec<NewStep>,
}

/// A step to make.
#[derive(Debug, Clone)]
pub(crate) struct NewStep {
    pub(crate) name: String,
    /// Names of the steps it waits for.
    pub(crate) after: Vec<String>,
    /// Not before this instant. None: at once.
    pub(crate) not_before: Option<Instant>,
}

impl NewStep {
    pub(crate) fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            after: Vec::new(),
            not_before: None,
        }
    }

    pub(crate) fn after(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.after.extend(names.into_iter().map(Into::into));
        self
    }

    pub(crate) fn not_before(mut self, instant: Instant) -> Self {
        self.not_before = Some(instant);
        self
    }

    pub(super) fn row(&self, run_id: &str, position: i32, now: NaiveDateTime) -> StepRow {
        let state = if self.after.is_empty() { "PENDING" } else { "WAITING" };
        StepRow {
            run_id: run_id.to_owned(),
            name: self.name.clone(),
            position,
            after: self.after.join(";"),
            state: state.to_owned(),
            attempts: 0,
            due_at: self.not_before.map_or(now, |at| at.naive_utc()).max(now),
            reason: String::new(),
            message: String::new(),
            exception_id: String::new(),
            result: String::new(),
        }
    }
}

/// Makes a run with its steps, in the caller's transaction. False: it was made before, and is left alone.
pub(crate) fn insert(conn: &mut Conn<'_>, new: &NewRun, now: Instant) -> Result<bool> {
    let at = now.naive_utc();
    let row = RunRow {
        id: derive_id("run", &[new.kind, &new.subject]),
        kind: new.kind.to_owned(),
        subject: new.subject.clone(),
        ordering_key: new.ordering_key.clone(),
        engagement_id: new.engagement_id.clone(),
        state: "RUNNING".to_owned(),
        input: new.input.clone(),
        correlation_id: derive_id("cor", &[new.kind, &new.subject]),
        created_at: at,
        updated_at: at,
    };
    if both!(conn, runs::insert(&row))? == 0 {
        return Ok(false);
    }
    let steps: Vec<StepRow> = (0..)
        .zip(&new.steps)
        .map(|(position, step)| step.row(&row.id, position, at))
        .collect();
    both!(conn, runs::add_steps(&steps))?;
    Ok(true)
}

/// Makes a run, or begins the one that is there again with its new input. False: it has that input already, and
/// goes its way.
pub(crate) fn restart(conn: &mut Conn<'_>, new: &NewRun, now: Instant) -> Result<bool> {
    if insert(conn, new, now)? {
        return Ok(true);
    }
    let at = now.naive_utc();
    let held = both!(conn, runs::get(new.kind, &new.subject))?;
    let Some(held) = held.filter(|held| held.input != new.input) else {
        return Ok(false);
    };
    both!(conn, runs::set_input(&held.id, &new.input, at))?;
    // What somebody skipped or cancelled stays so: only a person takes it up again, with what is known then.
    if held.state == "SKIPPED" || held.state == "CANCELLED" {
        return Ok(false);
    }
    both!(conn, runs::set_state(&held.id, "RUNNING", at))?;
    for step in both!(conn, runs::steps(&held.id))? {
        let state = if step.after.is_empty() { "PENDING" } else { "WAITING" };
        // The exception stays on the step: it is resolved when the step is done.
        both!(
            conn,
            runs::update_step(&StepRow {
                state: state.to_owned(),
                due_at: at,
                ..step
            })
        )?;
    }
    Ok(true)
}
