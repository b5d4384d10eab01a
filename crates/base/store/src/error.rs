//! What a database error means for whoever called.

use diesel::result::{DatabaseErrorKind, Error as Db};
use strata_kernel::{Error, Kind, Reason};

/// The database does not answer, or the connection to it broke.
pub(crate) const UNAVAILABLE: Reason = "STORE_UNAVAILABLE";
/// Others are writing the same rows: the database undid this transaction.
pub(crate) const BUSY: Reason = "STORE_BUSY";
/// The database has no room left: on its disk, in its memory, or for another connection.
pub(crate) const FULL: Reason = "STORE_FULL";

/// What SQLite says when another process writes, and what PostgreSQL says to one of two transactions that wait for each other.
/// Diesel keeps the code of neither.
const BUSY_WORDS: [&str; 3] = ["database is locked", "database table is locked", "deadlock detected"];
/// What SQLite (SQLITE_FULL) and PostgreSQL (class 53) say when there is no room.
const FULL_WORDS: [&str; 7] = [
    "database or disk is full",
    "No space left on device",
    "out of memory",
    "out of shared memory",
    "too many clients",
    "too many connections",
    "remaining connection slots are reserved",
];

/// Turns a database error into ours. The detail goes to the log only.
pub fn db_error(cause: Db) -> Error {
    match &cause {
        // The second error only says that the connection is of no more use.
        Db::RollbackErrorOnCommit { commit_error, .. } => of(commit_error),
        other => of(other),
    }
}

fn of(cause: &Db) -> Error {
    match cause {
        Db::DatabaseError(DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand, _)
        | Db::BrokenTransactionManager => lost(cause),
        Db::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => busy(cause),
        Db::DatabaseError(DatabaseErrorKind::Unknown, said) => {
            let says = |words: &[&str]| words.iter().any(|words| said.message().contains(words));
            if says(&BUSY_WORDS) {
                busy(cause)
            } else if says(&FULL_WORDS) {
                full(cause)
            } else {
                internal(cause)
            }
        }
        _ => internal(cause),
    }
}

fn internal(cause: &Db) -> Error {
    Error::internal(format!("database: {cause}"))
}

fn busy(cause: &Db) -> Error {
    Error::new(
        Kind::Unavailable,
        BUSY,
        "many are writing to the database; nothing was stored, try again",
    )
    .because(cause)
}

fn lost(cause: &Db) -> Error {
    away(&cause.to_string())
}

/// The database is not there.
pub(crate) fn away(detail: &str) -> Error {
    Error::new(
        Kind::Unavailable,
        UNAVAILABLE,
        "the database cannot be reached; try again, it is taken up by itself when it is back",
    )
    .because(detail)
}

fn full(cause: &Db) -> Error {
    no_room(&cause.to_string())
}

fn no_room(detail: &str) -> Error {
    Error::new(
        Kind::ResourceExhausted,
        FULL,
        "the database has no room left and stored nothing; make room, then try again",
    )
    .because(detail)
}

/// No connection could be had in time.
pub(crate) fn no_connection(detail: &str) -> Error {
    if FULL_WORDS.iter().any(|words| detail.contains(words)) {
        no_room(detail)
    } else {
        away(detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(kind: DatabaseErrorKind, words: &str) -> Error {
        db_error(Db::DatabaseError(kind, Box::new(words.to_owned())))
    }

    #[test]
    fn what_can_be_tried_again_is_told_from_what_cannot() {
        use DatabaseErrorKind as K;
        for (kind, words, reason) in [
            (K::ClosedConnection, "server closed the connection unexpectedly", UNAVAILABLE),
            (K::UnableToSendCommand, "no connection to the server", UNAVAILABLE),
            (K::SerializationFailure, "could not serialize access", BUSY),
            (K::Unknown, "deadlock detected", BUSY),
            (K::Unknown, "database is locked", BUSY),
            (K::Unknown, "database or disk is full", FULL),
            (
                K::Unknown,
                "could not extend file \"base/5/1\": No space left on device",
                FULL,
            ),
            (K::Unknown, "relation \"x\" does not exist", "INTERNAL"),
            (K::UniqueViolation, "database is locked", "INTERNAL"),
        ] {
            let error = said(kind, words);
            assert_eq!(error.reason, reason, "{words}");
            assert_eq!(error.is_temporary(), reason != "INTERNAL", "{words}");
            assert!(!error.message.contains(words), "{words}");
        }
        assert_eq!(said(K::Unknown, "out of memory").kind, Kind::ResourceExhausted);
        assert_eq!(no_connection("FATAL: sorry, too many clients already").reason, FULL);
        assert_eq!(no_connection("timed out").reason, UNAVAILABLE);
    }
}
