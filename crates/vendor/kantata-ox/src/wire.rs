//! The vendor's envelope: `results` has the order, rows stand in maps by id, together with side-loaded ones.

use serde_json::Value;
use strata_kernel::Result;
use strata_vendor_http::{Reader, unavailable};

use crate::fields as f;

/// An answer with records.
#[derive(Debug, Clone, Default)]
pub(crate) struct Envelope {
    body: Value,
    /// Ids of the records asked for, in order. The maps hold others as well.
    ids: Vec<String>,
    collection: String,
}

impl Envelope {
    /// Reads an answer whose records are of `collection`.
    pub(crate) fn read(body: Value, collection: &str) -> Result<Self> {
        let results = body.get("results").and_then(Value::as_array);
        let results = results.ok_or_else(|| unavailable(format!("an answer about {collection} without results")))?;
        let mut ids = Vec::new();
        for entry in results {
            // One that cannot be read may be of ours: left out, it would be taken for one that is not there.
            let unreadable = || unavailable(format!("an answer about {collection} with a result that has no key or no id"));
            let key = entry.get("key").and_then(Value::as_str).ok_or_else(unreadable)?;
            let id = text(entry, "id").filter(|id| is_id(id)).ok_or_else(unreadable)?;
            if key == collection {
                ids.push(id);
            }
        }
        Ok(Self {
            body,
            ids,
            collection: collection.to_owned(),
        })
    }

    /// Ids of the records, in order.
    pub(crate) fn ids(&self) -> &[String] {
        &self.ids
    }

    /// Records of all pages, as the vendor counts them.
    pub(crate) fn total(&self) -> Option<u32> {
        self.body
            .get("count")
            .and_then(Value::as_u64)
            .and_then(|count| count.try_into().ok())
    }

    /// The records in order, each with its id. A record that is named but missing is an empty row.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.ids
            .iter()
            .map(|id| (id.as_str(), self.side(&self.collection, id).unwrap_or(&Value::Null)))
    }

    /// A row by kind and id.
    pub(crate) fn side(&self, collection: &str, id: &str) -> Option<&Value> {
        self.body.get(collection)?.get(id)
    }

    /// A row that a row of ours points to.
    pub(crate) fn pointed(&self, row: &Value, field: &str, collection: &str) -> Option<&Value> {
        self.side(collection, &text(row, field)?)
    }

    /// Rows that a row of ours points to by a list of ids.
    pub(crate) fn listed<'a>(&'a self, row: &'a Value, field: &str, collection: &'a str) -> impl Iterator<Item = &'a Value> {
        let ids = row.get(field).and_then(Value::as_array).into_iter().flatten();
        ids.filter_map(move |id| self.side(collection, &plain(id)?))
    }

    /// Our key of a row, when the row was asked for with its external references.
    pub(crate) fn key(&self, row: &Value, service: &str) -> Option<String> {
        self.listed(row, "external_reference_ids", f::REFERENCES)
            .find(|reference| reference.get("service_name").and_then(Value::as_str) == Some(service))
            .and_then(|reference| text(reference, "service_model_ref"))
    }

    /// Whether every external reference of a row is there, with a service and one of its keys.
    pub(crate) fn shows_references(&self, row: &Value) -> bool {
        let Some(ids) = row.get("external_reference_ids").and_then(Value::as_array) else {
            return false;
        };
        let is_whole =
            |reference: &Value| text(reference, "service_name").is_some() && text(reference, "service_model_ref").is_some();
        ids.iter()
            .all(|id| plain(id).and_then(|id| self.side(f::REFERENCES, &id)).is_some_and(is_whole))
    }

    /// A custom field of a row, when the row was asked for with its values. Blank is not said.
    pub(crate) fn custom(&self, row: &Value, name: &str) -> Option<String> {
        self.listed(row, "custom_field_value_ids", f::CUSTOM_VALUES)
            .find(|value| value.get("custom_field_name").and_then(Value::as_str) == Some(name))
            .and_then(|value| text(value, "display_value"))
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    }
}

/// Ids are whole numbers.
pub(crate) fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A text or number as text; ids come as either.
pub(crate) fn text(row: &Value, field: &str) -> Option<String> {
    Reader(row).text(field).ok().flatten()
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::*;

    #[test]
    fn only_the_results_are_records_and_the_rest_is_beside_them() {
        let body = json!({
            "count": 2, "results": [{"key": "stories", "id": "9"}, {"key": "stories", "id": 3}, {"key": "users", "id": "1"}],
            "stories": {"3": {"id": "3", "external_reference_ids": ["7", 8], "custom_field_value_ids": ["5"]}, "9": {}, "4": {}},
            "external_references": {
                "7": {"service_name": "other", "service_model_ref": "no"}, "8": {"service_name": "strata", "service_model_ref": 12}
            },
            "custom_field_values": {"5": {"custom_field_name": "Role", "display_value": " analyst "}},
        });
        let read = Envelope::read(body, "stories").unwrap();
        assert_eq!(read.ids(), ["9", "3"]);
        let row = read.side("stories", "3").unwrap();
        assert_eq!(read.key(row, "strata").as_deref(), Some("12"));
        assert_eq!(read.custom(row, "Role").as_deref(), Some("analyst"));
        assert_eq!((read.custom(row, "Work Type"), read.key(&json!({}), "strata")), (None, None));
        for bad in [
            json!({"errors": []}),
            json!({"results": [{"key": "stories", "id": null}]}),
            json!({"results": [{"key": null, "id": "7"}]}),
            json!({"results": [{"key": "stories", "id": "1e400"}]}),
        ] {
            let error = Envelope::read(bad.clone(), "stories").unwrap_err();
            assert_eq!(error.reason, "VENDOR_UNAVAILABLE", "{bad}");
        }
        // References that cannot be read are not the same as none.
        assert!(read.shows_references(row) && read.shows_references(&json!({"external_reference_ids": []})));
        for unread in [
            json!({}),
            json!({"external_reference_ids": null}),
            json!({"external_reference_ids": ["9"]}),
        ] {
            assert!(!read.shows_references(&unread), "{unread}");
        }
    }
}
