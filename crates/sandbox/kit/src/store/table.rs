//! All documents of one kind, with their indexes.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::stamps::{Stamp, Stamps};
use super::{Body, Kind, Record};

/// A document as kept: its fields as JSON text, since a firm has a million of them and a parsed map is ten times larger.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) created: DateTime<Utc>,
    pub(super) modified: DateTime<Utc>,
    pub(super) text: Box<str>,
}

impl Row {
    pub(super) fn body(&self) -> Body {
        // The text was printed from a map or parsed as one when the log was read.
        serde_json::from_str(&self.text).expect("a row holds the JSON object it was made from")
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
    /// One sorted set of (value, id) per declared index.
    indexes: Vec<BTreeSet<(Box<str>, u64)>>,
    last_id: u64,
}

impl Table {
    pub(super) fn new(kind: &'static Kind) -> Self {
        Self {
            kind,
            rows: BTreeMap::new(),
            by_modified: Stamps::default(),
            indexes: kind.indexes.iter().map(|_| BTreeSet::new()).collect(),
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
    pub(super) fn find(&self, index: &str, value: &str) -> impl Iterator<Item = u64> {
        let value: Box<str> = value.into();
        self.indexes[self.position(index)]
            .range((value.clone(), 0)..=(value, u64::MAX))
            .map(|(_, id)| *id)
    }

    /// Ids whose value in `index` lies in `from..=to` (`None`: unbounded), ordered by value, then id.
    pub(super) fn find_between(&self, index: &str, from: Option<&str>, to: Option<&str>) -> impl Iterator<Item = u64> {
        let set = &self.indexes[self.position(index)];
        let from: Box<str> = from.unwrap_or_default().into();
        let to: Option<Box<str>> = to.map(Into::into);
        let entries = set.range((from, 0)..);
        entries
            .take_while(move |(value, _)| to.as_ref().is_none_or(|to| value <= to))
            .map(|(_, id)| *id)
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
            self.index(id, old, |set, entry| {
                set.remove(&entry);
            });
        }
        if let Some(row) = row {
            self.by_modified.insert((row.modified, id));
            self.index(id, &row, |set, entry| {
                set.insert(entry);
            });
            self.rows.insert(id, row);
        }
        old
    }

    fn position(&self, index: &str) -> usize {
        let position = self.kind.indexes.iter().position(|name| *name == index);
        position.unwrap_or_else(|| panic!("index {index:?} of {:?} is not declared", self.kind.name))
    }

    fn index(&mut self, id: u64, row: &Row, apply: impl Fn(&mut BTreeSet<(Box<str>, u64)>, (Box<str>, u64))) {
        if self.indexes.is_empty() {
            return;
        }
        let body = row.body();
        for (name, set) in self.kind.indexes.iter().zip(&mut self.indexes) {
            for value in values(&body, name) {
                apply(set, (value, id));
            }
        }
    }
}

/// The texts a document is found by under the index `path`.
fn values(body: &Body, path: &str) -> Vec<Box<str>> {
    let mut steps = path.split('.');
    let first = steps.next().and_then(|step| body.get(step));
    match steps.fold(first, |value, step| value.and_then(|v| v.get(step))) {
        Some(Value::Array(list)) => list.iter().filter_map(text).collect(),
        Some(value) => text(value).into_iter().collect(),
        None => Vec::new(),
    }
}

fn text(value: &Value) -> Option<Box<str>> {
    match value {
        Value::String(text) => Some(text.as_str().into()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::Bool(flag) => Some(flag.to_string().into()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
