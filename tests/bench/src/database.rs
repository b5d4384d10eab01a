//! Databases of rows: each has its own, and what is in it is counted with plain SQL.

use std::time::Duration;

use anyhow::{Context, Result};
use diesel::sql_types::{BigInt, Nullable};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use strata_store::{Conn, Db, Options, db_error};

/// Opens a database with so many connections.
///
/// # Errors
/// When it cannot be opened.
pub(crate) fn open(url: &str, connections: u32) -> Result<Db> {
    let options = Options {
        connections,
        wait: Duration::from_secs(30),
    };
    Ok(Db::open(url, &options)?)
}

/// Makes a database on a server of PostgreSQL, and returns its URL.
///
/// # Errors
/// When the server does not do it.
pub(crate) async fn make(server: &str, name: &str) -> Result<String> {
    let (base, _) = server
        .rsplit_once('/')
        .context("a URL of PostgreSQL ends in the name of a database")?;
    let db = open(server, 1)?;
    // Not in a transaction: the server does not make databases within one.
    let statement = format!("CREATE DATABASE {name}");
    db.read(move |c| run(c, &statement)).await?;
    Ok(format!("{base}/{name}"))
}

/// Runs a statement.
///
/// # Errors
/// When the database refuses it.
pub(crate) fn run(conn: &mut Conn<'_>, statement: &str) -> strata_kernel::Result<()> {
    match conn {
        Conn::Pg(c) => sql_query(statement).execute(*c).map(|_| ()),
        Conn::Lite(c) => sql_query(statement).execute(*c).map(|_| ()),
    }
    .map_err(db_error)
}

#[derive(QueryableByName)]
struct Sums {
    #[diesel(sql_type = BigInt)]
    rows: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    sum: Option<i64>,
}

/// Rows and a sum, as a query with these two columns says.
///
/// # Errors
/// When the database refuses it.
pub(crate) async fn sums(db: &Db, query: &str) -> Result<(u64, u64)> {
    let query = query.to_owned();
    let sums: Sums = db
        .read(move |c| {
            match c {
                Conn::Pg(c) => sql_query(query.as_str()).get_result(*c),
                Conn::Lite(c) => sql_query(query.as_str()).get_result(*c),
            }
            .map_err(db_error)
        })
        .await?;
    Ok((u64::try_from(sums.rows)?, u64::try_from(sums.sum.unwrap_or_default())?))
}
