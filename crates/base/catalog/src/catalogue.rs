//! What stands in a catalogue.

use std::collections::BTreeMap;

use serde::Serialize;

/// Every contract of a descriptor set, in order of name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Catalogue {
    /// Services.
    pub services: Vec<Service>,
    /// Events.
    pub events: Vec<Event>,
    /// Records that have an owner.
    pub records: Vec<Record>,
    /// Enums that say which state follows which.
    pub states: Vec<Machine>,
    /// Who calls what, where a server was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
}

/// Who calls what, as one server has counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Usage {
    /// Where the server is.
    pub server: String,
    /// Since when it counts, RFC 3339.
    pub since: String,
    /// By method and consumer.
    pub callers: Vec<Caller>,
}

/// Calls of a method by one consumer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Caller {
    /// Full name of the method.
    pub method: String,
    /// Who calls.
    pub consumer: String,
    /// How often.
    pub calls: u64,
    /// First time, RFC 3339.
    pub first: String,
    /// Last time, RFC 3339.
    pub last: String,
}

/// A service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Service {
    /// Full name.
    pub name: String,
    /// Package, with its version.
    pub package: String,
    /// "system", "master", "process", "experience" or "development".
    pub tier: String,
    /// Team that answers for it.
    pub owner: String,
    /// What its comment says. Empty: the set has no comments.
    pub says: String,
    /// Its methods, in the order of the contract.
    pub methods: Vec<Method>,
}

/// A method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Method {
    /// Name within the service.
    pub name: String,
    /// What its comment says.
    pub says: String,
    /// Scope of the caller's token.
    pub scope: String,
    /// "safe", "key_required" or "natural".
    pub idempotency: String,
    /// "sheddable", "normal" or "financial".
    pub criticality: String,
    /// "read", "report", "write", "bulk" or "stream".
    pub rate_class: String,
    /// Milliseconds after which a call ends when its caller says nothing.
    pub deadline_ms: u32,
    /// Milliseconds in which an answer is promised.
    pub promised_ms: u32,
    /// Each call leaves an audit row.
    pub audit: bool,
    /// True when the answer is a stream.
    pub streams: bool,
    /// Full name of the request.
    pub request: String,
    /// Full name of the response.
    pub response: String,
    /// Day from which it may be gone. Empty: it stays.
    pub sunset: String,
    /// What to call instead. Empty: it stays.
    pub successor: String,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    /// CloudEvents `type`.
    pub kind: String,
    /// Full name of the message that is its data.
    pub message: String,
    /// What its comment says.
    pub says: String,
    /// Field of the subject.
    pub subject: String,
    /// Field of the ordering key.
    pub ordering_key: String,
    /// Team that answers for it.
    pub owner: String,
}

/// A record: a message whose fields have a system of record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Record {
    /// Full name.
    pub name: String,
    /// What its comment says.
    pub says: String,
    /// System of record.
    pub owner: String,
    /// Its fields.
    pub fields: Vec<Field>,
}

/// A field of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Name.
    pub name: String,
    /// What its comment says.
    pub says: String,
    /// Type, as the contract writes it.
    pub kind: String,
    /// System of record: its own, or that of its record.
    pub owner: String,
    /// Who may see it: "public", "client", "labour_cost", "payroll" or "secret". Empty: anybody inside the firm.
    pub sensitivity: String,
    /// "identifier", "output_only", "immutable", and states from which on it does not change.
    pub behaviour: Vec<String>,
}

/// States of an enum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Machine {
    /// Full name of the enum.
    pub name: String,
    /// What may follow each state.
    pub next: BTreeMap<String, Vec<String>>,
}
