//! The tables of the bus. This crate owns them; each query file is compiled once for each back end.

pub(crate) mod claim;
pub(crate) mod rows;
pub(crate) mod schema;

use strata_kernel::{Error, Instant, Result};
use strata_store::{Conn, Tables, both, in_turn};

use crate::Event;
use crate::event::LARGEST;

/// The tables of this crate.
pub const TABLES: Tables = Tables {
    owner: "events",
    kept: &["outbox", "inbox", "dead_letter", "event_plan", "event_plan_item"],
    passing: &[],
};

#[path = "../queries"]
pub(crate) mod pg {
    pub(crate) type Conn = diesel::PgConnection;
    macro_rules! lock {
        ($rows:expr) => {
            $rows.for_update().skip_locked()
        };
    }
    pub(crate) mod dead;
    pub(crate) mod outbox;
    pub(crate) mod plans;
}
#[expect(clippy::duplicate_mod, reason = "the same queries for the other back end")]
#[path = "../queries"]
pub(crate) mod lite {
    pub(crate) type Conn = diesel::SqliteConnection;
    /// One writer: nobody else claims meanwhile.
    macro_rules! lock {
        ($rows:expr) => {
            $rows
        };
    }
    pub(crate) mod dead;
    pub(crate) mod outbox;
    pub(crate) mod plans;
}

/// Adds an event to the outbox, in the caller's transaction. An event that is there already is left alone.
///
/// Transactions that tell events of one ordering key wait for each other, so the order of rows is the order of commits. A
/// transaction that tells events of several keys does it in the order of the keys, or two of them may stop each other.
///
/// # Errors
/// When the event is larger than [`LARGEST`], or the database does not take it.
pub fn append(conn: &mut Conn<'_>, event: &Event) -> Result<()> {
    if event.body.len() > LARGEST {
        let text = format!(
            "event {} has {} bytes, at most {LARGEST} may be told",
            event.kind,
            event.body.len()
        );
        return Err(Error::internal(text));
    }
    in_turn(conn, "event", &event.ordering_key)?;
    both!(conn, outbox::append(event)).map(|_| ())
}

/// Notes that a consumer handles an event, in the caller's transaction. False: it did before.
///
/// # Errors
/// When the database cannot be used.
pub fn first_time(conn: &mut Conn<'_>, consumer: &str, event_id: &str, now: Instant) -> Result<bool> {
    both!(conn, outbox::note(consumer, event_id, now.naive_utc())).map(|rows| rows == 1)
}
