//! What NetSuite's refusals mean to us. Its own words go to the log only.

use serde::Deserialize;
use strata_contract::strata::common::v1::WriteOutcome;
use strata_kernel::{Error, Kind, Result};
use strata_port::outcome;
use strata_vendor_http::{attempt_lost, rejected, throttled, unauthenticated, unavailable};

use crate::VENDOR;

/// What a refusal means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Token, role or certificate is not accepted.
    Unauthenticated,
    /// The role lacks a permission.
    Forbidden,
    /// The account's concurrency or request limit is used up.
    Throttled,
    /// The platform refuses at the door: nothing happened.
    Unavailable,
    /// The platform or a gateway broke off: a write may have been carried out.
    Lost,
    /// No such record.
    NotFound,
    /// An asynchronous request with this idempotency key was accepted before.
    SentBefore,
    /// The posting date is in a closed or locked period.
    PeriodClosed,
    /// A business rule, a bad value or a bad reference.
    Rejected,
}

/// A refusal, with what the log should say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) meaning: Meaning,
    /// NetSuite's own words: for the log only.
    pub(crate) detail: String,
}

#[derive(Deserialize)]
struct Body {
    #[serde(default, rename = "o:errorDetails")]
    details: Vec<Detail>,
    #[serde(default)]
    title: String,
}

#[derive(Deserialize)]
struct Detail {
    #[serde(default)]
    detail: String,
    #[serde(default, rename = "o:errorCode")]
    code: String,
    #[serde(default, rename = "o:errorPath")]
    path: String,
}

/// Longest piece of vendor text that is logged.
const LOGGED: usize = 600;

impl Refusal {
    /// Reads an answer of status 400 or above. The status gives the first guess, NetSuite's own code corrects it.
    pub(crate) fn read(status: u16, body: &[u8]) -> Self {
        let (code, words) = match serde_json::from_slice::<Body>(body) {
            Ok(Body { details, title }) => match details.into_iter().next() {
                Some(first) => (first.code, format!("{} {}", first.detail, first.path)),
                None => (String::new(), title),
            },
            Err(_) => (String::new(), String::from_utf8_lossy(body).into_owned()),
        };
        let cut: String = format!("status {status} {code} {}", words.trim())
            .chars()
            .take(LOGGED)
            .collect();
        Self {
            meaning: meaning(status, &code, &words),
            detail: cut,
        }
    }

    /// The refusal of a read, or of a call that cannot have changed anything.
    pub(crate) fn error(&self) -> Error {
        match self.meaning {
            Meaning::Unauthenticated => unauthenticated(&self.detail),
            Meaning::Forbidden => Error::new(
                Kind::PermissionDenied,
                "VENDOR_UNAUTHENTICATED",
                "the integration's role lacks a permission in NetSuite; the log names it",
            )
            .because(&self.detail),
            Meaning::Throttled => throttled(&self.detail),
            Meaning::Unavailable | Meaning::Lost => unavailable(&self.detail),
            Meaning::NotFound => Error::new(Kind::NotFound, "NOT_FOUND", "NetSuite has no such record").because(&self.detail),
            Meaning::PeriodClosed => Error::precondition("PERIOD_CLOSED", PERIOD_CLOSED).because(&self.detail),
            Meaning::SentBefore | Meaning::Rejected => rejected(REJECTED, &self.detail),
        }
    }

    /// How the write of one record ended. An error when nothing happened and the record is not to blame.
    pub(crate) fn outcome(&self, key: &str) -> Result<WriteOutcome> {
        match self.meaning {
            Meaning::Unauthenticated | Meaning::Forbidden | Meaning::Throttled | Meaning::Unavailable => Err(self.error()),
            _ => Ok(self.item_outcome(key)),
        }
    }

    /// How one record of a batch ended that was accepted as a whole.
    pub(crate) fn item_outcome(&self, key: &str) -> WriteOutcome {
        tracing::warn!(vendor.name = VENDOR, key, detail = %self.detail, "record refused");
        match self.meaning {
            Meaning::PeriodClosed => outcome::rejected(key, "PERIOD_CLOSED", PERIOD_CLOSED),
            // Not the record's fault: it is looked up, and sent again when it is not there.
            Meaning::Throttled | Meaning::Unavailable | Meaning::Lost => outcome::unknown(key),
            _ => outcome::rejected(key, "VENDOR_REJECTED", REJECTED),
        }
    }
}

const PERIOD_CLOSED: &str = "the accounting period of this day is closed; reopen it or post to an open one";
const REJECTED: &str = "NetSuite refused the record; the log has its words under the correlation id";

fn meaning(status: u16, code: &str, words: &str) -> Meaning {
    match code {
        "INVALID_LOGIN" | "INVALID_LOGIN_ATTEMPT" => return Meaning::Unauthenticated,
        "IDEMPOTENCY_ERROR" => return Meaning::SentBefore,
        "CONCURRENCY_LIMIT_EXCEEDED" | "SSS_REQUEST_LIMIT_EXCEEDED" | "WS_REQUEST_BLOCKED" => return Meaning::Throttled,
        "NONEXISTENT_ID" => return Meaning::NotFound,
        "INSUFFICIENT_PERMISSION" => return Meaning::Forbidden,
        "USER_ERROR" if speaks_of_a_closed_period(words) => return Meaning::PeriodClosed,
        _ => {}
    }
    match status {
        401 => Meaning::Unauthenticated,
        403 => Meaning::Forbidden,
        404 => Meaning::NotFound,
        429 => Meaning::Throttled,
        _ if attempt_lost(status) => Meaning::Lost,
        500.. => Meaning::Unavailable,
        _ => Meaning::Rejected,
    }
}

/// Closed periods share their code with every other business rule; only the words differ.
fn speaks_of_a_closed_period(words: &str) -> bool {
    let words = words.to_lowercase();
    words.contains("period")
        && ["closed", "locked", "not open", "open period"]
            .iter()
            .any(|state| words.contains(state))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_contract::strata::common::v1::write_outcome::State;

    fn body(code: &str, detail: &str) -> Vec<u8> {
        serde_json::to_vec(&serde_json::json!({
            "type": "https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html#sec10.4.1", "title": "Bad Request", "status": 400,
            "o:errorDetails": [{"detail": detail, "o:errorCode": code, "o:errorPath": "item.items[0].item"}]
        }))
        .unwrap()
    }

    #[test]
    fn table_of_real_refusals() {
        use Meaning::*;
        let invalid =
            "Error while accessing resource: You have entered an Invalid Field Value 9999 for the following field: item";
        let period = "You cannot post to the accounting period Jan 2025: it is closed.";
        let cases: &[(u16, Vec<u8>, Meaning, &str)] = &[
            (400, body("INVALID_CONTENT", invalid), Rejected, "VENDOR_REJECTED"),
            (400, body("USER_ERROR", period), PeriodClosed, "PERIOD_CLOSED"),
            (
                400,
                body("USER_ERROR", "This record already exists"),
                Rejected,
                "VENDOR_REJECTED",
            ),
            // Words about a period do not make another code a closed period.
            (400, body("INVALID_CONTENT", "period closed"), Rejected, "VENDOR_REJECTED"),
            (400, body("IDEMPOTENCY_ERROR", "x"), SentBefore, "VENDOR_REJECTED"),
            (
                401,
                body("INVALID_LOGIN", "Invalid login attempt."),
                Unauthenticated,
                "VENDOR_UNAUTHENTICATED",
            ),
            (403, b"{}".to_vec(), Forbidden, "VENDOR_UNAUTHENTICATED"),
            (404, body("NONEXISTENT_ID", "no record"), NotFound, "NOT_FOUND"),
            (429, Vec::new(), Throttled, "VENDOR_THROTTLED"),
            (400, body("SSS_REQUEST_LIMIT_EXCEEDED", "x"), Throttled, "VENDOR_THROTTLED"),
            (500, b"<html>".to_vec(), Lost, "VENDOR_UNAVAILABLE"),
            (503, Vec::new(), Unavailable, "VENDOR_UNAVAILABLE"),
        ];
        for (status, body, meaning, reason) in cases {
            let refusal = Refusal::read(*status, body);
            assert_eq!((refusal.meaning, refusal.error().reason), (*meaning, *reason), "{refusal:?}");
        }
    }

    #[test]
    fn only_a_refusal_of_the_record_itself_is_a_rejection() {
        let ended = |status, code: &str| Refusal::read(status, &body(code, "x")).outcome("k").map(|o| o.state());
        assert_eq!(ended(400, "INVALID_CONTENT"), Ok(State::Rejected));
        assert_eq!(ended(500, ""), Ok(State::Unknown));
        assert_eq!(ended(504, ""), Ok(State::Unknown));
        assert!(ended(429, "").is_err() && ended(503, "").is_err() && ended(401, "").is_err());
        assert_eq!(Refusal::read(429, b"").item_outcome("k").state(), State::Unknown);
    }

    #[test]
    fn vendor_text_stays_in_the_log() {
        let refusal = Refusal::read(400, &body("USER_ERROR", "Mr Secret's record"));
        assert!(!refusal.error().message.contains("Secret"));
        assert!(refusal.error().internal.contains("Secret"));
        assert!(!refusal.item_outcome("k").message.contains("Secret"));
    }
}
