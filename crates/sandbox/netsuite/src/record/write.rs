//! Creating, changing and deleting records.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use strata_sandbox::{Body, Tx, View};

use super::find::{Address, by_key, locate};
use super::input::{changes_nothing, missing};
use crate::errors::{Answer, NsError};
use crate::schema::{RecordType, Rule};
use crate::{documents, journals, payments, periods, rates, values};

/// A record that passed every rule and waits to be stored. All checks come before any write: the items of a batch share
/// one write, and one that is refused must leave nothing behind.
#[derive(Debug)]
pub(crate) struct Ready {
    /// Fields to store, computed and internal ones included.
    pub(crate) body: Body,
    /// Field that takes the next number of the sequence of this prefix.
    pub(crate) number: Option<(&'static str, String)>,
    /// Other documents that change with it: kind, id, fields.
    pub(crate) also: Vec<(&'static str, u64, Body)>,
}

impl From<Body> for Ready {
    fn from(body: Body) -> Self {
        Self {
            body,
            number: None,
            also: Vec::new(),
        }
    }
}

/// Creates a record and answers its id.
pub(crate) fn create(tx: &mut Tx<'_>, kind: &'static RecordType, mut sent: Body, at: DateTime<Utc>) -> Answer<u64> {
    sent.retain(|_, value| !value.is_null());
    let mut ready = prepare(tx.view(), kind, sent, None)?;
    if let Some((field, prefix)) = ready.number {
        let number = tx.next(&prefix);
        ready.body.insert(field.into(), json!(format!("{prefix}-{number:05}")));
    }
    for (other, id, body) in ready.also {
        tx.put(other, id, body, at);
    }
    Ok(tx.insert(kind.kind, ready.body, at))
}

/// Changes the sent fields of a record. What is posted cannot change, but sending what is there already is no change.
pub(crate) fn update(tx: &mut Tx<'_>, kind: &'static RecordType, id: u64, sent: Body, at: DateTime<Utc>) -> Answer<()> {
    let view = tx.view();
    let mut body = view.get(kind.kind, id).ok_or_else(NsError::no_such_resource)?;
    let dated = kind.rule.is_posting() || kind.rule == Rule::Time;
    if dated && changes_nothing(&body, &sent) {
        return Ok(());
    }
    if kind.rule.is_posting() {
        return Err(NsError::rule("This transaction is posted and cannot be edited."));
    }
    if kind.rule == Rule::Time {
        periods::check(view, kind.rule, &body)?;
    }
    body.extend(sent);
    body.retain(|_, value| !value.is_null());
    let ready = prepare(view, kind, body, Some(id))?;
    tx.put(kind.kind, id, ready.body, at);
    Ok(())
}

/// Changes the record with this external id, or creates it. Answers its id.
pub(crate) fn upsert(tx: &mut Tx<'_>, kind: &'static RecordType, key: &str, mut sent: Body, at: DateTime<Utc>) -> Answer<u64> {
    match sent.insert("externalId".into(), json!(key)) {
        Some(other) if other != *key => {
            return Err(NsError::content(
                "externalId",
                "externalId differs from the one in the address.",
            ));
        }
        _ => {}
    }
    match by_key(tx.view(), kind, key) {
        Some(id) => update(tx, kind, id, sent, at).map(|()| id),
        None => create(tx, kind, sent, at),
    }
}

/// Deletes a record that nothing refers to.
pub(crate) fn delete(tx: &mut Tx<'_>, kind: &'static RecordType, address: &Address) -> Answer<()> {
    let view = tx.view();
    let id = locate(view, kind, address)?;
    if kind.rule.is_posting() {
        return Err(NsError::rule("This transaction is posted and cannot be deleted."));
    }
    if kind.rule == Rule::Time {
        let body = view.get(kind.kind, id).unwrap_or_default();
        periods::check(view, kind.rule, &body)?;
    }
    let text = id.to_string();
    let used = kind
        .used_by
        .iter()
        .any(|(other, index)| !view.find(other, index, &text).is_empty());
    if used {
        return Err(NsError::rule(
            "This record cannot be deleted because it has dependent records.",
        ));
    }
    tx.delete(kind.kind, id);
    Ok(())
}

/// Checks a whole record and completes it. `own` is its id when it exists.
fn prepare(view: View<'_>, kind: &'static RecordType, mut body: Body, own: Option<u64>) -> Answer<Ready> {
    if let Some(name) = missing(kind.fields, &body) {
        return Err(NsError::rule(format!("Please enter value(s) for: {name}")));
    }
    if let Some(key) = values::text(&body, "externalId")
        && by_key(view, kind, key).is_some_and(|id| Some(id) != own)
    {
        return Err(NsError::rule(format!(
            "This record already exists: a {} with externalId {key}.",
            kind.name
        )));
    }
    let number = numbering(kind, &body);
    if let Some(name) = kind.unique
        && let Some(value) = values::text(&body, name)
        && view.find(kind.kind, name, value).into_iter().any(|id| Some(id) != own)
    {
        return Err(NsError::rule(format!(
            "A {} record with this {name} already exists: {value}.",
            kind.name
        )));
    }
    match kind.rule {
        Rule::Plain => Ok(Ready { number, ..body.into() }),
        Rule::Rate => rates::derive(&mut body).map(|()| body.into()),
        Rule::Period => periods::derive(&mut body).map(|()| body.into()),
        Rule::Time => {
            periods::check(view, kind.rule, &body)?;
            body.entry("isBillable").or_insert(Value::Bool(false));
            body.entry("approvalStatus").or_insert_with(|| json!({"id": "1"}));
            Ok(body.into())
        }
        Rule::Document(prefix) => documents::complete(view, kind, prefix, body),
        Rule::Payment => payments::complete(view, kind, body),
        Rule::Journal => journals::complete(view, kind, body),
    }
}

fn numbering(kind: &'static RecordType, body: &Body) -> Option<(&'static str, String)> {
    let field = kind.unique?;
    let prefix = kind.numbered?;
    (!body.contains_key(field)).then(|| (field, prefix.to_owned()))
}
