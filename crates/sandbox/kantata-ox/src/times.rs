//! Instants and dates as the vendor writes them.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveTime, TimeDelta, Timelike, Utc};

/// Hours west of UTC in which the vendor prints instants.
const OFFSET_HOURS: i32 = 8;

/// An instant as printed: whole seconds with an offset of `-08:00`. What is cut off is gone for the reader.
pub(crate) fn print(at: DateTime<Utc>) -> String {
    let text = |at: DateTime<FixedOffset>| at.format("%Y-%m-%dT%H:%M:%S%:z").to_string();
    FixedOffset::west_opt(OFFSET_HOURS * 3600).map_or_else(|| text(at.fixed_offset()), |zone| text(at.with_timezone(&zone)))
}

/// An instant in a filter: ISO 8601 with offset, or a plain date meaning its first moment in UTC.
pub(crate) fn parse(text: &str) -> Option<DateTime<Utc>> {
    let instant = DateTime::parse_from_rfc3339(text).map(|at| at.to_utc());
    instant.ok().or_else(|| Some(date(text)?.and_time(NaiveTime::MIN).and_utc()))
}

/// A date, `2026-03-02`.
pub(crate) fn date(text: &str) -> Option<NaiveDate> {
    // Exactly ten characters: the parser alone would also take `2026-3-2`.
    (text.len() == 10)
        .then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())
        .flatten()
}

/// The first instant that prints as the same second as `at`.
pub(crate) fn second_of(at: DateTime<Utc>) -> DateTime<Utc> {
    at.with_nanosecond(0).unwrap_or(at)
}

/// The first instant that prints as a later second than `at`.
pub(crate) fn second_after(at: DateTime<Utc>) -> DateTime<Utc> {
    second_of(at) + TimeDelta::seconds(1)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn instants_lose_their_fraction_and_carry_the_vendors_offset() {
        let at = parse("2026-03-01T07:30:00.999Z").unwrap();
        assert_eq!(print(at), "2026-02-28T23:30:00-08:00");
        assert_eq!(parse(&print(at)), Some(second_of(at)));
        assert_eq!(parse("2026-03-01"), parse("2026-03-01T00:00:00Z"));
        assert_eq!(print(second_after(at)), "2026-02-28T23:30:01-08:00");
    }

    #[test]
    fn only_whole_dates_are_dates() {
        assert!(date("2026-02-28").is_some());
        assert_eq!([date("2026-02-29"), date("2026-2-28"), date("28.02.2026")], [None; 3]);
        assert_eq!(parse("yesterday"), None);
    }
}
