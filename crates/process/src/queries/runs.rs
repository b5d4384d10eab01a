//! Runs and their steps.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::Conn;
use crate::instances::claims::STEPS;
use crate::store::rows::{RunRow, StepRow};
use crate::store::schema::{claim, run, step};

/// What a stopped step is of, its state, its reason and its exception.
pub(crate) type Stopped = (String, String, String, String);

pub(crate) fn insert(conn: &mut Conn, row: &RunRow) -> QueryResult<usize> {
    diesel::insert_into(run::table)
        .values(row)
        .on_conflict((run::kind, run::subject))
        .do_nothing()
        .execute(conn)
}

pub(crate) fn add_steps(conn: &mut Conn, rows: &[StepRow]) -> QueryResult<usize> {
    diesel::insert_into(step::table)
        .values(rows)
        .on_conflict((step::run_id, step::name))
        .do_nothing()
        .execute(conn)
}

/// Steps that are due and that no other incarnation has claimed.
pub(crate) fn due(conn: &mut Conn, incarnation: &str, now: NaiveDateTime, limit: i64) -> QueryResult<Vec<(RunRow, StepRow)>> {
    let others = claim::table
        .filter(claim::kind.eq(STEPS).and(claim::incarnation.ne(incarnation)))
        .select(claim::key);
    step::table
        .inner_join(run::table.on(run::id.eq(step::run_id)))
        .filter(step::state.eq_any(["PENDING", "EXCEPTION"]).and(step::due_at.le(now)))
        .filter(run::ordering_key.ne_all(others))
        .order((step::due_at, run::created_at, run::id, step::position))
        .limit(limit)
        .select(<(RunRow, StepRow)>::as_select())
        .load(conn)
}

/// Steps of these ordering keys that are due.
pub(crate) fn due_of(conn: &mut Conn, keys: &[String], now: NaiveDateTime, limit: i64) -> QueryResult<Vec<(RunRow, StepRow)>> {
    step::table
        .inner_join(run::table.on(run::id.eq(step::run_id)))
        .filter(step::state.eq_any(["PENDING", "EXCEPTION"]).and(step::due_at.le(now)))
        .filter(run::ordering_key.eq_any(keys))
        .order((step::due_at, run::created_at, run::id, step::position))
        .limit(limit)
        .select(<(RunRow, StepRow)>::as_select())
        .load(conn)
}

pub(crate) fn steps(conn: &mut Conn, run_id: &str) -> QueryResult<Vec<StepRow>> {
    step::table
        .filter(step::run_id.eq(run_id))
        .order(step::position)
        .select(StepRow::as_select())
        .load(conn)
}

pub(crate) fn steps_of(conn: &mut Conn, run_ids: &[String]) -> QueryResult<Vec<StepRow>> {
    step::table
        .filter(step::run_id.eq_any(run_ids))
        .order((step::run_id, step::position))
        .select(StepRow::as_select())
        .load(conn)
}

pub(crate) fn update_step(conn: &mut Conn, row: &StepRow) -> QueryResult<usize> {
    diesel::update(step::table.filter(step::run_id.eq(&row.run_id).and(step::name.eq(&row.name))))
        .set(row)
        .execute(conn)
}

pub(crate) fn set_state(conn: &mut Conn, id: &str, state: &str, now: NaiveDateTime) -> QueryResult<usize> {
    diesel::update(run::table.filter(run::id.eq(id)))
        .set((run::state.eq(state), run::updated_at.eq(now)))
        .execute(conn)
}

pub(crate) fn set_input(conn: &mut Conn, id: &str, input: &str, now: NaiveDateTime) -> QueryResult<usize> {
    diesel::update(run::table.filter(run::id.eq(id)))
        .set((run::input.eq(input), run::updated_at.eq(now)))
        .execute(conn)
}

pub(crate) fn get(conn: &mut Conn, kind: &str, subject: &str) -> QueryResult<Option<RunRow>> {
    run::table
        .filter(run::kind.eq(kind).and(run::subject.eq(subject)))
        .select(RunRow::as_select())
        .first(conn)
        .optional()
}

/// Subjects of a kind that are not done yet, among those given.
pub(crate) fn unfinished(conn: &mut Conn, kind: &str, subjects: &[String]) -> QueryResult<Vec<String>> {
    run::table
        .filter(
            run::kind
                .eq(kind)
                .and(run::subject.eq_any(subjects))
                .and(run::state.ne("DONE")),
        )
        .select(run::subject)
        .load(conn)
}

/// True when a run of the kind with a later subject, and the same ordering key, has this step behind it.
pub(crate) fn later_done(conn: &mut Conn, run_row: &RunRow, step_name: &str) -> QueryResult<bool> {
    let later = step::table.inner_join(run::table.on(run::id.eq(step::run_id))).filter(
        run::kind
            .eq(&run_row.kind)
            .and(run::ordering_key.eq(&run_row.ordering_key))
            .and(run::subject.gt(&run_row.subject))
            .and(step::name.eq(step_name))
            .and(step::state.eq("DONE")),
    );
    diesel::select(diesel::dsl::exists(later)).get_result(conn)
}

/// True when a run of the kind with an earlier subject, and the same ordering key, has this step still before it.
pub(crate) fn earlier_open(conn: &mut Conn, run_row: &RunRow, step_name: &str) -> QueryResult<bool> {
    let earlier = step::table.inner_join(run::table.on(run::id.eq(step::run_id))).filter(
        run::kind
            .eq(&run_row.kind)
            .and(run::ordering_key.eq(&run_row.ordering_key))
            .and(run::subject.lt(&run_row.subject))
            .and(step::name.eq(step_name))
            .and(step::state.ne("DONE")),
    );
    diesel::select(diesel::dsl::exists(earlier)).get_result(conn)
}

/// Runs of a kind by engagement. `engagements` empty: of all.
pub(crate) fn list(conn: &mut Conn, kind: &str, engagements: &[String], after: &str, limit: i64) -> QueryResult<Vec<RunRow>> {
    let mut query = run::table
        .filter(run::kind.eq(kind).and(run::engagement_id.gt(after)))
        .into_boxed();
    if !engagements.is_empty() {
        query = query.filter(run::engagement_id.eq_any(engagements));
    }
    query
        .order(run::engagement_id)
        .limit(limit)
        .select(RunRow::as_select())
        .load(conn)
}

pub(crate) fn by_engagement(conn: &mut Conn, kind: &str, engagement: &str) -> QueryResult<Option<RunRow>> {
    run::table
        .filter(run::kind.eq(kind).and(run::engagement_id.eq(engagement)))
        .select(RunRow::as_select())
        .first(conn)
        .optional()
}

/// Steps of an engagement's runs of a kind that are tried again later are due at once.
pub(crate) fn wake_pending(conn: &mut Conn, kind: &str, engagement: &str, now: NaiveDateTime) -> QueryResult<usize> {
    let runs = run::table
        .filter(run::kind.eq(kind).and(run::engagement_id.eq(engagement)))
        .select(run::id);
    diesel::update(step::table.filter(step::run_id.eq_any(runs).and(step::state.eq("PENDING"))))
        .set(step::due_at.eq(now))
        .execute(conn)
}

/// Steps of a run that wait for a person are due at once.
pub(crate) fn wake_exceptions(conn: &mut Conn, run_id: &str, now: NaiveDateTime) -> QueryResult<usize> {
    diesel::update(step::table.filter(step::run_id.eq(run_id).and(step::state.eq("EXCEPTION"))))
        .set(step::due_at.eq(now))
        .execute(conn)
}

/// Steps stopped by an exception are due at once.
pub(crate) fn wake_stopped(conn: &mut Conn, exception_id: &str, now: NaiveDateTime) -> QueryResult<usize> {
    diesel::update(step::table.filter(step::exception_id.eq(exception_id).and(step::state.eq("EXCEPTION"))))
        .set(step::due_at.eq(now))
        .execute(conn)
}

/// Runs that an exception stops.
pub(crate) fn stopped_by(conn: &mut Conn, exception_id: &str) -> QueryResult<Vec<String>> {
    step::table
        .filter(step::exception_id.eq(exception_id).and(step::state.eq("EXCEPTION")))
        .select(step::run_id)
        .distinct()
        .load(conn)
}

/// Subject, state, reason and exception of steps that stopped, of runs of some kinds.
pub(crate) fn stopped_subjects(conn: &mut Conn, kinds: &[&str], subjects: &[String]) -> QueryResult<Vec<Stopped>> {
    step::table
        .inner_join(run::table.on(run::id.eq(step::run_id)))
        .filter(run::kind.eq_any(kinds).and(run::subject.eq_any(subjects)))
        .filter(step::state.eq_any(["EXCEPTION", "SKIPPED", "CANCELLED"]))
        .select((run::subject, step::state, step::reason, step::exception_id))
        .load(conn)
}

/// Correlation id, state, reason and exception of steps that stopped, by what correlates their runs.
pub(crate) fn stopped_correlated(conn: &mut Conn, correlation_ids: &[String]) -> QueryResult<Vec<Stopped>> {
    step::table
        .inner_join(run::table.on(run::id.eq(step::run_id)))
        .filter(run::correlation_id.eq_any(correlation_ids).and(step::state.eq("EXCEPTION")))
        .filter(step::name.like("post%"))
        .select((run::correlation_id, step::state, step::reason, step::exception_id))
        .load(conn)
}

/// Steps that an exception stops, or that were ended because of it, with their runs.
pub(crate) fn behind(conn: &mut Conn, exception_id: &str) -> QueryResult<Vec<(RunRow, StepRow)>> {
    step::table
        .inner_join(run::table.on(run::id.eq(step::run_id)))
        .filter(
            step::exception_id
                .eq(exception_id)
                .and(step::state.eq_any(["EXCEPTION", "SKIPPED"])),
        )
        .order((run::id, step::position))
        .select(<(RunRow, StepRow)>::as_select())
        .load(conn)
}

/// True when somebody skipped or cancelled the run.
pub(crate) fn called_off(conn: &mut Conn, id: &str) -> QueryResult<bool> {
    let ended = run::table.filter(run::id.eq(id).and(run::state.eq_any(["SKIPPED", "CANCELLED"])));
    diesel::select(diesel::dsl::exists(ended)).get_result(conn)
}
