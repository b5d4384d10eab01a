//! Where the feed of workers stands. Opaque to callers; kept for ever.

use chrono::{DateTime, SubsecRound, TimeDelta};
use strata_kernel::{Error, Instant, Result};

/// End of the year 9999, in milliseconds: nothing computed from a cursor overflows.
const LAST_MILLI: i64 = 253_402_300_799_999;
/// Largest page number, and most rows to skip.
const LARGEST: u32 = 10_000_000;

/// A pass reads everybody (the first one) or everybody with entries in a window, page by page, as known at one moment. The text
/// of a cursor holds all of it, so each page of a pass asks the same question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pass {
    /// First moment of the window. None: everybody.
    pub(crate) from: Option<Instant>,
    /// Last moment of the window, and the moment as known at which everything is read.
    pub(crate) through: Instant,
    /// Page, from 1.
    pub(crate) page: u32,
    /// Workers per page.
    pub(crate) count: u32,
    /// Rows of this page that were given already: a worker can have more versions than fit.
    pub(crate) skip: usize,
}

impl Pass {
    /// Goes on with a pass, or begins one at `now`. An ended pass leaves the end of its window behind; the next one begins
    /// `overlap` before it.
    pub(crate) fn of(cursor: &str, now: Instant, overlap: TimeDelta, count: u32) -> Result<Self> {
        let bad = || Error::invalid("cursor", "is not a cursor of this feed; start again with an empty one");
        let moment = |text: &str| {
            let millis = text.parse().ok().filter(|ms| (0..=LAST_MILLI).contains(ms));
            millis.and_then(DateTime::from_timestamp_millis).ok_or_else(bad)
        };
        let small = |text: &str| text.parse::<u32>().ok().filter(|n| *n <= LARGEST);
        let begin = |from| Self {
            from,
            through: now.trunc_subsecs(3),
            page: 1,
            count,
            skip: 0,
        };
        if cursor.is_empty() {
            return Ok(begin(None));
        }
        let parts: Vec<&str> = cursor.split('.').collect();
        match parts[..] {
            ["1", ended] => {
                let ended = moment(ended)?;
                let mut pass = begin(Some((ended - overlap).max(DateTime::UNIX_EPOCH)));
                // A clock that went back must not turn the window round.
                pass.through = pass.through.max(ended);
                Ok(pass)
            }
            ["1", from, through, page, count, skip] => Ok(Self {
                from: (from != "all").then(|| moment(from)).transpose()?,
                through: moment(through)?,
                page: small(page).filter(|n| *n > 0).ok_or_else(bad)?,
                count: small(count).filter(|n| (1..=999).contains(n)).ok_or_else(bad)?,
                skip: small(skip).and_then(|n| usize::try_from(n).ok()).ok_or_else(bad)?,
            }),
            _ => Err(bad()),
        }
    }

    /// Text of a pass that goes on.
    pub(crate) fn text(self) -> String {
        let from = self
            .from
            .map_or_else(|| "all".to_owned(), |at| at.timestamp_millis().to_string());
        let through = self.through.timestamp_millis();
        format!("1.{from}.{through}.{}.{}.{}", self.page, self.count, self.skip)
    }

    /// Text after the last page.
    pub(crate) fn ended(self) -> String {
        format!("1.{}", self.through.timestamp_millis())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(second: i64) -> Instant {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn overlap() -> TimeDelta {
        TimeDelta::seconds(60)
    }

    #[test]
    fn a_pass_asks_the_same_question_on_every_page() {
        let first = Pass::of("", at(1000), overlap(), 50).unwrap();
        assert_eq!((first.from, first.through, first.page), (None, at(1000), 1));
        let next = Pass {
            page: 2,
            skip: 7,
            ..first
        };
        // Later, with another page size: the pass stays what it is.
        assert_eq!(Pass::of(&next.text(), at(5000), overlap(), 9).unwrap(), next);
    }

    #[test]
    fn passes_overlap_and_never_turn_round() {
        let first = Pass::of("", at(1000), overlap(), 50).unwrap();
        let second = Pass::of(&first.ended(), at(2000), overlap(), 50).unwrap();
        assert_eq!((second.from, second.through), (Some(at(940)), at(2000)));
        assert_eq!(Pass::of(&second.text(), at(9000), overlap(), 50).unwrap(), second);
        let back = Pass::of(&first.ended(), at(500), overlap(), 50).unwrap();
        assert_eq!(back.through, at(1000));
    }

    #[test]
    fn other_texts_are_refused() {
        for bad in [
            "x",
            "2.5",
            "1.a",
            "1.1.2.0.5.0",
            "1.1.2.1.0.0",
            "1.1.2.1.5",
            "1.1.2.1.5.-1",
            "1.-1",
            "1.1.2.4294967295.5.0",
        ] {
            assert_eq!(Pass::of(bad, at(0), overlap(), 1).unwrap_err().field, "cursor", "{bad}");
        }
    }
}
