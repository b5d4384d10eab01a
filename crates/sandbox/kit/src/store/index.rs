//! An index: which documents hold a value in a field.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Body;

/// Ids by what a field holds. Each value is kept once, since thousands of documents share a date, a person or a project.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Ids ascending; no list is empty.
    ids: BTreeMap<Box<str>, Vec<u64>>,
}

impl Index {
    /// Ids that hold `value`, ascending.
    pub(super) fn find(&self, value: &str) -> &[u64] {
        self.ids.get(value).map_or(&[], Vec::as_slice)
    }

    /// Ids whose value lies in `from..=to` (`None`: unbounded), ordered by value, then id.
    pub(super) fn between(&self, from: Option<&str>, to: Option<&str>) -> impl Iterator<Item = u64> {
        let from: Box<str> = from.unwrap_or_default().into();
        let to: Option<Box<str>> = to.map(Into::into);
        let within = self
            .ids
            .range(from..)
            .take_while(move |(value, _)| to.as_ref().is_none_or(|to| *value <= to));
        within.flat_map(|(_, ids)| ids.iter().copied())
    }

    /// Makes `id` found under the values it has now, and no more under those it had.
    pub(super) fn change(&mut self, id: u64, had: &[Box<str>], has: &[Box<str>]) {
        for value in had.iter().filter(|value| !has.contains(value)) {
            self.remove(value, id);
        }
        for value in has.iter().filter(|value| !had.contains(value)) {
            self.insert(value, id);
        }
    }

    fn insert(&mut self, value: &str, id: u64) {
        let Some(ids) = self.ids.get_mut(value) else {
            // Without room for more: many values, such as external ids, are held by one document.
            self.ids.insert(value.into(), vec![id]);
            return;
        };
        if let Err(place) = ids.binary_search(&id) {
            ids.insert(place, id);
        }
    }

    fn remove(&mut self, value: &str, id: u64) {
        let Some(ids) = self.ids.get_mut(value) else { return };
        if let Ok(place) = ids.binary_search(&id) {
            ids.remove(place);
        }
        if ids.is_empty() {
            self.ids.remove(value);
        }
    }
}

/// The texts a document is found by under the path `path`; none when it is not there.
pub(super) fn values(body: Option<&Body>, path: &str) -> Vec<Box<str>> {
    let mut steps = path.split('.');
    let first = steps.next().and_then(|step| body?.get(step));
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
