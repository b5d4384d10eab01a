//! A change feed: a log of what changed, read by place.

use crate::fault::Fault;
use crate::world::World;

/// Ids in the order of their changes.
#[derive(Debug, Default)]
pub(super) struct Feed(Vec<String>);

/// A page of ids.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) ids: Vec<String>,
    pub(super) next_cursor: String,
    pub(super) more: bool,
}

impl Feed {
    /// Something changed.
    pub(super) fn changed(&mut self, id: &str) {
        self.0.push(id.to_owned());
    }

    /// Everything that changed, in its order.
    pub(super) fn all(&self) -> &[String] {
        &self.0
    }

    /// What changed behind a cursor. A record may come again; one that is held back comes with a later look.
    pub(super) fn page(&self, world: &World, cursor: &str) -> Page {
        let mut from = cursor.parse::<usize>().unwrap_or(0).min(self.0.len());
        if from < self.0.len() && world.strikes(Fault::FeedHolds) {
            return Page {
                ids: Vec::new(),
                next_cursor: from.to_string(),
                more: false,
            };
        }
        if from > 0 && world.strikes(Fault::FeedRepeats) {
            let back = world.draw(|chance| chance.between(1, 4));
            from = from.saturating_sub(usize::try_from(back).unwrap_or_default());
        }
        let size = world.draw(|chance| *chance.pick(&[2, 5, 100]));
        let to = (from + size).min(self.0.len());
        let mut ids: Vec<String> = Vec::new();
        for id in &self.0[from..to] {
            if !ids.contains(id) {
                ids.push(id.clone());
            }
        }
        Page {
            ids,
            next_cursor: to.to_string(),
            more: to < self.0.len(),
        }
    }
}
