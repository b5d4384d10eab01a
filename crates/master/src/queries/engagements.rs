//! Customers, engagements, projects and tasks.

use diesel::prelude::*;

use super::Conn;
use crate::store::rows::{ContractRow, CustomerRow, EngagementRow, ProjectRow, TaskRow};
use crate::store::schema::{contract, customer, engagement, project, task};

pub(crate) fn put(conn: &mut Conn, who: &CustomerRow, what: &EngagementRow, terms: &ContractRow) -> QueryResult<()> {
    diesel::insert_into(customer::table)
        .values(who)
        .on_conflict(customer::id)
        .do_update()
        .set(who)
        .execute(conn)?;
    diesel::insert_into(engagement::table)
        .values(what)
        .on_conflict(engagement::id)
        .do_update()
        .set((engagement::name.eq(&what.name), engagement::sold_minor.eq(what.sold_minor)))
        .execute(conn)?;
    diesel::insert_into(contract::table)
        .values(terms)
        .on_conflict(contract::id)
        .do_update()
        .set(terms)
        .execute(conn)?;
    Ok(())
}

pub(crate) fn put_project(conn: &mut Conn, row: &ProjectRow, tasks: &[TaskRow]) -> QueryResult<()> {
    diesel::insert_into(project::table)
        .values(row)
        .on_conflict(project::id)
        .do_update()
        .set(row)
        .execute(conn)?;
    for t in tasks {
        diesel::insert_into(task::table)
            .values(t)
            .on_conflict(task::id)
            .do_update()
            .set(t)
            .execute(conn)?;
    }
    Ok(())
}

type Whole = (EngagementRow, CustomerRow, ContractRow);

pub(crate) fn get(conn: &mut Conn, id: &str) -> QueryResult<Option<Whole>> {
    whole()
        .filter(engagement::id.eq(id))
        .select(<(EngagementRow, CustomerRow, ContractRow)>::as_select())
        .first(conn)
        .optional()
}

/// Engagements by id. What is empty is not asked.
pub(crate) fn list(conn: &mut Conn, customer_id: &str, entities: &[String], after: &str, limit: i64) -> QueryResult<Vec<Whole>> {
    let mut query = whole().filter(engagement::id.gt(after)).into_boxed();
    if !customer_id.is_empty() {
        query = query.filter(engagement::customer_id.eq(customer_id));
    }
    if !entities.is_empty() {
        query = query.filter(contract::legal_entity_code.eq_any(entities));
    }
    query
        .order(engagement::id)
        .limit(limit)
        .select(<(EngagementRow, CustomerRow, ContractRow)>::as_select())
        .load(conn)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn whole() -> _ {
    engagement::table
        .inner_join(customer::table.on(customer::id.eq(engagement::customer_id)))
        .inner_join(contract::table.on(contract::engagement_id.eq(engagement::id)))
}

pub(crate) fn projects_of(conn: &mut Conn, contracts: &[String]) -> QueryResult<Vec<ProjectRow>> {
    project::table
        .filter(project::contract_id.eq_any(contracts))
        .order(project::code)
        .select(ProjectRow::as_select())
        .load(conn)
}

pub(crate) fn id_of_code(conn: &mut Conn, code: &str) -> QueryResult<Option<String>> {
    project::table
        .filter(project::code.eq(code))
        .select(project::id)
        .first(conn)
        .optional()
}

pub(crate) fn projects(conn: &mut Conn, ids: &[String]) -> QueryResult<Vec<ProjectRow>> {
    project::table
        .filter(project::id.eq_any(ids))
        .order(project::id)
        .select(ProjectRow::as_select())
        .load(conn)
}

pub(crate) fn tasks_of(conn: &mut Conn, projects: &[String]) -> QueryResult<Vec<TaskRow>> {
    task::table
        .filter(task::project_id.eq_any(projects))
        .order((task::project_id, task::position))
        .select(TaskRow::as_select())
        .load(conn)
}
