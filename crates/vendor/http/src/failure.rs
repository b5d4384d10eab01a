//! Failures, and the errors and outcomes they become.

use std::fmt::Display;

use strata_contract::strata::common::v1::WriteOutcome;
use strata_kernel::{Error, Kind, Result};
use strata_port::outcome;

use crate::request::Reply;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Nothing can have reached the vendor: no connection, or a request that could not be built.
    #[error("not sent: {0}")]
    NotSent(String),
    /// What we may use of the vendor's account was in use for too long, so nothing was sent.
    #[error("our share of the vendor's allowance was in use for too long")]
    NoPlace,
    /// It may have arrived and been carried out: time-out or cut after sending.
    #[error("answer lost: {0}")]
    Lost(String),
    /// It was answered, with more than the client is willing to hold.
    #[error("the answer is larger than the limit")]
    TooLarge,
    /// No token could be had, so nothing was sent.
    #[error("no token: {0}")]
    NoToken(Error),
}

/// The vendor did not answer, or not in a usable way. The same request may succeed later.
pub fn unavailable(detail: impl Display) -> Error {
    Error::new(
        Kind::Unavailable,
        "VENDOR_UNAVAILABLE",
        "the vendor does not answer; it is tried again",
    )
    .because(detail)
}

/// The vendor asked to slow down, or would have.
pub fn throttled(detail: impl Display) -> Error {
    Error::new(
        Kind::Unavailable,
        "VENDOR_THROTTLED",
        "the vendor asks to slow down; it is tried again later",
    )
    .because(detail)
}

/// The vendor does not accept our credentials. Trying again does not help.
pub fn unauthenticated(detail: impl Display) -> Error {
    Error::precondition(
        "VENDOR_UNAUTHENTICATED",
        "the vendor does not accept our credentials; an administrator has to renew them",
    )
    .because(detail)
}

/// The vendor refused the request. `message` is ours; the vendor's text goes to `detail`, for the log.
pub fn rejected(message: impl Into<String>, detail: impl Display) -> Error {
    Error::precondition("VENDOR_REJECTED", message).because(detail)
}

/// The error of a read that failed.
pub fn error_of(failure: Failure) -> Error {
    match failure {
        Failure::NoToken(error) => error,
        Failure::NoPlace => throttled(failure),
        other => unavailable(other),
    }
}

/// How a write under `key` ended that got no answer: UNKNOWN when it may have arrived, an error when it cannot have.
pub fn outcome_of(failure: Failure, key: &str) -> Result<WriteOutcome> {
    match failure {
        Failure::Lost(_) | Failure::TooLarge => {
            tracing::warn!(key, %failure, "answer lost");
            Ok(outcome::unknown(key))
        }
        Failure::NotSent(_) | Failure::NoToken(_) | Failure::NoPlace => Err(error_of(failure)),
    }
}

/// The error that an HTTP status alone makes: 401, 429 and 5xx. None: the vendor's body has to be asked.
pub fn unanswered(reply: &Reply) -> Option<Error> {
    let detail = || format!("status {}: {}", reply.status, reply.excerpt());
    match reply.status {
        401 => Some(unauthenticated(detail())),
        429 => Some(throttled(detail())),
        408 | 500.. => Some(unavailable(detail())),
        _ => None,
    }
}

/// True when a write that was answered with this status may have been carried out all the same: a gateway gave up waiting, or
/// the vendor broke off half-way. 429 and 503 are refusals at the door.
pub fn attempt_lost(status: u16) -> bool {
    status == 408 || (status >= 500 && status != 503 && status != 501)
}
