//! The org's daily calls: Salesforce's own count over all its callers, which every answer carries.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use strata_kernel::Instant;
use strata_vendor_http::Reply;

/// Calls that are left to others who may be calling at the same moment. A hundredth of the budget where that is less.
const OTHERS: u64 = 25;
/// Once in so long a read goes all the same where nothing is left: only an answer tells that there is more again.
const PROBE: Duration = Duration::from_secs(60);
/// Share of the daily calls, in percent, from which each answer is warned about.
const WARNING: u64 = 90;

/// What is known of the daily calls.
#[derive(Debug, Default)]
pub(crate) struct Budget(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    used: u64,
    /// 0: no answer has said.
    most: u64,
    in_flight: u64,
    /// When a read was last let through or answered.
    told: Option<Instant>,
}

/// A call that is under way.
#[derive(Debug)]
pub(crate) struct UnderWay<'a>(&'a Budget);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.state().in_flight -= 1;
    }
}

impl Budget {
    /// A call that has to be made as long as Salesforce takes it: a write that somebody's invoice hangs on.
    pub(crate) fn take(&self) -> UnderWay<'_> {
        self.state().in_flight += 1;
        UnderWay(self)
    }

    /// A call that can wait until tomorrow. None: the rest of the day's calls is for those that cannot.
    pub(crate) fn take_if_left(&self, now: Instant) -> Option<UnderWay<'_>> {
        let mut state = self.state();
        if !state.has_left() {
            if state.told.is_some_and(|told| now < told + PROBE) {
                return None;
            }
            state.told = Some(now);
        }
        state.in_flight += 1;
        drop(state);
        Some(UnderWay(self))
    }

    /// Takes what an answer says: `Sforce-Limit-Info: api-usage=18/5000`.
    pub(crate) fn learn(&self, reply: &Reply, now: Instant) {
        let Some((used, most)) = reply.header("sforce-limit-info").and_then(usage) else {
            return;
        };
        {
            let mut state = self.state();
            (state.used, state.most, state.told) = (used, most, Some(now));
        }
        if used.saturating_mul(100) >= most.saturating_mul(WARNING) {
            tracing::warn!(used, most, "the org's daily API calls run out");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn has_left(&self) -> bool {
        let others = OTHERS.min(self.most / 100);
        self.most == 0 || self.used + self.in_flight + others < self.most
    }
}

fn usage(info: &str) -> Option<(u64, u64)> {
    let (_, rest) = info.split_once("api-usage=")?;
    let (used, most) = rest.split(';').next()?.trim().split_once('/')?;
    Some((used.parse().ok()?, most.parse().ok()?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_timestamp(seconds, 0).unwrap()
    }

    fn told(used: u64, most: u64) -> Budget {
        let state = State {
            used,
            most,
            told: Some(at(0)),
            ..State::default()
        };
        Budget(Mutex::new(state))
    }

    #[test]
    fn what_an_answer_says_is_read() {
        assert_eq!(usage("api-usage=18/5000"), Some((18, 5000)));
        assert_eq!(
            usage("api-usage=18/5000; per-app-api-usage=17/250(appName=x)"),
            Some((18, 5000))
        );
        assert_eq!(usage("per-app"), None);
    }

    #[test]
    fn reads_leave_the_rest_to_writes_and_to_others() {
        assert!(Budget::default().take_if_left(at(0)).is_some(), "nobody has said");
        let budget = told(4_973, 5_000);
        let first = budget.take_if_left(at(1)).unwrap();
        let second = budget.take_if_left(at(1)).unwrap();
        assert!(
            budget.take_if_left(at(1)).is_none(),
            "two are under way, and 25 are for others"
        );
        let _write = budget.take();
        drop((first, second));
        assert!(budget.take_if_left(at(1)).is_some());
        assert!(told(5, 6).take_if_left(at(1)).is_some(), "a small budget is used whole");
    }

    #[test]
    fn now_and_then_a_read_asks_whether_there_is_more_again() {
        let budget = told(5_000, 5_000);
        assert!(budget.take_if_left(at(59)).is_none());
        assert!(budget.take_if_left(at(60)).is_some());
        assert!(budget.take_if_left(at(61)).is_none());
        assert!(budget.take_if_left(at(120)).is_some());
    }
}
