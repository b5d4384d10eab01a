//! NetSuite's JSON. Never leaves this crate.

use serde::Deserialize;
use serde_json::Value;
use strata_kernel::{Error, Result};
use strata_vendor_http::{Misfit, Reader, Reply, unavailable};

/// A page of SuiteQL rows: columns in lower case, values mostly as text. Both members are always said: an answer without them is none, and
/// taken for an empty page it would say that records are not there, which is when they are made a second time.
#[derive(Debug, Deserialize)]
pub(crate) struct Page {
    pub(crate) items: Vec<Value>,
    #[serde(rename = "hasMore")]
    pub(crate) has_more: bool,
    /// Rows on this page, as NetSuite counts them.
    count: Option<usize>,
}

/// Tasks of an asynchronous job. A posting whose task is not among them is looked for in the books.
#[derive(Debug, Deserialize)]
pub(crate) struct Tasks {
    #[serde(default)]
    pub(crate) items: Vec<Value>,
}

/// An asynchronous job.
#[derive(Debug, Deserialize)]
pub(crate) struct Job {
    #[serde(default)]
    pub(crate) completed: bool,
}

impl Page {
    pub(crate) fn read(reply: &Reply) -> Result<Self> {
        let page: Self = parse(reply)?;
        let (here, said) = (page.items.len(), page.count);
        if said.is_some_and(|count| count != here) {
            return Err(unavailable(format!("a page of {here} rows that says it has {said:?}")));
        }
        Ok(page)
    }
}

impl Tasks {
    pub(crate) fn read(reply: &Reply) -> Result<Self> {
        parse(reply)
    }
}

impl Job {
    pub(crate) fn read(reply: &Reply) -> Result<Self> {
        parse(reply)
    }
}

fn parse<'a, T: Deserialize<'a>>(reply: &'a Reply) -> Result<T> {
    serde_json::from_slice(&reply.body).map_err(|cause| not_understood(&cause))
}

fn not_understood(cause: &serde_json::Error) -> Error {
    unavailable(format!("an answer that is not what NetSuite documents: {cause}"))
}

/// A text or number column that has to be there.
pub(crate) fn must(row: Reader<'_>, field: &str) -> Result<String, Misfit> {
    Reader::required(field, row.text(field))
}

/// An id that has to be there, as text.
pub(crate) fn must_id(row: Reader<'_>, field: &str) -> Result<String, Misfit> {
    Reader::required(field, row.id(field))
}

/// An id: internal ids are whole numbers.
pub(crate) fn id(row: Reader<'_>) -> Result<u64, Misfit> {
    must(row, "id")?.parse().map_err(|_| Misfit::new("id", "a whole number"))
}

/// True or false; SuiteQL writes `T` and `F`.
pub(crate) fn flag(row: Reader<'_>, field: &str) -> Result<Option<bool>, Misfit> {
    match row.value(field) {
        None => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(Value::String(text)) if text == "T" || text == "true" => Ok(Some(true)),
        Some(Value::String(text)) if text == "F" || text == "false" => Ok(Some(false)),
        Some(_) => Err(Misfit::new(field, "T or F")),
    }
}

/// The named member of a reference: `{"id": "7", "refName": "USD"}`.
pub(crate) fn reference(row: Reader<'_>, field: &str, member: &str) -> Result<Option<String>, Misfit> {
    match row.value(field) {
        None => Ok(None),
        Some(object) => Reader(object)
            .text(member)
            .map_err(|_| Misfit::new(format!("{field}.{member}"), "a text")),
    }
}
