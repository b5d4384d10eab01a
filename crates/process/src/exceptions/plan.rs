//! What an action would do: read from what stands behind the exception, said in words, and changed nowhere.

use strata_contract::strata::process::exception::v1 as pb;
use strata_kernel::{Error, Instant, Result};
use strata_store::{Conn, both};

use super::edit::{self, Edit};
use super::{Act, lines, policy};
use crate::billing;
use crate::engine::kind;
use crate::store::rows::{EditRow, ExceptionRow, PostingRow, RunRow, StepRow};
use crate::store::{lite, pg};

/// What stands behind an exception.
pub(super) struct Behind {
    /// Steps that it stops, or that were skipped because of it.
    steps: Vec<(RunRow, StepRow)>,
    /// The posting of time that the books refused, or that was skipped.
    posting: Option<PostingRow>,
    /// The posting that the books hold with other content.
    held: Option<PostingRow>,
}

impl Behind {
    pub(super) fn of(conn: &mut Conn<'_>, held: &ExceptionRow) -> Result<Self> {
        let posting = match held.object_kind == "posting" {
            true => both!(conn, postings::get(&held.object_id))?,
            false => None,
        };
        let at_rest = |row: &PostingRow| matches!(row.state.as_str(), "REJECTED" | "SKIPPED");
        Ok(Self {
            steps: both!(conn, runs::behind(&held.id))?,
            held: posting.clone().filter(|row| row.state == "HELD"),
            posting: posting.filter(|row| row.kind == billing::posting::TIME && at_rest(row)),
        })
    }

    /// True when all of it are single lines, which can be left out without anything else.
    fn is_of_lines(&self) -> bool {
        let lines = self.steps.iter().all(|(run, _)| lines::of(run).is_some());
        lines && (self.posting.is_some() || !self.steps.is_empty())
    }

    fn in_state(&self, state: &str) -> Vec<(RunRow, StepRow)> {
        self.steps.iter().filter(|(_, step)| step.state == state).cloned().collect()
    }

    /// The one run that is stopped.
    fn only(&self) -> Option<&RunRow> {
        match self.steps.as_slice() {
            [(run, step)] if step.state == "EXCEPTION" => Some(run),
            _ => None,
        }
    }
}

/// What people may do about an exception now.
pub(super) fn allowed(held: &ExceptionRow, behind: &Behind) -> Vec<pb::ExceptionAction> {
    use pb::ExceptionAction::{Assign, Cancel, EditAndRetry, Retry, Skip};
    match held.state.as_str() {
        "OPEN" => {
            let mut actions = policy::of(&held.cause).actions.clone();
            actions.retain(|action| match action {
                EditAndRetry => !allowed_edits(held, behind).is_empty(),
                Skip | Cancel => behind.is_of_lines(),
                _ => true,
            });
            actions
        }
        "SKIPPED" => vec![Retry, Assign, Cancel],
        _ => Vec::new(),
    }
}

/// Which of our data may be edited now.
pub(super) fn allowed_edits(held: &ExceptionRow, behind: &Behind) -> Vec<String> {
    let Some(run) = behind.only().filter(|_| held.state == "OPEN") else {
        return Vec::new();
    };
    let (time, expense) = (run.kind == kind::TIME_ENTRY, run.kind == kind::EXPENSE);
    let fits = |edit: &str| match edit {
        edit::RECEIPT => expense,
        edit::PROJECT => (time || expense) && matches!(held.field.as_str(), "project_id" | "task_id"),
        edit::DATE => (time || expense) && matches!(held.field.as_str(), "work_date" | "incurred_date"),
        _ => false,
    };
    let edits = policy::of(&held.cause).edits.iter();
    edits.filter(|edit| fits(edit)).cloned().collect()
}

/// One thing that an action does.
pub(super) enum Effect {
    /// Steps that are stopped are due at once.
    TryAgain(Vec<(RunRow, StepRow)>),
    /// Steps that were skipped are stopped again, and due at once.
    TakeUp(Vec<(RunRow, StepRow)>),
    /// A posting is sent once more.
    Send(PostingRow),
    /// A posting is looked up, and not sent.
    LookUp(PostingRow),
    /// Nothing stands behind the exception: it is closed, and comes back with its cause.
    Close,
    /// Steps, and their runs, end in a state; their lines are left out of the books.
    End(Vec<(RunRow, StepRow)>, &'static str),
    /// A posting is never sent in this state.
    Withhold(PostingRow, &'static str),
    /// A person has the exception in hand, or nobody.
    Assign(String),
    /// A line says something else than the PSA.
    Edit(EditRow, String),
}

impl Effect {
    /// In words, for people.
    pub(super) fn words(&self) -> Vec<String> {
        let name = |run: &RunRow| format!("{} {}", run.kind, run.subject);
        let each = |steps: &[(RunRow, StepRow)], what: &str| {
            steps
                .iter()
                .map(|(run, step)| format!("{} of {} {what}", step.name, name(run)))
                .collect()
        };
        match self {
            Self::TryAgain(steps) => each(steps, "is tried again now"),
            Self::TakeUp(steps) => each(steps, "is taken up again, and tried now"),
            Self::Send(row) => vec![format!("posting {} ({}) is sent again", row.key, row.natural_key)],
            Self::LookUp(row) => vec![format!(
                "posting {} ({}) is looked up in the books, and not sent",
                row.key, row.natural_key
            )],
            Self::Close => vec!["nothing is stopped by it: it is closed, and comes back when its cause does".to_owned()],
            Self::End(steps, state) => each(steps, &format!("ends as {state}; the line is in no books and on no invoice")),
            Self::Withhold(row, state) => {
                vec![format!(
                    "posting {} ({}) becomes {state}; the books do not hold it",
                    row.key, row.natural_key
                )]
            }
            Self::Assign(nobody) if nobody.is_empty() => vec!["nobody has it in hand any more".to_owned()],
            Self::Assign(somebody) => vec![format!("{somebody} has it in hand")],
            Self::Edit(_, words) => vec![words.clone()],
        }
    }
}

/// What an action does, and the state that the exception is in afterwards.
pub(super) struct Plan {
    pub(super) after: &'static str,
    pub(super) effects: Vec<Effect>,
}

/// Plans an action. `INVALID_TRANSITION` when the exception does not allow it now.
pub(super) fn plan(conn: &mut Conn<'_>, held: &ExceptionRow, act: &Act, now: Instant) -> Result<Plan> {
    let behind = Behind::of(conn, held)?;
    let allowed = allowed(held, &behind);
    if !allowed.contains(&act.action()) {
        return Err(refusal(held, act, &allowed));
    }
    let was_skipped = held.state == "SKIPPED";
    let (after, effects) = match act {
        Act::Retry => retry(held, behind),
        Act::Edit(edit) => {
            let mut effects = vec![edited(conn, held, &behind, edit, now)?];
            let (after, more) = retry(held, behind);
            effects.extend(more);
            (after, effects)
        }
        Act::Skip => (
            "SKIPPED",
            end(behind.in_state("EXCEPTION"), behind.posting, "SKIPPED", "SKIPPED"),
        ),
        Act::Cancel => ("CANCELLED", end(behind.steps, behind.posting, "CANCELLED", "WITHDRAWN")),
        Act::Assign(person) => (
            if was_skipped { "SKIPPED" } else { "OPEN" },
            vec![Effect::Assign(person.clone())],
        ),
    };
    Ok(Plan { after, effects })
}

fn retry(held: &ExceptionRow, behind: Behind) -> (&'static str, Vec<Effect>) {
    let (stopped, skipped) = (behind.in_state("EXCEPTION"), behind.in_state("SKIPPED"));
    let mut effects = Vec::new();
    if !stopped.is_empty() {
        effects.push(Effect::TryAgain(stopped));
    }
    if held.state == "SKIPPED" && !skipped.is_empty() {
        effects.push(Effect::TakeUp(skipped));
    }
    effects.extend(behind.posting.map(Effect::Send));
    effects.extend(behind.held.map(Effect::LookUp));
    if effects.is_empty() {
        return ("RESOLVED", vec![Effect::Close]);
    }
    ("OPEN", effects)
}

fn end(steps: Vec<(RunRow, StepRow)>, posting: Option<PostingRow>, run: &'static str, withheld: &'static str) -> Vec<Effect> {
    let ended = (!steps.is_empty()).then_some(Effect::End(steps, run));
    ended
        .into_iter()
        .chain(posting.map(|row| Effect::Withhold(row, withheld)))
        .collect()
}

fn edited(conn: &mut Conn<'_>, held: &ExceptionRow, behind: &Behind, edit: &Edit, now: Instant) -> Result<Effect> {
    let allowed = allowed_edits(held, behind);
    let run = behind.only().filter(|_| allowed.iter().any(|name| name == edit.name));
    let run = run.ok_or_else(|| {
        let text = format!("of this exception only {} may be edited", allowed.join(", "));
        Error::precondition("INVALID_TRANSITION", text).at(edit.name)
    })?;
    let row = edit::row(conn, run, edit, &held.id, now)?;
    Ok(Effect::Edit(
        row,
        format!("{} {}: {}", held.object_kind, held.object_id, edit.words),
    ))
}

fn refusal(held: &ExceptionRow, act: &Act, allowed: &[pb::ExceptionAction]) -> Error {
    let word = |action: &pb::ExceptionAction| action.as_str_name().trim_start_matches("EXCEPTION_ACTION_").to_owned();
    let words: Vec<String> = allowed.iter().map(word).collect();
    let allowed = if words.is_empty() {
        "nothing".to_owned()
    } else {
        words.join(", ")
    };
    let text = format!(
        "the exception is {}, and {} is not possible; what is: {allowed}",
        held.state,
        word(&act.action())
    );
    Error::precondition("INVALID_TRANSITION", text).at("exception_id")
}
