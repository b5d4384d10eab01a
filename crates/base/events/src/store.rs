//! Outbox and inbox tables. This crate owns them.

use strata_kernel::{Instant, Result};
use strata_store::{Conn, both};

use crate::Event;

pub(crate) mod schema {
    diesel::table! {
        outbox (sequence) {
            sequence -> BigInt,
            id -> Text,
            #[sql_name = "type"]
            kind -> Text,
            subject -> Text,
            ordering_key -> Text,
            body -> Binary,
            correlation_id -> Text,
            happened_at -> Timestamp,
            published_at -> Nullable<Timestamp>,
        }
    }
    diesel::table! {
        inbox (consumer, event_id) {
            consumer -> Text,
            event_id -> Text,
            handled_at -> Timestamp,
        }
    }
}

#[path = "."]
mod pg {
    pub(crate) type Conn = diesel::PgConnection;
    #[path = "queries.rs"]
    pub(crate) mod queries;
}
#[expect(clippy::duplicate_mod, reason = "the same queries for the other back end")]
#[path = "."]
mod lite {
    pub(crate) type Conn = diesel::SqliteConnection;
    #[path = "queries.rs"]
    pub(crate) mod queries;
}

/// A row of the outbox.
#[derive(Debug, diesel::Queryable, diesel::Selectable)]
#[diesel(table_name = schema::outbox)]
pub(crate) struct OutboxRow {
    pub(crate) sequence: i64,
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) subject: String,
    pub(crate) ordering_key: String,
    pub(crate) body: Vec<u8>,
    pub(crate) correlation_id: String,
    pub(crate) happened_at: chrono::NaiveDateTime,
}

/// Adds an event to the outbox, in the caller's transaction. An event that is there already is left alone.
pub fn append(conn: &mut Conn<'_>, event: &Event) -> Result<()> {
    both!(conn, queries::append(event)).map(|_| ())
}

/// Notes that a consumer handles an event, in the caller's transaction. False: it did before.
pub fn first_time(conn: &mut Conn<'_>, consumer: &str, event_id: &str, now: Instant) -> Result<bool> {
    both!(conn, queries::note(consumer, event_id, now.naive_utc())).map(|rows| rows == 1)
}

pub(crate) fn unpublished(conn: &mut Conn<'_>, limit: i64) -> Result<Vec<OutboxRow>> {
    both!(conn, queries::unpublished(limit))
}

pub(crate) fn mark(conn: &mut Conn<'_>, sequences: &[i64], now: Instant) -> Result<usize> {
    both!(conn, queries::mark(sequences, now.naive_utc()))
}
