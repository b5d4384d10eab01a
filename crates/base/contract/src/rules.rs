//! What every contract of ours has to say of itself. The build refuses a contract that does not, and the catalogue checks others by the
//! same rules, so this file knows nothing but descriptors.

use prost_reflect::{DescriptorPool, DynamicMessage, EnumDescriptor, MessageDescriptor, MethodDescriptor, Value};

/// Package of the options.
const OPTIONS: &str = "strata.options.v1";
/// Number of IDEMPOTENCY_SAFE.
const SAFE: u32 = 1;
/// How deep rows are looked for.
const DEEPEST: u32 = 20;

/// Something that a contract does not say, or says wrongly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Full name of the element.
    pub element: String,
    /// What is missing or wrong, in words.
    pub text: String,
}

/// Every fault of the contracts of ours in a pool, by element.
pub fn faults(pool: &DescriptorPool) -> Vec<Fault> {
    let mut found = Vec::new();
    for service in pool.services().filter(|service| is_ours(service.full_name())) {
        let policy = option(&service.options(), pool, "service");
        for (field, is_said) in [
            ("tier", number(policy.as_ref(), "tier") != 0),
            ("owner", !text(policy.as_ref(), "owner").is_empty()),
        ] {
            if !is_said {
                found.push(missing(service.full_name(), "service", field));
            }
        }
        for method in service.methods() {
            method_faults(pool, &method, &mut found);
            row_faults(pool, &method, &mut found);
        }
    }
    for message in pool.all_messages().filter(|message| is_ours(message.full_name())) {
        event_faults(pool, &message, &mut found);
        field_faults(pool, &message, &mut found);
    }
    for values in pool.all_enums().filter(|values| is_ours(values.full_name())) {
        state_faults(pool, &values, &mut found);
    }
    sight_faults(pool, &mut found);
    found.sort_by(|a, b| a.element.cmp(&b.element));
    found
}

/// True for the names of our own packages.
pub fn is_ours(name: &str) -> bool {
    name.starts_with("strata.")
}

/// The value of one of our options, if it is set. `name` is that of the extension: "method", "field".
pub fn option(options: &DynamicMessage, pool: &DescriptorPool, name: &str) -> Option<DynamicMessage> {
    let extension = pool.get_extension_by_name(&format!("{OPTIONS}.{name}"))?;
    if !options.has_extension(&extension) {
        return None;
    }
    options.get_extension(&extension).as_message().cloned()
}

fn method_faults(pool: &DescriptorPool, method: &MethodDescriptor, found: &mut Vec<Fault>) {
    let options = method.options();
    let policy = option(&options, pool, "method");
    let policy = policy.as_ref();
    let name = method.full_name();
    let (deadline, promised) = (number(policy, "deadline_ms"), number(policy, "promised_ms"));
    for (field, is_said) in [
        ("scope", !text(policy, "scope").is_empty()),
        ("idempotency", number(policy, "idempotency") != 0),
        ("criticality", number(policy, "criticality") != 0),
        ("rate_class", number(policy, "rate_class") != 0),
        ("deadline_ms", deadline != 0),
        ("promised_ms", promised != 0),
    ] {
        if !is_said {
            found.push(missing(name, "method", field));
        }
    }
    if promised > deadline {
        found.push(fault(
            name,
            format!("promises {promised} ms and ends calls after {deadline} ms"),
        ));
    }
    let (sunset, successor) = (text(policy, "sunset"), text(policy, "successor"));
    if is_deprecated(&options) {
        if !is_day(&sunset) {
            found.push(fault(
                name,
                "is deprecated, and `sunset` is no day like 2027-06-30".to_owned(),
            ));
        }
        let is_there = pool
            .services()
            .any(|service| service.methods().any(|other| other.full_name() == successor));
        if !is_there || successor == name {
            found.push(fault(name, "is deprecated, and `successor` names no other method".to_owned()));
        }
    } else if !sunset.is_empty() || !successor.is_empty() {
        found.push(fault(name, "has a sunset or a successor, and is not deprecated".to_owned()));
    }
}

/// True when the standard option `deprecated` is set.
pub fn is_deprecated(options: &DynamicMessage) -> bool {
    let said = options.get_field_by_name("deprecated");
    said.and_then(|value| value.as_bool()).unwrap_or(false)
}

fn event_faults(pool: &DescriptorPool, message: &MessageDescriptor, found: &mut Vec<Fault>) {
    let Some(policy) = option(&message.options(), pool, "event") else {
        return;
    };
    let name = message.full_name();
    let kind = text(Some(&policy), "type");
    let version = kind.rsplit_once(".v").map(|(_, version)| version);
    if !is_ours(&kind) || !version.is_some_and(|v| !v.is_empty() && v.bytes().all(|b| b.is_ascii_digit())) {
        found.push(fault(
            name,
            "is an event whose `type` is not like strata.area.thing.happened.v1".to_owned(),
        ));
    }
    if text(Some(&policy), "owner").is_empty() {
        found.push(missing(name, "event", "owner"));
    }
    for role in ["subject", "ordering_key"] {
        let field = text(Some(&policy), role);
        let is_text = message
            .get_field_by_name(&field)
            .is_some_and(|field| field.kind() == prost_reflect::Kind::String && !field.is_list());
        if !is_text {
            found.push(fault(
                name,
                format!("is an event, and its `{role}` names no text of the message"),
            ));
        }
    }
}

fn field_faults(pool: &DescriptorPool, message: &MessageDescriptor, found: &mut Vec<Fault>) {
    for field in message.fields() {
        let Some(policy) = option(&field.options(), pool, "field") else {
            continue;
        };
        if row_of(pool, &field) != 0 && field.kind() != prost_reflect::Kind::String {
            found.push(fault(field.full_name(), "says whose the row is, and is no text".to_owned()));
        }
        let states = message.get_field_by_name("state").map(|state| state.kind());
        for name in texts(&policy, "immutable_after") {
            let is_state =
                matches!(&states, Some(prost_reflect::Kind::Enum(values)) if values.get_value_by_name(&name).is_some());
            if !is_state {
                let text = format!("does not change after {name}, which is no value of the field `state` beside it");
                found.push(fault(field.full_name(), text));
            }
        }
    }
}

/// A method that shows callers their own rows has to be a read, and each row of its answer has to say whose it is.
fn row_faults(pool: &DescriptorPool, method: &MethodDescriptor, found: &mut Vec<Fault>) {
    let policy = option(&method.options(), pool, "method");
    let said = policy.as_ref().and_then(|policy| policy.get_field_by_name("rows"));
    let said = said.as_ref().and_then(|said| said.as_list()).unwrap_or_default();
    if !said.is_empty() && number(policy.as_ref(), "idempotency") != SAFE {
        found.push(fault(method.full_name(), "has `rows` and is no read".to_owned()));
    }
    for kind in said.iter().filter_map(Value::as_enum_number) {
        if let Some(at) = unsaid(pool, &method.output(), kind, DEEPEST) {
            let text = format!("has `rows` {kind}, and {at} does not say whose it is");
            found.push(fault(method.full_name(), text));
        }
    }
}

/// The first part of an answer that does not say whose it is.
fn unsaid(pool: &DescriptorPool, message: &MessageDescriptor, kind: i32, deep: u32) -> Option<String> {
    if says(pool, message, kind, deep) {
        return None;
    }
    if deep == 0 || message.fields().len() == 0 {
        return Some(message.full_name().to_owned());
    }
    message.fields().find_map(|field| match field.kind() {
        // It tells how to go on, and nothing of a row.
        prost_reflect::Kind::String if field.name() == "next_page_token" => None,
        prost_reflect::Kind::Message(below) if is_ours(below.full_name()) => unsaid(pool, &below, kind, deep - 1),
        _ => Some(field.full_name().to_owned()),
    })
}

/// Whether a message says whose it is, itself or in a message that it holds once.
fn says(pool: &DescriptorPool, message: &MessageDescriptor, kind: i32, deep: u32) -> bool {
    deep > 0
        && message.fields().any(|field| match field.kind() {
            prost_reflect::Kind::Message(below) => {
                !field.is_list() && is_ours(below.full_name()) && says(pool, &below, kind, deep - 1)
            }
            _ => row_of(pool, &field) == kind,
        })
}

/// Number of the row that a field names; 0 when it names none.
fn row_of(pool: &DescriptorPool, field: &prost_reflect::FieldDescriptor) -> i32 {
    let policy = option(&field.options(), pool, "field");
    i32::try_from(number(policy.as_ref(), "row")).unwrap_or_default()
}

fn state_faults(pool: &DescriptorPool, values: &EnumDescriptor, found: &mut Vec<Fault>) {
    for value in values.values() {
        let Some(policy) = option(&value.options(), pool, "state") else {
            continue;
        };
        for next in texts(&policy, "next") {
            if values.get_value_by_name(&next).is_none() {
                found.push(fault(
                    value.full_name(),
                    format!("is followed by {next}, which the enum does not have"),
                ));
            }
        }
    }
}

/// A sensitivity that does not say for whose eyes its fields are would show them to everybody, or to nobody.
fn sight_faults(pool: &DescriptorPool, found: &mut Vec<Fault>) {
    let sensitivities = pool.get_enum_by_name(&format!("{OPTIONS}.Sensitivity"));
    for value in sensitivities.iter().flat_map(EnumDescriptor::values) {
        let policy = option(&value.options(), pool, "sight");
        if number(policy.as_ref(), "audience") == 0 {
            found.push(missing(value.full_name(), "sight", "audience"));
        }
    }
}

fn fault(element: &str, text: String) -> Fault {
    Fault {
        element: element.to_owned(),
        text,
    }
}

fn missing(element: &str, option: &str, field: &str) -> Fault {
    fault(element, format!("says no {field}; set it in ({OPTIONS}.{option})"))
}

fn text(policy: Option<&DynamicMessage>, field: &str) -> String {
    let value = policy.and_then(|policy| policy.get_field_by_name(field));
    value.and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn texts(policy: &DynamicMessage, field: &str) -> Vec<String> {
    let value = policy.get_field_by_name(field);
    let list = value.as_ref().and_then(|value| value.as_list()).unwrap_or_default();
    list.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

/// The number of a uint32 or of an enum; 0 when it is not set.
fn number(policy: Option<&DynamicMessage>, field: &str) -> u32 {
    let value = policy.and_then(|policy| policy.get_field_by_name(field));
    match value.as_deref() {
        Some(Value::U32(number)) => *number,
        Some(Value::EnumNumber(number)) => u32::try_from(*number).unwrap_or_default(),
        _ => 0,
    }
}

/// Whether it is a day of the calendar, as 2027-06-30.
fn is_day(text: &str) -> bool {
    let parts: Vec<u32> = text.split('-').filter_map(|part| part.parse().ok()).collect();
    let [year, month, day] = parts[..] else { return false };
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    text.len() == 10 && year >= 2000 && (1..=days).contains(&day)
}
