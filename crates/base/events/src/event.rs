//! What an event is.

use prost_reflect::{DynamicMessage, ReflectMessage, SerializeOptions};
use serde::de::IgnoredAny;
use serde::{Serialize, Serializer, de::DeserializeOwned};
use strata_kernel::{Error, Instant, Kind, Result, derive_id, digest};

/// Reason of an event whose content cannot be read.
pub const UNREADABLE: &str = "EVENT_UNREADABLE";
/// Largest body, in bytes. A larger one is refused before it is stored.
pub const LARGEST: usize = 256 * 1024;

/// Something that happened and was committed. Follows CloudEvents 1.0 in meaning: `id`, `type`,
/// `subject`, `time`, data as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Follows from what happened, so that telling it twice makes one event.
    pub id: String,
    /// Name and version: "strata.billing.document.changed.v1".
    pub kind: String,
    /// What it happened to, by our id or key.
    pub subject: String,
    /// Events with the same key are delivered in commit order.
    pub ordering_key: String,
    /// Data, as JSON.
    pub body: Vec<u8>,
    /// Correlation id of the flow.
    pub correlation_id: String,
    /// W3C trace context of what told it. Empty: there was none.
    pub trace_parent: String,
    /// When it happened.
    pub time: Instant,
}

impl Event {
    /// An event whose id follows from kind, subject and `distinct` (a version, a number).
    ///
    /// # Errors
    /// When the body is no JSON.
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
            trace_parent: strata_telemetry::trace_parent(),
            time,
        })
    }

    /// A message told as its contract says: type, subject and ordering key are those of its option `event`, the data its proto3 JSON with
    /// the names of the contract. The id follows from type, subject and `distinct`.
    ///
    /// # Errors
    /// When the contract does not say how the message is told.
    pub fn told<M: ReflectMessage>(data: &M, distinct: &str, correlation_id: &str, time: Instant) -> Result<Self> {
        let message = data.transcode_to_dynamic();
        let name = message.descriptor().full_name().to_owned();
        let policy = strata_contract::event_policy(&message.descriptor());
        let policy = policy
            .ok_or_else(|| Error::internal(format!("{name} is no event; its contract says no (strata.options.v1.event)")))?;
        let text = |field: &str| {
            let value = message.get_field_by_name(field);
            value.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
        };
        let event = Self::new(
            &policy.r#type,
            &text(&policy.subject),
            distinct,
            &Told(&message),
            correlation_id,
            time,
        )?;
        Ok(event.ordered_by(&text(&policy.ordering_key)))
    }

    /// Delivers in order with other events of `key` rather than of the subject.
    #[must_use]
    pub fn ordered_by(mut self, key: &str) -> Self {
        key.clone_into(&mut self.ordering_key);
        self
    }

    /// The data.
    ///
    /// # Errors
    /// `EVENT_UNREADABLE` when it is not of this form: trying again would not help.
    pub fn data<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|cause| self.unreadable().because(cause))
    }

    /// Name and version of its kind. None: the kind does not end in a version.
    pub fn version(&self) -> Option<(&str, u32)> {
        let (name, version) = self.kind.rsplit_once(".v")?;
        Some((name, version.parse().ok()?))
    }

    /// Which of `parts` it belongs to. Follows from the ordering key alone, on every machine and in every version.
    pub fn partition(&self, parts: u32) -> u32 {
        u32::try_from(key_hash(&self.ordering_key) % u64::from(parts.max(1))).unwrap_or_default()
    }

    /// Refuses an event that nobody could read.
    pub(crate) fn check(&self) -> Result<()> {
        if self.id.is_empty() || self.version().is_none() {
            return Err(self.unreadable());
        }
        self.data::<IgnoredAny>().map(drop)
    }

    fn unreadable(&self) -> Error {
        let text = format!("event {} of kind {} cannot be read", self.id, self.kind);
        Error::new(Kind::InvalidArgument, UNREADABLE, text)
    }
}

/// The JSON of a message, as consumers read it: empty fields are there.
struct Told<'a>(&'a DynamicMessage);

impl Serialize for Told<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let options = SerializeOptions::new().use_proto_field_name(true).skip_default_fields(false);
        self.0.serialize_with_options(serializer, &options)
    }
}

/// 64 bits that follow from an ordering key.
pub(crate) fn key_hash(key: &str) -> u64 {
    u64::from_str_radix(&digest(key.as_bytes())[..16], 16).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn event(kind: &str) -> Event {
        Event::new(kind, "s", "1", &1, "c", Instant::default()).unwrap()
    }

    #[test]
    fn a_kind_is_a_name_and_a_version() {
        assert_eq!(event("strata.a.b.v12").version(), Some(("strata.a.b", 12)));
        assert_eq!(event("strata.a.b").version(), None);
        assert_eq!(event("strata.a.vx").version(), None);
    }

    #[test]
    fn a_message_is_told_as_its_contract_says() {
        use strata_contract::strata::process::billing::v1::DocumentChanged;
        let changed = DocumentChanged {
            key: "inv:CT-1:2025-01".into(),
            state: "paid".into(),
            number: String::new(),
        };
        let event = Event::told(&changed, "1", "c", Instant::default()).unwrap();
        assert_eq!(event.kind, "strata.billing.document.changed.v1");
        assert_eq!(
            (event.subject.as_str(), event.ordering_key.as_str()),
            ("inv:CT-1:2025-01", "inv:CT-1:2025-01")
        );
        let body: serde_json::Value = event.data().unwrap();
        assert_eq!(
            body,
            serde_json::json!({ "key": "inv:CT-1:2025-01", "state": "paid", "number": "" })
        );
        let no_event = strata_contract::strata::common::v1::Money::default();
        assert_eq!(
            Event::told(&no_event, "1", "c", Instant::default()).unwrap_err().reason,
            "INTERNAL"
        );
    }

    #[test]
    fn a_partition_never_moves() {
        let of = |key: &str| event("a.v1").ordered_by(key).partition(8);
        assert_eq!(
            [of("a"), of("b"), of("DOC-1"), of("")],
            [PARTS[0], PARTS[1], PARTS[2], PARTS[3]]
        );
        assert_eq!(event("a.v1").partition(1), 0);
    }

    /// First 64 bits of SHA-256 of the key, modulo 8.
    const PARTS: [u32; 4] = [2, 2, 0, 4];

    #[test]
    fn what_nobody_can_read_is_refused() {
        assert!(event("a.v1").check().is_ok());
        let torn = Event {
            body: b"{\"key\":".to_vec(),
            ..event("a.v1")
        };
        assert_eq!(torn.check().unwrap_err().reason, UNREADABLE);
        assert_eq!(event("a").check().unwrap_err().reason, UNREADABLE);
    }
}
