//! Looks at what came of a call with nothing but the answers' own texts: no code of an adapter is used.

use std::collections::BTreeSet;

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, ReflectMessage, Value};
use strata_kernel::Error;

use crate::alter::{Altered, MARK};
use crate::lane::Answer;

/// Records that do not fit.
const MALFORMED: &str = "strata.common.v1.Malformed";
/// How a write ended.
const OUTCOME: &str = "strata.common.v1.WriteOutcome";

/// Days that the contract says when finance sets no limit to the age of a rate.
const NO_LIMIT: &str = "36500";

/// Every text and number in the answers to a call.
pub(crate) struct Told {
    /// In the answers as the vendor gave them.
    right: BTreeSet<String>,
    /// In what was sent, altered answers too.
    all: BTreeSet<String>,
}

impl Told {
    pub(crate) fn new(right: &[Answer], sent: &[Altered]) -> Self {
        let mut texts = BTreeSet::new();
        for answer in right {
            read(&answer.body, &mut texts);
            for (_, value) in &answer.headers {
                texts.extend(value.split(['/', '?', '&', '=']).map(str::to_owned));
            }
        }
        let mut all = texts.clone();
        for altered in sent {
            read(altered.body.as_deref().unwrap_or_default(), &mut all);
        }
        Self { right: texts, all }
    }
}

fn read(body: &[u8], texts: &mut BTreeSet<String>) {
    match serde_json::from_slice::<serde_json::Value>(body) {
        Ok(value) => scalars(&value, texts),
        // XML, and JSON that is broken: whatever stands between its signs.
        Err(_) => {
            let text = String::from_utf8_lossy(body);
            for signs in [&['<', '>'][..], &['<', '>', '"'], &['"', '{', '}', '[', ']', ',']] {
                let plain = text.split(signs).map(str::trim);
                texts.extend(plain.filter(|part| !part.is_empty()).map(str::to_owned));
            }
            texts.extend(
                text.split(|c: char| !c.is_alphanumeric() && c != '.' && c != '-')
                    .map(str::to_owned),
            );
        }
    }
}

fn scalars(value: &serde_json::Value, texts: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Array(list) => list.iter().for_each(|below| scalars(below, texts)),
        serde_json::Value::Object(members) => {
            // Kantata OX has the ids of its records as names of members.
            texts.extend(members.keys().cloned());
            members.values().for_each(|below| scalars(below, texts));
        }
        serde_json::Value::String(text) => {
            texts.insert(text.clone());
        }
        other => {
            texts.insert(other.to_string());
        }
    }
}

/// Records of an answer of ours, those that do not fit included.
pub(crate) fn count(told: &DynamicMessage) -> usize {
    let lists = told.fields().filter_map(|(_, value)| value.as_list().map(<[Value]>::len));
    let alone = told
        .fields()
        .filter(|(field, value)| !field.is_list() && value.as_message().is_some());
    lists.sum::<usize>() + alone.count()
}

fn has_malformed(told: &DynamicMessage) -> bool {
    let lists = told.fields().filter_map(|(_, value)| value.as_list().map(<[Value]>::to_vec));
    let mut records = lists.flatten();
    records.any(|record| {
        record
            .as_message()
            .is_some_and(|one| one.descriptor().full_name() == MALFORMED)
    })
}

/// What is wrong with what came of a call. `known`: what comes of it when every answer is right.
pub(crate) fn check(known: &DynamicMessage, told: &Told, came: Result<DynamicMessage, Error>) -> Result<(), String> {
    match came {
        Err(error) => refused(error),
        Ok(came) => {
            let mut seen = BTreeSet::new();
            leaves(known, &mut |field, text| {
                seen.insert((field.full_name().to_owned(), text.to_owned()));
            });
            let mut wrong = Vec::new();
            leaves(&came, &mut |field, text| {
                let is_known = seen.contains(&(field.full_name().to_owned(), text.to_owned()));
                if let Some(how) = invented(field, text, told).filter(|_| !is_known) {
                    wrong.push(format!("{} {text:?} {how}", field.full_name()));
                }
            });
            // One that does not fit may stand for several: a list where a record should be.
            if count(&came) < count(known) && !has_malformed(&came) {
                wrong.push(format!(
                    "{} records of {} are left, and nobody is told",
                    count(&came),
                    count(known)
                ));
            }
            for (field, _) in known
                .fields()
                .filter(|(field, value)| is_id(field) && value.as_str() != Some(""))
            {
                if came.get_field(&field).as_str() == Some("") {
                    wrong.push(format!("{} is said not to be there", field.full_name()));
                }
            }
            outcomes(&came, told, &mut wrong);
            if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
        }
    }
}

/// A refusal has a reason of ours, is not called our own fault, and has no word of the vendor's.
fn refused(error: Error) -> Result<(), String> {
    if error.kind == strata_kernel::Kind::Internal {
        return Err(format!("a vendor's answer is called our own fault: {error:?}"));
    }
    let status = strata_rpc::status(error);
    let details = String::from_utf8_lossy(status.details()).into_owned();
    for text in [status.message(), &details] {
        if text.contains(MARK) {
            return Err(format!("the vendor's words are passed on: {text}"));
        }
    }
    Ok(())
}

/// How a text or number was come by, when the vendor did not tell it.
fn invented(field: &FieldDescriptor, text: &str, told: &Told) -> Option<&'static str> {
    let holder = field.parent_message().full_name().to_owned();
    // What a record lacks, and how a write ended, is said in words of ours.
    if holder == MALFORMED || holder == OUTCOME && !is_id(field) {
        return text.contains(MARK).then_some("holds words of the vendor's");
    }
    // An id is one that the vendor has given to something, or at least one that it could have given.
    let could_be = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if is_id(field) && !told.right.contains(text) && !(told.all.contains(text) && could_be(text)) {
        return Some("is an id that the vendor never gave");
    }
    match field.kind() {
        Kind::String => {
            let has = told.all.iter().any(|said| said == text || said.contains(text));
            (!has).then_some("was told by nobody")
        }
        Kind::Int64 | Kind::Int32 | Kind::Uint32 | Kind::Uint64 => {
            let has = ["0", NO_LIMIT].contains(&text)
                || told
                    .all
                    .iter()
                    .any(|said| said.contains(text.trim_start_matches('-')) || in_cents(said) == text);
            (!has).then_some("is a number that was told by nobody")
        }
        _ => None,
    }
}

fn is_id(field: &FieldDescriptor) -> bool {
    let name = field.name();
    matches!(field.kind(), Kind::String) && (name == "id" || name.ends_with("_id"))
}

/// An amount of major units as minor units: "70.5" as "7050".
fn in_cents(said: &str) -> String {
    let (whole, part) = said.split_once('.').unwrap_or((said, ""));
    let cents = format!("{whole}{part:0<2}");
    let (sign, digits) = cents.strip_prefix('-').map_or(("", cents.as_str()), |digits| ("-", digits));
    format!("{sign}{}", digits.trim_start_matches('0'))
}

/// A write is only confirmed under an id that the vendor gave.
fn outcomes(message: &DynamicMessage, told: &Told, wrong: &mut Vec<String>) {
    if message.descriptor().full_name() == OUTCOME {
        let field = |name: &str| message.get_field_by_name(name).unwrap().into_owned();
        let id = field("vendor_id").as_str().unwrap_or_default().to_owned();
        if field("state").as_enum_number() == Some(1) && !told.right.contains(&id) {
            wrong.push(format!("a write is confirmed under {id:?}"));
        }
    }
    for (_, value) in message.fields() {
        let list = value.as_list().map_or_else(|| vec![value.clone()], <[Value]>::to_vec);
        list.iter()
            .filter_map(Value::as_message)
            .for_each(|below| outcomes(below, told, wrong));
    }
}

/// Every text and number in a message, but for cursors and tokens of pages, which are ours.
fn leaves(message: &DynamicMessage, look: &mut impl FnMut(&FieldDescriptor, &str)) {
    for (field, value) in message.fields() {
        if field.name().starts_with("next_") {
            continue;
        }
        let list = value.as_list().map_or_else(|| vec![value.clone()], <[Value]>::to_vec);
        for one in &list {
            match one {
                // Instants are told in many ways, and days by parts.
                Value::Message(below) if below.descriptor().full_name() == "google.protobuf.Timestamp" => {}
                Value::Message(below) => leaves(below, look),
                Value::String(text) if !text.is_empty() => look(&field, text),
                Value::I32(number) => look(&field, &number.to_string()),
                Value::I64(number) => look(&field, &number.to_string()),
                Value::U32(number) => look(&field, &number.to_string()),
                Value::U64(number) => look(&field, &number.to_string()),
                _ => {}
            }
        }
    }
}
