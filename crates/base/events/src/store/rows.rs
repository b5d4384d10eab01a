//! Rows of the tables.

use chrono::NaiveDateTime;

use super::schema::{dead_letter, event_plan, event_plan_item, outbox};
use crate::Event;

/// A row of the outbox.
#[derive(Debug, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = outbox)]
pub(crate) struct OutboxRow {
    pub(crate) sequence: i64,
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) subject: String,
    pub(crate) ordering_key: String,
    pub(crate) body: Vec<u8>,
    pub(crate) correlation_id: String,
    pub(crate) happened_at: NaiveDateTime,
    pub(crate) trace_parent: String,
}

impl OutboxRow {
    pub(crate) fn event(self) -> Event {
        Event {
            id: self.id,
            kind: self.kind,
            subject: self.subject,
            ordering_key: self.ordering_key,
            body: self.body,
            correlation_id: self.correlation_id,
            trace_parent: self.trace_parent,
            time: self.happened_at.and_utc(),
        }
    }
}

/// A row to be added.
#[derive(Debug, diesel::Insertable)]
#[diesel(table_name = outbox, treat_none_as_default_value = false)]
pub(crate) struct NewOutboxRow<'a> {
    id: &'a str,
    kind: &'a str,
    subject: &'a str,
    ordering_key: &'a str,
    body: &'a [u8],
    correlation_id: &'a str,
    trace_parent: &'a str,
    happened_at: NaiveDateTime,
    stopped: bool,
}

impl<'a> NewOutboxRow<'a> {
    pub(crate) fn of(event: &'a Event) -> Self {
        Self {
            id: &event.id,
            kind: &event.kind,
            subject: &event.subject,
            ordering_key: &event.ordering_key,
            body: &event.body,
            correlation_id: &event.correlation_id,
            trace_parent: &event.trace_parent,
            happened_at: event.time.naive_utc(),
            stopped: false,
        }
    }
}

/// A row that nobody has published: sequence, ordering key, whether somebody has to mend it first, and until when it is held.
pub(crate) type Unpublished = (i64, String, bool, Option<NaiveDateTime>);

/// A row that may be claimed: sequence, ordering key, and until when it was held.
pub(crate) type Candidate = (i64, String, Option<NaiveDateTime>);

/// Which published events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) from: NaiveDateTime,
    pub(crate) to: NaiveDateTime,
    /// Empty: all.
    pub(crate) kinds: Vec<String>,
}

/// Which dead letters. What is empty does not choose.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(crate) state: String,
    pub(crate) consumer: String,
    pub(crate) kind: String,
    pub(crate) reason: String,
    pub(crate) ids: Vec<String>,
}

#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable, diesel::AsChangeset)]
#[diesel(table_name = dead_letter, treat_none_as_default_value = false)]
pub(crate) struct DeadRow {
    pub(crate) id: String,
    pub(crate) consumer: String,
    pub(crate) state: String,
    pub(crate) reason: String,
    pub(crate) message: String,
    pub(crate) tries: i32,
    pub(crate) history: String,
    pub(crate) first_at: NaiveDateTime,
    pub(crate) last_at: NaiveDateTime,
    pub(crate) event_id: String,
    pub(crate) kind: String,
    pub(crate) subject: String,
    pub(crate) ordering_key: String,
    pub(crate) body: Vec<u8>,
    pub(crate) correlation_id: String,
    pub(crate) trace_parent: String,
    pub(crate) happened_at: NaiveDateTime,
}

impl DeadRow {
    pub(crate) fn event(&self) -> Event {
        Event {
            id: self.event_id.clone(),
            kind: self.kind.clone(),
            subject: self.subject.clone(),
            ordering_key: self.ordering_key.clone(),
            body: self.body.clone(),
            correlation_id: self.correlation_id.clone(),
            trace_parent: self.trace_parent.clone(),
            time: self.happened_at.and_utc(),
        }
    }
}

#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = event_plan, treat_none_as_default_value = false)]
pub(crate) struct PlanRow {
    pub(crate) id: String,
    /// REDRIVE or REPLAY.
    pub(crate) kind: String,
    pub(crate) consumer: String,
    pub(crate) forced: bool,
    /// Digest of what was asked for.
    pub(crate) asked: String,
    /// Of a replay: the sequence after which a next plan goes on. 0: it is the last.
    pub(crate) next_sequence: i64,
    pub(crate) made_at: NaiveDateTime,
    /// Request that carries it out. Empty: none yet.
    pub(crate) request_id: String,
}

#[derive(Debug, Clone, diesel::Queryable, diesel::Selectable, diesel::Insertable)]
#[diesel(table_name = event_plan_item, treat_none_as_default_value = false)]
pub(crate) struct ItemRow {
    pub(crate) plan_id: String,
    pub(crate) position: i32,
    /// Dead letter or event.
    pub(crate) object_id: String,
    pub(crate) event_id: String,
    pub(crate) kind: String,
    pub(crate) subject: String,
    /// Empty: not carried out yet.
    pub(crate) outcome: String,
    pub(crate) message: String,
}
