//! One unit of work: on one connection, whole or not at all, run again when that is safe.

use std::sync::Arc;

use diesel::result::Error as Cause;
use diesel::sql_types::{Nullable, Text};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use fail::fail_point;
use strata_kernel::{Error, Result};

use crate::error::{UNAVAILABLE, away};
use crate::inline::Moment;
use crate::open::{Db, Pools, checkout};
use crate::retry::{Tries, left_nothing};
use crate::{Conn, db_error};

/// How a try ended.
enum Tried<R> {
    /// As it will stay.
    Ended(Result<R>),
    /// With nothing stored, for a cause that passes.
    Again(Error),
}

impl Db {
    /// Runs reads on one connection, without a transaction of their own. When the connection breaks they are run again: `work`
    /// leaves what it was given as it is, so that it can be.
    ///
    /// # Errors
    /// Those of `work`; `STORE_UNAVAILABLE` or `STORE_FULL` when the database cannot be asked.
    pub async fn read<R, F>(&self, work: F) -> Result<R>
    where
        R: Send + 'static,
        F: Fn(&mut Conn<'_>) -> Result<R> + Send + 'static,
    {
        self.pause(Moment::Read).await?;
        self.until_it_ends(work, Self::try_read).await
    }

    /// Runs one transaction: all of it is stored, or none. One that the database undid (others wrote the same rows, the
    /// connection broke before its commit was sent) is run again after a pause; `work` leaves what it was given as it is, so that
    /// it can be. When the connection breaks during the commit, the database is asked what became of the transaction.
    ///
    /// # Errors
    /// Those of `work`; `STORE_BUSY`, `STORE_UNAVAILABLE` or `STORE_FULL` when the database does not take it. Only in
    /// `STORE_UNAVAILABLE` it may be stored all the same: when the database was gone from the commit until the patience ended.
    pub async fn write<R, F>(&self, work: F) -> Result<R>
    where
        R: Send + 'static,
        F: Fn(&mut Conn<'_>) -> Result<R> + Send + 'static,
    {
        self.pause(Moment::Begin).await?;
        let stored = self.until_it_ends(work, Self::try_write).await?;
        self.pause(Moment::Committed).await?;
        fail_point!("after-commit");
        Ok(stored)
    }

    async fn until_it_ends<R, F>(&self, mut work: F, attempt: fn(&Self, &F) -> Tried<R>) -> Result<R>
    where
        R: Send + 'static,
        F: Fn(&mut Conn<'_>) -> Result<R> + Send + 'static,
    {
        let mut tries = Tries::new(self.patience());
        loop {
            let tried = if matches!(*self.pools, Pools::Inline(_)) {
                attempt(self, &work)
            } else {
                let db = self.clone();
                let (given_back, tried) = blocking(move || {
                    let tried = attempt(&db, &work);
                    (work, tried)
                })
                .await?;
                work = given_back;
                tried
            };
            match tried {
                Tried::Ended(ended) => return ended,
                Tried::Again(error) => match tries.next(&error) {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => return Err(error),
                },
            }
        }
    }

    fn try_read<R>(&self, work: &impl Fn(&mut Conn<'_>) -> Result<R>) -> Tried<R> {
        let done = match &*self.pools {
            Pools::Pg(pool) => match checkout(pool) {
                Ok(mut conn) => work(&mut Conn::Pg(&mut conn)),
                Err(error) => return Tried::Ended(Err(error)),
            },
            Pools::Lite { readers, .. } => match checkout(readers) {
                Ok(mut conn) => work(&mut Conn::Lite(&mut conn)),
                Err(error) => return Tried::Ended(Err(error)),
            },
            Pools::Inline(inline) => work(&mut Conn::Lite(&mut inline.connection())),
        };
        match done {
            Err(error) if left_nothing(&error) => Tried::Again(error),
            ended => Tried::Ended(ended),
        }
    }

    fn try_write<R>(&self, work: &impl Fn(&mut Conn<'_>) -> Result<R>) -> Tried<R> {
        let work = |conn: &mut Conn<'_>| {
            self.fence.as_ref().map_or(Ok(()), |fence| fence(conn))?;
            let result = work(conn)?;
            fail_point!("before-commit");
            Ok(result)
        };
        match &*self.pools {
            Pools::Pg(pool) => match checkout(pool) {
                Ok(conn) => self.try_write_pg(conn, work),
                Err(error) => Tried::Ended(Err(error)),
            },
            Pools::Lite { writer, .. } => match checkout(writer) {
                Ok(mut conn) => try_write_lite(&mut conn, work),
                Err(error) => Tried::Ended(Err(error)),
            },
            Pools::Inline(inline) => try_write_lite(&mut inline.connection(), work),
        }
    }

    /// A transaction on PostgreSQL that knows its own number, so that it can be asked for.
    fn try_write_pg<R>(
        &self,
        mut conn: impl std::ops::DerefMut<Target = PgConnection>,
        work: impl Fn(&mut Conn<'_>) -> Result<R>,
    ) -> Tried<R> {
        let mut complete = None;
        let committed = conn.transaction(|c| {
            let value = work(&mut Conn::Pg(c)).map_err(Rollback)?;
            let number = number(c)?;
            complete = Some((value, number));
            Ok::<(), Rollback>(())
        });
        // A broken connection is thrown away before another is asked for.
        drop(conn);
        match (committed.map_err(|rollback| rollback.0), complete) {
            (Ok(()), Some((value, _))) => Tried::Ended(Ok(value)),
            (Err(error), Some((value, Some(number)))) if error.reason == UNAVAILABLE => self.after_commit(value, &number, error),
            (Err(error), _) if left_nothing(&error) => Tried::Again(error),
            (Err(error), _) => Tried::Ended(Err(error)),
            (Ok(()), None) => Tried::Ended(Err(Error::internal("a transaction ended without its work"))),
        }
    }

    /// What became of a transaction whose commit has no answer.
    fn after_commit<R>(&self, value: R, number: &str, lost: Error) -> Tried<R> {
        let mut tries = Tries::new(self.patience());
        loop {
            match self.what_became_of(number) {
                Ok(Some(Fate::Committed)) => return Tried::Ended(Ok(value)),
                Ok(Some(Fate::Undone)) => return Tried::Again(lost),
                // Its session has not noticed yet that nobody listens, or the database is not back.
                Ok(Some(Fate::UnderWay)) | Err(_) => match tries.next(&lost) {
                    Some(pause) => std::thread::sleep(pause),
                    None => return Tried::Ended(Err(not_known(&lost))),
                },
                // So long ago that the database forgot it.
                Ok(None) => return Tried::Ended(Err(not_known(&lost))),
            }
        }
    }

    fn what_became_of(&self, number: &str) -> Result<Option<Fate>> {
        let Pools::Pg(pool) = &*self.pools else {
            return Ok(None);
        };
        let mut conn = checkout(pool)?;
        let status: Answer = sql_query("SELECT pg_xact_status($1::xid8) AS said")
            .bind::<Text, _>(number)
            .get_result(&mut *conn)
            .map_err(db_error)?;
        Ok(match status.said.as_deref() {
            Some("committed") => Some(Fate::Committed),
            Some("aborted") => Some(Fate::Undone),
            Some(_) => Some(Fate::UnderWay),
            None => None,
        })
    }
}

fn try_write_lite<R>(conn: &mut SqliteConnection, work: impl Fn(&mut Conn<'_>) -> Result<R>) -> Tried<R> {
    // Immediate: a transaction that starts as a reader and then writes fails at once when another wrote meanwhile.
    let mut refused = None;
    let done = conn.immediate_transaction(|c| {
        work(&mut Conn::Lite(c)).map_err(|error| {
            refused = Some(error.clone());
            Rollback(error)
        })
    });
    // SQLite takes a transaction back by itself when its disk is full. Then Diesel can't, and says only that.
    match done.map_err(|rollback| refused.unwrap_or(rollback.0)) {
        // The file is ours or not: a commit that fails has stored nothing.
        Err(error) if left_nothing(&error) => Tried::Again(error),
        ended => Tried::Ended(ended),
    }
}

enum Fate {
    Committed,
    Undone,
    UnderWay,
}

#[derive(QueryableByName)]
struct Answer {
    #[diesel(sql_type = Nullable<Text>)]
    said: Option<String>,
}

/// Number of the transaction; None when it has written nothing, so that nothing is lost with it.
fn number(conn: &mut PgConnection) -> Result<Option<String>, Cause> {
    let answer: Answer = sql_query("SELECT pg_current_xact_id_if_assigned()::text AS said").get_result(conn)?;
    Ok(answer.said)
}

fn not_known(lost: &Error) -> Error {
    let error = away(&lost.internal);
    let message = "the database went away while it stored this, and it is not known whether it did; look, then try again";
    Error {
        message: message.to_owned(),
        ..error
    }
}

/// Carries our error through Diesel's transaction, which wants one that it can make from its own.
pub(crate) struct Rollback(pub(crate) Error);

impl From<Cause> for Rollback {
    fn from(cause: Cause) -> Self {
        Self(db_error(cause))
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|cause| Error::internal(format!("a unit of work stopped: {cause}")))
}

/// What every transaction asks first: may this writer still write?
pub(crate) type Fence = Arc<dyn Fn(&mut Conn<'_>) -> Result<()> + Send + Sync>;
