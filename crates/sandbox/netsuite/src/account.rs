//! How many requests an account serves at once, and how much of that was used.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The governance of a running sandbox's account. Clones are the same account.
#[derive(Clone, Debug)]
pub struct Account(Arc<Mutex<State>>);

/// What was made of an account since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Requests that were refused because too many were under way.
    pub refused: u64,
    /// Requests that were let in.
    pub served: u64,
    /// Time in which requests were under way, all of them added up. Where more were under way than are counted, so many count.
    pub used: Duration,
    /// The time that could have been used: how many are counted, times the time that passed.
    pub allowed: Duration,
}

#[derive(Debug)]
struct State {
    concurrency: usize,
    counted: usize,
    running: usize,
    figures: Figures,
    since: Instant,
}

impl Account {
    pub(crate) fn new(concurrency: usize) -> Self {
        Self(Arc::new(Mutex::new(State {
            concurrency,
            counted: concurrency,
            running: 0,
            figures: Figures::default(),
            since: Instant::now(),
        })))
    }

    /// Changes how many requests may be under way at once. Those that are go on.
    pub fn set_concurrency(&self, concurrency: usize) {
        self.state().concurrency = concurrency;
    }

    /// Changes how many are counted as used and allowed, from now on. Whoever lowers an account's limit tells its callers first, and
    /// counts by what they were told.
    pub fn count(&self, counted: usize) {
        self.state().counted = counted;
    }

    /// What was made of the account so far.
    #[must_use]
    pub fn figures(&self) -> Figures {
        self.state().figures
    }

    /// A place for a request, free again when it is dropped. None: too many are under way.
    pub(crate) fn enter(&self) -> Option<Place> {
        let mut state = self.state();
        if state.running >= state.concurrency {
            state.figures.refused += 1;
            return None;
        }
        state.running += 1;
        state.figures.served += 1;
        Some(Place(self.clone()))
    }

    /// The state, with the time that passed since it was asked for the last time added up.
    fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = state.since.elapsed();
        state.since += passed;
        let times = |count: usize| passed.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX));
        let (used, allowed) = (times(state.running.min(state.counted)), times(state.counted));
        state.figures.used += used;
        state.figures.allowed += allowed;
        state
    }
}

/// The place of a request that is under way.
#[derive(Debug)]
pub(crate) struct Place(Account);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.state().running -= 1;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_used_and_refused_is_counted() {
        let account = Account::new(2);
        let (one, two) = (account.enter().unwrap(), account.enter().unwrap());
        assert!(account.enter().is_none());
        std::thread::sleep(Duration::from_millis(20));
        let full = account.figures();
        assert_eq!((full.refused, full.served), (1, 2));
        assert!(
            full.used >= Duration::from_millis(40) && full.used <= full.allowed,
            "{full:?}"
        );
        drop(one);
        account.count(1);
        let before = account.figures();
        std::thread::sleep(Duration::from_millis(20));
        let after = account.figures();
        assert_eq!(after.used - before.used, after.allowed - before.allowed, "one of one");
        account.set_concurrency(1);
        assert!(account.enter().is_none());
        drop(two);
        assert!(account.enter().is_some());
    }
}
