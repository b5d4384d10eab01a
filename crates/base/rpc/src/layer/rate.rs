//! How many calls of a class one caller may make. Each caller has a bucket for each class, so that nobody's burst is paid by others.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{Extensions, Request};
use strata_contract::Policies;
use strata_contract::strata::options::v1::RateClass;
use strata_kernel::{Error, Kind};
use strata_tls::Peer;
use tokio::time::Instant;
use tonic::Status;
use tonic::body::Body;
use tonic::transport::server::TcpConnectInfo;

use crate::caller::Caller;
use crate::reason;
use crate::settings::{Rate, Rates};
use crate::status::over_budget;

/// Buckets that are remembered. Beyond it, callers that are new share one, so that made-up names cost no memory.
const MOST_BUCKETS: usize = 20_000;

/// The budgets of every caller.
#[derive(Debug)]
pub(crate) struct Budgets {
    policies: Arc<Policies>,
    rates: Rates,
    /// When a caller's bucket of a class will be full again.
    full_at: Mutex<HashMap<(Key, RateClass), Instant>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Named(String),
    Address(IpAddr),
    Others,
}

impl Budgets {
    pub(crate) fn new(rates: Rates, policies: Arc<Policies>) -> Self {
        Self {
            policies,
            rates,
            full_at: Mutex::default(),
        }
    }

    /// Takes a call from its caller's budget, or refuses it with RESOURCE_EXHAUSTED and the time after which there is one again. Calls
    /// within the process are not counted: the server that makes them counted its own.
    pub(crate) fn spend(&self, request: &Request<Body>) -> Result<(), Status> {
        let class = self.policies.method(request.uri().path()).map(|policy| policy.rate_class());
        let (Some(class), Some(key)) = (class, key(request.extensions())) else {
            return Ok(());
        };
        let taken = self.take(key, class, Instant::now());
        taken.map_err(|(wait, key)| refusal(&key, class, wait))
    }

    /// One bucket is one instant: the time at which it would be full again. A call moves it by the time that a call takes to refill.
    fn take(&self, key: Key, class: RateClass, now: Instant) -> Result<(), (Duration, Key)> {
        let Some(Rate { per_second, burst }) = self.rates.of(class) else {
            return Ok(());
        };
        let refill = Duration::from_secs(1) / per_second;
        let room = refill * (burst - 1);
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let mut bucket = (key, class);
        if full_at.len() >= MOST_BUCKETS && !full_at.contains_key(&bucket) {
            full_at.retain(|_, full| *full > now);
            if full_at.len() >= MOST_BUCKETS {
                bucket.0 = Key::Others;
            }
        }
        let full = full_at.get(&bucket).map_or(now, |full| (*full).max(now));
        let wait = full.saturating_duration_since(now).saturating_sub(room);
        if wait.is_zero() {
            full_at.insert(bucket, full + refill);
            return Ok(());
        }
        Err((wait, bucket.0))
    }
}

fn key(said: &Extensions) -> Option<Key> {
    if let Some(name) = said.get::<Caller>().and_then(Caller::proven) {
        return Some(Key::Named(name.to_owned()));
    }
    if let Some(uri) = said.get::<Peer>().and_then(Peer::uri) {
        return Some(Key::Named(uri.to_owned()));
    }
    let address = said.get::<TcpConnectInfo>()?.remote_addr?;
    Some(Key::Address(address.ip()))
}

fn refusal(key: &Key, class: RateClass, wait: Duration) -> Status {
    let class = class.as_str_name().trim_start_matches("RATE_CLASS_").to_lowercase();
    let subject = match key {
        Key::Named(name) => format!("caller:{name}"),
        Key::Address(address) => format!("address:{address}"),
        Key::Others => "caller:others".to_owned(),
    };
    let text = format!("too many calls of the class {class}; wait as long as RetryInfo says, and spread calls out");
    let error = Error::new(Kind::ResourceExhausted, reason::TOO_MANY_CALLS, text);
    over_budget(error, wait, &subject, &format!("server.rates.{class}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn budgets(per_second: u32, burst: u32) -> Budgets {
        let rates = Rates {
            read: Rate { per_second, burst },
            ..Rates::default()
        };
        Budgets::new(rates, Policies::built_in())
    }

    fn of(name: &str) -> Key {
        Key::Named(name.to_owned())
    }

    #[tokio::test(start_paused = true)]
    async fn a_bucket_empties_and_fills_again_at_its_rate() {
        let (budgets, now) = (budgets(10, 3), Instant::now());
        for _ in 0..3 {
            budgets.take(of("a"), RateClass::Read, now).unwrap();
        }
        let (wait, _) = budgets.take(of("a"), RateClass::Read, now).unwrap_err();
        assert_eq!(wait, Duration::from_millis(100));
        let early = now + Duration::from_millis(99);
        assert!(budgets.take(of("a"), RateClass::Read, early).is_err());
        budgets.take(of("a"), RateClass::Read, now + wait).unwrap();
        assert!(budgets.take(of("a"), RateClass::Read, now + wait).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn callers_and_classes_do_not_share() {
        let (budgets, now) = (budgets(1, 1), Instant::now());
        budgets.take(of("a"), RateClass::Read, now).unwrap();
        assert!(budgets.take(of("a"), RateClass::Read, now).is_err());
        budgets.take(of("b"), RateClass::Read, now).unwrap();
        budgets.take(of("a"), RateClass::Write, now).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_of_nothing_counts_nothing() {
        let (budgets, now) = (budgets(0, 0), Instant::now());
        for _ in 0..1000 {
            budgets.take(of("a"), RateClass::Read, now).unwrap();
        }
        assert!(budgets.full_at.lock().unwrap().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn made_up_names_cost_no_memory() {
        let (budgets, now) = (budgets(1, 1), Instant::now());
        for n in 0..MOST_BUCKETS + 100 {
            budgets.take(of(&n.to_string()), RateClass::Read, now).ok();
        }
        assert!(budgets.full_at.lock().unwrap().len() <= MOST_BUCKETS + 1);
        // Those that are full again are forgotten, and then there is room.
        let later = now + Duration::from_secs(2);
        budgets.take(of("new"), RateClass::Read, later).unwrap();
        assert!(budgets.full_at.lock().unwrap().len() < 10);
    }
}
