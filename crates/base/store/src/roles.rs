//! Roles on PostgreSQL: each server may write its own tables and no others.
//!
//! SQLite has no roles. Its authorizer could refuse a statement, but Diesel does not offer it; there whoever may open the file may
//! write all of it.

use diesel::connection::SimpleConnection;
use diesel::sql_types::{Bool, Text};
use diesel::{Connection, QueryableByName, RunQueryDsl, sql_query};
use strata_kernel::{Error, Kind, Result};

use crate::tables::Tables;
use crate::{Conn, Db, db_error};

/// A role that servers are let in with.
#[derive(Debug, Clone, Copy)]
pub struct Role {
    /// Its name. Roles belong to the whole PostgreSQL server.
    pub name: &'static str,
    /// Whose tables it writes, and reads.
    pub writes: &'static [Tables],
    /// It reads every other table, too.
    pub reads_all: bool,
}

/// What every server reads before anything else, to see that it fits.
const OWN: &str = "store_note, __diesel_schema_migrations";

/// The statements that make roles and give them their rights, and take away every other right on the tables. They may be run again, and
/// have to be when a migration added tables.
#[must_use]
pub fn statements(roles: &[Role]) -> Vec<String> {
    let mut all = vec!["REVOKE CREATE ON SCHEMA public FROM PUBLIC".to_owned()];
    for role in roles {
        let name = role.name;
        all.push(format!(
            "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') THEN CREATE ROLE {name} NOLOGIN; END IF; \
             EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        ));
        all.push(format!("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name}"));
        all.push(format!("GRANT USAGE ON SCHEMA public TO {name}"));
        if role.reads_all {
            all.push(format!("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {name}"));
            all.push(format!("GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}"));
        }
        all.push(format!("GRANT SELECT ON {OWN} TO {name}"));
        let tables: Vec<String> = role
            .writes
            .iter()
            .flat_map(Tables::all)
            .map(|table| format!("\"{table}\""))
            .collect();
        if !tables.is_empty() {
            all.push(format!(
                "GRANT SELECT, INSERT, UPDATE, DELETE ON {} TO {name}",
                tables.join(", ")
            ));
        }
    }
    all
}

/// Makes roles and gives them their rights, all of it or nothing.
///
/// # Errors
/// On SQLite, and when this user may not: roles are made by whoever has CREATEROLE, rights are given by the owner of the tables.
pub fn grant(db: &Db, roles: &[Role]) -> Result<()> {
    let statements = statements(roles).join(";\n");
    db.with(|conn| match conn {
        Conn::Lite(_) => Err(precondition("SQLite has no roles; this is for a PostgreSQL database")),
        Conn::Pg(c) => c
            .transaction(|c| c.batch_execute(&statements))
            .map_err(|cause: diesel::result::Error| {
                let denied = cause.to_string().contains("permission denied") || cause.to_string().contains("must be ");
                if !denied {
                    return db_error(cause);
                }
                let text = "this user may not make roles, or does not own the tables; let an administrator run what `strata migrate \
                     --print-roles` prints";
                precondition(text).because(cause)
            }),
    })
}

#[derive(QueryableByName)]
struct Right {
    #[diesel(sql_type = Text)]
    name: String,
    /// It can read and write it.
    #[diesel(sql_type = Bool)]
    whole: bool,
    /// It can write it in some way.
    #[diesel(sql_type = Bool)]
    some: bool,
}

#[derive(QueryableByName)]
struct Me {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Bool)]
    superuser: bool,
}

/// Refuses a user that may not write what it has to, and returns in words what it may do beyond that. On SQLite nothing.
///
/// # Errors
/// Names the first table that it may not write.
pub fn check(db: &Db, writes: &[Tables]) -> Result<Vec<String>> {
    db.with(|conn| match conn {
        Conn::Lite(_) => Ok(Vec::new()),
        Conn::Pg(c) => {
            let me: Me =
                sql_query("SELECT rolname::text AS name, rolsuper AS superuser FROM pg_roles WHERE rolname = current_user")
                    .get_result(*c)
                    .map_err(db_error)?;
            let query = "SELECT c.relname::text AS name, bool_and(has_table_privilege(c.oid, r.it)) AS whole, \
                 bool_or(r.it <> 'SELECT' AND has_table_privilege(c.oid, r.it)) AS some \
                 FROM pg_class c CROSS JOIN (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE')) r (it) \
                 WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace GROUP BY c.relname ORDER BY c.relname";
            let rights: Vec<Right> = sql_query(query).load(*c).map_err(db_error)?;
            judge(&me, &rights, writes)
        }
    })
}

fn judge(me: &Me, rights: &[Right], writes: &[Tables]) -> Result<Vec<String>> {
    let own: Vec<&str> = writes.iter().flat_map(Tables::all).collect();
    if let Some(lacks) = rights.iter().find(|right| own.contains(&right.name.as_str()) && !right.whole) {
        let text = format!(
            "the database's user {} may not write the table {}, which this server has to; let it in as a member of the role that \
             `strata migrate --roles` makes for it",
            me.name, lacks.name
        );
        return Err(precondition(&text));
    }
    let mut beyond = Vec::new();
    if me.superuser {
        beyond.push(format!("{} is a superuser", me.name));
    }
    let foreign = rights
        .iter()
        .filter(|right| right.some && !own.contains(&right.name.as_str()));
    let foreign: Vec<&str> = foreign.map(|right| right.name.as_str()).collect();
    if !foreign.is_empty() {
        beyond.push(format!("{} may write {}", me.name, foreign.join(", ")));
    }
    Ok(beyond)
}

fn precondition(text: &str) -> Error {
    Error::new(Kind::FailedPrecondition, "INTERNAL", text)
}
