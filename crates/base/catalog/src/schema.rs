//! JSON schemas of messages in the JSON form of Protobuf, with the names of the contract.

use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use serde_json::{Map, Value, json};

use crate::docs::Docs;

/// The schema of a message, and in `found` those of the messages it refers to, by full name.
pub(crate) fn schema(of: &MessageDescriptor, docs: &Docs, found: &mut Map<String, Value>) {
    if found.contains_key(of.full_name()) {
        return;
    }
    // Taken before it is filled, so that a message may hold itself.
    found.insert(of.full_name().to_owned(), Value::Null);
    let mut properties = Map::new();
    for field in of.fields() {
        let mut value = field_schema(&field, docs, found);
        let says = docs.of(&of.parent_file(), field.path());
        if let Some(value) = value
            .as_object_mut()
            .filter(|value| !says.is_empty() && !value.contains_key("$ref"))
        {
            value.insert("description".to_owned(), says.into());
        }
        properties.insert(field.name().to_owned(), value);
    }
    let says = docs.of(&of.parent_file(), of.path());
    let object = json!({ "type": "object", "description": says, "properties": properties });
    found.insert(of.full_name().to_owned(), object);
}

fn field_schema(field: &FieldDescriptor, docs: &Docs, found: &mut Map<String, Value>) -> Value {
    let one = kind_schema(&field.kind(), docs, found);
    if field.is_map() {
        return json!({ "type": "object", "additionalProperties": true });
    }
    if field.is_list() {
        return json!({ "type": "array", "items": one });
    }
    one
}

fn kind_schema(kind: &Kind, docs: &Docs, found: &mut Map<String, Value>) -> Value {
    match kind {
        Kind::Bool => json!({ "type": "boolean" }),
        Kind::Int32 | Kind::Sint32 | Kind::Sfixed32 | Kind::Uint32 | Kind::Fixed32 => json!({ "type": "integer" }),
        // JSON numbers do not hold 64 bits: Protobuf writes them as text.
        Kind::Int64 | Kind::Sint64 | Kind::Sfixed64 | Kind::Uint64 | Kind::Fixed64 => {
            json!({ "type": "string", "pattern": "^-?[0-9]+$" })
        }
        Kind::Float | Kind::Double => json!({ "type": "number" }),
        Kind::Bytes => json!({ "type": "string", "contentEncoding": "base64" }),
        Kind::String => json!({ "type": "string" }),
        Kind::Enum(values) => {
            let names: Vec<String> = values.values().map(|value| value.name().to_owned()).collect();
            json!({ "type": "string", "enum": names })
        }
        Kind::Message(message) if message.full_name() == "google.protobuf.Timestamp" => {
            json!({ "type": "string", "format": "date-time" })
        }
        Kind::Message(message) => {
            schema(message, docs, found);
            json!({ "$ref": format!("#/components/schemas/{}", message.full_name()) })
        }
    }
}
