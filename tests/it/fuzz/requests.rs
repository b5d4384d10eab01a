//! Requests to every method of every tier: each is answered, or refused with a reason that is not ours.

use prost::Message;
use prost_reflect::{DynamicMessage, Kind, MessageDescriptor, MethodDescriptor, Value};
use strata_contract::google::api::FieldBehavior;
use strata_contract::{behavior, violations};
use tokio::runtime::Runtime;
use tonic::{Code, Request};

use super::run;
use crate::dynamic;
use crate::sweep::{server, started};

/// A request as somebody might send it: every field has something, and what does not fit its rules is taken out again.
fn plausible(method: &MethodDescriptor) -> DynamicMessage {
    let mut request = filled(&method.input(), 5);
    for _ in 0..20 {
        let Ok(wrong) = violations(&request) else { break };
        let Some(first) = wrong.first() else { break };
        let name = first.field.split(['.', '[']).next().unwrap_or_default();
        let Some(field) = method.input().get_field_by_name(name) else {
            break;
        };
        if !request.has_field(&field) {
            break;
        }
        request.clear_field(&field);
    }
    request
}

/// A message with something in every field.
pub(super) fn filled(held: &MessageDescriptor, deep: u32) -> DynamicMessage {
    let mut message = DynamicMessage::new(held.clone());
    for field in held.fields().filter(|field| !behavior::is(field, FieldBehavior::OutputOnly)) {
        let value = match field.kind() {
            Kind::String => Value::String(text(field.name(), held.full_name())),
            Kind::Message(_) if deep == 0 => continue,
            Kind::Message(below) => Value::Message(filled(&below, deep - 1)),
            Kind::Enum(values) => values
                .values()
                .nth(1)
                .map_or(Value::EnumNumber(0), |one| Value::EnumNumber(one.number())),
            Kind::Bool => Value::Bool(true),
            Kind::Int32 => Value::I32(1),
            Kind::Int64 => Value::I64(1),
            Kind::Uint32 => Value::U32(1),
            Kind::Uint64 => Value::U64(1),
            other => Value::default_value(&other),
        };
        let number = |value: Value| match (held.full_name(), field.name()) {
            ("google.type.Date", "year") => Value::I32(2025),
            _ => value,
        };
        let value = number(value);
        message.set_field(&field, if field.is_list() { Value::List(vec![value]) } else { value });
    }
    message
}

/// A text that may fit a field of this name.
fn text(name: &str, holder: &str) -> String {
    let id = |prefix: &str| format!("{prefix}_00000000000000000000");
    match name {
        "page_token" | "cursor" => String::new(),
        "currency_code" | "currency" => "USD".to_owned(),
        "engagement_id" => id("eng"),
        "customer_id" => id("cus"),
        "contract_id" => id("con"),
        "project_id" => id("prj"),
        "employee_id" => id("emp"),
        "exception_id" => id("exc"),
        "period" | "month" => "2025-01".to_owned(),
        "country_code" => "US".to_owned(),
        "id" => {
            let kind = holder.rsplit('.').next().unwrap_or_default().to_lowercase();
            id(kind.get(..3).unwrap_or("eng"))
        }
        _ => "A-1".to_owned(),
    }
}

#[test]
fn a_changed_request_is_answered_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = Runtime::new().unwrap();
    let all = runtime.block_on(started(folder.path()));
    let methods = dynamic::methods();
    let mut seeds: Vec<(usize, Vec<u8>)> = Vec::new();
    for (at, method) in methods.iter().enumerate() {
        seeds.push((at, plausible(method).encode_to_vec()));
        seeds.push((at, filled(&method.input(), 5).encode_to_vec()));
    }
    let fitting = methods
        .iter()
        .filter(|method| violations(&plausible(method)).is_ok_and(|wrong| wrong.is_empty()));
    let fitting = fitting.count();
    println!("{fitting} of {} methods begin with a request that fits", methods.len());
    assert!(fitting * 2 > methods.len());
    run(3_000, &seeds, |at, bytes| {
        let method = &methods[*at];
        let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
        let status = runtime.block_on(dynamic::send(server(&all, method), &path, Request::new(bytes)));
        match status.code() {
            Code::Internal | Code::Unknown | Code::DataLoss => Err(format!("{path} ends with {status:?}")),
            _ => Ok(()),
        }
    });
    runtime.block_on(all.stop()).unwrap();
}
