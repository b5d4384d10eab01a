//! What cannot go on by itself: opened with a cause, an owner and a day, resolved when it is mended.

use chrono::{NaiveDateTime, TimeDelta};
use strata_kernel::{Instant, Result, derive_id};
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
    /// As rows and contracts say it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Finance => "FINANCE",
            Self::Pmo => "PMO",
            Self::Sales => "SALES",
            Self::Integration => "INTEGRATION",
        }
    }

    /// Time to mend, in days.
    fn days(self) -> i64 {
        match self {
            Self::Finance | Self::Integration => 1,
            Self::Pmo => 2,
            Self::Sales => 3,
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
    let at = now.naive_utc();
    // A command that was carried out stays known, also when its try failed: its repeat is no second try.
    let request_id = held.as_ref().map(|row| row.request_id.clone()).unwrap_or_default();
    let (opened_at, due_at) = match held.filter(|_| !news) {
        Some(row) => (row.opened_at, row.due_at),
        None => (at, at + TimeDelta::days(problem.owner.days())),
    };
    let row = ExceptionRow {
        id: id.clone(),
        cause: problem.cause.to_owned(),
        object_kind: problem.object_kind.clone(),
        object_id: problem.object.clone(),
        engagement_id: engagement_id.to_owned(),
        owner_role: problem.owner.as_str().to_owned(),
        state: "OPEN".to_owned(),
        message: problem.message.clone(),
        field: problem.field.clone(),
        opened_at,
        due_at,
        resolved_at: None,
        retry_at: None,
        request_id,
    };
    both!(conn, exceptions::put(&row))?;
    let story = news.then(|| story(&row, "exception", at));
    Ok((id, news, story))
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
    both!(conn, exceptions::put(&row))?;
    Ok(Some(story(&row, "resolved", at)))
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

fn story(row: &ExceptionRow, state: &'static str, at: NaiveDateTime) -> HandOff {
    HandOff {
        key: format!("{state}:{}:{}", row.id, at.and_utc().timestamp_micros()),
        event: if state == "exception" {
            "exception opened"
        } else {
            "exception resolved"
        },
        system: PLATFORM.to_owned(),
        kind: "exception",
        vendor_id: row.id.clone(),
        state,
        detail: format!("{} {}: {}", row.cause, row.object_id, row.message),
    }
}
