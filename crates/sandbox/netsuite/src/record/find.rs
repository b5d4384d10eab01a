//! Finding a record by id or by the client's key.

use strata_sandbox::{Body, Record, View};

use crate::errors::{Answer, NsError};
use crate::schema::{DISCRIMINATOR, RecordType, TRANSACTION};
use crate::values;

/// How an address starts that names the client's key instead of an id.
const BY_KEY: &str = "eid:";

/// Where an address points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// NetSuite's id.
    Id(String),
    /// The client's external id.
    Key(String),
}

impl Address {
    /// Reads the last part of a record's path.
    pub(crate) fn parse(text: &str) -> Self {
        match text.strip_prefix(BY_KEY) {
            Some(key) => Self::Key(key.to_owned()),
            None => Self::Id(text.to_owned()),
        }
    }
}

/// The record's id when `id` names one of this type.
pub(crate) fn by_id(view: View<'_>, kind: &RecordType, id: &str) -> Option<u64> {
    let id = id.parse().ok()?;
    is_one(view, kind, id).then_some(id)
}

/// The record's id when one of this type has the external id `key`.
pub(crate) fn by_key(view: View<'_>, kind: &RecordType, key: &str) -> Option<u64> {
    let found = view.find(kind.kind, "externalId", key);
    found.into_iter().find(|id| is_one(view, kind, *id))
}

/// The record's id, or the error for an address that names nothing.
pub(crate) fn locate(view: View<'_>, kind: &RecordType, address: &Address) -> Answer<u64> {
    let (found, shown) = match address {
        Address::Id(id) => (by_id(view, kind, id), id),
        Address::Key(key) => (by_key(view, kind, key), key),
    };
    found.ok_or_else(|| {
        NsError::missing(format!(
            "The record instance does not exist. Provide a valid record instance ID: {shown}"
        ))
    })
}

/// As [`locate`], with the record.
pub(crate) fn read(view: View<'_>, kind: &RecordType, address: &Address) -> Answer<Record> {
    let id = locate(view, kind, address)?;
    view.record(kind.kind, id).ok_or_else(NsError::no_such_resource)
}

/// The fields of what a stored reference points to.
pub(crate) fn referred(view: View<'_>, kind: &str, body: &Body, field: &str) -> Option<Body> {
    view.get(kind, values::reference(body, field)?)
}

/// Ids of every record of the type, ascending.
pub(crate) fn ids(view: View<'_>, kind: &RecordType) -> Vec<u64> {
    match kind.kind {
        TRANSACTION => view.find(TRANSACTION, DISCRIMINATOR, kind.name),
        other => view.all(other),
    }
}

fn is_one(view: View<'_>, kind: &RecordType, id: u64) -> bool {
    match kind.kind {
        // Its own index would need as many steps as reading the one document.
        TRANSACTION => view
            .get(TRANSACTION, id)
            .is_some_and(|body| values::text(&body, DISCRIMINATOR) == Some(kind.name)),
        other => view.exists(other, id),
    }
}
