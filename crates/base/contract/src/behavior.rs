//! `google.api.field_behavior`, acted on: what a caller may not set is cleared, what may not change is refused.

use std::collections::{HashMap, HashSet};
use std::sync::{LazyLock, RwLock};

use prost_reflect::{Cardinality, DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage, Value};

use crate::google::api::FieldBehavior;
use crate::rules::option;
use crate::strata::options::v1::FieldPolicy;
use crate::validate::Violation;

/// Whether a message holds a field that callers may not set, anywhere below it.
static GUARDED: LazyLock<RwLock<HashMap<String, bool>>> = LazyLock::new(RwLock::default);

/// True when the field has the behaviour.
pub fn is(field: &FieldDescriptor, behavior: FieldBehavior) -> bool {
    let Some(extension) = field.parent_pool().get_extension_by_name("google.api.field_behavior") else {
        return false;
    };
    let options = field.options();
    let said = options.get_extension(&extension);
    let said = said.as_list().unwrap_or_default();
    said.iter().any(|one| one.as_enum_number() == Some(behavior as i32))
}

/// Clears what only the server says (OUTPUT_ONLY), wherever it stands, as AIP-203 has it: a record that was read may be sent back whole,
/// and what the caller thinks of such a field has no effect.
pub fn clear_output_only<M: ReflectMessage + Default>(message: M) -> M {
    if !is_guarded(&message.descriptor()) {
        return message;
    }
    let mut dynamic = message.transcode_to_dynamic();
    clear(&mut dynamic);
    dynamic.transcode_to().unwrap_or(message)
}

fn clear(message: &mut DynamicMessage) {
    for field in message.descriptor().fields() {
        if is(&field, FieldBehavior::OutputOnly) {
            message.clear_field(&field);
        } else if field.kind().as_message().is_some_and(is_guarded) && message.has_field(&field) {
            match message.get_field_mut(&field) {
                Value::Message(inner) => clear(inner),
                Value::List(list) => list.iter_mut().filter_map(Value::as_message_mut).for_each(clear),
                Value::Map(map) => map.values_mut().filter_map(Value::as_message_mut).for_each(clear),
                _ => {}
            }
        }
    }
}

/// Asked for every request, so it is remembered by type.
fn is_guarded(message: &MessageDescriptor) -> bool {
    let known = |name: &str| GUARDED.read().ok().and_then(|table| table.get(name).copied());
    if let Some(known) = known(message.full_name()) {
        return known;
    }
    let found = holds_output_only(message, &mut HashSet::new());
    if let Ok(mut table) = GUARDED.write() {
        table.insert(message.full_name().to_owned(), found);
    }
    found
}

fn holds_output_only(message: &MessageDescriptor, seen: &mut HashSet<String>) -> bool {
    if !seen.insert(message.full_name().to_owned()) {
        return false;
    }
    let holds = |field: FieldDescriptor| {
        is(&field, FieldBehavior::OutputOnly) || matches!(field.kind(), Kind::Message(inner) if holds_output_only(&inner, seen))
    };
    message.fields().any(holds)
}

/// Fields of `new` that differ from what is held and may not: those that identify the record or are immutable, and those that are
/// immutable in the state in which it is held. Empty: it may be stored.
pub fn changed<M: ReflectMessage>(held: &M, new: &M) -> Vec<Violation> {
    let mut found = Vec::new();
    compare(&held.transcode_to_dynamic(), &new.transcode_to_dynamic(), "", &mut found);
    found
}

fn compare(held: &DynamicMessage, new: &DynamicMessage, path: &str, found: &mut Vec<Violation>) {
    for field in held.descriptor().fields() {
        let name = if path.is_empty() {
            field.name().to_owned()
        } else {
            format!("{path}.{}", field.name())
        };
        let (before, after) = (held.get_field(&field), new.get_field(&field));
        if before != after
            && let Some(why) = fixed(held, &field)
        {
            let message = format!("{why}; make a new record instead");
            found.push(Violation { field: name, message });
            continue;
        }
        match (before.as_ref(), after.as_ref()) {
            (Value::Message(before), Value::Message(after)) if held.has_field(&field) && new.has_field(&field) => {
                compare(before, after, &name, found);
            }
            (Value::List(before), Value::List(after)) if field.cardinality() == Cardinality::Repeated => {
                compare_lists(before, after, &name, found);
            }
            _ => {}
        }
    }
}

/// Records in a list are the same when they have the same identifier.
fn compare_lists(before: &[Value], after: &[Value], path: &str, found: &mut Vec<Violation>) {
    let held: HashMap<String, &DynamicMessage> = before
        .iter()
        .filter_map(Value::as_message)
        .filter_map(|record| Some((identity(record)?, record)))
        .collect();
    for (index, record) in after.iter().filter_map(Value::as_message).enumerate() {
        if let Some(before) = identity(record).and_then(|id| held.get(&id).copied()) {
            compare(before, record, &format!("{path}[{index}]"), found);
        }
    }
}

fn identity(record: &DynamicMessage) -> Option<String> {
    let kind = record.descriptor();
    let fields = kind.fields().filter(|field| is(field, FieldBehavior::Identifier));
    let values: Vec<String> = fields.map(|field| record.get_field(&field).to_string()).collect();
    (!values.is_empty()).then(|| values.join("\n"))
}

/// Why a field may not change. None: it may.
fn fixed(held: &DynamicMessage, field: &FieldDescriptor) -> Option<String> {
    if is(field, FieldBehavior::Identifier) {
        return Some("identifies the record".to_owned());
    }
    if is(field, FieldBehavior::Immutable) {
        return Some("does not change once it is recorded".to_owned());
    }
    let policy = option(&field.options(), field.parent_pool(), "field")?;
    let policy: FieldPolicy = policy.transcode_to().ok()?;
    let state = state(held)?;
    policy
        .immutable_after
        .contains(&state)
        .then(|| format!("does not change in state {state}"))
}

/// Name of the state a record is in, as its field `state` says.
fn state(record: &DynamicMessage) -> Option<String> {
    let field = record.descriptor().get_field_by_name("state")?;
    let Kind::Enum(values) = field.kind() else { return None };
    let number = record.get_field(&field).as_enum_number()?;
    values.get_value(number).map(|value| value.name().to_owned())
}

#[cfg(test)]
#[path = "behavior_tests.rs"]
mod tests;
