//! The tables of the bus. This crate owns them; each query file is compiled once for each back end.

pub(crate) mod claim;
pub(crate) mod rows;
pub(crate) mod schema;

use strata_kernel::{Error, Instant, Result};
use strata_store::{Conn, Tables, both, in_turns};

use crate::Event;
use crate::event::LARGEST;

/// Rows in one statement.
const ROWS: usize = 200;

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
/// # Errors
/// When the event is larger than [`LARGEST`], or the database does not take it.
pub fn append(conn: &mut Conn<'_>, event: &Event) -> Result<()> {
    append_all(conn, std::slice::from_ref(event))
}

/// The same for several events.
///
/// Transactions that tell events of one ordering key wait for each other, so the order of rows is the order of commits. A
/// transaction that tells events of several keys tells them in one call, or two of them may stop each other.
///
/// # Errors
/// When one of them is larger than [`LARGEST`], or the database does not take them.
pub fn append_all(conn: &mut Conn<'_>, events: &[Event]) -> Result<()> {
    if let Some(event) = events.iter().find(|event| event.body.len() > LARGEST) {
        let text = format!(
            "event {} has {} bytes, at most {LARGEST} may be told",
            event.kind,
            event.body.len()
        );
        return Err(Error::internal(text));
    }
    if events.is_empty() {
        return Ok(());
    }
    in_turns(conn, "event", events.iter().map(|event| event.ordering_key.as_str()))?;
    for some in events.chunks(ROWS) {
        both!(conn, outbox::append(some))?;
    }
    Ok(())
}

/// Notes that a consumer handles an event, in the caller's transaction. False: it did before.
///
/// # Errors
/// When the database cannot be used.
pub fn first_time(conn: &mut Conn<'_>, consumer: &str, event_id: &str, now: Instant) -> Result<bool> {
    both!(conn, outbox::note(consumer, event_id, now.naive_utc())).map(|rows| rows == 1)
}
