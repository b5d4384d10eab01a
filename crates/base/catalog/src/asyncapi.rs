//! The events as an AsyncAPI 3 document, from the same options that the platform tells them by.

use prost_reflect::DescriptorPool;
use serde_json::{Map, Value, json};

use crate::catalogue::{Catalogue, Event};
use crate::docs::Docs;
use crate::schema::schema;

/// Attributes of CloudEvents 1.0 in binary mode, as headers: name, what it says, and whether it is always there. The broker's own header
/// is the first.
const HEADERS: [(&str, &str, bool); 11] = [
    (
        "Nats-Msg-Id",
        "The id once more: the broker drops a second message with it.",
        true,
    ),
    ("ce-specversion", "1.0", true),
    (
        "ce-id",
        "Follows from what happened, so that telling it twice makes one event.",
        true,
    ),
    ("ce-source", "Who tells it.", true),
    ("ce-type", "Name and version of the event.", true),
    ("ce-subject", "What it happened to.", true),
    ("ce-time", "When it happened, RFC 3339.", true),
    ("ce-partitionkey", "Events with the same key arrive in commit order.", true),
    ("ce-correlationid", "Correlation id of the flow.", false),
    ("ce-traceparent", "W3C trace context of what told it.", false),
    ("content-type", "application/json", true),
];

/// The document. `version` is that of the platform.
pub fn asyncapi(pool: &DescriptorPool, catalogue: &Catalogue, version: &str) -> Value {
    let docs = Docs::read(pool);
    let (mut channels, mut operations) = (Map::new(), Map::new());
    let (mut messages, mut schemas) = (Map::new(), Map::new());
    for event in &catalogue.events {
        let name = event.message.rsplit('.').next().unwrap_or(&event.message);
        if let Some(message) = pool.get_message_by_name(&event.message) {
            schema(&message, &docs, &mut schemas);
        }
        channels.insert(event.kind.clone(), channel(event, name));
        let to = format!("#/channels/{}", event.kind);
        operations.insert(
            format!("tell{name}"),
            json!({
                "action": "send",
                "channel": { "$ref": to },
                "summary": event.says,
                "messages": [{ "$ref": format!("{to}/messages/{name}") }],
            }),
        );
        messages.insert(name.to_owned(), message(event, name));
    }
    json!({
        "asyncapi": "3.0.0",
        "id": "urn:strata:events",
        "info": {
            "title": "Strata events",
            "version": version,
            "description": "What the platform tells: CloudEvents 1.0 in binary mode, data as proto3 JSON with the names of the contract. \
                            Each event arrives at least once; a consumer that remembers ce-id has its effect once.",
            "license": { "name": "Apache-2.0" },
        },
        "defaultContentType": "application/json",
        "servers": {
            "bus": {
                "host": "127.0.0.1:4222",
                "protocol": "nats",
                "description": "NATS JetStream at bus.url of the settings. Without it events stay in the process.",
            },
        },
        "channels": channels,
        "operations": operations,
        "components": { "messages": messages, "schemas": schemas, "messageTraits": { "CloudEvent": traits() } },
    })
}

fn channel(event: &Event, name: &str) -> Value {
    json!({
        "address": format!("{{prefix}}.{{partition}}.{}", event.kind),
        "title": event.kind,
        "description": format!("Answers for it: {}.", event.owner),
        "servers": [{ "$ref": "#/servers/bus" }],
        "parameters": {
            "prefix": { "description": "bus.subject of the settings.", "default": "strata" },
            "partition": { "description": "Follows from ce-partitionkey: events of one key stay in one partition." },
        },
        "messages": { name: { "$ref": format!("#/components/messages/{name}") } },
    })
}

fn message(event: &Event, name: &str) -> Value {
    json!({
        "name": event.kind,
        "title": name,
        "summary": event.says,
        "contentType": "application/json",
        "traits": [{ "$ref": "#/components/messageTraits/CloudEvent" }],
        "correlationId": { "location": "$message.header#/ce-correlationid" },
        "payload": { "$ref": format!("#/components/schemas/{}", event.message) },
        "x-subject": event.subject,
        "x-ordering-key": event.ordering_key,
        "x-owner": event.owner,
    })
}

fn traits() -> Value {
    let properties: Map<String, Value> = HEADERS
        .iter()
        .map(|(name, says, _)| ((*name).to_owned(), json!({ "type": "string", "description": says })))
        .collect();
    let required: Vec<&str> = HEADERS
        .iter()
        .filter(|(_, _, always)| *always)
        .map(|(name, ..)| *name)
        .collect();
    json!({ "headers": { "type": "object", "properties": properties, "required": required } })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_event_has_a_channel_a_message_and_a_schema() {
        let pool = &strata_contract::commented();
        let catalogue = crate::read(pool);
        let document = asyncapi(pool, &catalogue, "0.1.0");
        assert_eq!(document["channels"].as_object().unwrap().len(), catalogue.events.len());
        let channel = &document["channels"]["strata.billing.document.changed.v1"];
        assert_eq!(channel["address"], "{prefix}.{partition}.strata.billing.document.changed.v1");
        let schema = &document["components"]["schemas"]["strata.process.billing.v1.DocumentChanged"];
        assert_eq!(schema["properties"]["key"]["type"], "string");
        assert!(!schema["properties"]["state"]["description"].as_str().unwrap().is_empty());
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let pool = &strata_contract::commented();
        let document = asyncapi(pool, &crate::read(pool), "0.1.0");
        let mut waiting = vec![&document];
        let mut seen = 0;
        while let Some(value) = waiting.pop() {
            if let Some(to) = value.get("$ref").and_then(Value::as_str) {
                assert!(document.pointer(to.trim_start_matches('#')).is_some(), "{to}");
                seen += 1;
            }
            match value {
                Value::Object(fields) => waiting.extend(fields.values()),
                Value::Array(list) => waiting.extend(list),
                _ => {}
            }
        }
        assert!(seen > 8, "{seen}");
    }
}
