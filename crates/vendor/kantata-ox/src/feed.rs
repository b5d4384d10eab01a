//! Reading what changed, oldest first, from a list that shifts while it is read.
//!
//! A changed record moves to the end of the list and every record behind its old place moves up by one. A page that is asked for
//! by number would then skip one. So a page is accepted only when it proves that nothing was skipped: it contains the last
//! record that was read, or it begins before that record's stamp. Otherwise the place is looked for.
//!
//! Stamps have whole seconds and it is not documented whether `updated_after` includes its own second; both are served.

use std::future::Future;
use std::ops::Range;
use std::time::Duration;

use strata_kernel::{Instant, Result};
use strata_vendor_http::unavailable;

use crate::api::PAGE;
use crate::cursor::{Cursor, Place};

/// Records read again at each page, so that a few that moved away cost no search.
const MARGIN: usize = 5;
/// Pages asked for in one call before the list counts as too restless.
const MOST_HOPS: usize = 50;
/// The grain of the vendor's stamps.
const SECOND: Duration = Duration::from_secs(1);

/// A step forward in a feed.
#[derive(Debug)]
pub(crate) struct Step<T> {
    /// The answer that holds the records.
    pub(crate) page: T,
    /// Which of its records are new, by position.
    pub(crate) fresh: Range<usize>,
    pub(crate) next: Cursor,
    pub(crate) more: bool,
}

/// Where the new records of a page begin.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    At(usize),
    Ahead,
    Behind,
}

/// Reads the next records, at most `limit`. `fetch` gets the start of the window and how many records to skip, and answers a
/// page of [`PAGE`] together with the places of its records.
pub(crate) async fn step<T, F, Fut>(fetch: F, cursor: &Cursor, limit: usize, overlap: Duration) -> Result<Step<T>>
where
    F: Fn(Option<Instant>, usize) -> Fut,
    Fut: Future<Output = Result<(T, Vec<Place>)>>,
{
    let mut search = Search::from(cursor);
    for _ in 0..MOST_HOPS {
        let (page, places) = fetch(cursor.after, search.skip).await?;
        let full = places.len() >= PAGE;
        match find(&places, cursor.last.as_ref(), search.skip) {
            Found::Behind => search.back(),
            // One record is read again each time: it proves that nothing moved in between.
            Found::Ahead => search.forth(places.len() - 1),
            Found::At(first) if first == places.len() && full => search.forth(places.len() - 1),
            Found::At(first) => {
                let end = places.len().min(first + limit.max(1));
                let (next, more) = after(cursor, &places, search.skip, end, full, overlap);
                return Ok(Step {
                    page,
                    fresh: first..end,
                    next,
                    more,
                });
            }
        }
    }
    Err(unavailable("the list changes faster than it can be read"))
}

/// Where to look for the place next: gallops back from the hint, then halves what is left.
struct Search {
    skip: usize,
    /// Nothing before this is new.
    low: usize,
    /// The place is before this.
    high: Option<usize>,
    stride: usize,
}

impl Search {
    fn from(cursor: &Cursor) -> Self {
        let skip = if cursor.last.is_some() {
            cursor.read.saturating_sub(MARGIN)
        } else {
            0
        };
        Self {
            skip,
            low: 0,
            high: None,
            stride: PAGE,
        }
    }

    fn back(&mut self) {
        self.high = Some(self.skip);
        if self.skip <= self.low {
            // The list moved under the search: what was known no longer holds.
            self.low = 0;
        }
        self.skip = match self.low {
            0 => self.skip.saturating_sub(self.stride),
            low => self.between(low, self.skip),
        };
        self.stride *= 2;
    }

    fn forth(&mut self, by: usize) {
        self.low = self.skip + by;
        self.skip = self.high.map_or(self.low, |high| self.between(self.low, high));
    }

    /// The middle, or the lower end once a page covers the rest.
    fn between(&self, low: usize, high: usize) -> usize {
        if high > low + PAGE { low + (high - low) / 2 } else { low }
    }
}

/// Looks for the record behind `last` in a page that begins behind `skip` records of the window.
fn find(places: &[Place], last: Option<&Place>, skip: usize) -> Found {
    let Some(last) = last else { return Found::At(0) };
    if let Some(at) = places.iter().position(|place| place == last) {
        return Found::At(at + 1);
    }
    match (places.first(), places.last()) {
        (Some(_), Some(end)) if end.stamp < last.stamp => {
            // The record itself moved away. A short page is the end of the list.
            if places.len() < PAGE {
                Found::At(places.len())
            } else {
                Found::Ahead
            }
        }
        // Everything of that second comes again; what came before it was read.
        (Some(begin), _) if begin.stamp < last.stamp || skip == 0 => Found::At(
            places
                .iter()
                .position(|place| place.stamp >= last.stamp)
                .unwrap_or(places.len()),
        ),
        (None, _) if skip == 0 => Found::At(0),
        _ => Found::Behind,
    }
}

/// The cursor after the records up to `end` of a page, and whether more can be read at once.
fn after(cursor: &Cursor, places: &[Place], skip: usize, end: usize, full: bool, overlap: Duration) -> (Cursor, bool) {
    if !full && end == places.len() {
        let newest = places
            .last()
            .or(cursor.last.as_ref())
            .map(|place| place.stamp - overlap.max(SECOND));
        return (
            Cursor {
                after: cursor.after.max(newest),
                ..Cursor::default()
            },
            false,
        );
    }
    let last = end.checked_sub(1).map(|at| places[at].clone());
    let Some(last) = last else { return (cursor.clone(), true) };
    // The window moves on when the page reaches back beyond its new start: then its records up to here can be counted.
    let start = last.stamp - SECOND;
    let moves = places.first().is_some_and(|place| place.stamp < start) && cursor.after.is_none_or(|after| after < start);
    let next = if moves {
        let read = places[..end].iter().filter(|place| place.stamp >= start).count();
        Cursor {
            after: Some(start),
            read,
            last: Some(last),
        }
    } else {
        Cursor {
            after: cursor.after,
            read: skip + end,
            last: Some(last),
        }
    };
    (next, true)
}

#[cfg(test)]
mod tests;
