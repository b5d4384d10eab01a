//! Opening a database, and running units of work on it.

use std::sync::Arc;
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Pool, PooledConnection};
use diesel::{Connection, PgConnection, SqliteConnection};
use strata_kernel::{Clock, Error, Kind, Result};

use crate::inline::{Inline, Moment, Pace};
use crate::{Conn, db_error};

type LitePool = Pool<ConnectionManager<SqliteConnection>>;
type PgPool = Pool<ConnectionManager<PgConnection>>;

/// How a database is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Connections of the PostgreSQL pool, or SQLite readers beside the one writer.
    pub connections: u32,
    /// How long a unit of work waits for a connection before it is refused as temporary.
    pub wait: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            connections: 8,
            wait: Duration::from_secs(10),
        }
    }
}

/// A database. Cloning shares the pools.
#[derive(Clone)]
pub struct Db {
    pools: Arc<Pools>,
    fence: Option<Fence>,
    pace: Option<Pace>,
}

/// What every transaction asks first: may this writer still write?
type Fence = Arc<dyn Fn(&mut Conn<'_>) -> Result<()> + Send + Sync>;

enum Pools {
    Pg(PgPool),
    /// One writer: more gain nothing in SQLite, and waiting in the pool is fairer than a busy file.
    Lite {
        writer: LitePool,
        readers: LitePool,
    },
    /// For simulation: see [`Db::inline`].
    Inline(Inline),
}

/// FULL: an acknowledged write survives power loss, not only a killed process.
const PRAGMAS: &str =
    "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;";

#[derive(Debug)]
struct Pragmas;

impl CustomizeConnection<SqliteConnection, diesel::r2d2::Error> for Pragmas {
    fn on_acquire(&self, conn: &mut SqliteConnection) -> Result<(), diesel::r2d2::Error> {
        conn.batch_execute(PRAGMAS).map_err(diesel::r2d2::Error::QueryError)
    }
}

impl Db {
    /// Opens `sqlite:PATH` or `postgres://...`. The scheme decides: a wrong URL is never taken for a file name.
    pub fn open(url: &str, options: &Options) -> Result<Self> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let pool = |size: u32| {
                Pool::builder()
                    .max_size(size)
                    .connection_timeout(options.wait)
                    .connection_customizer(Box::new(Pragmas))
                    .build(ConnectionManager::<SqliteConnection>::new(path))
                    .map_err(|cause| cannot_open(url, &cause))
            };
            let writer = pool(1)?;
            return Ok(Self::of(Pools::Lite {
                writer,
                readers: pool(options.connections)?,
            }));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let pool = Pool::builder()
                .max_size(options.connections)
                .min_idle(Some(1))
                .connection_timeout(options.wait)
                .build(ConnectionManager::<PgConnection>::new(url))
                .map_err(|cause| cannot_open("postgres://...", &cause))?;
            return Ok(Self::of(Pools::Pg(pool)));
        }
        Err(Error::invalid("store.url", "must start with sqlite: or postgres://"))
    }

    fn of(pools: Pools) -> Self {
        Self {
            pools: Arc::new(pools),
            fence: None,
            pace: None,
        }
    }

    /// The same database for a writer that may lose its place: `fence` is asked first in every transaction, and
    /// nothing is stored when it refuses. A write that began before the place was lost, and ends after it, leaves
    /// nothing either, if what `fence` reads is locked against the loss until the transaction ends.
    #[must_use]
    pub fn fenced(&self, fence: impl Fn(&mut Conn<'_>) -> Result<()> + Send + Sync + 'static) -> Self {
        Self {
            fence: Some(Arc::new(fence)),
            ..self.clone()
        }
    }

    /// A SQLite file for a simulation: every unit of work runs in the task that asks for it, on one connection, so the order of
    /// all work follows from the tasks alone. `clock` is what [`crate::now`] says. Nothing is synced: a file that was opened
    /// this way is lost with the machine.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn inline(path: &str, clock: Arc<dyn Clock>) -> Result<Self> {
        Inline::open(path, clock).map(|inline| Self::of(Pools::Inline(inline)))
    }

    /// The same database for somebody whose units of work wait for `pace`, or fail by it.
    #[must_use]
    pub fn paced(&self, pace: Pace) -> Self {
        Self {
            pace: Some(pace),
            ..self.clone()
        }
    }

    async fn pause(&self, moment: Moment) -> Result<()> {
        match &self.pace {
            Some(pace) => pace(moment).await,
            None => Ok(()),
        }
    }

    async fn run<R: Send + 'static>(&self, work: impl FnOnce() -> Result<R> + Send + 'static) -> Result<R> {
        match &*self.pools {
            Pools::Inline(_) => work(),
            _ => blocking(work).await,
        }
    }

    /// Runs reads on one connection, without a transaction of their own.
    pub async fn read<R, F>(&self, work: F) -> Result<R>
    where
        R: Send + 'static,
        F: FnOnce(&mut Conn<'_>) -> Result<R> + Send + 'static,
    {
        self.pause(Moment::Read).await?;
        let pools = Arc::clone(&self.pools);
        self.run(move || match &*pools {
            Pools::Pg(pool) => work(&mut Conn::Pg(&mut *checkout(pool)?)),
            Pools::Lite { readers, .. } => work(&mut Conn::Lite(&mut *checkout(readers)?)),
            Pools::Inline(inline) => work(&mut Conn::Lite(&mut inline.connection())),
        })
        .await
    }

    /// Runs one transaction: all of it is stored, or none.
    pub async fn write<R, F>(&self, work: F) -> Result<R>
    where
        R: Send + 'static,
        F: FnOnce(&mut Conn<'_>) -> Result<R> + Send + 'static,
    {
        let (pools, fence) = (Arc::clone(&self.pools), self.fence.clone());
        let work = move |conn: &mut Conn<'_>| {
            fence.map_or(Ok(()), |fence| fence(conn))?;
            work(conn)
        };
        self.pause(Moment::Begin).await?;
        let written = self.run(move || match &*pools {
            Pools::Pg(pool) => checkout(pool)?
                .transaction(|c| work(&mut Conn::Pg(c)).map_err(Rollback))
                .map_err(|r| r.0),
            // Immediate: a transaction that starts as a reader and then writes fails at once when another wrote meanwhile.
            Pools::Lite { writer, .. } => checkout(writer)?
                .immediate_transaction(|c| work(&mut Conn::Lite(c)).map_err(Rollback))
                .map_err(|r| r.0),
            Pools::Inline(inline) => inline
                .connection()
                .immediate_transaction(|c| work(&mut Conn::Lite(c)).map_err(Rollback))
                .map_err(|r| r.0),
        });
        let written = written.await?;
        self.pause(Moment::Committed).await?;
        Ok(written)
    }

    /// Runs a closure with each kind of connection, outside a transaction. For migrations.
    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut Conn<'_>) -> Result<R>) -> Result<R> {
        match &*self.pools {
            Pools::Pg(pool) => work(&mut Conn::Pg(&mut *checkout(pool)?)),
            Pools::Lite { writer, .. } => work(&mut Conn::Lite(&mut *checkout(writer)?)),
            Pools::Inline(inline) => work(&mut Conn::Lite(&mut inline.connection())),
        }
    }
}

/// Carries our error through Diesel's transaction, which wants one that it can make from its own.
struct Rollback(Error);

impl From<diesel::result::Error> for Rollback {
    fn from(cause: diesel::result::Error) -> Self {
        Self(db_error(cause))
    }
}

fn checkout<C>(pool: &Pool<ConnectionManager<C>>) -> Result<PooledConnection<ConnectionManager<C>>>
where
    C: diesel::r2d2::R2D2Connection + 'static,
{
    pool.get()
        .map_err(|cause| Error::new(Kind::Unavailable, "INTERNAL", "the database is busy; try again").because(cause))
}

pub(crate) fn cannot_open(url: &str, cause: &dyn std::fmt::Display) -> Error {
    Error::new(
        Kind::Unavailable,
        "INTERNAL",
        format!("cannot open the database {url}: is it there and reachable?"),
    )
    .because(cause)
}

async fn blocking<R: Send + 'static>(work: impl FnOnce() -> Result<R> + Send + 'static) -> Result<R> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(cause) => Err(Error::internal(format!("a unit of work stopped: {cause}"))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use diesel::RunQueryDsl;

    #[tokio::test]
    async fn a_failed_unit_of_work_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let db = Db::open(&format!("sqlite:{}", dir.path().join("t.db").display()), &Options::default()).unwrap();
        let run = |c: &mut Conn<'_>, sql: &str| match c {
            Conn::Lite(c) => diesel::sql_query(sql).execute(*c).map_err(db_error),
            Conn::Pg(_) => unreachable!(),
        };
        db.write(move |c| run(c, "create table t (x integer)")).await.unwrap();
        let failed = db
            .write(move |c| {
                run(c, "insert into t values (1)")?;
                Err::<(), _>(Error::internal("no"))
            })
            .await;
        assert!(failed.is_err());
        assert_eq!(db.write(move |c| run(c, "delete from t")).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn who_lost_the_place_writes_nothing_and_still_reads() {
        let dir = tempfile::tempdir().unwrap();
        let open = Db::open(&format!("sqlite:{}", dir.path().join("t.db").display()), &Options::default()).unwrap();
        let fenced = open.fenced(|_| Err(Error::internal("lost")));
        let make = |c: &mut Conn<'_>| match c {
            Conn::Lite(c) => diesel::sql_query("create table t (x integer)").execute(*c).map_err(db_error),
            Conn::Pg(_) => unreachable!(),
        };
        assert!(fenced.write(make).await.is_err());
        assert_eq!(fenced.read(|_| Ok(1)).await.unwrap(), 1);
        open.write(make).await.unwrap();
    }

    #[test]
    fn a_wrong_url_is_not_a_file_name() {
        assert!(Db::open("host=localhost", &Options::default()).is_err());
        assert!(!std::path::Path::new("host=localhost").exists());
    }
}
