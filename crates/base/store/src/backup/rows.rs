//! The rows of a table, out of a database and into one, in bounded memory.

use diesel::connection::DefaultLoadingMode;
use diesel::pg::PgRowByRowLoadingMode;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel::{OptionalExtension, QueryableByName, RunQueryDsl, sql_query};
use strata_kernel::Result;

use super::line::line;
use crate::tables::{Form, Shape};
use crate::{Conn, db_error};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = Nullable<BigInt>)]
    last: Option<i64>,
}

/// Gives every row to `each`, in the order of the primary key, as its line.
pub(super) fn each(conn: &mut Conn<'_>, shape: &Shape, mut each: impl FnMut(&str) -> Result<()>) -> Result<()> {
    let order: Vec<String> = shape.key.iter().map(|name| format!("t.\"{name}\"")).collect();
    let (table, order) = (&shape.table, order.join(", "));
    match conn {
        Conn::Pg(c) => {
            let columns: Vec<String> = shape
                .columns
                .iter()
                .map(|column| {
                    let name = &column.name;
                    match column.form {
                        Form::Bytes => format!("encode(t.\"{name}\", 'hex') AS \"{name}\""),
                        Form::Time => format!("to_char(t.\"{name}\", 'YYYY-MM-DD HH24:MI:SS.US') AS \"{name}\""),
                        _ => format!("t.\"{name}\""),
                    }
                })
                .collect();
            let query = format!(
                "SELECT (SELECT row_to_json(r) FROM (SELECT {}) r)::text AS line FROM \"{table}\" t ORDER BY {order}",
                columns.join(", ")
            );
            let rows = sql_query(query)
                .load_iter::<Row, PgRowByRowLoadingMode>(*c)
                .map_err(db_error)?;
            for row in rows {
                each(&line(shape, &row.map_err(db_error)?.line)?)?;
            }
        }
        Conn::Lite(c) => {
            let columns: Vec<String> = shape
                .columns
                .iter()
                .map(|column| {
                    let name = &column.name;
                    let value = match column.form {
                        Form::Bytes => format!("CASE WHEN t.\"{name}\" IS NOT NULL THEN lower(hex(t.\"{name}\")) END"),
                        Form::Truth => format!("json(CASE t.\"{name}\" WHEN 0 THEN 'false' WHEN 1 THEN 'true' ELSE 'null' END)"),
                        _ => format!("t.\"{name}\""),
                    };
                    format!("'{name}', {value}")
                })
                .collect();
            let query = format!(
                "SELECT json_object({}) AS line FROM \"{table}\" t ORDER BY {order}",
                columns.join(", ")
            );
            let rows = sql_query(query).load_iter::<Row, DefaultLoadingMode>(*c).map_err(db_error)?;
            for row in rows {
                each(&line(shape, &row.map_err(db_error)?.line)?)?;
            }
        }
    }
    Ok(())
}

/// Puts rows in, given as one array of JSON objects.
pub(super) fn put(conn: &mut Conn<'_>, shape: &Shape, array: &str) -> Result<usize> {
    let names: Vec<String> = shape.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
    let (table, names) = (&shape.table, names.join(", "));
    let done = match conn {
        Conn::Pg(c) => {
            let values: Vec<String> = shape
                .columns
                .iter()
                .map(|column| match column.form {
                    Form::Bytes => format!("decode(r.\"{}\", 'hex')", column.name),
                    _ => format!("r.\"{}\"", column.name),
                })
                .collect();
            let types: Vec<String> = shape
                .columns
                .iter()
                .map(|column| {
                    let of = match column.form {
                        Form::Text | Form::Bytes => "text",
                        Form::Number => "bigint",
                        Form::Truth => "boolean",
                        Form::Date => "date",
                        Form::Time => "timestamp",
                    };
                    format!("\"{}\" {of}", column.name)
                })
                .collect();
            let query = format!(
                "INSERT INTO \"{table}\" ({names}) OVERRIDING SYSTEM VALUE SELECT {} FROM json_to_recordset($1::json) AS r ({})",
                values.join(", "),
                types.join(", ")
            );
            sql_query(query).bind::<Text, _>(array).execute(*c)
        }
        Conn::Lite(c) => {
            let values: Vec<String> = shape
                .columns
                .iter()
                .map(|column| {
                    let value = format!("json_extract(value, '$.{}')", column.name);
                    match column.form {
                        Form::Bytes => format!("unhex({value})"),
                        _ => value,
                    }
                })
                .collect();
            let query = format!(
                "INSERT INTO \"{table}\" ({names}) SELECT {} FROM json_each(?)",
                values.join(", ")
            );
            sql_query(query).bind::<Text, _>(array).execute(*c)
        }
    };
    done.map_err(db_error)
}

/// Last number that the database gave to a row of a table that it numbers.
pub(super) fn last_number(conn: &mut Conn<'_>, shape: &Shape) -> Result<Option<i64>> {
    let Some(column) = shape.counted() else {
        return Ok(None);
    };
    let found: Option<Number> = match conn {
        Conn::Pg(c) => {
            // A sequence that gave no number yet says null.
            let query = "SELECT pg_sequence_last_value(pg_get_serial_sequence($1, $2)::regclass) AS last";
            sql_query(query)
                .bind::<Text, _>(&shape.table)
                .bind::<Text, _>(column)
                .get_result(*c)
        }
        Conn::Lite(c) => sql_query("SELECT seq AS last FROM sqlite_sequence WHERE name = ?")
            .bind::<Text, _>(&shape.table)
            .get_result(*c),
    }
    .optional()
    .map_err(db_error)?;
    Ok(found.and_then(|number| number.last))
}

/// Lets the database go on numbering behind what it gave before.
pub(super) fn go_on_from(conn: &mut Conn<'_>, shape: &Shape, last: i64) -> Result<()> {
    let Some(column) = shape.counted() else {
        return Ok(());
    };
    match conn {
        Conn::Pg(c) => sql_query("SELECT setval(pg_get_serial_sequence($1, $2)::regclass, $3)")
            .bind::<Text, _>(&shape.table)
            .bind::<Text, _>(column)
            .bind::<BigInt, _>(last)
            .execute(*c)
            .map(|_| ()),
        Conn::Lite(c) => sql_query("DELETE FROM sqlite_sequence WHERE name = ?")
            .bind::<Text, _>(&shape.table)
            .execute(*c)
            .and_then(|_| {
                sql_query("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)")
                    .bind::<Text, _>(&shape.table)
                    .bind::<BigInt, _>(last)
                    .execute(*c)
            })
            .map(|_| ()),
    }
    .map_err(db_error)
}
