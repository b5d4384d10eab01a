//! Approved time and expense.

use chrono::NaiveDate;
use diesel::prelude::*;
use strata_store::in_arrays;

use super::Conn;
use crate::store::rows::{ExpenseRow, TimeEntryRow, TimeVersionRow};
use crate::store::schema::{excepted_line, expense_item, time_entry, time_version};

/// Lines of a kind that somebody left out of the books.
#[diesel::dsl::auto_type]
fn excepted(kind: &'static str) -> _ {
    excepted_line::table
        .filter(excepted_line::kind.eq(kind))
        .select(excepted_line::line_id)
}

pub(crate) fn add_entries(conn: &mut Conn, rows: &[TimeEntryRow]) -> QueryResult<()> {
    in_arrays!(rows, |some| diesel::insert_into(time_entry::table)
        .values(some)
        .on_conflict(time_entry::id)
        .do_nothing()
        .execute(conn)?);
    Ok(())
}

/// Adds versions that are not there. Returns the ids of those that were added.
pub(crate) fn add_versions(conn: &mut Conn, rows: &[TimeVersionRow]) -> QueryResult<Vec<String>> {
    let mut added = Vec::with_capacity(rows.len());
    in_arrays!(rows, |some| {
        let new: Vec<String> = diesel::insert_into(time_version::table)
            .values(some)
            .on_conflict(time_version::psa_id)
            .do_nothing()
            .returning(time_version::psa_id)
            .get_results(conn)?;
        added.extend(new);
    });
    Ok(added)
}

pub(crate) fn known(conn: &mut Conn, psa_ids: &[String]) -> QueryResult<Vec<TimeVersionRow>> {
    time_version::table
        .filter(time_version::psa_id.eq_any(psa_ids))
        .select(TimeVersionRow::as_select())
        .load(conn)
}

pub(crate) fn entries(conn: &mut Conn, ids: &[String]) -> QueryResult<Vec<TimeEntryRow>> {
    time_entry::table
        .filter(time_entry::id.eq_any(ids))
        .select(TimeEntryRow::as_select())
        .load(conn)
}

/// Entries of a person, by id. `employee` empty: of everybody.
pub(crate) fn of_person(conn: &mut Conn, employee: &str, after: &str, limit: i64) -> QueryResult<Vec<TimeEntryRow>> {
    let mut query = time_entry::table.filter(time_entry::id.gt(after)).into_boxed();
    if !employee.is_empty() {
        query = query.filter(time_entry::employee_id.eq(employee));
    }
    query
        .order(time_entry::id)
        .limit(limit)
        .select(TimeEntryRow::as_select())
        .load(conn)
}

/// Whether a person has time on an engagement.
pub(crate) fn has_time(conn: &mut Conn, engagement_id: &str, employee_id: &str) -> QueryResult<bool> {
    let own = time_entry::table.filter(
        time_entry::employee_id
            .eq(employee_id)
            .and(time_entry::engagement_id.eq(engagement_id)),
    );
    diesel::select(diesel::dsl::exists(own)).get_result(conn)
}

/// Entries that people call by these names.
pub(crate) fn by_reference(conn: &mut Conn, references: &[String]) -> QueryResult<Vec<TimeEntryRow>> {
    time_entry::table
        .filter(time_entry::reference.eq_any(references))
        .select(TimeEntryRow::as_select())
        .load(conn)
}

pub(crate) fn versions(conn: &mut Conn, entry_ids: &[String]) -> QueryResult<Vec<TimeVersionRow>> {
    time_version::table
        .filter(time_version::entry_id.eq_any(entry_ids))
        .order((time_version::entry_id, time_version::version))
        .select(TimeVersionRow::as_select())
        .load(conn)
}

pub(crate) fn unposted(conn: &mut Conn, after: &str, limit: i64) -> QueryResult<Vec<(TimeEntryRow, TimeVersionRow)>> {
    time_version::table
        .inner_join(time_entry::table.on(time_entry::id.eq(time_version::entry_id)))
        .filter(time_version::posted.eq(false).and(time_version::psa_id.gt(after)))
        .filter(time_version::psa_id.ne_all(excepted("time")))
        .order(time_version::psa_id)
        .limit(limit)
        .select(<(TimeEntryRow, TimeVersionRow)>::as_select())
        .load(conn)
}

/// Of some versions those that are there, with their entries.
pub(crate) fn known_entries(conn: &mut Conn, psa_ids: &[String]) -> QueryResult<Vec<(TimeEntryRow, TimeVersionRow)>> {
    time_version::table
        .inner_join(time_entry::table.on(time_entry::id.eq(time_version::entry_id)))
        .filter(time_version::psa_id.eq_any(psa_ids))
        .select(<(TimeEntryRow, TimeVersionRow)>::as_select())
        .load(conn)
}

pub(crate) fn version(conn: &mut Conn, psa_id: &str) -> QueryResult<Option<(TimeEntryRow, TimeVersionRow)>> {
    time_version::table
        .inner_join(time_entry::table.on(time_entry::id.eq(time_version::entry_id)))
        .filter(time_version::psa_id.eq(psa_id))
        .select(<(TimeEntryRow, TimeVersionRow)>::as_select())
        .first(conn)
        .optional()
}

pub(crate) fn mark_posted(conn: &mut Conn, psa_ids: &[String]) -> QueryResult<usize> {
    diesel::update(time_version::table.filter(time_version::psa_id.eq_any(psa_ids)))
        .set(time_version::posted.eq(true))
        .execute(conn)
}

/// Entries of a contract approved by a day, for work until a day, with every version.
pub(crate) fn of_contract(
    conn: &mut Conn,
    contract: &str,
    worked_until: NaiveDate,
    approved_until: NaiveDate,
) -> QueryResult<Vec<(TimeEntryRow, TimeVersionRow)>> {
    time_version::table
        .inner_join(time_entry::table.on(time_entry::id.eq(time_version::entry_id)))
        .filter(time_entry::contract_id.eq(contract))
        .filter(
            time_entry::work_date
                .le(worked_until)
                .and(time_entry::approved_on.le(approved_until)),
        )
        .filter(time_version::psa_id.ne_all(excepted("time")))
        .order((time_entry::work_date, time_entry::id, time_version::version))
        .select(<(TimeEntryRow, TimeVersionRow)>::as_select())
        .load(conn)
}

/// Entries approved by a day that no run had considered by then, in pages by entry id. `engagement` empty: all.
pub(crate) fn not_considered(
    conn: &mut Conn,
    day: NaiveDate,
    engagement: &str,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<TimeEntryRow>> {
    let mut query = time_entry::table
        .filter(
            time_entry::approved_on
                .le(day)
                .and(time_entry::contract_id.ne(""))
                .and(time_entry::id.gt(after)),
        )
        .filter(time_entry::first_run.is_null().or(time_entry::first_run.gt(day)))
        .into_boxed();
    if !engagement.is_empty() {
        query = query.filter(time_entry::engagement_id.eq(engagement));
    }
    query
        .order(time_entry::id)
        .limit(limit)
        .select(TimeEntryRow::as_select())
        .load(conn)
}

/// Every entry approved by a day, in pages by entry id.
pub(crate) fn approved(conn: &mut Conn, by: NaiveDate, after: &str, limit: i64) -> QueryResult<Vec<TimeEntryRow>> {
    time_entry::table
        .filter(time_entry::approved_on.le(by).and(time_entry::id.gt(after)))
        .order(time_entry::id)
        .limit(limit)
        .select(TimeEntryRow::as_select())
        .load(conn)
}

/// Entries for work between two days that were approved by a day, in pages by entry id.
pub(crate) fn worked_between(
    conn: &mut Conn,
    (from, to): (NaiveDate, NaiveDate),
    known: NaiveDate,
    after: &str,
    limit: i64,
) -> QueryResult<Vec<TimeEntryRow>> {
    time_entry::table
        .filter(time_entry::id.gt(after).and(time_entry::approved_on.le(known)))
        .filter(time_entry::work_date.ge(from).and(time_entry::work_date.le(to)))
        .order(time_entry::id)
        .limit(limit)
        .select(TimeEntryRow::as_select())
        .load(conn)
}

pub(crate) fn consider_entries(conn: &mut Conn, ids: &[String], run: NaiveDate) -> QueryResult<usize> {
    diesel::update(time_entry::table.filter(time_entry::id.eq_any(ids).and(time_entry::first_run.is_null())))
        .set(time_entry::first_run.eq(Some(run)))
        .execute(conn)
}

pub(crate) fn consider_expenses(conn: &mut Conn, ids: &[String], run: NaiveDate) -> QueryResult<usize> {
    diesel::update(expense_item::table.filter(expense_item::id.eq_any(ids).and(expense_item::first_run.is_null())))
        .set(expense_item::first_run.eq(Some(run)))
        .execute(conn)
}

pub(crate) fn expense(conn: &mut Conn, id: &str) -> QueryResult<Option<ExpenseRow>> {
    expense_item::table
        .filter(expense_item::id.eq(id))
        .select(ExpenseRow::as_select())
        .first(conn)
        .optional()
}

pub(crate) fn put_expense(conn: &mut Conn, row: &ExpenseRow) -> QueryResult<usize> {
    diesel::insert_into(expense_item::table)
        .values(row)
        .on_conflict(expense_item::id)
        .do_update()
        .set(row)
        .execute(conn)
}

pub(crate) fn expenses_of(
    conn: &mut Conn,
    contract: &str,
    incurred_until: NaiveDate,
    approved_until: NaiveDate,
) -> QueryResult<Vec<ExpenseRow>> {
    expense_item::table
        .filter(
            expense_item::contract_id
                .eq(contract)
                .and(expense_item::billable.eq(true))
                .and(expense_item::first_run.is_null()),
        )
        .filter(
            expense_item::incurred_on
                .le(incurred_until)
                .and(expense_item::approved_on.le(approved_until)),
        )
        .filter(expense_item::id.ne_all(excepted("expense")))
        .order((expense_item::incurred_on, expense_item::id))
        .select(ExpenseRow::as_select())
        .load(conn)
}

/// Every billable expense of a contract incurred until a day and approved by another, billed or not.
pub(crate) fn expenses_to_date(
    conn: &mut Conn,
    contract: &str,
    incurred_until: NaiveDate,
    approved_until: NaiveDate,
) -> QueryResult<Vec<ExpenseRow>> {
    expense_item::table
        .filter(expense_item::contract_id.eq(contract).and(expense_item::billable.eq(true)))
        .filter(
            expense_item::incurred_on
                .le(incurred_until)
                .and(expense_item::approved_on.le(approved_until)),
        )
        .filter(expense_item::id.ne_all(excepted("expense")))
        .order((expense_item::incurred_on, expense_item::id))
        .select(ExpenseRow::as_select())
        .load(conn)
}
