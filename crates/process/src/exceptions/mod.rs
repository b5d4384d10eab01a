//! What cannot go on by itself: opened with a cause, an owner and a day, resolved when it is mended, or put aside by a person.
//!
//! [`policy`] reads from the contract what becomes of an exception of a cause. An action of a person is planned ([`plan`]) and,
//! unless it is only asked what would be done, performed and audited in one transaction ([`act`]); [`bulk`] does so for a frozen
//! selection. [`lines`] are what is left out of the books, and what people say of a line instead of the PSA ([`edit`]).

mod act;
mod bulk;
mod edit;
mod group;
pub(crate) mod lines;
mod list;
mod plan;
mod policy;
mod show;

pub(crate) use act::{Act, Answer, Command, act, preview};
pub(crate) use bulk::{apply, preview as preview_bulk};
pub(crate) use edit::{Edits, edited_time, edits_of_time, of_expenses, of_time, resolve as resolve_edit};
pub(crate) use group::group;
pub(crate) use list::{Filter, filter, list};
pub(crate) use show::{etag_of, show};

use chrono::{NaiveDateTime, TimeDelta};
use strata_contract::states::check_next;
use strata_kernel::{Currency, Instant, Money, Result, derive_id};
use strata_store::{Conn, both};

use crate::engine::Problem;
use crate::hand_offs::{HandOff, PLATFORM};
use crate::store::rows::{ExceptionRow, RunRow};
use crate::store::{lite, pg};

/// Who mends an exception.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    Finance,
    Pmo,
    Sales,
    Integration,
}

impl Owner {
    /// Every role.
    const ALL: [Self; 4] = [Self::Finance, Self::Pmo, Self::Sales, Self::Integration];

    /// As rows and contracts say it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Finance => "FINANCE",
            Self::Pmo => "PMO",
            Self::Sales => "SALES",
            Self::Integration => "INTEGRATION",
        }
    }
}

impl Problem {
    /// Names the run as the object when the step named none.
    pub(crate) fn about(mut self, run: &RunRow) -> Self {
        if self.object.is_empty() {
            self.object = format!("{} {}", run.kind, run.subject);
        }
        self
    }

    /// One exception per cause and object, however often it comes back.
    pub(crate) fn exception_id(&self) -> String {
        derive_id("exc", &[self.cause, &self.object_kind, &self.object])
    }
}

/// Enum whose values say which state of an exception may follow which.
const STATES: &str = "strata.process.exception.v1.ExceptionState";

/// Stores an exception that was in the state `before`, or is new. A state that the contract does not let follow is stored nowhere.
fn store(conn: &mut Conn<'_>, before: Option<&str>, row: &ExceptionRow) -> Result<()> {
    if let Some(before) = before.filter(|before| *before != row.state) {
        check_next(STATES, before, &row.state)?;
    }
    both!(conn, exceptions::put(row)).map(drop)
}

/// Opens an exception, in the caller's transaction. Returns its id, whether it is news, and what the story
/// of the engagement gains. One that is open already keeps its day and gets the newest words.
pub(crate) fn open(
    conn: &mut Conn<'_>,
    problem: &Problem,
    engagement_id: &str,
    now: Instant,
) -> Result<(String, bool, Option<HandOff>)> {
    let id = problem.exception_id();
    let held = both!(conn, exceptions::get(&id))?;
    let news = held.as_ref().is_none_or(|row| row.state != "OPEN");
    let before = held.as_ref().map(|row| row.state.clone());
    let at = now.naive_utc();
    let policy = policy::of(problem.cause);
    let met = held.as_ref().map_or(0, |row| row.occurrences);
    let amount = match &problem.amount {
        Some(amount) => Some(**amount),
        None => at_stake(conn, problem)?,
    };
    let (opened_at, due_at, assignee) = match held.filter(|_| !news) {
        Some(row) => (row.opened_at, row.due_at, row.assignee),
        None => (at, at + TimeDelta::hours(policy.due_hours), String::new()),
    };
    let row = ExceptionRow {
        id: id.clone(),
        cause: problem.cause.to_owned(),
        object_kind: problem.object_kind.clone(),
        object_id: problem.object.clone(),
        engagement_id: engagement_id.to_owned(),
        owner_role: policy.owner.unwrap_or(problem.owner).as_str().to_owned(),
        state: "OPEN".to_owned(),
        message: problem.message.clone(),
        field: problem.field.to_string(),
        opened_at,
        due_at,
        resolved_at: None,
        retry_at: None,
        assignee,
        occurrences: met.saturating_add(1),
        last_seen_at: at,
        currency_code: amount.map(|amount| amount.currency.code().to_owned()).unwrap_or_default(),
        minor_units: amount.map_or(0, |amount| amount.minor),
    };
    store(conn, before.as_deref(), &row)?;
    let story = news.then(|| story(&row, "exception", at));
    Ok((id, news, story))
}

/// The gross of the document that an exception is about. None: it is about something else.
fn at_stake(conn: &mut Conn<'_>, problem: &Problem) -> Result<Option<Money>> {
    if problem.object_kind != "document" && problem.object_kind != "posting" {
        return Ok(None);
    }
    let Some(held) = both!(conn, documents::get(&problem.object))? else {
        return Ok(None);
    };
    Ok(Some(Money::new(held.gross, Currency::parse(&held.currency_code)?)))
}

/// Opens exceptions that belong to no engagement, in the caller's transaction. Returns how many are news.
pub(crate) fn open_all(conn: &mut Conn<'_>, problems: &[Problem], now: Instant) -> Result<u64> {
    let mut count = 0;
    for problem in problems {
        let (_, news, _) = open(conn, problem, "", now)?;
        count += u64::from(news);
    }
    Ok(count)
}

/// Resolves an exception that nothing is stopped by any more, in the caller's transaction.
pub(crate) fn resolve(conn: &mut Conn<'_>, id: &str, now: Instant) -> Result<Option<HandOff>> {
    let Some(held) = both!(conn, exceptions::get(id))?.filter(|row| row.state == "OPEN") else {
        return Ok(None);
    };
    let at = now.naive_utc();
    let row = ExceptionRow {
        state: "RESOLVED".to_owned(),
        resolved_at: Some(at),
        ..held
    };
    store(conn, Some("OPEN"), &row)?;
    Ok(Some(story(&row, "resolved", at)))
}

/// Resolves what was skipped with a run, because something newer took its place, in the caller's transaction.
pub(crate) fn taken_over(conn: &mut Conn<'_>, run_id: &str, now: Instant) -> Result<Vec<HandOff>> {
    let at = now.naive_utc();
    let mut stories = Vec::new();
    for step in both!(conn, runs::steps(run_id))?
        .into_iter()
        .filter(|step| step.state == "SKIPPED")
    {
        let held = both!(conn, exceptions::get(&step.exception_id))?;
        let Some(held) = held.filter(|row| row.state == "SKIPPED") else {
            continue;
        };
        let row = ExceptionRow {
            state: "RESOLVED".to_owned(),
            resolved_at: Some(at),
            ..held
        };
        store(conn, Some("SKIPPED"), &row)?;
        stories.push(story(&row, "resolved", at));
    }
    Ok(stories)
}

/// Resolves those of the exceptions that no run stops at, in the caller's transaction. Returns the stories of their
/// engagements.
pub(crate) fn resolve_unneeded(conn: &mut Conn<'_>, ids: &[String], now: Instant) -> Result<Vec<HandOff>> {
    let mut stories = Vec::new();
    for id in ids {
        if both!(conn, runs::stopped_by(id))?.is_empty() {
            stories.extend(resolve(conn, id, now)?);
        }
    }
    Ok(stories)
}

/// What the story of the engagement gains when an exception changes its state: "exception", "resolved", "skipped" or
/// "cancelled".
fn story(row: &ExceptionRow, state: &'static str, at: NaiveDateTime) -> HandOff {
    HandOff {
        key: format!("{state}:{}:{}", row.id, at.and_utc().timestamp_micros()),
        event: match state {
            "exception" => "exception opened",
            "skipped" => "exception skipped",
            "cancelled" => "exception cancelled",
            _ => "exception resolved",
        },
        system: PLATFORM.to_owned(),
        kind: "exception",
        vendor_id: row.id.clone(),
        state,
        detail: format!("{} {}: {}", row.cause, row.object_id, row.message),
    }
}
