//! Who calls which method of this server: what it has seen since it started, and the service that tells it.
//!
//! Kept in memory, because a count of calls is worth no write for each of them. A server that starts again begins anew and says since
//! when it counts; what has to outlive it is in the metrics.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use strata_contract::strata::platform::v1 as pb;
use strata_contract::strata::platform::v1::contract_service_server::{ContractService, ContractServiceServer};
use strata_contract::{Policies, pb_instant};
use strata_kernel::{Clock, Instant};
use tonic::{Request, Response, Status};

use crate::page::Page;
use crate::status::status;

/// Names that are told apart. A further one is counted as `_OTHER`.
const MOST_CONSUMERS: usize = 200;

/// A clock that can stand in what is shown for debugging.
#[derive(Clone)]
pub(crate) struct Timed(pub(crate) Arc<dyn Clock>);

impl fmt::Debug for Timed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// Calls by path of the method and by consumer.
#[derive(Debug)]
pub(crate) struct Consumers {
    clock: Timed,
    since: Instant,
    policies: Arc<Policies>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    names: HashSet<String>,
    calls: BTreeMap<String, BTreeMap<String, Calls>>,
}

/// Calls of one method by one consumer.
#[derive(Debug, Clone, Copy)]
struct Calls {
    count: u64,
    first: Instant,
    last: Instant,
}

impl Consumers {
    pub(crate) fn new(policies: Arc<Policies>, clock: Timed) -> Arc<Self> {
        Arc::new(Self {
            since: clock.0.now(),
            clock,
            policies,
            seen: Mutex::default(),
        })
    }

    /// Counts a call, and returns the name under which it is counted: whoever makes names up makes no time series, and no memory full.
    pub(crate) fn count(&self, path: &str, consumer: String) -> String {
        let now = self.clock.0.now();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(calls) = seen.calls.get_mut(path).and_then(|known| known.get_mut(&consumer)) {
            calls.count += 1;
            calls.last = now;
            return consumer;
        }
        let consumer = if seen.names.contains(&consumer) {
            consumer
        } else if seen.names.len() >= MOST_CONSUMERS {
            "_OTHER".to_owned()
        } else {
            seen.names.insert(consumer.clone());
            consumer
        };
        let never = Calls {
            count: 0,
            first: now,
            last: now,
        };
        let of_method = seen.calls.entry(path.to_owned()).or_default();
        let calls = of_method.entry(consumer.clone()).or_insert(never);
        calls.count += 1;
        calls.last = now;
        consumer
    }

    /// Everything seen, by method and consumer.
    fn rows(&self, deprecated_only: bool) -> Vec<pb::Consumer> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let methods = seen.calls.iter();
        let methods = methods.filter(|(path, _)| !deprecated_only || self.policies.deprecation(path).is_some());
        methods
            .flat_map(|(path, consumers)| {
                let method = path.trim_start_matches('/').replace('/', ".");
                consumers.iter().map(move |(consumer, calls)| pb::Consumer {
                    method: method.clone(),
                    consumer: consumer.clone(),
                    calls: calls.count,
                    first_time: Some(pb_instant(calls.first)),
                    last_time: Some(pb_instant(calls.last)),
                })
            })
            .collect()
    }
}

/// What a server tells of its callers.
#[derive(Clone)]
pub(crate) struct ContractServer(Arc<Consumers>);

impl ContractServer {
    pub(crate) fn service(consumers: Arc<Consumers>) -> ContractServiceServer<Self> {
        ContractServiceServer::new(Self(consumers))
    }

    fn list(&self, q: &pb::ListConsumersRequest) -> strata_kernel::Result<pb::ListConsumersResponse> {
        let page = Page::ask(q.page_size, &q.page_token, &format!("consumers:{}", q.deprecated_only))?;
        let key = |row: &pb::Consumer| format!("{} {}", row.method, row.consumer);
        let mut rows = self.0.rows(q.deprecated_only);
        rows.sort_by_cached_key(key);
        let from = rows.partition_point(|row| key(row).as_str() <= page.after());
        rows.drain(..from);
        let next_page_token = page.cut(&mut rows, key);
        Ok(pb::ListConsumersResponse {
            consumers: rows,
            next_page_token,
            since_time: Some(pb_instant(self.0.since)),
        })
    }
}

#[tonic::async_trait]
impl ContractService for ContractServer {
    async fn list_consumers(
        &self,
        request: Request<pb::ListConsumersRequest>,
    ) -> Result<Response<pb::ListConsumersResponse>, Status> {
        self.list(&request.into_inner()).map(Response::new).map_err(status)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_kernel::SimClock;

    use super::*;

    fn at(second: i64) -> Instant {
        chrono::DateTime::from_timestamp(second, 0).unwrap()
    }

    fn counting() -> (SimClock, Arc<Consumers>) {
        let clock = SimClock::new(at(100));
        let timed = Timed(Arc::new(clock.clone()));
        (clock, Consumers::new(Policies::built_in(), timed))
    }

    #[test]
    fn made_up_names_make_no_time_series() {
        let (_, consumers) = counting();
        for n in 0..MOST_CONSUMERS {
            assert_eq!(consumers.count("/a.B/C", format!("c{n}")), format!("c{n}"));
        }
        assert_eq!(consumers.count("/a.B/C", "one-more".into()), "_OTHER");
        assert_eq!(consumers.count("/a.B/C", "c7".into()), "c7");
        assert_eq!(consumers.rows(false).len(), MOST_CONSUMERS + 1);
    }

    #[test]
    fn a_list_says_how_often_and_since_when_in_pages() {
        let (clock, consumers) = counting();
        let old = "/strata.experience.delivery.v1.DeliveryService/GetTimeline";
        consumers.count(old, "portal".into());
        clock.set(at(160));
        consumers.count(old, "portal".into());
        consumers.count(old, "month end".into());
        consumers.count("/strata.system.erp.v1.ErpService/PostTime", "strata".into());
        let server = ContractServer(consumers);
        let ask = |page_token: String, deprecated_only| {
            server.list(&pb::ListConsumersRequest {
                page_size: 1,
                page_token,
                deprecated_only,
            })
        };
        let (mut rows, mut token) = (Vec::new(), String::new());
        loop {
            let page = ask(token, false).unwrap();
            assert_eq!(page.since_time, Some(pb_instant(at(100))));
            rows.extend(page.consumers);
            token = page.next_page_token;
            if token.is_empty() {
                break;
            }
        }
        let names: Vec<&str> = rows.iter().map(|row| row.consumer.as_str()).collect();
        assert_eq!(names, ["month end", "portal", "strata"]);
        let portal = &rows[1];
        assert_eq!(portal.method, "strata.experience.delivery.v1.DeliveryService.GetTimeline");
        assert_eq!(portal.calls, 2);
        assert_eq!(portal.first_time, Some(pb_instant(at(100))));
        assert_eq!(portal.last_time, Some(pb_instant(at(160))));
        let going = ask(String::new(), true).unwrap();
        assert_eq!(going.consumers[0].consumer, "month end");
        assert_eq!(ask(going.next_page_token, false).unwrap_err().field, "page_token");
    }
}
