//! The modified index: every document of a kind in the order of its last write.

use chrono::{DateTime, Utc};

/// When a document was last written, and which.
pub(super) type Stamp = (DateTime<Utc>, u64);

/// How many stamps a chunk holds at most. About the square root of the million entries a firm has.
const CHUNK: usize = 1024;

/// Sorted stamps that can be counted from any point without walking them, since a vendor's page names the total number of
/// matches. Kept in sorted chunks: nearly every write appends to the last one, and counting adds up chunk lengths.
#[derive(Debug, Default)]
pub(super) struct Stamps {
    /// No chunk is empty.
    chunks: Vec<Vec<Stamp>>,
}

impl Stamps {
    pub(super) fn insert(&mut self, stamp: Stamp) {
        let at = self.chunk_of(stamp);
        let Some(chunk) = self.chunks.get_mut(at) else {
            return self.append(stamp);
        };
        if let Err(place) = chunk.binary_search(&stamp) {
            chunk.insert(place, stamp);
        }
        if chunk.len() > CHUNK {
            let upper = chunk.split_off(CHUNK / 2);
            self.chunks.insert(at + 1, upper);
        }
    }

    pub(super) fn remove(&mut self, stamp: Stamp) {
        let at = self.chunk_of(stamp);
        let Some(chunk) = self.chunks.get_mut(at) else { return };
        if let Ok(place) = chunk.binary_search(&stamp) {
            chunk.remove(place);
        }
        if chunk.is_empty() {
            self.chunks.remove(at);
        }
    }

    /// How many stamps come before `bound`.
    pub(super) fn rank(&self, bound: Stamp) -> usize {
        let at = self.chunk_of(bound);
        let before: usize = self.chunks[..at].iter().map(Vec::len).sum();
        before
            + self
                .chunks
                .get(at)
                .map_or(0, |chunk| chunk.partition_point(|stamp| *stamp < bound))
    }

    /// The stamps from the `rank`-th on.
    pub(super) fn starting_at(&self, rank: usize) -> impl Iterator<Item = Stamp> {
        let (mut at, mut skip) = (0, rank);
        while self.chunks.get(at).is_some_and(|chunk| chunk.len() <= skip) {
            skip -= self.chunks[at].len();
            at += 1;
        }
        self.chunks[at..].iter().flatten().skip(skip).copied()
    }

    pub(super) fn len(&self) -> usize {
        self.chunks.iter().map(Vec::len).sum()
    }

    pub(super) fn last(&self) -> Option<Stamp> {
        self.chunks.last().and_then(|chunk| chunk.last()).copied()
    }

    /// The first chunk that reaches as far as `stamp`.
    fn chunk_of(&self, stamp: Stamp) -> usize {
        self.chunks
            .partition_point(|chunk| chunk.last().is_some_and(|last| *last < stamp))
    }

    /// Adds a stamp later than all others.
    fn append(&mut self, stamp: Stamp) {
        match self.chunks.last_mut() {
            Some(chunk) if chunk.len() < CHUNK => chunk.push(stamp),
            _ => self.chunks.push(vec![stamp]),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn agrees_with_a_sorted_set_through_many_changes() {
        let (mut stamps, mut model) = (Stamps::default(), BTreeSet::new());
        let mut seed = 7_u64;
        for round in 0..12_000_u64 {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let stamp = (
                DateTime::from_timestamp_millis((seed >> 33) as i64 % 900).unwrap_or_default(),
                seed >> 60,
            );
            if round % 3 == 2 {
                stamps.remove(stamp);
                model.remove(&stamp);
            } else {
                let stamp = (stamp.0, stamp.1 + round % 40);
                stamps.insert(stamp);
                model.insert(stamp);
            }
            if round % 500 == 0 {
                assert_eq!(stamps.rank(stamp), model.range(..stamp).count());
                let from = model.len() / 3;
                assert!(stamps.starting_at(from).eq(model.iter().copied().skip(from)));
            }
        }
        assert!(model.len() > 2 * CHUNK, "the test must split chunks: {}", model.len());
        assert_eq!((stamps.len(), stamps.last()), (model.len(), model.last().copied()));
        for stamp in model {
            stamps.remove(stamp);
        }
        assert_eq!((stamps.len(), stamps.last(), stamps.starting_at(0).count()), (0, None, 0));
    }
}
