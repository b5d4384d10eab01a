//! The tables, read as text.

use diesel::prelude::*;
use diesel::sql_types::Text;
use serde_json::Value;
use strata_kernel::{Error, Result};
use strata_store::{Conn, db_error};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    row: String,
}

/// What the oracle reads, each row as an array of its columns.
#[derive(Debug)]
pub(crate) struct Rows {
    /// key, kind, state, vendor_id
    pub(crate) postings: Vec<Value>,
    /// key, contract number, state, number, erp_id, net, tax, gross, open
    pub(crate) documents: Vec<Value>,
    /// document key, contract number, kind, source, minor units
    pub(crate) lines: Vec<Value>,
    /// contract number, amount, state
    pub(crate) revenue: Vec<Value>,
    /// entry id, version, psa_id, minutes, posted
    pub(crate) versions: Vec<Value>,
    /// kind, subject, step, state, due_at, reason, message
    pub(crate) unfinished: Vec<Value>,
    /// cause, object kind, object, message
    pub(crate) exceptions: Vec<Value>,
    /// Events about documents: id, published, times handled, runs that it began
    pub(crate) events: Vec<Value>,
    /// consumer, state, reason
    pub(crate) letters: Vec<Value>,
    /// kind, key, incarnation
    pub(crate) claims: Vec<Value>,
    /// id
    pub(crate) unpublished: Vec<Value>,
    /// kind, subject
    pub(crate) findings: Vec<Value>,
}

/// Reads them.
pub(crate) fn at(conn: &mut Conn<'_>) -> Result<Rows> {
    let mut read = |columns: &str, rest: &str| {
        let sql = format!("SELECT json_array({columns}) AS row FROM {rest}");
        let found = ask(conn, &sql)?;
        let parse = |text: &String| serde_json::from_str(text).map_err(Error::internal);
        found.iter().map(parse).collect::<Result<Vec<Value>>>()
    };
    Ok(Rows {
        postings: read("key, kind, state, vendor_id", "posting ORDER BY key")?,
        documents: read(
            "key, contract_number, state, number, erp_id, net, tax, gross, open",
            "document ORDER BY key",
        )?,
        lines: read(
            "l.document_key, d.contract_number, l.kind, l.source, l.minor_units",
            "document_line l JOIN document d ON d.key = l.document_key ORDER BY l.document_key, l.line_no",
        )?,
        revenue: read("contract_number, amount, state", "revenue_event ORDER BY key")?,
        versions: read(
            "entry_id, version, psa_id, minutes, posted",
            "time_version ORDER BY entry_id, version",
        )?,
        unfinished: read(
            "r.kind, r.subject, s.name, s.state, s.due_at, s.reason, s.message",
            "step s JOIN run r ON r.id = s.run_id WHERE s.state <> 'DONE' ORDER BY r.kind, r.subject, s.position",
        )?,
        exceptions: read(
            "cause, object_kind, object_id, message",
            "exception WHERE state <> 'RESOLVED' ORDER BY id",
        )?,
        events: read(
            "o.id, o.published_at, (SELECT count(*) FROM inbox i WHERE i.event_id = o.id), \
             (SELECT count(*) FROM run r WHERE r.kind = 'invoice-status' AND r.subject = o.id)",
            "outbox o WHERE o.type = 'strata.billing.document.changed.v1' ORDER BY o.sequence",
        )?,
        unpublished: read("id", "outbox WHERE published_at IS NULL ORDER BY sequence")?,
        letters: read("consumer, state, reason", "dead_letter ORDER BY id")?,
        claims: read("kind, key, incarnation", "claim ORDER BY kind, key")?,
        findings: read("kind, subject", "finding WHERE state <> 'MENDED' ORDER BY id")?,
    })
}

/// Every row of every table, in an order of its own.
pub(crate) fn tables(conn: &mut Conn<'_>) -> Result<Vec<String>> {
    let names = "SELECT name AS row FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
        AND name NOT LIKE '\\_\\_%' ESCAPE '\\' ORDER BY name";
    let mut lines = Vec::new();
    for table in ask(conn, names)? {
        let columns = format!("SELECT 'quote(\"' || name || '\")' AS row FROM pragma_table_info('{table}') ORDER BY cid");
        let columns = ask(conn, &columns)?.join(" || ',' || ");
        let rows = ask(conn, &format!("SELECT {columns} AS row FROM \"{table}\" ORDER BY 1"))?;
        lines.extend(rows.into_iter().map(|row| format!("{table}: {row}")));
    }
    Ok(lines)
}

fn ask(conn: &mut Conn<'_>, sql: &str) -> Result<Vec<String>> {
    let rows = match conn {
        Conn::Lite(c) => diesel::sql_query(sql).load::<Row>(*c),
        Conn::Pg(c) => diesel::sql_query(sql).load::<Row>(*c),
    };
    Ok(rows.map_err(db_error)?.into_iter().map(|row| row.row).collect())
}

/// A column as text.
pub(super) fn text(row: &Value, column: usize) -> &str {
    row[column].as_str().unwrap_or_default()
}

/// A column as a number.
pub(super) fn number(row: &Value, column: usize) -> i64 {
    row[column].as_i64().unwrap_or_default()
}
