//! Messages as JSON, for rows that people may have to read.

use prost_reflect::{DynamicMessage, ReflectMessage};
use strata_kernel::{Error, Result};

/// The proto3 JSON of a message.
pub(crate) fn text<M: ReflectMessage>(message: &M) -> Result<String> {
    serde_json::to_string(&message.transcode_to_dynamic()).map_err(Error::internal)
}

/// The message back.
pub(crate) fn message<M: ReflectMessage + Default>(text: &str) -> Result<M> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let dynamic = DynamicMessage::deserialize(M::default().descriptor(), &mut reader).map_err(Error::internal)?;
    dynamic.transcode_to().map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_contract::strata::system::psa::v1::TimeEntry;

    use super::*;

    #[test]
    fn a_message_comes_back_as_it_was() {
        let entry = TimeEntry {
            id: "7".into(),
            minutes: 480,
            state: 3,
            ..TimeEntry::default()
        };
        let text = text(&entry).unwrap();
        assert!(text.contains("\"minutes\":480"), "{text}");
        assert_eq!(message::<TimeEntry>(&text).unwrap(), entry);
    }
}
