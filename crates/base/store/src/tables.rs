//! Which tables there are and whose they are. Each crate names its own, once: rights, backups and tests read it from there.

use diesel::sql_types::{BigInt, Bool, Text};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use strata_kernel::{Error, Result};

use crate::{Conn, db_error};

/// The tables of one crate.
#[derive(Debug, Clone, Copy)]
pub struct Tables {
    /// Who writes them: `master`, `process`, `events`, `store`.
    pub owner: &'static str,
    /// What must not be lost, each behind those that it refers to.
    pub kept: &'static [&'static str],
    /// What means something only while servers run, or follows from the rest. No backup has it.
    pub passing: &'static [&'static str],
}

/// The tables of this crate. Only migrations and restores write them.
pub const TABLES: Tables = Tables {
    owner: "store",
    kept: &[],
    passing: &["store_note"],
};

impl Tables {
    /// Every table, those first that others refer to.
    pub fn all(&self) -> impl Iterator<Item = &'static str> {
        self.kept.iter().chain(self.passing).copied()
    }
}

/// How a column's value is written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Text,
    Number,
    Truth,
    Date,
    Time,
    Bytes,
}

impl Form {
    /// Of a type as either database names it. A type that is not here must not be guessed at.
    fn of(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "text" => Self::Text,
            "bigint" | "integer" => Self::Number,
            "boolean" => Self::Truth,
            "date" => Self::Date,
            "timestamp" | "timestamp without time zone" => Self::Time,
            "blob" | "bytea" => Self::Bytes,
            _ => return None,
        })
    }
}

/// A column.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) form: Form,
    /// The database gives it its numbers.
    pub(crate) is_counted: bool,
}

/// A table as this database has it.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    pub(crate) table: String,
    /// By name, so that both databases say them in one order.
    pub(crate) columns: Vec<Column>,
    /// Columns of the primary key, in its order.
    pub(crate) key: Vec<String>,
}

#[derive(QueryableByName)]
struct ColumnRow {
    #[diesel(sql_type = Text)]
    col: String,
    #[diesel(sql_type = Text)]
    typ: String,
    #[diesel(sql_type = BigInt)]
    key: i64,
    #[diesel(sql_type = Bool)]
    counted: bool,
}

impl Shape {
    /// Reads it. A table that is not there has no columns.
    pub(crate) fn read(conn: &mut Conn<'_>, table: &str) -> Result<Self> {
        if !is_name(table) {
            return Err(Error::internal(format!("\"{table}\" is no name of a table")));
        }
        let mut rows: Vec<ColumnRow> = match conn {
            Conn::Pg(c) => {
                // Not information_schema: that hides what the role may not touch.
                let query = "SELECT a.attname::text AS col, format_type(a.atttypid, NULL) AS typ, \
                     COALESCE(array_position(i.indkey::int2[], a.attnum), -1)::bigint + 1 AS key, a.attidentity <> '' AS counted \
                     FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary \
                     WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped";
                sql_query(query).bind::<Text, _>(table).load(*c)
            }
            Conn::Lite(c) => {
                let query = "SELECT c.name AS col, c.type AS typ, c.pk AS key, \
                     (c.pk > 0 AND m.sql LIKE '%AUTOINCREMENT%') AS counted \
                     FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name = ?";
                sql_query(query).bind::<Text, _>(table).load(*c)
            }
        }
        .map_err(db_error)?;
        rows.sort_by(|a, b| a.col.cmp(&b.col));
        let mut key: Vec<(i64, String)> = rows
            .iter()
            .filter(|row| row.key > 0)
            .map(|row| (row.key, row.col.clone()))
            .collect();
        key.sort();
        let columns = rows.into_iter().map(|row| {
            let form = Form::of(&row.typ);
            let form =
                form.ok_or_else(|| Error::internal(format!("{table}.{} has type {}, which no backup knows", row.col, row.typ)))?;
            Ok(Column {
                form,
                is_counted: row.counted,
                name: row.col,
            })
        });
        Ok(Self {
            table: table.to_owned(),
            columns: columns.collect::<Result<_>>()?,
            key: key.into_iter().map(|(_, name)| name).collect(),
        })
    }

    /// The column that the database numbers by itself.
    pub(crate) fn counted(&self) -> Option<&str> {
        self.columns
            .iter()
            .find(|column| column.is_counted)
            .map(|column| column.name.as_str())
    }
}

/// Names that can stand in a statement as they are.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Every table of the database but Diesel's own.
///
/// # Errors
/// When the database cannot be read.
pub fn of_database(conn: &mut Conn<'_>) -> Result<Vec<String>> {
    let rows: Vec<Name> = match conn {
        Conn::Pg(c) => sql_query(
            "SELECT c.relname::text AS name FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace \
             AND c.relname <> '__diesel_schema_migrations' ORDER BY 1",
        )
        .load(*c),
        Conn::Lite(c) => sql_query(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
             AND name <> '__diesel_schema_migrations' ORDER BY 1",
        )
        .load(*c),
    }
    .map_err(db_error)?;
    Ok(rows.into_iter().map(|row| row.name).collect())
}
