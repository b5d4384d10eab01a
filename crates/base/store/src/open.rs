//! Opening a database, and running units of work on it.

use std::sync::Arc;
use std::time::Duration;

use diesel::r2d2::{ConnectionManager, Pool, PooledConnection};
use diesel::sql_types::Text;
use diesel::{PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use strata_kernel::{Clock, Error, Kind, Result};
use tracing::warn;

use crate::Conn;
use crate::error::{UNAVAILABLE, db_error, no_connection};
use crate::inline::{Inline, Moment, Pace};
use crate::pragmas::{self, SetUp};
use crate::unit::Fence;

type LitePool = Pool<ConnectionManager<SqliteConnection>>;
type PgPool = Pool<ConnectionManager<PgConnection>>;

/// How a database is opened.
#[derive(Debug, Clone)]
pub struct Options {
    /// Connections of the PostgreSQL pool, or SQLite readers beside the one writer.
    pub connections: u32,
    /// How long a unit of work waits for a connection before it is refused as temporary. For as long it is also run again
    /// when the database undid it.
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
    pub(crate) pools: Arc<Pools>,
    pub(crate) fence: Option<Fence>,
    patience: Duration,
    pace: Option<Pace>,
}

pub(crate) enum Pools {
    Pg(PgPool),
    /// One writer: more gain nothing in SQLite, and waiting in the pool is fairer than a busy file.
    Lite {
        writer: LitePool,
        readers: LitePool,
    },
    /// For simulation: see [`Db::inline`].
    Inline(Inline),
}

impl Db {
    /// Opens `sqlite:PATH` or `postgres://...`. The scheme decides: a wrong URL is never taken for a file name.
    pub fn open(url: &str, options: &Options) -> Result<Self> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            pragmas::probe(path)?;
            let pool = |size: u32| {
                Pool::builder()
                    .max_size(size)
                    .connection_timeout(options.wait)
                    .connection_customizer(Box::new(SetUp))
                    .build(ConnectionManager::<SqliteConnection>::new(path))
                    .map_err(|cause| cannot_open(url, &cause))
            };
            let writer = pool(1)?;
            let readers = pool(options.connections)?;
            return Ok(Self::of(Pools::Lite { writer, readers }, options));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let pool = Pool::builder()
                .max_size(options.connections)
                .min_idle(Some(1))
                .connection_timeout(options.wait)
                .build(ConnectionManager::<PgConnection>::new(url))
                .map_err(|cause| cannot_open("postgres://...", &cause))?;
            look_at_language(&pool);
            return Ok(Self::of(Pools::Pg(pool), options));
        }
        Err(Error::invalid("store.url", "must start with sqlite: or postgres://"))
    }

    fn of(pools: Pools, options: &Options) -> Self {
        Self {
            pools: Arc::new(pools),
            fence: None,
            patience: options.wait,
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
        Inline::open(path, clock).map(|inline| Self::of(Pools::Inline(inline), &Options::default()))
    }

    /// The same database for somebody whose units of work wait for `pace`, or fail by it.
    #[must_use]
    pub fn paced(&self, pace: Pace) -> Self {
        Self {
            pace: Some(pace),
            ..self.clone()
        }
    }

    /// Waits where a unit of work stands, or fails there.
    pub(crate) async fn pause(&self, moment: Moment) -> Result<()> {
        match &self.pace {
            Some(pace) => pace(moment).await,
            None => Ok(()),
        }
    }

    /// How long a unit of work is tried.
    pub(crate) fn patience(&self) -> Duration {
        self.patience
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

/// Deadlocks and full disks are known by their words: see [`crate::error`].
fn look_at_language(pool: &PgPool) {
    let asked = checkout(pool).and_then(|mut conn| {
        let query = sql_query("SELECT current_setting('lc_messages') AS language");
        query.get_result::<Language>(&mut *conn).map_err(db_error)
    });
    match asked {
        Ok(Language { language }) if ["C", "POSIX", "en"].iter().any(|known| language.starts_with(known)) => {}
        Ok(Language { language }) => warn!(
            lc_messages = language,
            "PostgreSQL does not speak English: deadlocks and a full disk are taken for failures of the program; set lc_messages = C"
        ),
        Err(error) => warn!(%error, "PostgreSQL does not say which language it speaks"),
    }
}

#[derive(QueryableByName)]
struct Language {
    #[diesel(sql_type = Text)]
    language: String,
}

pub(crate) fn checkout<C>(pool: &Pool<ConnectionManager<C>>) -> Result<PooledConnection<ConnectionManager<C>>>
where
    C: diesel::r2d2::R2D2Connection + 'static,
{
    pool.get().map_err(|cause| no_connection(&cause.to_string()))
}

pub(crate) fn cannot_open(url: &str, cause: &dyn std::fmt::Display) -> Error {
    Error::new(
        Kind::Unavailable,
        UNAVAILABLE,
        format!("cannot open the database {url}: is it there and reachable?"),
    )
    .because(cause)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

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
