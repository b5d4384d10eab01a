//! How far a stream of events is behind its source.

use strata_kernel::Instant;

/// An event on its way from a source to a target. Sending and retrying leave no trace here: only the
/// acknowledgement ends the wait, and a dead letter waits for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncEvent {
    /// Id.
    pub id: String,
    /// When the source committed it.
    pub committed_at: Instant,
    /// When the target acknowledged it. None, or later than now: it is pending.
    pub acknowledged_at: Option<Instant>,
}

/// Lag of one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventLag {
    /// Whole seconds from commit to acknowledgement.
    Finished(i64),
    /// Whole seconds from commit to now.
    Pending(i64),
}

impl EventLag {
    /// The seconds, finished or not.
    pub fn seconds(self) -> i64 {
        match self {
            Self::Finished(seconds) | Self::Pending(seconds) => seconds,
        }
    }
}

/// Lag of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncLag<'a> {
    /// Event by event, in the order given. Events finished before the window are left out.
    pub events: Vec<(&'a str, EventLag)>,
    /// The worst of them. None: there is no event.
    pub worst_seconds: Option<i64>,
}

/// The lag of a stream: the worst of the events that finished in the window, which begins at `window_from`
/// (None: all of them), and of those that are pending. Clocks that disagree make a lag of zero, never below.
///
/// Seconds are whole, cut off. Source: replication lag is measured to the acknowledgement, and of what waits to now.
pub fn sync_lag(events: &[SyncEvent], window_from: Option<Instant>, now: Instant) -> SyncLag<'_> {
    let seconds = |from: Instant, to: Instant| to.signed_duration_since(from).num_seconds().max(0);
    let lag = |event: &SyncEvent| match event.acknowledged_at.filter(|at| *at <= now) {
        None => Some(EventLag::Pending(seconds(event.committed_at, now))),
        Some(at) if window_from.is_some_and(|from| at < from) => None,
        Some(at) => Some(EventLag::Finished(seconds(event.committed_at, at))),
    };
    let events: Vec<_> = events
        .iter()
        .filter_map(|event| Some((event.id.as_str(), lag(event)?)))
        .collect();
    SyncLag {
        worst_seconds: events.iter().map(|(_, lag)| lag.seconds()).max(),
        events,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(text: &str) -> Instant {
        format!("2025-05-10T{text}Z").parse().unwrap()
    }

    fn event(committed: &str, acknowledged: Option<&str>) -> SyncEvent {
        SyncEvent {
            id: committed.to_owned(),
            committed_at: at(committed),
            acknowledged_at: acknowledged.map(at),
        }
    }

    #[test]
    fn the_worst_of_finished_in_the_window_and_pending() {
        let events = [
            event("08:00:00", Some("09:00:00")),
            event("11:00:00", Some("11:00:45")),
            event("11:50:00", None),
        ];
        let all = sync_lag(&events, None, at("12:00:00"));
        assert_eq!(all.worst_seconds, Some(3_600));
        let window = sync_lag(&events, Some(at("11:00:00")), at("12:00:00"));
        assert_eq!(window.worst_seconds, Some(600));
        assert_eq!(
            window.events,
            [("11:00:00", EventLag::Finished(45)), ("11:50:00", EventLag::Pending(600))]
        );
        assert_eq!(sync_lag(&[], None, at("12:00:00")).worst_seconds, None);
    }

    #[test]
    fn what_is_acknowledged_later_is_pending_and_skew_is_no_negative_lag() {
        let later = [event("11:00:00", Some("12:30:00"))];
        assert_eq!(sync_lag(&later, None, at("12:00:00")).events[0].1, EventLag::Pending(3_600));
        let skewed = [event("11:00:00", Some("10:59:58"))];
        assert_eq!(sync_lag(&skewed, None, at("12:00:00")).events[0].1, EventLag::Finished(0));
    }
}
