//! Two stretches of one person's time cannot overlap.

use chrono::NaiveDateTime;
use strata_kernel::{Error, Result};

use crate::reason;

/// A stretch of time at the place of work: the begin is part of it, the end is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// Begin.
    pub begin: NaiveDateTime,
    /// End.
    pub end: NaiveDateTime,
}

/// Refuses stretches of one person of which any two share a moment: `TIME_OVERLAP`. One that begins when another
/// ends is fine, and one without length shares nothing. An end before its begin is `INVALID_FIELD`.
/// Source: the time logs of ERPNext.
pub fn check_overlap(spans: &[Span]) -> Result<()> {
    if spans.iter().any(|span| span.end < span.begin) {
        return Err(Error::invalid("end", "time cannot end before it begins"));
    }
    let mut spans: Vec<_> = spans.iter().filter(|span| span.begin < span.end).collect();
    spans.sort_unstable();
    match spans.windows(2).all(|pair| match pair {
        [earlier, later] => earlier.end <= later.begin,
        _ => true,
    }) {
        true => Ok(()),
        false => Err(Error::precondition(
            reason::TIME_OVERLAP,
            "this person has two time entries at the same time; mend one of them",
        )),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn check(spans: &[(&str, &str)]) -> Result<(), &'static str> {
        let time = |text: &str| format!("2025-03-10T{text}:00").parse().unwrap();
        let span = |(begin, end): &(&str, &str)| Span {
            begin: time(begin),
            end: time(end),
        };
        check_overlap(&spans.iter().map(span).collect::<Vec<_>>()).map_err(|error| error.reason)
    }

    #[test]
    fn shares_a_moment_or_not() {
        let overlap = Err(reason::TIME_OVERLAP);
        assert_eq!(check(&[]), Ok(()));
        assert_eq!(check(&[("13:00", "17:00"), ("09:00", "12:00")]), Ok(()));
        assert_eq!(
            check(&[("09:00", "12:00"), ("12:00", "13:00")]),
            Ok(()),
            "one begins when the other ends"
        );
        assert_eq!(
            check(&[("09:00", "12:00"), ("10:00", "10:00")]),
            Ok(()),
            "nothing happens in no time"
        );
        assert_eq!(check(&[("09:00", "12:00"), ("11:59", "13:00")]), overlap);
        assert_eq!(
            check(&[("09:00", "17:00"), ("10:00", "11:00"), ("16:00", "18:00")]),
            overlap,
            "inside"
        );
        assert_eq!(check(&[("12:00", "09:00")]), Err("INVALID_FIELD"));
    }
}
