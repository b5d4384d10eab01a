//! What an event is.

use serde::{Serialize, de::DeserializeOwned};
use strata_kernel::{Error, Instant, Result, derive_id};

/// Something that happened and was committed. Follows CloudEvents 1.0 in meaning: `id`, `type`,
/// `subject`, `time`, data as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Follows from what happened, so that telling it twice makes one event.
    pub id: String,
    /// "strata.billing.document.posted.v1".
    pub kind: String,
    /// What it happened to, by our id or key.
    pub subject: String,
    /// Events with the same key are delivered in commit order.
    pub ordering_key: String,
    /// Data, as JSON.
    pub body: Vec<u8>,
    /// Correlation id of the flow.
    pub correlation_id: String,
    /// When it happened.
    pub time: Instant,
}

impl Event {
    /// An event whose id follows from kind, subject and `distinct` (a version, a number).
    pub fn new(
        kind: &str,
        subject: &str,
        distinct: &str,
        body: &impl Serialize,
        correlation_id: &str,
        time: Instant,
    ) -> Result<Self> {
        Ok(Self {
            id: derive_id("evt", &[kind, subject, distinct]),
            kind: kind.to_owned(),
            subject: subject.to_owned(),
            ordering_key: subject.to_owned(),
            body: serde_json::to_vec(body).map_err(Error::internal)?,
            correlation_id: correlation_id.to_owned(),
            time,
        })
    }

    /// Delivers in order with other events of `key` rather than of the subject.
    #[must_use]
    pub fn ordered_by(mut self, key: &str) -> Self {
        key.clone_into(&mut self.ordering_key);
        self
    }

    /// The data.
    pub fn data<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|cause| Error::internal(format!("event {}: {cause}", self.id)))
    }
}
