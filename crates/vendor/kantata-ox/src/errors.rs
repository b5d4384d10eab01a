//! Refusals of the vendor, as errors and outcomes. There is no stable code: status, type and field are all there is.

use serde::Deserialize;
use serde_json::Value;
use strata_contract::strata::common::v1::WriteOutcome;
use strata_kernel::{Error, Result};
use strata_port::outcome;
use strata_vendor_http::{Reply, attempt_lost, rejected, throttled, unauthenticated, unavailable};

/// A request the vendor did not carry out.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: u16,
    fields: Vec<String>,
    /// The vendor's words, for the log only.
    text: String,
}

#[derive(Debug, Default, Deserialize)]
struct Body {
    #[serde(default)]
    errors: Vec<Complaint>,
}

#[derive(Debug, Deserialize)]
struct Complaint {
    #[serde(default)]
    message: String,
    #[serde(default)]
    field: Option<String>,
}

impl Refusal {
    pub(crate) fn of(reply: &Reply) -> Self {
        let body: Value = serde_json::from_slice(&reply.body).unwrap_or(Value::Null);
        let body: Body = serde_json::from_value(body).unwrap_or_default();
        let texts: Vec<&str> = body.errors.iter().map(|complaint| complaint.message.as_str()).collect();
        let text = if texts.is_empty() { reply.excerpt() } else { texts.join("; ") };
        let fields = body.errors.iter().filter_map(|complaint| complaint.field.as_deref());
        Self {
            status: reply.status,
            fields: fields.map(plain).filter(|field| !field.is_empty()).collect(),
            text,
        }
    }

    fn detail(&self) -> String {
        format!("status {}: {}", self.status, self.text)
    }

    fn explained(&self) -> String {
        let what = match self.status {
            403 => "our user in the PSA may not do this; an administrator has to allow it",
            404 => "the PSA has no such record, or hides it",
            422 => "the PSA refused the record",
            _ => "the PSA refused the request",
        };
        match self.fields.as_slice() {
            [] => what.to_owned(),
            fields => format!("{what}: {}", fields.join(", ")),
        }
    }

    /// The error of a read.
    pub(crate) fn error(&self) -> Error {
        match self.status {
            401 => unauthenticated(self.detail()),
            429 => throttled(self.detail()),
            408 | 500.. => unavailable(self.detail()),
            _ => rejected(self.explained(), self.detail()),
        }
    }

    /// How a write under `key` ended: rejected, unknown, or an error that time or an administrator mends.
    pub(crate) fn outcome(&self, key: &str) -> Result<WriteOutcome> {
        if attempt_lost(self.status) {
            tracing::warn!(key, detail = self.detail(), "write broke off");
            return Ok(outcome::unknown(key));
        }
        match self.status {
            401 | 429 | 501.. => Err(self.error()),
            404 => {
                tracing::warn!(key, detail = self.detail(), "record is gone");
                Ok(outcome::rejected(key, "NOT_FOUND", self.explained()))
            }
            _ => {
                tracing::warn!(key, detail = self.detail(), "write refused");
                Ok(outcome::rejected(key, "VENDOR_REJECTED", self.explained()))
            }
        }
    }
}

/// A field name as the vendor documents them, so that no other text passes for one.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '_')
        .take(80)
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_contract::strata::common::v1::write_outcome::State;

    use super::*;

    fn refusal(status: u16, body: &'static str) -> Refusal {
        Refusal::of(&Reply {
            status,
            headers: Default::default(),
            body: body.as_bytes().to_vec().into(),
        })
    }

    const TITLE: &str = r#"{"errors":[{"type":"validation","message":"CANARY: give it a title","field":"title"}]}"#;
    const OAUTH: &str = r#"{"errors":[{"type":"oauth","message":"Invalid OAuth 2 Request"}]}"#;

    #[test]
    fn each_refusal_has_its_reason() {
        for (status, body, reason, temporary) in [
            (401, OAUTH, "VENDOR_UNAUTHENTICATED", false),
            (403, "{}", "VENDOR_REJECTED", false),
            (404, TITLE, "VENDOR_REJECTED", false),
            (422, TITLE, "VENDOR_REJECTED", false),
            (429, "", "VENDOR_THROTTLED", true),
            (500, "<html>", "VENDOR_UNAVAILABLE", true),
            (503, OAUTH, "VENDOR_UNAVAILABLE", true),
            (504, "", "VENDOR_UNAVAILABLE", true),
        ] {
            let error = refusal(status, body).error();
            assert_eq!((error.reason, error.is_temporary()), (reason, temporary), "{status}");
            assert!(!error.message.contains("CANARY"));
        }
    }

    #[test]
    fn each_refused_write_ends_in_its_state() {
        let refused = refusal(422, TITLE).outcome("k").unwrap();
        assert_eq!(
            (refused.state(), refused.reason.as_str()),
            (State::Rejected, "VENDOR_REJECTED")
        );
        assert_eq!(refused.message, "the PSA refused the record: title");
        assert_eq!(refusal(404, "{}").outcome("k").unwrap().reason, "NOT_FOUND");
        for status in [500, 502, 504] {
            assert_eq!(refusal(status, "").outcome("k").unwrap().state(), State::Unknown, "{status}");
        }
        for (status, reason) in [
            (401, "VENDOR_UNAUTHENTICATED"),
            (429, "VENDOR_THROTTLED"),
            (503, "VENDOR_UNAVAILABLE"),
        ] {
            assert_eq!(refusal(status, "").outcome("k").unwrap_err().reason, reason);
        }
    }
}
