//! The one table between our errors and gRPC.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use strata_kernel::{Error, Kind};
use strata_telemetry::CorrelationId;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

use crate::reason;

/// Domain of every ErrorInfo.
pub(crate) const DOMAIN: &str = "strata";

/// Kind, code, and how long to wait before trying the same again.
const TABLE: [(Kind, Code, Option<Duration>); 12] = [
    (Kind::InvalidArgument, Code::InvalidArgument, None),
    (Kind::NotFound, Code::NotFound, None),
    (Kind::AlreadyExists, Code::AlreadyExists, None),
    (Kind::FailedPrecondition, Code::FailedPrecondition, None),
    (Kind::Aborted, Code::Aborted, Some(Duration::from_millis(100))),
    (Kind::PermissionDenied, Code::PermissionDenied, None),
    (Kind::Unauthenticated, Code::Unauthenticated, None),
    (Kind::Unavailable, Code::Unavailable, Some(Duration::from_secs(1))),
    (Kind::ResourceExhausted, Code::ResourceExhausted, Some(Duration::from_secs(5))),
    (Kind::Unsupported, Code::Unimplemented, None),
    (Kind::DeadlineExceeded, Code::DeadlineExceeded, Some(Duration::from_secs(1))),
    (Kind::Internal, Code::Internal, None),
];

fn code(kind: Kind) -> (Code, Option<Duration>) {
    TABLE
        .iter()
        .find(|(k, ..)| *k == kind)
        .map_or((Code::Internal, None), |(_, code, wait)| (*code, *wait))
}

fn kind(code: Code) -> Kind {
    let listed = TABLE.iter().find(|(_, c, _)| *c == code).map(|(kind, ..)| *kind);
    listed.unwrap_or(match code {
        Code::OutOfRange => Kind::InvalidArgument,
        Code::Cancelled => Kind::DeadlineExceeded,
        _ => Kind::Internal,
    })
}

/// The status a caller gets. What is `internal` goes to the log under the correlation id, never to the caller.
pub fn status(error: Error) -> Status {
    let (code, wait) = code(error.kind);
    log(&error, code);
    let metadata: HashMap<String, String> = error.metadata.clone().into_iter().collect();
    let mut details = ErrorDetails::with_error_info(error.reason, DOMAIN, metadata);
    if !error.field.is_empty() {
        details.add_bad_request_violation(&error.field, &error.message);
    }
    if error.kind == Kind::FailedPrecondition {
        details.add_precondition_failure_violation(error.reason, &error.field, &error.message);
    }
    if wait.is_some() {
        details.set_retry_info(wait);
    }
    if let Some(id) = CorrelationId::current() {
        details.set_request_info(id.as_str(), "");
    }
    Status::with_error_details(code, error.message, details)
}

/// The status of a caller who spent a budget: how long to wait, whose it is, and which limit.
pub(crate) fn over_budget(error: Error, wait: Duration, subject: &str, limit: &str) -> Status {
    let status = status(error);
    let mut details = status.get_error_details();
    details.set_retry_info(Some(wait));
    details.add_quota_failure_violation(subject, limit);
    Status::with_error_details(status.code(), status.message(), details)
}

fn log(error: &Error, code: Code) {
    let (reason, internal) = (error.reason, error.internal.as_str());
    let correlation = CorrelationId::current();
    let id = correlation.as_ref().map(CorrelationId::as_str);
    if code == Code::Internal {
        tracing::error!(correlation.id = id, error.reason = reason, internal, "{}", error.message);
    } else if !internal.is_empty() {
        tracing::warn!(correlation.id = id, error.reason = reason, internal, "{}", error.message);
    }
}

/// Our error from the status of a call we made. A reason that the contract does not know becomes INTERNAL.
pub fn error(status: Status) -> Error {
    let details = status.get_error_details();
    let reason = match details.error_info() {
        Some(info) if info.domain == DOMAIN => reason::intern(&info.reason),
        Some(_) => reason::intern(""),
        None => reason::of_code(status.code()),
    };
    let field = details
        .bad_request()
        .and_then(|bad| bad.field_violations.first())
        .map(|violation| violation.field.clone())
        .unwrap_or_default();
    let metadata = match details.error_info() {
        Some(info) if info.domain == DOMAIN => info.metadata.clone().into_iter().collect(),
        _ => BTreeMap::new(),
    };
    let error = Error {
        metadata,
        ..Error::new(kind(status.code()), reason, status.message()).at(field)
    };
    match details.request_info() {
        // The other server's log has the cause; ours says where to look. What is no fault is not logged twice.
        Some(info) if error.kind == Kind::Internal => error.because(format!("remote call {}", info.request_id)),
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_kind_comes_back_as_itself() {
        for (kind, code, wait) in TABLE {
            let sent = Error::new(kind, "PERIOD_CLOSED", "what to do").at("lines[0].date");
            let status = status(sent.clone());
            assert_eq!(status.code(), code);
            let details = status.get_error_details();
            assert_eq!(details.error_info().unwrap().domain, "strata");
            assert_eq!(details.retry_info().and_then(|retry| retry.retry_delay), wait, "{kind:?}");
            assert_eq!(sent.is_temporary(), wait.is_some(), "{kind:?}");
            assert_eq!(error(status), sent);
        }
    }

    #[test]
    fn both_digests_of_a_conflict_reach_the_caller() {
        let sent = Error::conflict("aaaa", "bbbb", "request r1 was another one").at("request_id");
        let status = status(sent.clone());
        let details = status.get_error_details();
        let metadata = &details.error_info().unwrap().metadata;
        assert_eq!(
            (metadata["held_digest"].as_str(), metadata["sent_digest"].as_str()),
            ("aaaa", "bbbb")
        );
        assert_eq!(error(status), sent);
    }

    #[test]
    fn what_is_internal_stays_here() {
        let status = status(Error::internal("password is hunter2"));
        assert_eq!(status.code(), Code::Internal);
        assert!(!status.message().contains("hunter2"));
        assert!(!String::from_utf8_lossy(status.details()).contains("hunter2"));
    }

    #[test]
    fn the_correlation_id_is_in_the_details() {
        let id = CorrelationId::parse("order-7").unwrap();
        let missing = id.scope_sync(|| status(Error::not_found("engagement", "eng_1")));
        assert_eq!(missing.get_error_details().request_info().unwrap().request_id, "order-7");
        assert_eq!(error(missing).internal, "");
        let id = CorrelationId::parse("order-8").unwrap();
        let broken = id.scope_sync(|| status(Error::internal("a bug")));
        assert_eq!(error(broken).internal, "remote call order-8");
    }

    #[test]
    fn foreign_statuses_become_ours() {
        let foreign = error(Status::unknown("?"));
        assert_eq!((foreign.kind, foreign.reason), (Kind::Internal, "INTERNAL"));
        let details = ErrorDetails::with_error_info("PERIOD_CLOSED", "somebody.else", HashMap::new());
        let foreign = error(Status::with_error_details(Code::FailedPrecondition, "no", details));
        assert_eq!((foreign.kind, foreign.reason), (Kind::FailedPrecondition, "INTERNAL"));
        assert_eq!(error(Status::unimplemented("")).reason, "UNSUPPORTED_OPERATION");
    }
}
