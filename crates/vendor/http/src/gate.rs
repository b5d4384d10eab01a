//! How many requests at once, and how many a second. Both can be changed while requests wait and run.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use strata_contract::criticality;
use tokio::sync::{Notify, OwnedSemaphorePermit};

use crate::places::{NO_LIMIT, Places};

/// What a place in the pace is taken for.
const SECOND: Duration = Duration::from_secs(1);

/// What may be used of a vendor at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Requests under way at once. 0: none may start.
    pub at_once: u32,
    /// Requests that may start in any one second. None: no limit.
    pub per_second: Option<u32>,
}

impl Allowance {
    /// Nothing may start.
    pub const NOTHING: Self = Self {
        at_once: 0,
        per_second: None,
    };
}

/// What is asked of a gate, and what it cannot give back yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demand {
    /// Most requests that waited or ran at one moment since this was asked the last time.
    pub wanted: u32,
    /// Requests that run now.
    pub running: u32,
    /// What could be in use before the gate is set again: where it was made smaller, requests that run, and those that started
    /// within the last second, count as well. `per_second` is None while the pace has no limit.
    pub keeps: Allowance,
}

/// Admits requests: first come, first served, but of those that belong to no financial call only one stands in the line at a time. So a
/// financial request has at most one other before it, and the others get their turn all the same. Clones are the same gate.
#[derive(Debug, Clone)]
pub struct Gate {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    at_once: Places,
    pace: Places,
    /// Who stands in the line without belonging to a financial call.
    behind: tokio::sync::Mutex<()>,
    asked: Mutex<Asked>,
    /// A request found no place.
    waits: Notify,
    /// How long a request waits while somebody else sets the gate.
    patience: Duration,
    /// Somebody else sets it.
    closed: AtomicBool,
}

#[derive(Debug, Default)]
struct Asked {
    now: u32,
    most: u32,
}

impl Gate {
    /// A gate that lets in so many until it is set otherwise; at least one at once and one a second.
    pub(crate) fn new(concurrency: usize, per_second: Option<u32>, patience: Duration) -> Self {
        let pace = per_second.map_or(NO_LIMIT, |most| count(most.max(1)));
        Self {
            inner: Arc::new(Inner {
                at_once: Places::new(concurrency.max(1)),
                pace: Places::new(pace),
                behind: tokio::sync::Mutex::default(),
                asked: Mutex::default(),
                waits: Notify::new(),
                patience,
                closed: AtomicBool::new(false),
            }),
        }
    }

    /// Leaves it to somebody else to [`set`](Self::set) the gate. Until then no request starts. From now on one that waits for longer
    /// than a try may take is refused: it may be that nobody ever sets it.
    pub fn close(&self) {
        self.inner.closed.store(true, Ordering::Relaxed);
        self.set(Allowance::NOTHING);
    }

    /// Changes what may be used, from now on. Requests that run are not cut off: where there are too many, their places are gone
    /// when they end.
    pub fn set(&self, allowance: Allowance) {
        self.inner.at_once.set(count(allowance.at_once));
        self.inner.pace.set(allowance.per_second.map_or(NO_LIMIT, count));
    }

    /// What the gate lets in.
    #[must_use]
    pub fn allowance(&self) -> Allowance {
        Allowance {
            at_once: number(self.inner.at_once.capacity()),
            per_second: limit(self.inner.pace.capacity()),
        }
    }

    /// What is asked of the gate. Asking begins a new measure of the most that was wanted.
    #[must_use]
    pub fn demand(&self) -> Demand {
        let wanted = {
            let mut asked = self.inner.asked();
            let now = asked.now;
            std::mem::replace(&mut asked.most, now)
        };
        Demand {
            wanted,
            running: number(self.inner.at_once.taken()),
            keeps: self.keeps(),
        }
    }

    /// What could be in use before the gate is set again, as in [`Demand`].
    #[must_use]
    pub fn keeps(&self) -> Allowance {
        Allowance {
            at_once: number(self.inner.at_once.there()),
            per_second: limit(self.inner.pace.there()),
        }
    }

    /// Waits until a request finds no place. One that found none while nobody listened counts.
    pub async fn is_short(&self) {
        self.inner.waits.notified().await;
    }

    /// Waits for a place; it is free again when it is dropped. None: the patience ended, and nothing may be sent.
    pub(crate) async fn enter(&self) -> Option<Place> {
        let asking = Asking::new(&self.inner);
        let taken = self.inner.at_once.try_take();
        let waits = taken.is_none();
        if waits {
            self.inner.waits.notify_one();
        }
        let wait = async {
            let permit = match taken {
                Some(permit) => permit,
                None => self.stand_in_line().await?,
            };
            let place = Place {
                permit: Some(permit),
                asking,
            };
            // Taken last: the second runs from the start of the request. A place in the pace comes back one second after it was
            // taken, so no second holds more than the limit, wherever it starts. No clock is read.
            if let Some(permit) = self.inner.pace.take_if_limited().await {
                let inner = Arc::clone(&self.inner);
                tokio::spawn(async move {
                    tokio::time::sleep(SECOND).await;
                    inner.pace.give_back(permit);
                });
            }
            Some(place)
        };
        if self.inner.closed.load(Ordering::Relaxed) {
            tokio::time::timeout(self.inner.patience, wait).await.ok().flatten()
        } else {
            wait.await
        }
    }

    async fn stand_in_line(&self) -> Option<OwnedSemaphorePermit> {
        let _behind = match criticality::is_financial() {
            true => None,
            false => Some(self.inner.behind.lock().await),
        };
        self.inner.at_once.take().await
    }
}

impl Inner {
    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that waits or runs.
#[derive(Debug)]
struct Asking(Arc<Inner>);

impl Asking {
    fn new(inner: &Arc<Inner>) -> Self {
        let mut asked = inner.asked();
        asked.now += 1;
        asked.most = asked.most.max(asked.now);
        Self(Arc::clone(inner))
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.asked().now -= 1;
    }
}

/// The place of a request that runs.
#[derive(Debug)]
pub(crate) struct Place {
    permit: Option<OwnedSemaphorePermit>,
    asking: Asking,
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(permit) = self.permit.take() {
            self.asking.0.at_once.give_back(permit);
        }
    }
}

fn count(places: u32) -> usize {
    usize::try_from(places).unwrap_or(NO_LIMIT).min(NO_LIMIT)
}

fn number(places: usize) -> u32 {
    u32::try_from(places).unwrap_or(u32::MAX)
}

fn limit(places: usize) -> Option<u32> {
    (places != NO_LIMIT).then(|| number(places))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::time::Duration;

    use strata_contract::strata::options::v1::Criticality;
    use tokio::time::{Instant, sleep, timeout};

    use super::*;

    const SOON: Duration = Duration::from_millis(10);

    fn at_once(at_once: u32) -> Allowance {
        Allowance {
            at_once,
            per_second: None,
        }
    }

    async fn enters(gate: &Gate) -> bool {
        timeout(SOON, gate.enter()).await.is_ok_and(|place| place.is_some())
    }

    #[tokio::test(start_paused = true)]
    async fn no_second_holds_more_than_the_limit() {
        let gate = Gate::new(10, Some(2), SECOND);
        drop((gate.enter().await, gate.enter().await));
        assert!(!enters(&gate).await, "the third of a second has to wait");
        assert!(timeout(SECOND, gate.enter()).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_second_begins_when_the_request_starts_not_when_it_asks() {
        let gate = Gate::new(1, Some(2), SECOND);
        let first = gate.enter().await;
        let waiting: Vec<_> = (0..4)
            .map(|_| {
                let gate = gate.clone();
                tokio::spawn(async move {
                    drop(gate.enter().await);
                    Instant::now()
                })
            })
            .collect();
        sleep(SECOND * 3).await;
        drop(first);
        let mut starts = Vec::new();
        for one in waiting {
            starts.push(one.await.unwrap());
        }
        assert!(starts.windows(3).all(|three| three[2] - three[0] >= SECOND), "{starts:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_financial_request_waits_for_one_other_at_most() {
        let gate = Gate::new(1, None, SECOND);
        let running = gate.enter().await;
        let order = Arc::new(Mutex::new(Vec::new()));
        let queue = |name: &'static str, criticality| {
            let (gate, order) = (gate.clone(), Arc::clone(&order));
            tokio::spawn(criticality::within(criticality, async move {
                let _place = gate.enter().await;
                order.lock().unwrap().push(name);
            }))
        };
        let mut waiting: Vec<_> = ["a", "b", "c"].map(|name| queue(name, Criticality::Normal)).into();
        sleep(SOON).await;
        waiting.extend(["invoice", "journal"].map(|name| queue(name, Criticality::Financial)));
        sleep(SOON).await;
        drop(running);
        for one in waiting {
            one.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), ["a", "invoice", "journal", "b", "c"]);
    }

    #[tokio::test(start_paused = true)]
    async fn places_that_shall_be_gone_are_gone_when_they_come_back() {
        let gate = Gate::new(3, None, SECOND);
        let (a, b, c) = (gate.enter().await, gate.enter().await, gate.enter().await);
        gate.set(at_once(1));
        assert_eq!((gate.demand().keeps, gate.demand().running), (at_once(3), 3));
        drop(a);
        assert!(!enters(&gate).await);
        drop(b);
        assert_eq!(gate.demand().keeps, at_once(1));
        assert!(!enters(&gate).await, "one still runs");
        drop(c);
        assert!(enters(&gate).await);
        assert_eq!((gate.demand().keeps, gate.demand().running), (at_once(1), 0));
    }

    #[tokio::test(start_paused = true)]
    async fn places_that_were_to_go_and_are_wanted_again_stay() {
        let gate = Gate::new(2, None, SECOND);
        let running = (gate.enter().await, gate.enter().await);
        gate.set(at_once(0));
        gate.set(at_once(3));
        assert_eq!(gate.demand().keeps, at_once(3));
        assert!(enters(&gate).await);
        drop(running);
        assert_eq!((gate.demand().keeps, gate.allowance()), (at_once(3), at_once(3)));
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_is_let_in_when_the_gate_grows() {
        let gate = Gate::new(1, None, SECOND);
        gate.close();
        let waiting = tokio::spawn({
            let gate = gate.clone();
            async move { gate.enter().await.is_some() }
        });
        gate.is_short().await;
        assert_eq!(gate.demand().wanted, 1);
        gate.set(at_once(1));
        assert!(waiting.await.unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_too_long_is_refused_and_asks_no_more() {
        let gate = Gate::new(1, None, SECOND);
        gate.close();
        let begun = Instant::now();
        assert!(gate.enter().await.is_none());
        assert_eq!(begun.elapsed(), SECOND);
        assert_eq!(gate.demand().wanted, 1, "it did ask");
        assert_eq!(gate.demand().wanted, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn the_most_that_was_wanted_is_remembered_once() {
        let gate = Gate::new(2, None, SECOND);
        let both = (gate.enter().await, gate.enter().await);
        let third = timeout(SOON, gate.enter()).await;
        assert!(third.is_err());
        drop(both);
        assert_eq!(gate.demand().wanted, 3);
        assert_eq!(gate.demand().wanted, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_pace_that_is_lowered_counts_what_started_within_the_second() {
        let gate = Gate::new(9, Some(4), SECOND);
        for _ in 0..4 {
            drop(gate.enter().await);
        }
        let slower = Allowance {
            at_once: 9,
            per_second: Some(1),
        };
        gate.set(slower);
        assert_eq!(gate.demand().keeps.per_second, Some(4));
        sleep(SECOND + SOON).await;
        assert_eq!(gate.demand().keeps.per_second, Some(1));
        assert!(enters(&gate).await && !enters(&gate).await);
        gate.set(at_once(9));
        assert!(enters(&gate).await && enters(&gate).await);
    }
}
