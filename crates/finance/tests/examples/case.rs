//! A file of cases, and what differs between expected and got.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use strata_finance::quantum::WideDecimal;

/// A file of cases. The index of a folder has operations and no cases; the table of currencies has neither.
#[derive(Deserialize)]
pub(crate) struct File {
    #[serde(default)]
    pub(crate) cases: Vec<Case>,
    #[serde(default)]
    pub(crate) operations: BTreeMap<String, String>,
}

/// One case.
#[derive(Deserialize)]
pub(crate) struct Case {
    pub(crate) id: String,
    pub(crate) operation: String,
    pub(crate) given: Value,
    pub(crate) expect: Value,
}

/// Every place where `got` is not what is expected. Numbers compare by value, whether they are text or not.
/// What the operation says beyond the expectation is not compared; `published_` figures are rounded on the
/// way by their publisher and stand beside the exact ones.
pub(crate) fn differences(expected: &Value, got: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("", expected, got, &mut found);
    found
}

fn compare(path: &str, expected: &Value, got: &Value, found: &mut Vec<String>) {
    match (expected, got) {
        (Value::Object(expected), Value::Object(map)) => {
            if !expected.contains_key("error") && map.contains_key("error") {
                found.push(format!("{path}: refused"));
                return;
            }
            for (key, value) in expected {
                if !key.starts_with("published_") {
                    let path = if path.is_empty() {
                        key.clone()
                    } else {
                        format!("{path}.{key}")
                    };
                    compare(&path, value, map.get(key).unwrap_or(&Value::Null), found);
                }
            }
        }
        (Value::Array(expected), Value::Array(items)) => {
            if expected.len() != items.len() {
                found.push(format!("{path}: {} items, expected {}", items.len(), expected.len()));
            }
            for (index, (expected, got)) in expected.iter().zip(items).enumerate() {
                compare(&format!("{path}[{index}]"), expected, got, found);
            }
        }
        _ => {
            let same = expected == got || number(expected).is_some_and(|value| number(got) == Some(value));
            if !same {
                found.push(format!("{path}: {got}, expected {expected}"));
            }
        }
    }
}

fn number(value: &Value) -> Option<WideDecimal> {
    match value {
        Value::Number(number) => WideDecimal::parse(&number.to_string()).ok(),
        Value::String(text) => WideDecimal::parse(text).ok(),
        _ => None,
    }
}

#[test]
fn compares_by_value_and_says_where() {
    use serde_json::json;
    let expected = json!({"a": "20.2", "b": [1, "x"], "c": null, "published_c": "9"});
    assert!(differences(&expected, &json!({"a": "20.20", "b": ["1", "x"], "more": true})).is_empty());
    let found = differences(&expected, &json!({"a": "20.21", "b": [1], "c": 0}));
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(differences(&json!({}), &json!({"error": "X"})).len(), 1);
}
