//! Where a change feed stands. Opaque to callers; kept for ever.

use chrono::{DateTime, SubsecRound, TimeDelta};
use strata_kernel::{Error, Instant, Result};

/// End of the year 9999: no cursor of ours lies beyond, and nothing computed from one overflows.
const LAST_SECOND: i64 = 253_402_300_799;

/// Position in records ordered by (modified stamp, id). Stamps have second precision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// Everything stamped at or after this is read in this pass.
    pub(crate) since: Instant,
    /// Last record read in this pass. None: the pass has not begun.
    pub(crate) after: Option<(Instant, u64)>,
}

impl Cursor {
    /// Reads a cursor. Empty: from the beginning.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let bad = || Error::invalid("cursor", "is not a cursor of this feed; start again with an empty one");
        if text.is_empty() {
            return Ok(Self {
                since: DateTime::UNIX_EPOCH,
                after: None,
            });
        }
        let parts: Vec<&str> = text.split('.').collect();
        let second = |text: &str| {
            let seconds = text.parse().ok().filter(|s| (0..=LAST_SECOND).contains(s));
            seconds.and_then(|s| DateTime::from_timestamp(s, 0)).ok_or_else(bad)
        };
        match parts[..] {
            ["1", since] => Ok(Self {
                since: second(since)?,
                after: None,
            }),
            ["1", since, stamp, id] => Ok(Self {
                since: second(since)?,
                after: Some((second(stamp)?, id.parse().map_err(|_| bad())?)),
            }),
            _ => Err(bad()),
        }
    }

    /// The text of the cursor.
    pub(crate) fn text(self) -> String {
        let since = self.since.timestamp();
        match self.after {
            None => format!("1.{since}"),
            Some((stamp, id)) => format!("1.{since}.{}.{id}", stamp.timestamp()),
        }
    }

    /// The cursor after a page. `last`: the last record of the page. A full page goes on strictly after it, so the feed moves
    /// even when more records than a page holds share one stamp. Otherwise the pass is over, and the next one begins
    /// at the last stamp seen, or `overlap` before now if that is earlier: records that get the same stamp later, or are
    /// committed late, are read again rather than lost.
    pub(crate) fn next(self, last: Option<(Instant, u64)>, full: bool, now: Instant, overlap: TimeDelta) -> Self {
        let last = last.or(self.after);
        if full {
            return Self { after: last, ..self };
        }
        let settled = (now - overlap).trunc_subsecs(0);
        let seen = last.map_or(self.since, |(stamp, _)| stamp);
        Self {
            since: seen.min(settled).max(self.since),
            after: None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(second: i64) -> Instant {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    #[test]
    fn survives_its_text_and_refuses_others() {
        for cursor in [
            Cursor {
                since: at(5),
                after: None,
            },
            Cursor {
                since: at(5),
                after: Some((at(9), 77)),
            },
        ] {
            assert_eq!(Cursor::parse(&cursor.text()).unwrap(), cursor);
        }
        assert_eq!(Cursor::parse("").unwrap().since, at(0));
        for bad in [
            "x",
            "1",
            "2.5",
            "1.5.6",
            "1.a.b.c",
            "1.5.6.7.8",
            "1.-1",
            "1.9223372036854775807",
        ] {
            assert_eq!(Cursor::parse(bad).unwrap_err().field, "cursor", "{bad}");
        }
    }

    #[test]
    fn a_full_page_goes_on_after_its_last_record() {
        let start = Cursor {
            since: at(100),
            after: None,
        };
        let next = start.next(Some((at(200), 7)), true, at(1000), TimeDelta::seconds(60));
        assert_eq!(
            next,
            Cursor {
                since: at(100),
                after: Some((at(200), 7))
            }
        );
    }

    #[test]
    fn the_end_of_a_pass_reads_the_open_seconds_again_and_never_goes_back() {
        let overlap = TimeDelta::seconds(60);
        let pass = Cursor {
            since: at(100),
            after: Some((at(200), 7)),
        };
        // Long settled: from the last second seen.
        assert_eq!(
            pass.next(None, false, at(1000), overlap),
            Cursor {
                since: at(200),
                after: None
            }
        );
        // Fresh: from the overlap.
        assert_eq!(pass.next(Some((at(999), 8)), false, at(1000), overlap).since, at(940));
        // Nothing new, and a clock that stands before the feed.
        let quiet = Cursor {
            since: at(500),
            after: None,
        };
        assert_eq!(quiet.next(None, false, at(510), overlap), quiet);
    }
}
