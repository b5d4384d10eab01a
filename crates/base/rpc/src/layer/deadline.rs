//! Every call of ours has a deadline, and passes what is left of it on.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use http::{HeaderMap, HeaderValue, Request, Response};
use strata_contract::Policies;
use strata_kernel::{Error, Kind};
use tokio::time::{Instant, sleep_until, timeout_at};
use tonic::Status;
use tonic::body::Body;

use crate::next::Next;
use crate::status::status;
use crate::{answer, reason};

/// Metadata key of the caller's deadline.
pub(crate) const TIMEOUT_HEADER: &str = "grpc-timeout";

tokio::task_local! {
    static END: Instant;
}

/// What is left of the deadline of the call under way in this task. None: no call is.
pub fn remaining() -> Option<Duration> {
    END.try_with(|end| end.saturating_duration_since(Instant::now())).ok()
}

/// The answer to a call that took too long.
pub(crate) fn exceeded() -> Status {
    let text = "the time of the call ran out; whether it took effect must be looked up";
    status(Error::new(Kind::DeadlineExceeded, reason::DEADLINE_EXCEEDED, text))
}

/// Ends a call at its deadline: the caller's, at most twice the contract's; the contract's when it sends none.
/// Methods of others (health, reflection) only have the caller's.
pub(crate) async fn enforce(policies: Arc<Policies>, request: Request<Body>, next: Next) -> Response<Body> {
    let Some(budget) = budget(&policies, request.uri().path(), request.headers()) else {
        return next.run(request).await;
    };
    let end = Instant::now() + budget;
    match timeout_at(end, END.scope(end, next.run(request))).await {
        Ok(response) if answer::code(response.headers()).is_some() => response,
        Ok(response) => answer::until(response, sleep_until(end).map(|()| exceeded())),
        Err(_) => exceeded().into_http(),
    }
}

fn budget(policies: &Policies, path: &str, headers: &HeaderMap) -> Option<Duration> {
    let asked = read(headers);
    let Some(usual) = usual(policies, path) else { return asked };
    Some(asked.map_or(usual, |asked| asked.min(usual * 2)))
}

/// The deadline the contract gives a method.
pub(crate) fn usual(policies: &Policies, path: &str) -> Option<Duration> {
    let policy = policies.method(path).filter(|policy| policy.deadline_ms > 0)?;
    Some(Duration::from_millis(u64::from(policy.deadline_ms)))
}

/// The caller's deadline: up to eight digits and a unit. Anything else is none.
pub(crate) fn read(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(TIMEOUT_HEADER)?.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.len() > 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let value: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(value * 3600)),
        "M" => Some(Duration::from_secs(value * 60)),
        "S" => Some(Duration::from_secs(value)),
        "m" => Some(Duration::from_millis(value)),
        "u" => Some(Duration::from_micros(value)),
        "n" => Some(Duration::from_nanos(value)),
        _ => None,
    }
}

/// A deadline as metadata. Milliseconds where eight digits allow it (27 hours), else seconds.
pub(crate) fn write(headers: &mut HeaderMap, budget: Duration) {
    let millis = budget.as_millis();
    let text = if millis < 100_000_000 {
        format!("{millis}m")
    } else {
        format!("{}S", budget.as_secs().min(99_999_999))
    };
    if let Ok(value) = HeaderValue::try_from(text) {
        headers.insert(TIMEOUT_HEADER, value);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn sent(text: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(TIMEOUT_HEADER, text.parse().unwrap());
        headers
    }

    #[test]
    fn a_deadline_is_digits_and_a_unit() {
        assert_eq!(read(&sent("1500m")), Some(Duration::from_millis(1500)));
        assert_eq!(read(&sent("99999999H")), Some(Duration::from_secs(99_999_999 * 3600)));
        for bad in ["", "m", "12", "123456789S", "-1S", "1.5S", "1 S", "1ü"] {
            let value = http::HeaderValue::from_bytes(bad.as_bytes()).unwrap();
            assert_eq!(
                read(&HeaderMap::from_iter([(
                    http::HeaderName::from_static(TIMEOUT_HEADER),
                    value
                )])),
                None,
                "{bad}"
            );
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for budget in [Duration::ZERO, Duration::from_millis(1234), Duration::from_secs(200_000)] {
            let mut headers = HeaderMap::new();
            write(&mut headers, budget);
            assert_eq!(read(&headers), Some(budget));
        }
    }

    #[test]
    fn the_contract_is_the_default_and_twice_it_the_most() {
        let budget = |path: &str, headers: &HeaderMap| super::budget(&Policies::built_in(), path, headers);
        let path = "/strata.dev.v1.ControlService/GetTime";
        assert_eq!(budget(path, &HeaderMap::new()), Some(Duration::from_secs(5)));
        assert_eq!(budget(path, &sent("20m")), Some(Duration::from_millis(20)));
        assert_eq!(budget(path, &sent("2H")), Some(Duration::from_secs(10)));
        let foreign = "/grpc.health.v1.Health/Watch";
        assert_eq!(budget(foreign, &HeaderMap::new()), None);
        assert_eq!(budget(foreign, &sent("2H")), Some(Duration::from_secs(7200)));
    }
}
