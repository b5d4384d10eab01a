//! From an error of the `config` crate to a key, and from a key to the line it stands on.

use config::ConfigError;
use toml::de::{DeTable, DeValue};

use crate::SettingsError;
use crate::layers::Layers;

/// Turns the library's error into one that names key and place.
pub(crate) fn explain(error: &ConfigError, layers: &Layers) -> SettingsError {
    match error {
        ConfigError::Type {
            unexpected,
            expected,
            key,
            ..
        } => at(
            layers,
            key.clone().unwrap_or_default(),
            format!("is {unexpected}, but should be {expected}"),
        ),
        ConfigError::NotFound(key) => at(layers, key.clone(), "is required".to_owned()),
        ConfigError::At { error, key, .. } => {
            let key = key.clone().unwrap_or_default();
            let inner = explain(error, layers);
            at(layers, join(&key, &inner.key), inner.message)
        }
        ConfigError::Message(text) => match unknown_field(text) {
            Some(field) => at(layers, field.to_owned(), format!("is not known{}", expected(text))),
            None => at(layers, String::new(), text.clone()),
        },
        other => at(layers, String::new(), other.to_string()),
    }
}

/// An error at a key, with the place the key was written; a key that was never written is
/// reported at the nearest section that was.
pub(crate) fn at(layers: &Layers, key: String, message: String) -> SettingsError {
    let key = dotted(&key);
    let mut outer = key.as_str();
    loop {
        if let Some(place) = layers.place(outer).filter(|_| !outer.is_empty()) {
            return SettingsError::new(key, place, message);
        }
        match outer.rfind(['.', '[']) {
            Some(end) => outer = &outer[..end],
            None => return SettingsError::new(key, layers.whole(), message),
        }
    }
}

/// The library writes `a[1]b` where everybody else writes `a[1].b`.
fn dotted(key: &str) -> String {
    key.replace(']', "].")
        .replace("]..", "].")
        .replace("].[", "][")
        .trim_end_matches('.')
        .to_owned()
}

fn join(outer: &str, inner: &str) -> String {
    match (outer.is_empty(), inner.is_empty()) {
        (true, _) => inner.to_owned(),
        (_, true) => outer.to_owned(),
        _ => format!("{outer}.{inner}"),
    }
}

/// The field in serde's own words for an unknown one: "unknown field `x`, expected ...".
fn unknown_field(text: &str) -> Option<&str> {
    text.strip_prefix("unknown field `")?.split('`').next()
}

fn expected(text: &str) -> String {
    text.split_once(", expected ")
        .map(|(_, known)| format!("; known: {}", known.trim_start_matches("one of ")))
        .unwrap_or_default()
}

/// Byte offset of `key` (dotted, indices in brackets) in a document.
pub(crate) fn offset(document: &DeTable<'_>, key: &str) -> Option<usize> {
    let mut steps = key.split(['.', '[']).map(|step| step.trim_end_matches(']'));
    let (name, value) = document.get_key_value(steps.next()?)?;
    let mut found = name.span().start;
    let mut here = value.get_ref();
    for step in steps {
        let next = match here {
            DeValue::Table(table) => {
                let (name, value) = table.get_key_value(step)?;
                found = name.span().start;
                value
            }
            DeValue::Array(items) => {
                let value = items.get(step.parse::<usize>().ok()?)?;
                found = value.span().start;
                value
            }
            _ => return None,
        };
        here = next.get_ref();
    }
    Some(found)
}
