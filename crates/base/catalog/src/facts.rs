//! A descriptor set as single statements, each of which can be compared with the same statement of another set.

use std::collections::BTreeMap;

use prost_reflect::{DescriptorPool, DynamicMessage, FieldDescriptor, MapKey, Value};
use strata_contract::rules::{is_deprecated, is_ours, option};

use crate::read::kind;

/// What is said of an element: its full name and the aspect. The aspect of its being there is "".
pub(crate) type Facts = BTreeMap<(String, String), String>;

/// Aspects that belong to `buf.validate` start so.
pub(crate) const RULE: &str = "rule ";

/// Everything that the contracts of ours in a pool say.
pub(crate) fn facts(pool: &DescriptorPool) -> Facts {
    let mut facts = Facts::new();
    for service in pool.services().filter(|service| is_ours(service.full_name())) {
        let name = service.full_name();
        say(&mut facts, name, "", "service");
        options(&mut facts, name, option(&service.options(), pool, "service").as_ref());
        for method in service.methods() {
            let name = method.full_name();
            say(&mut facts, name, "", "method");
            say(&mut facts, name, "request", method.input().full_name());
            say(&mut facts, name, "response", method.output().full_name());
            options(&mut facts, name, option(&method.options(), pool, "method").as_ref());
            if is_deprecated(&method.options()) {
                say(&mut facts, name, "deprecated", "true");
            }
        }
    }
    for message in pool.all_messages().filter(|m| is_ours(m.full_name()) && !m.is_map_entry()) {
        let name = message.full_name();
        say(&mut facts, name, "", "message");
        rules(&mut facts, pool, name, &message.options(), "buf.validate.message");
        options(&mut facts, name, option(&message.options(), pool, "record").as_ref());
        options(&mut facts, name, option(&message.options(), pool, "event").as_ref());
        for field in message.fields() {
            field_facts(&mut facts, pool, &field);
        }
    }
    for values in pool.all_enums().filter(|values| is_ours(values.full_name())) {
        say(&mut facts, values.full_name(), "", "enum");
        for value in values.values() {
            let name = format!("{}.{}", values.full_name(), value.name());
            say(&mut facts, &name, "", "value");
            say(&mut facts, &name, "number", &value.number().to_string());
            options(&mut facts, &name, option(&value.options(), pool, "state").as_ref());
            options(&mut facts, &name, option(&value.options(), pool, "cause").as_ref());
        }
    }
    facts
}

fn field_facts(facts: &mut Facts, pool: &DescriptorPool, field: &FieldDescriptor) {
    let name = field.full_name();
    say(facts, name, "", "field");
    say(facts, name, "number", &field.number().to_string());
    say(facts, name, "type", &kind(field));
    rules(facts, pool, name, &field.options(), "buf.validate.field");
    options(facts, name, option(&field.options(), pool, "field").as_ref());
    if let Some(behaviour) = pool.get_extension_by_name("google.api.field_behavior") {
        let said = field.options();
        let said = said.get_extension(&behaviour);
        let names = said
            .as_list()
            .unwrap_or_default()
            .iter()
            .map(|one| enum_name(&behaviour, one));
        let names: Vec<String> = names.collect();
        if !names.is_empty() {
            say(facts, name, "behaviour", &names.join(", "));
        }
    }
}

fn enum_name(field: &prost_reflect::ExtensionDescriptor, value: &Value) -> String {
    let number = value.as_enum_number().unwrap_or_default();
    let found = field.kind().as_enum().and_then(|values| values.get_value(number));
    found.map_or_else(|| number.to_string(), |value| value.name().to_owned())
}

/// Each field of an option of ours that is set is a statement.
fn options(facts: &mut Facts, element: &str, said: Option<&DynamicMessage>) {
    for (field, value) in said.into_iter().flat_map(DynamicMessage::fields) {
        say(facts, element, field.name(), &plain(&field, value));
    }
}

/// Each validation rule is a statement: "rule string.max_len".
fn rules(facts: &mut Facts, pool: &DescriptorPool, element: &str, said: &DynamicMessage, extension: &str) {
    let Some(extension) = pool
        .get_extension_by_name(extension)
        .filter(|found| said.has_extension(found))
    else {
        return;
    };
    if let Some(said) = said.get_extension(&extension).as_message() {
        flatten(facts, element, RULE, said);
    }
}

fn flatten(facts: &mut Facts, element: &str, path: &str, said: &DynamicMessage) {
    for (field, value) in said.fields() {
        let path = if path == RULE {
            format!("{path}{}", field.name())
        } else {
            format!("{path}.{}", field.name())
        };
        match value {
            Value::Message(inner) => flatten(facts, element, &path, inner),
            other => say(facts, element, &path, &plain(&field, other)),
        }
    }
}

/// A value in words that do not depend on how it was stored.
fn plain(field: &FieldDescriptor, value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(is) => is.to_string(),
        Value::I32(number) => number.to_string(),
        Value::I64(number) => number.to_string(),
        Value::U32(number) => number.to_string(),
        Value::U64(number) => number.to_string(),
        Value::EnumNumber(number) => {
            let found = field.kind().as_enum().and_then(|values| values.get_value(*number));
            found.map_or_else(|| number.to_string(), |value| value.name().to_owned())
        }
        Value::List(list) => {
            let words: Vec<String> = list.iter().map(|one| plain(field, one)).collect();
            words.join(", ")
        }
        Value::Message(message) => {
            let words: Vec<String> = message
                .fields()
                .map(|(field, value)| format!("{}: {}", field.name(), plain(&field, value)))
                .collect();
            format!("{{{}}}", words.join(", "))
        }
        Value::Map(map) => {
            let mut words: Vec<String> = map
                .iter()
                .map(|(key, value)| format!("{}: {}", key_text(key), plain(field, value)))
                .collect();
            words.sort();
            words.join(", ")
        }
        other => other.to_string(),
    }
}

fn key_text(key: &MapKey) -> String {
    Value::from(key.clone()).to_string()
}

fn say(facts: &mut Facts, element: &str, aspect: &str, value: &str) {
    facts.insert((element.to_owned(), aspect.to_owned()), value.to_owned());
}
