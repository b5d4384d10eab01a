//! Cursor of a change feed.
//!
//! Stamps have whole seconds, so many records share one. Within a run of pages the next page starts at the last stamp seen,
//! which reads its few ties again; when the ties fill half a page it goes on behind the last `Id` of that second instead.
//! At the end of the feed the cursor steps back by the overlap, because records become visible after the stamp they carry.
//! Only `AND` conditions are used: with `OR` the vendor cannot use its index on the stamp.

use std::time::Duration;

use strata_kernel::{Error, Instant, Result};

use crate::fields::ID;
use crate::soql::{Query, datetime, quoted};

/// Where a feed goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cursor {
    /// At the first record.
    Start,
    /// At this stamp, ties included.
    From(Instant),
    /// Within this stamp, behind an id.
    Within(Instant, String),
    /// Behind every record of this stamp.
    Behind(Instant),
}

impl Cursor {
    /// Reads a cursor that this module wrote.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let wrong = || Error::invalid("cursor", "is not a cursor of this feed; start with an empty one");
        if text.is_empty() {
            return Ok(Self::Start);
        }
        let mut parts = text.splitn(3, '|');
        let kind = parts.next().unwrap_or_default();
        let stamp = parts
            .next()
            .and_then(|ms| Instant::from_timestamp_millis(ms.parse().ok()?))
            .ok_or_else(wrong)?;
        match (kind, parts.next()) {
            ("from", None) => Ok(Self::From(stamp)),
            ("behind", None) => Ok(Self::Behind(stamp)),
            ("within", Some(id)) if !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                Ok(Self::Within(stamp, id.to_owned()))
            }
            _ => Err(wrong()),
        }
    }

    /// The cursor as text.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Start => String::new(),
            Self::From(stamp) => format!("from|{}", stamp.timestamp_millis()),
            Self::Behind(stamp) => format!("behind|{}", stamp.timestamp_millis()),
            Self::Within(stamp, id) => format!("within|{}|{id}", stamp.timestamp_millis()),
        }
    }

    /// Narrows a query to what comes next.
    pub(crate) fn narrow(&self, query: Query, stamp: &str) -> Query {
        match self {
            Self::Start => query,
            Self::From(at) => query.when(format!("{stamp} >= {}", datetime(*at))),
            Self::Behind(at) => query.when(format!("{stamp} > {}", datetime(*at))),
            Self::Within(at, id) => query
                .when(format!("{stamp} = {}", datetime(*at)))
                .when(format!("{ID} > {}", quoted(id))),
        }
    }

    /// The cursor after a page of `(stamp, id)` in order, and whether more can be read at once.
    pub(crate) fn after(&self, page: &[(Instant, &str)], limit: usize, overlap: Duration) -> (Self, bool) {
        let last = page.last();
        if let Some((stamp, id)) = last.filter(|_| page.len() >= limit) {
            let ties = page.iter().filter(|(s, _)| s == stamp).count();
            let stuck = *self == Self::From(*stamp) || ties * 2 > limit || matches!(self, Self::Within(..));
            let next = if stuck {
                Self::Within(*stamp, (*id).to_owned())
            } else {
                Self::From(*stamp)
            };
            return (next, true);
        }
        match (self, last) {
            // The second is done; what follows it was not asked for yet.
            (Self::Within(at, _), _) => (Self::Behind(*at), true),
            (Self::Start, None) => (Self::Start, false),
            (Self::From(at), None) => (Self::From(*at), false),
            (Self::Behind(at), None) => (Self::From(*at - overlap), false),
            (Self::From(at), Some((stamp, _))) => (Self::From((*stamp - overlap).max(*at)), false),
            (Self::Start | Self::Behind(_), Some((stamp, _))) => (Self::From(*stamp - overlap), false),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeSet;

    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_timestamp(1_700_000_000 + seconds, 0).unwrap()
    }

    /// What the vendor answers: rows in order of (stamp, id) from the cursor on.
    fn answer<'a>(rows: &'a BTreeSet<(Instant, String)>, cursor: &Cursor, limit: usize) -> Vec<(Instant, &'a str)> {
        rows.iter()
            .filter(|(stamp, id)| match cursor {
                Cursor::Start => true,
                Cursor::From(t) => stamp >= t,
                Cursor::Behind(t) => stamp > t,
                Cursor::Within(t, after) => stamp == t && id > after,
            })
            .take(limit)
            .map(|(stamp, id)| (*stamp, id.as_str()))
            .collect()
    }

    /// Reads to the end; returns what was seen and how many records came.
    fn drain(rows: &BTreeSet<(Instant, String)>, cursor: &mut Cursor, limit: usize) -> (BTreeSet<String>, usize) {
        let (mut seen, mut came) = (BTreeSet::new(), 0);
        for _ in 0..10_000 {
            let page = answer(rows, cursor, limit);
            came += page.len();
            seen.extend(page.iter().map(|(_, id)| (*id).to_owned()));
            let (next, more) = Cursor::parse(&cursor.text())
                .unwrap()
                .after(&page, limit, Duration::from_secs(2));
            *cursor = next;
            if !more {
                return (seen, came);
            }
        }
        panic!("the feed makes no progress");
    }

    #[test]
    fn every_record_comes_however_many_share_a_second() {
        for limit in [1, 2, 3, 7, 50] {
            let seconds = (0..300_i64).map(|n| if n % 3 == 0 { n / 60 } else { 7 });
            let rows: BTreeSet<_> = seconds.enumerate().map(|(n, s)| (at(s), format!("{n:04}"))).collect();
            let mut cursor = Cursor::Start;
            let (seen, came) = drain(&rows, &mut cursor, limit);
            assert_eq!(seen.len(), 300, "limit {limit}");
            assert!(came < 900, "limit {limit}: {came} records came");
        }
    }

    #[test]
    fn the_end_is_read_again_and_no_more_than_that() {
        let mut rows: BTreeSet<_> = (0..100).map(|n| (at(n * 10), format!("{n:04}"))).collect();
        let mut cursor = Cursor::Start;
        drain(&rows, &mut cursor, 7);
        assert_eq!(drain(&rows, &mut cursor, 7).1, 1, "only the newest comes again");
        // A record of a second ago that became visible late, with an id before the newest one's.
        rows.insert((at(989), "0000x".into()));
        assert!(drain(&rows, &mut cursor, 7).0.contains("0000x"));
        assert_eq!(drain(&rows, &mut cursor, 7).1, 2);
    }

    #[test]
    fn an_empty_feed_stays_readable_and_strange_cursors_are_refused() {
        let rows = BTreeSet::new();
        let mut cursor = Cursor::Start;
        assert_eq!(drain(&rows, &mut cursor, 5).1, 0);
        assert_eq!(cursor.text(), "");
        for strange in [
            "x",
            "from|",
            "from|1|2",
            "within|1|",
            "within|1|a' OR",
            "behind|99999999999999999999",
        ] {
            assert_eq!(Cursor::parse(strange).unwrap_err().field, "cursor", "{strange}");
        }
    }
}
