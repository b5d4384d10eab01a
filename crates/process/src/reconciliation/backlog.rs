//! What waits to be posted, how fast it goes, and when it will be done.

use chrono::{DateTime, TimeDelta, Utc};
use strata_contract::pb_instant;
use strata_contract::strata::process::reconciliation::v1 as pb;
use strata_kernel::{Instant, Result};
use strata_store::both;

use super::cells::book_kind;
use crate::billing::posting;
use crate::core::Core;
use crate::store::{lite, pg};

/// Time over which the pace is measured, in minutes.
const WINDOW: i64 = 5;
/// Events of the ledger that are looked at for it.
const RECENT: i64 = 8_000;
const KINDS: [&str; 3] = [posting::TIME, posting::DOCUMENT, posting::JOURNAL];

/// The backlog of each kind.
pub(crate) async fn backlogs(core: &Core) -> Result<Vec<pb::PostingBacklog>> {
    let now = core.now();
    let since = (now - TimeDelta::minutes(WINDOW)).naive_utc();
    let (open, recent) = core
        .db
        .read(move |c| {
            let open = both!(c, postings::open_counts(&KINDS))?;
            Ok((open, both!(c, postings::certain_since(since, RECENT))?))
        })
        .await?;
    let of = |kind: &str| {
        let times = recent.iter().filter(|(of, _)| of == kind).map(|(_, at)| at.and_utc());
        let mut backlog = pb::PostingBacklog {
            kind: book_kind(kind).into(),
            ..pb::PostingBacklog::default()
        };
        for (_, state, count, blocked) in open.iter().filter(|(of, ..)| of == kind) {
            let [count, blocked] = [*count, *blocked].map(|count| u64::try_from(count).unwrap_or_default());
            match state.as_str() {
                "INTENDED" => {
                    backlog.blocked = blocked;
                    backlog.waiting = count - blocked;
                }
                "SENT" | "UNKNOWN" => backlog.under_way += count,
                _ => backlog.stopped += count,
            }
        }
        finish(&mut backlog, &Pace::of(times, now), now);
        backlog
    };
    Ok(KINDS.map(of).into())
}

/// How many became certain in how many milliseconds.
#[derive(Debug, PartialEq, Eq)]
struct Pace {
    count: i64,
    millis: i64,
}

impl Pace {
    /// From when postings became certain. What became so first began the time that is measured, and is not in it, unless all did at once.
    fn of(times: impl Iterator<Item = DateTime<Utc>>, now: Instant) -> Self {
        let times: Vec<DateTime<Utc>> = times.collect();
        let Some(first) = times.iter().min() else {
            return Self { count: 0, millis: 1 };
        };
        let after = times.iter().filter(|at| *at > first).count();
        let count = if after == 0 { times.len() } else { after };
        Self {
            count: i64::try_from(count).unwrap_or(i64::MAX),
            millis: (now - first).num_milliseconds().max(1_000),
        }
    }
}

fn finish(backlog: &mut pb::PostingBacklog, pace: &Pace, now: Instant) {
    backlog.per_minute = u64::try_from(pace.count.saturating_mul(60_000) / pace.millis).unwrap_or_default();
    let left = i64::try_from(backlog.waiting + backlog.under_way).unwrap_or(i64::MAX);
    if left > 0 && pace.count > 0 {
        let lasts = left.saturating_mul(pace.millis) / pace.count;
        let done = TimeDelta::try_milliseconds(lasts).and_then(|lasts| now.checked_add_signed(lasts));
        backlog.expected_done_time = done.map(pb_instant);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_750_000_000 + second, 0).unwrap()
    }

    #[test]
    fn the_pace_is_what_came_after_the_first_over_the_time_since() {
        let times = [0, 0, 10, 10, 20, 20].map(at);
        assert_eq!(
            Pace::of(times.into_iter(), at(20)),
            Pace {
                count: 4,
                millis: 20_000
            }
        );
        assert_eq!(
            Pace::of([at(0); 100].into_iter(), at(0)),
            Pace {
                count: 100,
                millis: 1_000
            }
        );
        assert_eq!(Pace::of(std::iter::empty(), at(0)).count, 0);
    }

    #[test]
    fn what_is_left_lasts_as_long_as_it_goes_on_so() {
        let mut backlog = pb::PostingBacklog {
            waiting: 900,
            under_way: 100,
            ..pb::PostingBacklog::default()
        };
        finish(
            &mut backlog,
            &Pace {
                count: 200,
                millis: 10_000,
            },
            at(0),
        );
        assert_eq!(backlog.per_minute, 1_200);
        assert_eq!(backlog.expected_done_time, Some(pb_instant(at(50))));
        let mut nothing_goes = pb::PostingBacklog {
            expected_done_time: None,
            ..backlog
        };
        finish(&mut nothing_goes, &Pace { count: 0, millis: 1 }, at(0));
        assert_eq!((nothing_goes.per_minute, nothing_goes.expected_done_time), (0, None));
    }
}
