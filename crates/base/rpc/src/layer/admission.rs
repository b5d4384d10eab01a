//! So many calls at a time for the server as a whole. Under load what is sheddable is refused first, then ordinary work, and money
//! last: each criticality may fill the server only so far, and the rest is kept free for what matters more.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::{Request, Response};
use strata_contract::Policies;
use strata_contract::criticality;
use strata_contract::strata::options::v1::{Criticality, RateClass};
use strata_kernel::{Error, Kind};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};
use tonic::body::Body;

use super::limit::Gate;
use crate::next::Next;
use crate::settings::ServerSettings;
use crate::status::status;
use crate::{answer, reason};

/// Places of a server. Streams have their own: one that stays open must not keep a short call out.
#[derive(Debug)]
pub(crate) struct Admission {
    policies: Arc<Policies>,
    calls: Arc<Places>,
    streams: Arc<Places>,
}

impl Admission {
    pub(crate) fn new(settings: &ServerSettings, policies: Arc<Policies>) -> Arc<Self> {
        Arc::new(Self {
            policies,
            calls: Arc::new(Places::new(settings.calls, settings)),
            streams: Arc::new(Places::new(settings.streams, settings)),
        })
    }

    /// Lets a call in while its criticality has places. Sheddable calls do not wait for one; others do, for as long as their
    /// connection waits. Methods of others (health, reflection) always get in.
    pub(crate) async fn admit(self: Arc<Self>, mut request: Request<Body>, next: Next) -> Response<Body> {
        let patience = request
            .extensions_mut()
            .remove::<Gate>()
            .map_or(Duration::ZERO, |gate| gate.wait());
        let Some(policy) = self.policies.method(request.uri().path()) else {
            return next.run(request).await;
        };
        let places = if policy.rate_class() == RateClass::Stream {
            &self.streams
        } else {
            &self.calls
        };
        let criticality = policy.criticality();
        let patience = if criticality == Criticality::Sheddable {
            Duration::ZERO
        } else {
            patience
        };
        match places.take(criticality, patience).await {
            Some(place) => {
                let answer = criticality::within(criticality, next.run(request)).await;
                answer::holding(answer, place)
            }
            None => {
                let text = "the server has too much to do; try again in a moment";
                status(Error::new(Kind::Unavailable, reason::OVERLOADED, text)).into_http()
            }
        }
    }
}

/// Places, and how many of them each criticality may see taken.
#[derive(Debug)]
struct Places {
    taken: Mutex<usize>,
    sheddable: usize,
    normal: usize,
    all: usize,
    freed: Notify,
}

/// A taken place. It comes free when it is dropped.
#[derive(Debug)]
struct Place(Arc<Places>);

impl Places {
    fn new(all: usize, settings: &ServerSettings) -> Self {
        let share = |percent: u32| (all * percent as usize / 100).max(1);
        Self {
            taken: Mutex::new(0),
            sheddable: share(settings.sheddable_percent),
            normal: share(settings.normal_percent),
            all,
            freed: Notify::new(),
        }
    }

    async fn take(self: &Arc<Self>, criticality: Criticality, patience: Duration) -> Option<Place> {
        if let Some(place) = self.try_take(criticality) {
            return Some(place);
        }
        let end = Instant::now() + patience;
        loop {
            // Asked before looking, so that a place that comes free in between wakes it.
            let mut freed = std::pin::pin!(self.freed.notified());
            freed.as_mut().enable();
            if let Some(place) = self.try_take(criticality) {
                return Some(place);
            }
            timeout_at(end, freed).await.ok()?;
        }
    }

    fn try_take(self: &Arc<Self>, criticality: Criticality) -> Option<Place> {
        let limit = match criticality {
            Criticality::Sheddable => self.sheddable,
            Criticality::Normal | Criticality::Unspecified => self.normal,
            Criticality::Financial => self.all,
        };
        let mut taken = self.lock();
        (*taken < limit).then(|| {
            *taken += 1;
            Place(self.clone())
        })
    }

    /// A count stays true whoever panicked while it was locked.
    fn lock(&self) -> MutexGuard<'_, usize> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *self.0.lock() -= 1;
        self.0.freed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn places() -> Arc<Places> {
        let settings = ServerSettings {
            sheddable_percent: 50,
            normal_percent: 80,
            ..ServerSettings::default()
        };
        Arc::new(Places::new(10, &settings))
    }

    #[tokio::test]
    async fn each_criticality_fills_the_server_only_so_far() {
        let places = places();
        let mut held = Vec::new();
        for (criticality, until) in [
            (Criticality::Sheddable, 5),
            (Criticality::Normal, 8),
            (Criticality::Financial, 10),
        ] {
            while held.len() < until {
                held.push(places.take(criticality, Duration::ZERO).await.unwrap());
            }
            assert!(
                places.take(criticality, Duration::ZERO).await.is_none(),
                "{criticality:?} at {until} + 1"
            );
        }
        held.truncate(4);
        assert!(places.take(Criticality::Sheddable, Duration::ZERO).await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn ordinary_work_waits_for_a_place_and_no_longer_than_it_may() {
        let places = places();
        let mut held = Vec::new();
        while let Some(place) = places.try_take(Criticality::Normal) {
            held.push(place);
        }
        let begin = Instant::now();
        assert!(places.take(Criticality::Normal, Duration::from_millis(250)).await.is_none());
        assert_eq!(begin.elapsed().as_millis(), 250);
        let waiting = places.clone();
        let waiting = tokio::spawn(async move { waiting.take(Criticality::Normal, Duration::from_secs(30)).await.is_some() });
        tokio::task::yield_now().await;
        held.pop();
        assert!(waiting.await.unwrap());
    }
}
