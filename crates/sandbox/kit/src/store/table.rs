//! All documents of one kind, with their indexes.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::index::{Index, values};
use super::stamps::{Stamp, Stamps};
use super::text::Text;
use super::{Body, Kind, Record};

/// A document as kept.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) created: DateTime<Utc>,
    pub(super) modified: DateTime<Utc>,
    pub(super) text: Text,
}

impl Row {
    pub(super) fn body(&self) -> Body {
        self.text.body()
    }

    pub(super) fn record(&self, id: u64) -> Record {
        Record {
            id,
            created: self.created,
            modified: self.modified,
            body: self.body(),
        }
    }
}

/// All documents of one kind.
#[derive(Debug)]
pub(super) struct Table {
    kind: &'static Kind,
    rows: BTreeMap<u64, Row>,
    by_modified: Stamps,
    /// One per declared index.
    indexes: Vec<Index>,
    last_id: u64,
}

impl Table {
    pub(super) fn new(kind: &'static Kind) -> Self {
        Self {
            kind,
            rows: BTreeMap::new(),
            by_modified: Stamps::default(),
            indexes: kind.indexes.iter().map(|_| Index::default()).collect(),
            last_id: 0,
        }
    }

    pub(super) fn name(&self) -> &'static str {
        self.kind.name
    }

    /// The highest id ever used; deleted ids do not come back.
    pub(super) fn last_id(&self) -> u64 {
        self.last_id
    }

    /// Forgets ids above `last_id`, used only by a write that is being taken back.
    pub(super) fn rewind(&mut self, last_id: u64) {
        self.last_id = last_id;
    }

    pub(super) fn row(&self, id: u64) -> Option<&Row> {
        self.rows.get(&id)
    }

    /// Notes that the log has the text of a row now.
    pub(super) fn logged(&mut self, id: u64, text: Text) {
        if let Some(row) = self.rows.get_mut(&id) {
            row.text = text;
        }
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = u64> {
        self.rows.keys().copied()
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn newest(&self) -> Option<DateTime<Utc>> {
        self.by_modified.last().map(|(modified, _)| modified)
    }

    /// Ids with `value` in `index`, ascending.
    pub(super) fn find(&self, index: &str, value: &str) -> &[u64] {
        self.index(index).find(value)
    }

    /// Ids whose value in `index` lies in `from..=to` (`None`: unbounded), ordered by value, then id.
    pub(super) fn find_between(&self, index: &str, from: Option<&str>, to: Option<&str>) -> impl Iterator<Item = u64> {
        self.index(index).between(from, to)
    }

    /// Rows written at or after `since` and behind `after`, oldest write first, ties by id.
    pub(super) fn changed(&self, since: DateTime<Utc>, after: Option<Stamp>, skip: usize) -> impl Iterator<Item = (u64, &Row)> {
        let from = match after {
            Some((modified, id)) if (modified, id) >= (since, 0) => (modified, id.saturating_add(1)),
            _ => (since, 0),
        };
        let stamps = self.by_modified.starting_at(self.by_modified.rank(from) + skip);
        stamps.filter_map(|(_, id)| Some((id, self.rows.get(&id)?)))
    }

    /// How many rows were written at or after `since`.
    pub(super) fn count_changed(&self, since: DateTime<Utc>) -> usize {
        self.by_modified.len() - self.by_modified.rank((since, 0))
    }

    /// Puts `row` in place of what `id` held (`None` removes it), keeps the indexes true, and hands back the old row.
    pub(super) fn replace(&mut self, id: u64, row: Option<Row>) -> Option<Row> {
        self.last_id = self.last_id.max(id);
        let old = self.rows.remove(&id);
        if let Some(old) = &old {
            self.by_modified.remove((old.modified, id));
        }
        self.reindex(id, old.as_ref(), row.as_ref());
        if let Some(row) = row {
            self.by_modified.insert((row.modified, id));
            self.rows.insert(id, row);
        }
        old
    }

    fn index(&self, name: &str) -> &Index {
        let position = self.kind.indexes.iter().position(|index| *index == name);
        &self.indexes[position.unwrap_or_else(|| panic!("index {name:?} of {:?} is not declared", self.kind.name))]
    }

    fn reindex(&mut self, id: u64, old: Option<&Row>, new: Option<&Row>) {
        if self.indexes.is_empty() {
            return;
        }
        let (had, has) = (old.map(Row::body), new.map(Row::body));
        for (name, index) in self.kind.indexes.iter().zip(&mut self.indexes) {
            index.change(id, &values(had.as_ref(), name), &values(has.as_ref(), name));
        }
    }
}
