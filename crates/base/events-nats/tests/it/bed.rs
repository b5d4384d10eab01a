//! What a case runs on: a database and a bus of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, RunQueryDsl, sql_query};
use strata_events::{Bus as Relay, Consumer, Event, InProcess, Rest, Rules, Transport, Wire};
use strata_events_nats::{JetStream as Stream, Options};
use strata_kernel::{Clock, Instant, Result, SystemClock};
use strata_store::{Conn, Db, db_error, migrate};
use tempfile::TempDir;

use crate::probe::Probe;
use crate::server;

/// Names a PostgreSQL server, by the URL of its database `postgres`.
const POSTGRES: &str = "STRATA_TEST_POSTGRES";
/// Longest time a case waits for rest.
const PATIENCE: Duration = Duration::from_secs(60);

/// Relays that were made: each has a name of its own.
static RELAYS: AtomicU32 = AtomicU32::new(0);

/// How events travel.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bus {
    InProcess,
    JetStream,
}

/// Where the outbox is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Database {
    Sqlite,
    Postgres,
}

/// A database, and where its events go.
pub(crate) struct Bed {
    pub(crate) db: Db,
    pub(crate) bus: Bus,
    pub(crate) rules: Rules,
    pub(crate) options: Options,
    pub(crate) _folder: Arc<TempDir>,
    pub(crate) _database: Option<Arc<Own>>,
}

impl Bed {
    /// None: the server is not there, and that is said.
    pub(crate) async fn new(bus: Bus, database: Database) -> Option<Self> {
        match bus {
            Bus::InProcess => Self::with(bus, Options::default(), database).await,
            Bus::JetStream => Self::on(server::url()?, database).await,
        }
    }

    /// On a server of NATS.
    pub(crate) async fn on(url: String, database: Database) -> Option<Self> {
        let name = name();
        let options = Options {
            url,
            stream: name.clone(),
            subject: name,
            max_bytes: 4 << 20,
            ack_wait: Duration::from_millis(1500),
            ..Options::default()
        };
        Self::with(Bus::JetStream, options, database).await
    }

    async fn with(bus: Bus, options: Options, database: Database) -> Option<Self> {
        let name = name();
        let folder = tempfile::tempdir().unwrap();
        let (url, own) = match database {
            Database::Sqlite => (format!("sqlite:{}", folder.path().join("t.db").display()), None),
            Database::Postgres => {
                let own = Arc::new(Own::new(&name)?);
                (own.url(), Some(own))
            }
        };
        let connections = strata_store::Options {
            connections: if own.is_some() { 70 } else { 8 },
            wait: Duration::from_secs(60),
        };
        let db = Db::open(&url, &connections).unwrap();
        migrate::run(&db).unwrap();
        let bed = Self {
            db,
            bus,
            rules: Rules {
                tries: 3,
                pause: Duration::from_millis(20),
                longest_pause: Duration::from_millis(100),
                lease: Duration::from_millis(1500),
                ..Rules::default()
            },
            options,
            _folder: Arc::new(folder),
            _database: own,
        };
        bed.tell("CREATE TABLE effect (place BIGINT NOT NULL, event_id TEXT NOT NULL)")
            .await;
        Some(bed)
    }

    /// The same once more.
    pub(crate) fn same(&self) -> Self {
        Self {
            db: self.db.clone(),
            bus: self.bus,
            rules: self.rules.clone(),
            options: self.options.clone(),
            _folder: Arc::clone(&self._folder),
            _database: self._database.clone(),
        }
    }

    /// A relay with this consumer: what one process has.
    pub(crate) async fn relay(&self, probe: &Arc<Probe>) -> Relay {
        self.relay_of(vec![Arc::clone(probe) as Arc<dyn Consumer>]).await
    }

    pub(crate) async fn relay_of(&self, consumers: Vec<Arc<dyn Consumer>>) -> Relay {
        let transport: Arc<dyn Transport> = match self.bus {
            Bus::InProcess => Arc::new(InProcess),
            Bus::JetStream => Arc::new(Stream::connect(self.options.clone()).await.unwrap()),
        };
        let rules = self.rules.clone();
        let number = RELAYS.fetch_add(1, Ordering::Relaxed);
        let me = format!("relay-{number}");
        let wire = Wire {
            transport,
            rules,
            ..Wire::default()
        };
        Relay::new(self.db.clone(), consumers, wire, &me)
    }

    /// Tells an event, number `n` of a key.
    pub(crate) async fn tell_event(&self, key: &str, n: u32) -> Event {
        self.commit(event(key, n)).await
    }

    pub(crate) async fn commit(&self, event: Event) -> Event {
        let own = event.clone();
        self.db.write(move |c| strata_events::append(c, &own)).await.unwrap();
        event
    }

    /// Runs a statement.
    pub(crate) async fn tell(&self, statement: &str) -> usize {
        let statement = statement.to_owned();
        self.db.write(move |c| run(c, &statement)).await.unwrap()
    }

    /// Relays until nothing is on its way.
    pub(crate) async fn rest(&self, relay: &Relay) {
        loop {
            match relay.rest(PATIENCE).await.unwrap() {
                Rest::Yes => return,
                Rest::Moved(_) => {}
                Rest::No => panic!("the bus does not come to rest"),
            }
        }
    }
}

pub(crate) fn run(conn: &mut Conn<'_>, statement: &str) -> Result<usize> {
    match conn {
        Conn::Pg(c) => sql_query(statement).execute(*c).map_err(db_error),
        Conn::Lite(c) => sql_query(statement).execute(*c).map_err(db_error),
    }
}

/// Event number `n` of a key.
pub(crate) fn event(key: &str, n: u32) -> Event {
    Event::new("test.thing.changed.v1", key, &n.to_string(), &n, "cor_1", now()).unwrap()
}

pub(crate) fn now() -> Instant {
    SystemClock.now()
}

/// A name that no other case has, in this run or another.
fn name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let number = NEXT.fetch_add(1, Ordering::SeqCst);
    format!("bus_{}_{}_{number}", std::process::id(), now().timestamp_micros())
}

/// A database of the case's own. It is dropped with this.
pub(crate) struct Own {
    server: String,
    name: String,
}

impl Own {
    fn new(name: &str) -> Option<Self> {
        let Ok(server) = std::env::var(POSTGRES) else {
            println!("SKIPPED: {POSTGRES} names no PostgreSQL server");
            return None;
        };
        let own = Self {
            server,
            name: name.to_owned(),
        };
        own.tell(&format!("CREATE DATABASE {name}"));
        Some(own)
    }

    fn url(&self) -> String {
        let (server, _) = self.server.rsplit_once('/').unwrap();
        format!("{server}/{}", self.name)
    }

    fn tell(&self, statement: &str) {
        let mut server = PgConnection::establish(&self.server).unwrap();
        server.batch_execute(statement).unwrap();
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.tell(&format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

impl Bed {
    /// Ids and keys of the outbox, in its order.
    pub(crate) async fn outbox(&self) -> Vec<(String, String)> {
        use diesel::{QueryableByName, sql_types};
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = sql_types::Text)]
            id: String,
            #[diesel(sql_type = sql_types::Text)]
            ordering_key: String,
        }
        let query = "SELECT id, ordering_key FROM outbox ORDER BY sequence";
        let rows: Vec<Row> = self
            .db
            .read(move |c| match c {
                Conn::Pg(c) => sql_query(query).load(*c).map_err(db_error),
                Conn::Lite(c) => sql_query(query).load(*c).map_err(db_error),
            })
            .await
            .unwrap();
        rows.into_iter().map(|row| (row.id, row.ordering_key)).collect()
    }
}

impl Bed {
    pub(crate) fn is_postgres(&self) -> bool {
        self._database.is_some()
    }

    /// Type of a body, in the words of the database.
    pub(crate) fn binary(&self) -> &'static str {
        if self.is_postgres() { "BYTEA" } else { "BLOB" }
    }
}
