//! Reading the store.

use chrono::{DateTime, Utc};

use super::table::Row;
use super::{Body, Record, State};

/// A consistent state of the store, to read from. Naming a kind or index that was not declared panics.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    state: &'a State,
}

impl<'a> View<'a> {
    pub(super) fn new(state: &'a State) -> Self {
        Self { state }
    }

    /// The fields of a document.
    #[must_use]
    pub fn get(&self, kind: &str, id: u64) -> Option<Body> {
        self.state.table(kind).row(id).map(Row::body)
    }

    /// A document with its id and stamps.
    #[must_use]
    pub fn record(&self, kind: &str, id: u64) -> Option<Record> {
        self.state.table(kind).row(id).map(|row| row.record(id))
    }

    /// Whether the document exists, without reading it.
    #[must_use]
    pub fn exists(&self, kind: &str, id: u64) -> bool {
        self.state.table(kind).row(id).is_some()
    }

    /// Ids of the documents whose indexed field has this text, ascending.
    #[must_use]
    pub fn find(&self, kind: &str, index: &str, value: &str) -> Vec<u64> {
        self.state.table(kind).find(index, value).to_vec()
    }

    /// Every id of the kind, ascending.
    #[must_use]
    pub fn all(&self, kind: &str) -> Vec<u64> {
        self.state.table(kind).ids().collect()
    }

    /// How many documents of the kind there are.
    #[must_use]
    pub fn count(&self, kind: &str) -> usize {
        self.state.table(kind).len()
    }

    /// At most `limit` documents written at or after `since`, in the order of (modified, id), strictly behind `after`.
    #[must_use]
    pub fn changed(&self, kind: &str, since: DateTime<Utc>, limit: usize, after: Option<(DateTime<Utc>, u64)>) -> Vec<Record> {
        let rows = self.state.table(kind).changed(since, after, 0);
        rows.take(limit).map(|(id, row)| row.record(id)).collect()
    }

    /// How many documents were written at or after `since`. Does not walk them.
    #[must_use]
    pub fn count_changed(&self, kind: &str, since: DateTime<Utc>) -> usize {
        self.state.table(kind).count_changed(since)
    }

    /// A page of what [`View::count_changed`] counts: at most `limit` documents behind the first `skip`, in the order of
    /// (modified, id).
    #[must_use]
    pub fn changed_page(&self, kind: &str, since: DateTime<Utc>, skip: usize, limit: usize) -> Vec<Record> {
        let rows = self.state.table(kind).changed(since, None, skip);
        rows.take(limit).map(|(id, row)| row.record(id)).collect()
    }

    /// (modified, id) of every document written at or after `since`, in that order, without reading the documents.
    #[must_use]
    pub fn changed_ids(&self, kind: &str, since: DateTime<Utc>) -> Vec<(DateTime<Utc>, u64)> {
        self.state
            .table(kind)
            .changed(since, None, 0)
            .map(|(id, row)| (row.modified, id))
            .collect()
    }

    /// When a document was created and last written, without reading it.
    #[must_use]
    pub fn stamps(&self, kind: &str, id: u64) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        self.state.table(kind).row(id).map(|row| (row.created, row.modified))
    }

    /// Ids whose indexed field lies in `from..=to` as text (`None`: no bound), ordered by that text, then id.
    #[must_use]
    pub fn find_between(&self, kind: &str, index: &str, from: Option<&str>, to: Option<&str>) -> Vec<u64> {
        self.state.table(kind).find_between(index, from, to).collect()
    }
}
