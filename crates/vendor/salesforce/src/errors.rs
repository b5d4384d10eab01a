//! Refusals of the vendor, as errors and outcomes. The HTTP status is the first guess, the vendor's code corrects it: a 403 may
//! be a limit, a 400 may be a lock. (developer.salesforce.com, REST API, status codes and error responses.)

use serde_json::Value;
use strata_contract::strata::common::v1::WriteOutcome;
use strata_kernel::{Error, Result};
use strata_port::outcome;
use strata_vendor_http::{Reply, attempt_lost, rejected, throttled, unauthenticated, unavailable};

use crate::wire::Complaint;

/// A request the vendor did not carry out.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    /// `errorCode` of the first complaint; empty when the body has none.
    pub(crate) code: String,
    fields: Vec<String>,
    /// The vendor's words, for the log only.
    text: String,
}

/// What to do about a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Credentials,
    Limit,
    Later,
    Absent,
    Refused,
}

impl Refusal {
    pub(crate) fn of(reply: &Reply) -> Self {
        let body = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
        Self::new(reply.status, &body, reply.excerpt())
    }

    /// A refusal within a composite answer.
    pub(crate) fn of_part(status: u16, body: &Value) -> Self {
        Self::new(status, body, body.to_string().chars().take(500).collect())
    }

    fn new(status: u16, body: &Value, text: String) -> Self {
        let complaints: Vec<Complaint> = serde_json::from_value(body.clone()).unwrap_or_default();
        let first = complaints.into_iter().next();
        let text = first.as_ref().map_or(text, |c| format!("{} {}", c.code, c.message));
        let (code, fields) = first.map(|c| (c.code, c.fields)).unwrap_or_default();
        Self {
            status,
            code: plain(&code),
            fields: fields.iter().map(|f| plain(f)).collect(),
            text,
        }
    }

    /// True when a query names an id that no record of its object can have: an answer without records, put as a refusal.
    pub(crate) fn is_foreign_id(&self) -> bool {
        matches!(self.code.as_str(), "INVALID_QUERY_FILTER_OPERATOR" | "MALFORMED_ID")
    }

    fn verdict(&self) -> Verdict {
        match (self.status, self.code.as_str()) {
            (_, "REQUEST_LIMIT_EXCEEDED") | (429, _) => Verdict::Limit,
            (_, "UNABLE_TO_LOCK_ROW" | "SERVER_UNAVAILABLE") | (408 | 420 | 500.., _) => Verdict::Later,
            (401, _) => Verdict::Credentials,
            (404, _) | (_, "ENTITY_IS_DELETED") => Verdict::Absent,
            _ => Verdict::Refused,
        }
    }

    fn detail(&self) -> String {
        format!("status {}: {}", self.status, self.text)
    }

    /// In words of ours, with the vendor's stable codes only.
    fn explained(&self) -> String {
        let code = if self.code.is_empty() {
            format!("HTTP {}", self.status)
        } else {
            self.code.clone()
        };
        match self.fields.as_slice() {
            [] => format!("the CRM refused it: {code}"),
            fields => format!("the CRM refused it: {code} on {}", fields.join(", ")),
        }
    }

    /// The error of a read.
    pub(crate) fn error(&self) -> Error {
        match self.verdict() {
            Verdict::Credentials => unauthenticated(self.detail()),
            Verdict::Limit => throttled(self.detail()),
            Verdict::Later => unavailable(self.detail()),
            Verdict::Absent | Verdict::Refused => rejected(self.explained(), self.detail()),
        }
    }

    /// How a write under `key` ended: rejected, unknown, or an error that time or an administrator mends.
    pub(crate) fn outcome(&self, key: &str) -> Result<WriteOutcome> {
        if attempt_lost(self.status) && self.code != "SERVER_UNAVAILABLE" {
            tracing::warn!(key, detail = self.detail(), "write broke off");
            return Ok(outcome::unknown(key));
        }
        match self.verdict() {
            Verdict::Credentials | Verdict::Limit | Verdict::Later => Err(self.error()),
            Verdict::Absent => {
                tracing::warn!(key, detail = self.detail(), "record is gone");
                Ok(outcome::rejected(key, "NOT_FOUND", "the CRM has no such record"))
            }
            Verdict::Refused => {
                tracing::warn!(key, detail = self.detail(), "write refused");
                Ok(outcome::rejected(key, "VENDOR_REJECTED", self.explained()))
            }
        }
    }
}

/// A code or a field name as the vendor documents them, so that no other text passes for one.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
        .take(80)
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;
    use strata_contract::strata::common::v1::write_outcome::State;

    use super::*;

    #[test]
    fn each_refusal_has_its_reason() {
        let complaint = |code: &str| json!([{"message": "CANARY text", "errorCode": code, "fields": ["CloseDate"]}]);
        for (status, body, reason, temporary) in [
            (401, complaint("INVALID_SESSION_ID"), "VENDOR_UNAUTHENTICATED", false),
            (403, complaint("REQUEST_LIMIT_EXCEEDED"), "VENDOR_THROTTLED", true),
            (403, complaint("INSUFFICIENT_ACCESS"), "VENDOR_REJECTED", false),
            (400, complaint("UNABLE_TO_LOCK_ROW"), "VENDOR_UNAVAILABLE", true),
            (400, complaint("MALFORMED_QUERY"), "VENDOR_REJECTED", false),
            (404, complaint("NOT_FOUND"), "VENDOR_REJECTED", false),
            (500, complaint("UNKNOWN_EXCEPTION"), "VENDOR_UNAVAILABLE", true),
            (503, json!("<html>"), "VENDOR_UNAVAILABLE", true),
        ] {
            let error = Refusal::of_part(status, &body).error();
            assert_eq!((error.reason, error.is_temporary()), (reason, temporary), "{status} {body}");
            assert!(!error.message.contains("CANARY"));
        }
    }

    #[test]
    fn each_refused_write_ends_in_its_state() {
        let outcome = |status, code: &str| {
            let body = json!([{"message": "CANARY text", "errorCode": code, "fields": ["Gross__c"]}]);
            Refusal::of_part(status, &body).outcome("k")
        };
        for (status, code, reason) in [
            (400, "REQUIRED_FIELD_MISSING", "VENDOR_REJECTED"),
            (300, "", "VENDOR_REJECTED"),
            (404, "NOT_FOUND", "NOT_FOUND"),
            (404, "ENTITY_IS_DELETED", "NOT_FOUND"),
        ] {
            let refused = outcome(status, code).unwrap();
            assert_eq!(
                (refused.state(), refused.reason.as_str()),
                (State::Rejected, reason),
                "{status} {code}"
            );
            assert!(!refused.message.contains("CANARY"));
        }
        assert_eq!(outcome(504, "").unwrap().state(), State::Unknown);
        assert_eq!(outcome(500, "UNKNOWN_EXCEPTION").unwrap().state(), State::Unknown);
        assert_eq!(outcome(503, "SERVER_UNAVAILABLE").unwrap_err().reason, "VENDOR_UNAVAILABLE");
        assert_eq!(outcome(400, "UNABLE_TO_LOCK_ROW").unwrap_err().reason, "VENDOR_UNAVAILABLE");
        assert_eq!(outcome(403, "REQUEST_LIMIT_EXCEEDED").unwrap_err().reason, "VENDOR_THROTTLED");
        let on_field = outcome(400, "REQUIRED_FIELD_MISSING").unwrap().message;
        assert_eq!(on_field, "the CRM refused it: REQUIRED_FIELD_MISSING on Gross__c");
    }
}
