//! How often what failed.

use std::collections::BTreeMap;

/// Strikes by kind.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    counts: BTreeMap<String, u64>,
}

impl Tally {
    /// Counts one strike.
    pub(crate) fn add(&mut self, kind: &str) {
        self.add_many(kind, 1);
    }

    /// Counts several.
    pub(crate) fn add_many(&mut self, kind: &str, count: u64) {
        *self.counts.entry(kind.to_owned()).or_default() += count;
    }

    /// How often a kind struck.
    pub(crate) fn count(&self, kind: &str) -> u64 {
        self.counts.get(kind).copied().unwrap_or(0)
    }

    /// Kinds and their counts, by name.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, u64)> {
        self.counts.iter().map(|(kind, count)| (kind.as_str(), *count))
    }
}
