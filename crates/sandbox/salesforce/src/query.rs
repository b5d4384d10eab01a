//! Queries and the pages of their answers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use strata_sandbox::View;

use crate::call::{Answer, Call};
use crate::errors::ApiError;
use crate::schema::{Field, Object};
use crate::server::Org;
use crate::{ids, records, soql};

/// Rows a page unless the caller asks for less (UNVERIFIED).
const PAGE: usize = 2_000;
/// Fewest rows a page; smaller wishes are raised to it.
const SMALLEST_PAGE: usize = 200;
/// Open cursors kept; the oldest is given up for a new one.
const MAX_CURSORS: usize = 200;
/// Key prefix of cursor ids.
const CURSOR_PREFIX: &str = "01g";

/// Answers that did not fit on one page. Which rows belong to an answer is fixed when the query runs.
#[derive(Debug, Default)]
pub(crate) struct Cursors {
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    serial: u64,
    by_number: BTreeMap<u64, Arc<Cursor>>,
}

#[derive(Debug)]
struct Cursor {
    object: &'static Object,
    fields: Vec<&'static Field>,
    rows: Vec<u64>,
    page: usize,
}

impl Cursors {
    fn keep(&self, cursor: Arc<Cursor>) -> u64 {
        let mut open = self.open();
        open.serial += 1;
        let number = open.serial;
        open.by_number.insert(number, cursor);
        while open.by_number.len() > MAX_CURSORS {
            open.by_number.pop_first();
        }
        number
    }

    fn get(&self, number: u64) -> Option<Arc<Cursor>> {
        self.open().by_number.get(&number).cloned()
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `GET /query?q=...`; `bin`: `/queryAll`.
pub(crate) fn start(app: &Org, view: &View<'_>, call: &Call, bin: bool) -> Result<Answer, ApiError> {
    let text = call
        .parameter("q")
        .ok_or_else(|| ApiError::bad("MALFORMED_QUERY", "a query string has to be specified"))?;
    let query = soql::parse(text)?;
    let rows = soql::run(view, &query, bin);
    if query.fields.is_empty() {
        return Ok(Answer::ok(json!({ "totalSize": rows.len(), "done": true, "records": [] })));
    }
    let page = call.batch.unwrap_or(PAGE).clamp(SMALLEST_PAGE, PAGE);
    let cursor = Arc::new(Cursor {
        object: query.object,
        fields: query.fields,
        rows,
        page,
    });
    let number = if cursor.rows.len() > page {
        app.cursors.keep(Arc::clone(&cursor))
    } else {
        0
    };
    Ok(Answer::ok(show(view, call, &cursor, number, 0)))
}

/// `GET /query/{locator}`: the next page.
pub(crate) fn go_on(app: &Org, view: &View<'_>, call: &Call, locator: &str) -> Result<Answer, ApiError> {
    let invalid = || ApiError::bad("INVALID_QUERY_LOCATOR", "invalid query locator");
    let (id, from) = locator.split_once('-').ok_or_else(invalid)?;
    let number = ids::number(CURSOR_PREFIX, id).ok_or_else(invalid)?;
    let from: usize = from.parse().map_err(|_| invalid())?;
    let cursor = app.cursors.get(number).filter(|c| from < c.rows.len()).ok_or_else(invalid)?;
    Ok(Answer::ok(show(view, call, &cursor, number, from)))
}

fn show(view: &View<'_>, call: &Call, cursor: &Cursor, number: u64, from: usize) -> Value {
    let end = cursor.rows.len().min(from + cursor.page);
    let found = cursor.rows[from..end]
        .iter()
        .filter_map(|&n| view.record(cursor.object.name, n));
    let records: Vec<_> = found
        .map(|r| records::render(&call.version, cursor.object, &r, &cursor.fields))
        .collect();
    let done = end == cursor.rows.len();
    let mut answer = json!({ "totalSize": cursor.rows.len(), "done": done, "records": records });
    if !done {
        let id = ids::id18(CURSOR_PREFIX, number);
        answer["nextRecordsUrl"] = Value::from(format!("/services/data/{}/query/{id}-{end}", call.version));
    }
    answer
}
