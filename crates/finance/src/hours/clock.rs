//! Clock mode: begin, end and duration of a stretch of work, each rounded by its own rule.

use chrono::{NaiveTime, Timelike};
use strata_kernel::{Error, Result};

use crate::quantum::{RoundingMode, round_to_step};
use crate::ratio::overflow;

const DAY_SECONDS: i128 = 86_400;

/// Which way begin, end and duration are rounded.
/// Source: the rounding modes of Kimai (`ceil`, `floor`, `closest`, and its default, which widens).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ClockMode {
    /// All up.
    Ceil,
    /// All down.
    Floor,
    /// All to the nearest multiple; half of it goes down.
    Closest,
    /// Begin down, end up, duration up.
    Outward,
}

impl ClockMode {
    /// Reads a mode by its name: `ceil`, `floor`, `closest`, `outward`. Another word is `INVALID_FIELD`.
    pub fn parse(name: &str) -> Result<Self> {
        Ok(match name {
            "ceil" => Self::Ceil,
            "floor" => Self::Floor,
            "closest" => Self::Closest,
            "outward" => Self::Outward,
            _ => {
                return Err(Error::invalid(
                    "mode",
                    format!("\"{name}\" is not a way to round clock times"),
                ));
            }
        })
    }

    /// The modes of begin, end and duration.
    fn modes(self) -> [RoundingMode; 3] {
        match self {
            Self::Ceil => [RoundingMode::Up; 3],
            Self::Floor => [RoundingMode::Down; 3],
            Self::Closest => [RoundingMode::HalfDown; 3],
            Self::Outward => [RoundingMode::Down, RoundingMode::Up, RoundingMode::Up],
        }
    }
}

/// How clock times are rounded. Zero minutes: not rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClockRounding {
    /// Which way.
    pub mode: ClockMode,
    /// Multiple that the begin is rounded to, counted from midnight.
    pub begin_minutes: u32,
    /// Multiple that the end is rounded to, counted from midnight.
    pub end_minutes: u32,
    /// Multiple that the duration is rounded to.
    pub duration_minutes: u32,
}

/// A stretch of work after rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RoundedSpan {
    /// Rounded begin.
    pub begin: NaiveTime,
    /// Rounded end. Midnight is 00:00, whichever day it belongs to.
    pub end: NaiveTime,
    /// Rounded duration in seconds.
    pub seconds: i64,
}

/// Rounds the begin and the end, takes the duration between them, and rounds that.
///
/// An end that is before its begin is on the next day. A begin that is rounded past its end leaves no duration,
/// never a negative one.
/// Clock times count from midnight in whole seconds. A duration beyond 64 bits is `AMOUNT_OVERFLOW`. Source: Kimai's
/// rounding modes default, ceil, floor and closest.
pub fn round_clock(begin: NaiveTime, end: NaiveTime, rule: ClockRounding) -> Result<RoundedSpan> {
    let [begin_mode, end_mode, duration_mode] = rule.mode.modes();
    let midnight = if end < begin { DAY_SECONDS } else { 0 };
    let begin = round_seconds(seconds_of(begin), rule.begin_minutes, begin_mode)?;
    let end = round_seconds(seconds_of(end) + midnight, rule.end_minutes, end_mode)?;
    let seconds = round_seconds((end - begin).max(0), rule.duration_minutes, duration_mode)?;
    Ok(RoundedSpan {
        begin: time_of(begin)?,
        end: time_of(end)?,
        seconds: i64::try_from(seconds).map_err(|_| overflow())?,
    })
}

fn round_seconds(seconds: i128, minutes: u32, mode: RoundingMode) -> Result<i128> {
    match minutes {
        0 => Ok(seconds),
        _ => round_to_step(seconds, i128::from(minutes) * 60, mode).ok_or_else(overflow),
    }
}

fn seconds_of(time: NaiveTime) -> i128 {
    i128::from(time.num_seconds_from_midnight())
}

fn time_of(seconds: i128) -> Result<NaiveTime> {
    u32::try_from(seconds.rem_euclid(DAY_SECONDS))
        .ok()
        .and_then(|seconds| NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0))
        .ok_or_else(overflow)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn span(
        begin: &str,
        end: &str,
        mode: ClockMode,
        [begin_minutes, end_minutes, duration_minutes]: [u32; 3],
    ) -> (String, String, i64) {
        let rule = ClockRounding {
            mode,
            begin_minutes,
            end_minutes,
            duration_minutes,
        };
        let span = round_clock(begin.parse().unwrap(), end.parse().unwrap(), rule).unwrap();
        (span.begin.to_string(), span.end.to_string(), span.seconds)
    }

    #[test]
    fn passes_midnight() {
        let late = span("22:50:00", "23:55:00", ClockMode::Ceil, [0, 15, 0]);
        assert_eq!(late, ("22:50:00".into(), "00:00:00".into(), 4_200));
        let night = span("22:00:00", "02:07:00", ClockMode::Floor, [15, 15, 0]);
        assert_eq!(night, ("22:00:00".into(), "02:00:00".into(), 14_400));
        let until_midnight = span("23:00:00", "00:00:00", ClockMode::Outward, [0, 0, 0]);
        assert_eq!(until_midnight.2, 3_600);
    }

    #[test]
    fn half_of_the_step_goes_down_to_the_closest() {
        assert_eq!(span("09:07:30", "10:07:31", ClockMode::Closest, [15, 15, 0]).2, 4_500);
    }

    #[test]
    fn a_begin_past_its_end_leaves_nothing() {
        assert_eq!(span("12:16:00", "12:20:00", ClockMode::Ceil, [15, 0, 15]).2, 0);
    }

    #[test]
    fn reads_modes_by_name() {
        assert_eq!(ClockMode::parse("outward").unwrap(), ClockMode::Outward);
        assert_eq!(ClockMode::parse("up").unwrap_err().field, "mode");
    }
}
