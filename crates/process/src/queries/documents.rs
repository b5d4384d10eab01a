//! Documents and their lines.

use diesel::prelude::*;

use super::Conn;
use crate::store::rows::{DocumentLineRow, DocumentRow};
use crate::store::schema::{document, document_line};

pub(crate) fn insert(conn: &mut Conn, row: &DocumentRow) -> QueryResult<usize> {
    diesel::insert_into(document::table)
        .values(row)
        .on_conflict(document::key)
        .do_nothing()
        .execute(conn)
}

pub(crate) fn add_lines(conn: &mut Conn, rows: &[DocumentLineRow]) -> QueryResult<usize> {
    let mut done = 0;
    for chunk in rows.chunks(500) {
        done += diesel::insert_into(document_line::table).values(chunk).execute(conn)?;
    }
    Ok(done)
}

pub(crate) fn get(conn: &mut Conn, key: &str) -> QueryResult<Option<DocumentRow>> {
    document::table
        .filter(document::key.eq(key))
        .select(DocumentRow::as_select())
        .first(conn)
        .optional()
}

pub(crate) fn update(conn: &mut Conn, row: &DocumentRow) -> QueryResult<usize> {
    diesel::update(document::table.filter(document::key.eq(&row.key)))
        .set(row)
        .execute(conn)
}

pub(crate) fn lines(conn: &mut Conn, key: &str) -> QueryResult<Vec<DocumentLineRow>> {
    document_line::table
        .filter(document_line::document_key.eq(key))
        .order(document_line::line_no)
        .select(DocumentLineRow::as_select())
        .load(conn)
}

/// Every line ever billed for a contract: net billed per source is their sum.
pub(crate) fn lines_of_contract(conn: &mut Conn, contract: &str) -> QueryResult<Vec<(String, String, i64)>> {
    document_line::table
        .filter(document_line::contract_id.eq(contract))
        .select((document_line::kind, document_line::source, document_line::minor_units))
        .load(conn)
}

/// Sources on documents that are computed but not in the books yet.
pub(crate) fn sources_released(conn: &mut Conn) -> QueryResult<Vec<String>> {
    document_line::table
        .inner_join(document::table.on(document::key.eq(document_line::document_key)))
        .filter(document::state.eq("RELEASED"))
        .select(document_line::source)
        .load(conn)
}

/// Documents in the books with something open, in pages by key.
pub(crate) fn open(conn: &mut Conn, after: &str, limit: i64) -> QueryResult<Vec<DocumentRow>> {
    document::table
        .filter(document::key.gt(after).and(document::open.ne(0)))
        .filter(document::state.ne_all(["RELEASED", "VOIDED"]))
        .order(document::key)
        .limit(limit)
        .select(DocumentRow::as_select())
        .load(conn)
}

pub(crate) fn with_keys(conn: &mut Conn, keys: &[String]) -> QueryResult<Vec<DocumentRow>> {
    document::table
        .filter(document::key.eq_any(keys))
        .select(DocumentRow::as_select())
        .load(conn)
}

/// Kinds of line that take time back or bill it anew.
const ADJUSTING: [&str; 2] = ["time_credit", "time_rebill"];

/// Document and source of time that was adjusted, behind a document and source. `contract` empty: all.
pub(crate) fn adjusted(
    conn: &mut Conn,
    contract: &str,
    entities: &[String],
    after_document: &str,
    after_source: &str,
    limit: i64,
) -> QueryResult<Vec<(String, String)>> {
    let behind = document_line::document_key.gt(after_document).or(document_line::document_key
        .eq(after_document)
        .and(document_line::source.gt(after_source)));
    let mut query = document_line::table
        .inner_join(document::table.on(document::key.eq(document_line::document_key)))
        .filter(document_line::kind.eq_any(ADJUSTING).and(behind))
        .into_boxed();
    if !contract.is_empty() {
        query = query.filter(document::contract_number.eq(contract));
    }
    if !entities.is_empty() {
        query = query.filter(document::legal_entity_code.eq_any(entities));
    }
    query
        .order((document_line::document_key, document_line::source))
        .select((document_line::document_key, document_line::source))
        .distinct()
        .limit(limit)
        .load(conn)
}

/// Lines of sources that take time back or bill it anew, on any document.
pub(crate) fn adjusting_lines(conn: &mut Conn, sources: &[String]) -> QueryResult<Vec<DocumentLineRow>> {
    document_line::table
        .filter(
            document_line::kind
                .eq_any(ADJUSTING)
                .and(document_line::source.eq_any(sources)),
        )
        .select(DocumentLineRow::as_select())
        .load(conn)
}

/// Documents by key. What is empty is not asked.
pub(crate) fn list(
    conn: &mut Conn,
    contract: &str,
    engagement: &str,
    entities: &[String],
    after: &str,
    limit: i64,
) -> QueryResult<Vec<DocumentRow>> {
    let mut query = document::table.filter(document::key.gt(after)).into_boxed();
    if !contract.is_empty() {
        query = query.filter(document::contract_number.eq(contract));
    }
    if !engagement.is_empty() {
        query = query.filter(document::engagement_id.eq(engagement));
    }
    if !entities.is_empty() {
        query = query.filter(document::legal_entity_code.eq_any(entities));
    }
    query
        .order(document::key)
        .limit(limit)
        .select(DocumentRow::as_select())
        .load(conn)
}
