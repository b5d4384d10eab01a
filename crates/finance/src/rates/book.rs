//! Rate lines, indexed so that a question looks at a handful of lines however many there are.

use std::collections::{HashMap, HashSet};

use strata_kernel::{Error, Instant, Result};

use super::RateLine;

/// Rate lines by level, key and role. Never changed: a new line makes a new book.
#[derive(Debug, Clone, Default)]
pub struct RateBook {
    /// One map per level, in [`super::RateLevel::ORDER`]: key, then role.
    levels: [HashMap<String, HashMap<String, Vec<RateLine>>>; 4],
}

impl RateBook {
    /// Indexes lines. The same line twice counts once; two lines of one id that differ are refused
    /// (`INVALID_FIELD`), as are rates below zero and ranges that hold no day.
    ///
    /// Rates are exact decimals in major units. Source: immutable price lists by date, Dynamics 365 Project Operations.
    pub fn try_new(lines: impl IntoIterator<Item = RateLine>) -> Result<Self> {
        let mut book = Self::default();
        let mut ids = HashSet::new();
        for line in lines {
            check(&line)?;
            let is_new = ids.insert(line.id.clone());
            let group = book.levels[line.level as usize]
                .entry(line.level_key.clone())
                .or_default()
                .entry(line.role.clone())
                .or_default();
            if is_new {
                group.push(line);
            } else if !group.contains(&line) {
                let message = format!("rate line \"{}\" exists twice with different content", line.id);
                return Err(Error::invalid("id", message));
            }
        }
        Ok(book)
    }

    /// The book as it was known at a moment: the lines recorded by then. A question counts whole days; this
    /// tells what was recorded earlier and later on one of them.
    ///
    /// Source: two clocks, valid time and transaction time, SQL:2011 (system-versioned tables).
    #[must_use]
    pub fn known_at(mut self, moment: Instant) -> Self {
        let groups = self.levels.iter_mut().flat_map(HashMap::values_mut);
        for lines in groups.flat_map(HashMap::values_mut) {
            lines.retain(|line| line.recorded.is_known_at(moment));
        }
        self
    }

    pub(super) fn group(&self, level: super::RateLevel, key: &str, role: &str) -> &[RateLine] {
        self.levels[level as usize]
            .get(key)
            .and_then(|roles| roles.get(role))
            .map_or(&[], Vec::as_slice)
    }
}

fn check(line: &RateLine) -> Result<()> {
    if line.rate.is_sign_negative() && !line.rate.is_zero() {
        let message = format!("rate line \"{}\" has a rate below zero", line.id);
        return Err(Error::invalid("rate", message));
    }
    if line.to.is_some_and(|to| to <= line.from) {
        let message = format!("rate line \"{}\" ends before it begins", line.id);
        return Err(Error::invalid("to", message));
    }
    Ok(())
}
