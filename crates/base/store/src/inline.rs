//! SQLite without threads, for simulation: see [`crate::Db::inline`].

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, SqliteConnection};
use strata_kernel::{Clock, Error, Result};

use crate::open::cannot_open;

/// Where a unit of work stands when it waits for its [`Pace`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A read is about to begin.
    Read,
    /// A transaction is about to begin.
    Begin,
    /// A transaction is stored, and nobody knows yet. An error here is a commit whose answer was lost.
    Committed,
}

/// What units of work wait for. A process that is killed, or stands still, is one that waits here and never goes on.
pub type Pace = Arc<dyn Fn(Moment) -> Pin<Box<dyn Future<Output = Result<()>> + Send>> + Send + Sync>;

/// Nothing is synced and the journal stays in memory: a simulation keeps its file for as long as one seed runs.
const PRAGMAS: &str = "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA foreign_keys = ON; \
    PRAGMA temp_store = MEMORY; PRAGMA locking_mode = EXCLUSIVE;";

/// SQLite's own function, which says what time it is. Here the clock that is passed in says it.
#[diesel::declare_sql_function]
extern "SQL" {
    fn strftime(format: Text, at: Text) -> Text;
}

/// One connection for whoever asks.
pub(crate) struct Inline(Mutex<SqliteConnection>);

impl Inline {
    pub(crate) fn open(path: &str, clock: Arc<dyn Clock>) -> Result<Self> {
        let mut conn = SqliteConnection::establish(path).map_err(|cause| cannot_open(path, &cause))?;
        let clock = AssertUnwindSafe(clock);
        strftime_utils::register_nondeterministic_impl(&mut conn, move |_: String, _: String| {
            clock.now().format("%Y-%m-%d %H:%M:%S%.3f").to_string()
        })
        .and_then(|()| conn.batch_execute(PRAGMAS))
        .map_err(|cause| Error::internal(format!("{path}: {cause}")))?;
        Ok(Self(Mutex::new(conn)))
    }

    /// The connection. A unit of work that panicked was rolled back by its transaction.
    pub(crate) fn connection(&self) -> MutexGuard<'_, SqliteConnection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use chrono::NaiveDateTime;
    use strata_kernel::{Instant, Kind, SimClock};

    use super::*;
    use crate::{Conn, Db};

    fn open(start: &str) -> (tempfile::TempDir, SimClock, Db) {
        let dir = tempfile::tempdir().unwrap();
        let clock = SimClock::new(start.parse::<Instant>().unwrap());
        let path = dir.path().join("t.db");
        let db = Db::inline(path.to_str().unwrap(), Arc::new(clock.clone())).unwrap();
        (dir, clock, db)
    }

    fn execute(conn: &mut Conn<'_>, sql: &str) -> Result<usize> {
        use diesel::RunQueryDsl;
        match conn {
            Conn::Lite(c) => diesel::sql_query(sql).execute(*c).map_err(crate::db_error),
            Conn::Pg(_) => unreachable!(),
        }
    }

    #[tokio::test]
    async fn the_clock_is_the_one_that_is_passed_in() {
        let (_dir, clock, db) = open("2025-01-06T09:00:00Z");
        let now = || db.read(crate::now);
        let at = |text: &str| text.parse::<NaiveDateTime>().unwrap();
        assert_eq!(now().await.unwrap(), at("2025-01-06T09:00:00"));
        clock.set("2025-01-06T09:00:00.250Z".parse().unwrap());
        assert_eq!(now().await.unwrap(), at("2025-01-06T09:00:00.250"));
    }

    #[tokio::test]
    async fn a_commit_whose_answer_is_lost_is_stored_and_one_that_is_refused_is_not() {
        let (_dir, _clock, db) = open("2025-01-06T09:00:00Z");
        db.write(|c| execute(c, "create table t (x integer)")).await.unwrap();
        let failing = |at: Moment| {
            db.paced(Arc::new(move |moment| {
                let refusal = Error::new(Kind::Unavailable, "INTERNAL", "the database is busy; try again");
                Box::pin(async move { if moment == at { Err(refusal) } else { Ok(()) } })
            }))
        };
        for (at, rows) in [(Moment::Begin, 0), (Moment::Committed, 1)] {
            let written = failing(at).write(|c| execute(c, "insert into t values (1)")).await;
            assert_eq!(written.unwrap_err().kind, Kind::Unavailable);
            assert_eq!(db.write(|c| execute(c, "delete from t")).await.unwrap(), rows, "{at:?}");
        }
    }
}
