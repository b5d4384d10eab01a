//! Who calls which version of a contract, and what a caller of a method that goes is told.

use std::collections::HashSet;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use chrono::NaiveDate;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, header};
use http_body::Frame;
use http_body_util::BodyExt;
use opentelemetry::metrics::Counter;
use opentelemetry::{KeyValue, global};
use strata_contract::{Deprecation, Policies};
use strata_telemetry::metric;
use tonic::body::Body;

use crate::caller::Caller;
use crate::consumers::Consumers;
use crate::names;
use crate::next::Next;

/// Metadata by which a caller names itself, where nobody authenticated it.
pub(crate) const CONSUMER_HEADER: &str = "strata-consumer";
/// Longest name.
const LONGEST: usize = 64;

const DEPRECATION: HeaderName = HeaderName::from_static("deprecation");
const SUNSET: HeaderName = HeaderName::from_static("sunset");

static CALLS: LazyLock<Counter<u64>> = LazyLock::new(|| {
    let meter = global::meter("strata");
    meter.u64_counter(metric::CONTRACT_CALLS).with_unit("{call}").build()
});

static DEPRECATED: LazyLock<Counter<u64>> = LazyLock::new(|| {
    let meter = global::meter("strata");
    meter.u64_counter(metric::DEPRECATED_CALLS).with_unit("{call}").build()
});

/// Counts calls by contract and consumer, and tells callers of deprecated methods.
#[derive(Debug)]
pub(crate) struct Announcer {
    policies: Arc<Policies>,
    consumers: Arc<Consumers>,
    /// What the log was told: method and consumer.
    told: Mutex<HashSet<(String, String)>>,
}

impl Announcer {
    pub(crate) fn new(policies: Arc<Policies>, consumers: Arc<Consumers>) -> Arc<Self> {
        Arc::new(Self {
            policies,
            consumers,
            told: Mutex::default(),
        })
    }

    /// Counts the call. The answer of a deprecated method says so in its headers and in its trailers: `deprecation`, `sunset` (RFC 8594)
    /// and a `link` to what to call instead.
    pub(crate) async fn announce(self: Arc<Self>, request: Request<Body>, next: Next) -> Response<Body> {
        let path = request.uri().path();
        let Some(package) = self.policies.method(path).and_then(|_| package(path)) else {
            return next.run(request).await;
        };
        let consumer = self.consumers.count(path, consumer(&request));
        let labels = [
            KeyValue::new("rpc.package", package.to_owned()),
            KeyValue::new("consumer", consumer.clone()),
        ];
        CALLS.add(1, &labels);
        let Some(ends) = self.policies.deprecation(path) else {
            return next.run(request).await;
        };
        self.note(path, &consumer, ends);
        let notice = notice(ends);
        let mut response = next.run(request).await;
        response.headers_mut().extend(notice.clone());
        response.map(|body| {
            Body::new(body.map_frame(move |frame| match frame.into_trailers() {
                Ok(mut trailers) => {
                    trailers.extend(notice.clone());
                    Frame::trailers(trailers)
                }
                Err(frame) => frame,
            }))
        })
    }

    /// Counts it, and says once in the log who calls what goes.
    fn note(&self, path: &str, consumer: &str, ends: Deprecation<'_>) {
        let method = names::method(path);
        let labels = [
            KeyValue::new("rpc.method", method.to_owned()),
            KeyValue::new("consumer", consumer.to_owned()),
        ];
        DEPRECATED.add(1, &labels);
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.insert((method.to_owned(), consumer.to_owned())) {
            tracing::warn!(
                rpc.method = method,
                consumer,
                sunset = ends.sunset,
                successor = ends.successor,
                "a deprecated method is called"
            );
        }
    }
}

fn notice(ends: Deprecation<'_>) -> HeaderMap {
    let mut notice = HeaderMap::new();
    notice.insert(DEPRECATION, HeaderValue::from_static("true"));
    let day = ends.sunset.parse::<NaiveDate>().ok();
    let day = day.map(|day| day.format("%a, %d %b %Y 00:00:00 GMT").to_string());
    if let Some(day) = day.and_then(|day| HeaderValue::try_from(day).ok()) {
        notice.insert(SUNSET, day);
    }
    let successor = ends
        .successor
        .rsplit_once('.')
        .map(|(service, method)| format!("/{service}/{method}"));
    let link = successor.map(|path| format!("<{path}>; rel=\"successor-version\""));
    if let Some(link) = link.and_then(|link| HeaderValue::try_from(link).ok()) {
        notice.insert(header::LINK, link);
    }
    notice
}

/// Who calls: as authenticated, as it names itself, or the program it says it is.
fn consumer(request: &Request<Body>) -> String {
    if let Some(name) = request.extensions().get::<Caller>().and_then(Caller::proven) {
        return name.to_owned();
    }
    let said = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let named = said(CONSUMER_HEADER).filter(|name| is_name(name));
    let program = || said("user-agent").and_then(|agent| agent.split(['/', ' ']).next());
    named
        .or_else(|| program().filter(|name| is_name(name)))
        .unwrap_or("unnamed")
        .to_owned()
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= LONGEST && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.@".contains(&b))
}

/// `strata.process.billing.v1` of `/strata.process.billing.v1.BillingService/ListDocuments`.
fn package(path: &str) -> Option<&str> {
    let (service, _) = names::method(path).rsplit_once('/')?;
    service.rsplit_once('.').map(|(package, _)| package)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_identity::Principal;
    use strata_settings::Secret;

    use super::*;

    #[test]
    fn the_notice_is_what_http_clients_know() {
        let said = notice(Deprecation {
            sunset: "2027-06-30",
            successor: "strata.dev.v2.ControlService.GetTime",
        });
        assert_eq!(said["sunset"], "Wed, 30 Jun 2027 00:00:00 GMT");
        assert_eq!(
            said["link"],
            "</strata.dev.v2.ControlService/GetTime>; rel=\"successor-version\""
        );
        assert_eq!(said["deprecation"], "true");
    }

    #[test]
    fn a_consumer_is_who_it_says_unless_somebody_knows_better() {
        let call = |name: &str, value: &str| Request::post("/").header(name, value).body(Body::empty()).unwrap();
        assert_eq!(consumer(&call("strata-consumer", "billing-portal")), "billing-portal");
        assert_eq!(consumer(&call("user-agent", "grpcurl/1.9.3 grpc-go/1.61.0")), "grpcurl");
        assert_eq!(consumer(&call("strata-consumer", "a b\"c")), "unnamed");
        let mut known = call("strata-consumer", "somebody-else");
        let portal = Principal {
            subject: "svc-portal".to_owned(),
            ..Principal::clone(&Principal::development())
        };
        let token = Secret::new("not looked at");
        known.extensions_mut().insert(Caller::direct_by(Arc::new(portal), token));
        assert_eq!(consumer(&known), "svc-portal");
    }
}
