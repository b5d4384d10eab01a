//! Actions of people: once per key of the command, in one transaction with their audit.

use prost::Message;
use strata_contract::strata::process::exception::v1 as pb;
use strata_kernel::{Error, Instant, Result, digest};
use strata_store::{Conn, both, db_error, in_turn};

use super::edit::Edit;
use super::plan::{Effect, Plan, plan};
use super::{lines, show, store, story};
use crate::billing::ledger::{self, Lookup};
use crate::hand_offs;
use crate::store::rows::{ActionRow, ExceptionRow, PostingRow, RunRow, StepRow};
use crate::store::{lite, pg};

/// What is done about an exception.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    Retry,
    Edit(Edit),
    Skip,
    /// To a person; empty: to nobody.
    Assign(String),
    Cancel,
}

impl Act {
    pub(super) fn action(&self) -> pb::ExceptionAction {
        match self {
            Self::Retry => pb::ExceptionAction::Retry,
            Self::Edit(_) => pb::ExceptionAction::EditAndRetry,
            Self::Skip => pb::ExceptionAction::Skip,
            Self::Assign(_) => pb::ExceptionAction::Assign,
            Self::Cancel => pb::ExceptionAction::Cancel,
        }
    }
}

/// An action as somebody asked for it.
#[derive(Debug, Clone)]
pub(crate) struct Command {
    pub(crate) exception_id: String,
    pub(crate) act: Act,
    pub(crate) actor: String,
    pub(crate) reason: String,
    pub(crate) request_id: String,
    /// Digest of all the command says: what "the same body" means.
    pub(crate) body_hash: String,
    /// Empty: not asked.
    pub(crate) etag: String,
    /// Empty: it is no part of a bulk action.
    pub(crate) bulk_token: String,
    pub(crate) correlation_id: String,
}

/// What every action answers.
pub(crate) type Answer = pb::RetryExceptionResponse;

/// Says what an action would do.
pub(crate) fn preview(conn: &mut Conn<'_>, command: &Command, now: Instant) -> Result<Answer> {
    let held = show::held(conn, &command.exception_id)?;
    fits(&held, &command.etag)?;
    let plan = plan(conn, &held, &command.act, now)?;
    let after = ended(&held, &plan, now);
    Ok(answer(&after, &plan))
}

/// Does an action, in the caller's transaction. The same command again has the same answer and no second effect.
pub(crate) fn act(conn: &mut Conn<'_>, command: &Command, now: Instant) -> Result<Answer> {
    one_at_a_time(conn, &command.exception_id)?;
    in_turn(conn, "request", &command.request_id)?;
    if let Some(done) = both!(conn, exception_actions::by_request(&command.request_id))? {
        return repeated(&done, command);
    }
    if command.bulk_token.is_empty()
        && let Some(bulk) = both!(conn, bulk::by_request(&command.request_id))?
    {
        let held = digest(bulk.token.as_bytes());
        return Err(conflict(&command.request_id, "a bulk action", &held, &command.body_hash));
    }
    let held = show::held(conn, &command.exception_id)?;
    fits(&held, &command.etag)?;
    let plan = plan(conn, &held, &command.act, now)?;
    for effect in &plan.effects {
        perform(conn, &held, effect, now)?;
    }
    let after = ended(&held, &plan, now);
    store(conn, Some(&held.state), &after)?;
    tell(conn, &held, &after, &command.correlation_id, now)?;
    let answer = answer(&after, &plan);
    let action = command
        .act
        .action()
        .as_str_name()
        .trim_start_matches("EXCEPTION_ACTION_")
        .to_owned();
    let row = ActionRow {
        request_id: command.request_id.clone(),
        exception_id: held.id,
        action,
        actor: command.actor.clone(),
        reason: command.reason.clone(),
        body_hash: command.body_hash.clone(),
        state_before: held.state,
        state_after: after.state,
        effects: answer.effects.join("\n"),
        answer: answer.encode_to_vec(),
        bulk_token: command.bulk_token.clone(),
        correlation_id: command.correlation_id.clone(),
        acted_at: now.naive_utc(),
    };
    both!(conn, exception_actions::insert(&row))?;
    Ok(answer)
}

/// Two commands about one exception go one after the other. SQLite has one writer.
fn one_at_a_time(conn: &mut Conn<'_>, id: &str) -> Result<()> {
    use diesel::RunQueryDsl;
    match conn {
        Conn::Pg(c) => diesel::sql_query("SELECT 1 FROM exception WHERE id = $1 FOR UPDATE")
            .bind::<diesel::sql_types::Text, _>(id)
            .execute(*c)
            .map(|_| ())
            .map_err(db_error),
        Conn::Lite(_) => Ok(()),
    }
}

fn repeated(done: &ActionRow, command: &Command) -> Result<Answer> {
    if done.exception_id == command.exception_id && done.body_hash == command.body_hash {
        return Answer::decode(done.answer.as_slice()).map_err(Error::internal);
    }
    let what = format!("{} of exception {}", done.action, done.exception_id);
    Err(conflict(&command.request_id, &what, &done.body_hash, &command.body_hash))
}

/// `held` and `sent` are the digests of what the request was, and of what it is now.
pub(super) fn conflict(request_id: &str, what: &str, held: &str, sent: &str) -> Error {
    let text = format!("request {request_id} was {what}, with other content; another command needs another request_id");
    Error::conflict(held, sent, text).at("request_id")
}

fn fits(held: &ExceptionRow, asked: &str) -> Result<()> {
    if asked.is_empty() || asked == show::etag(held) {
        return Ok(());
    }
    // What is over says so: nobody has to read it again to learn that there is nothing to do.
    if held.state == "RESOLVED" || held.state == "CANCELLED" {
        let text = format!("the exception is {} meanwhile; there is nothing to do", held.state);
        return Err(Error::precondition("INVALID_TRANSITION", text).at("etag"));
    }
    let text = format!(
        "the exception changed since it was read, and is {}; read it again",
        held.state
    );
    Err(Error::precondition("ETAG_MISMATCH", text).at("etag"))
}

fn answer(after: &ExceptionRow, plan: &Plan) -> Answer {
    Answer {
        exception: Some(show::message(after)),
        effects: plan.effects.iter().flat_map(Effect::words).collect(),
    }
}

/// The exception as it is after a plan.
fn ended(held: &ExceptionRow, plan: &Plan, now: Instant) -> ExceptionRow {
    let at = now.naive_utc();
    let mut row = held.clone();
    row.state = plan.after.to_owned();
    if row.state != held.state {
        row.resolved_at = (row.state != "OPEN").then_some(at);
    }
    for effect in &plan.effects {
        match effect {
            Effect::Assign(person) => row.assignee.clone_from(person),
            Effect::TryAgain(_) | Effect::TakeUp(_) | Effect::Send(_) | Effect::LookUp(_) | Effect::Close => {
                row.retry_at = Some(at)
            }
            Effect::End(..) | Effect::Withhold(..) | Effect::Edit(..) => {}
        }
    }
    row
}

fn perform(conn: &mut Conn<'_>, held: &ExceptionRow, effect: &Effect, now: Instant) -> Result<()> {
    let at = now.naive_utc();
    match effect {
        Effect::TryAgain(_) => both!(conn, runs::wake_stopped(&held.id, at)).map(|_| ()),
        Effect::TakeUp(steps) => {
            for (run, step) in steps {
                if let Some((kind, line)) = lines::of(run) {
                    both!(conn, lines::take_up(kind, line))?;
                }
                set(conn, run, step, ("RUNNING", "EXCEPTION"), now)?;
            }
            Ok(())
        }
        Effect::End(steps, state) => {
            for (run, step) in steps {
                lines::except(conn, run, state, &held.id, now)?;
                set(conn, run, step, (state, state), now)?;
            }
            Ok(())
        }
        Effect::Send(row) => put(conn, row, "INTENDED", now),
        Effect::LookUp(row) => put(conn, row, "HELD", now),
        Effect::Withhold(row, state) => put(conn, row, state, now),
        Effect::Edit(row, _) => both!(conn, lines::put_edit(row)).map(|_| ()),
        Effect::Assign(_) | Effect::Close => Ok(()),
    }
}

/// Puts a run and one of its steps into states. The step is due now.
fn set(conn: &mut Conn<'_>, run: &RunRow, step: &StepRow, states: (&str, &str), now: Instant) -> Result<()> {
    let at = now.naive_utc();
    let row = StepRow {
        state: states.1.to_owned(),
        due_at: at,
        ..step.clone()
    };
    both!(conn, runs::update_step(&row))?;
    both!(conn, runs::set_state(&run.id, states.0, at)).map(|_| ())
}

fn put(conn: &mut Conn<'_>, posting: &PostingRow, state: &str, now: Instant) -> Result<()> {
    let row = PostingRow {
        state: state.to_owned(),
        due_at: now.naive_utc(),
        updated_at: now.naive_utc(),
        ..posting.clone()
    };
    ledger::put(conn, std::slice::from_ref(&row), Lookup::None)
}

/// The story of the engagement gains that somebody closed, skipped or cancelled.
fn tell(conn: &mut Conn<'_>, before: &ExceptionRow, after: &ExceptionRow, correlation_id: &str, now: Instant) -> Result<()> {
    let word = match after.state.as_str() {
        same if same == before.state => return Ok(()),
        "RESOLVED" => "resolved",
        "SKIPPED" => "skipped",
        "CANCELLED" => "cancelled",
        _ => "exception",
    };
    let story = story(after, word, now.naive_utc());
    hand_offs::record(conn, &after.engagement_id, correlation_id, &[story], now)
}
