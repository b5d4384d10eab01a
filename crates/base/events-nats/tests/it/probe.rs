//! A consumer that does what a case wants, and remembers what it saw.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use strata_events::{Consumer, Event, Taken, first_time};
use strata_kernel::{Error, Kind, Result};
use strata_store::Db;

use crate::bed::{now, run};

/// What happens when an event comes.
#[derive(Clone, Copy)]
pub(crate) enum Act {
    /// It is taken.
    Take,
    /// It is refused for good.
    Refuse,
    /// Something is away that comes back.
    Wait,
    /// It is taken, and then the process stops before it says so.
    TakeAndHang,
    /// The process stops in it.
    Hang,
    /// It is taken after a while.
    Slow(Duration),
}

type Script = Box<dyn Fn(&Event, u32) -> Act + Send + Sync>;

/// A consumer with one effect per event: a row.
pub(crate) struct Probe {
    db: Db,
    script: Mutex<Arc<Script>>,
    /// Event ids in the order in which they came.
    seen: Mutex<Vec<Event>>,
    at_work: AtomicU32,
    pub(crate) most_at_work: AtomicU32,
    place: AtomicI64,
}

const NAME: &str = "probe";

impl Probe {
    pub(crate) fn new(db: &Db) -> Arc<Self> {
        Arc::new(Self {
            db: db.clone(),
            script: Mutex::new(Arc::new(Box::new(|_, _| Act::Take))),
            seen: Mutex::default(),
            at_work: AtomicU32::new(0),
            most_at_work: AtomicU32::new(0),
            place: AtomicI64::new(0),
        })
    }

    /// From now on. The number is how often the event came, from 1.
    pub(crate) fn script(&self, script: impl Fn(&Event, u32) -> Act + Send + Sync + 'static) {
        *self.script.lock().unwrap() = Arc::new(Box::new(script));
    }

    /// How often events came.
    pub(crate) fn deliveries(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    /// How often this one came.
    pub(crate) fn times(&self, id: &str) -> usize {
        self.seen.lock().unwrap().iter().filter(|event| event.id == id).count()
    }

    /// Event ids by effect, in their order.
    pub(crate) async fn effects(&self) -> Vec<String> {
        use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types};
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = sql_types::Text)]
            event_id: String,
        }
        let query = "SELECT event_id FROM effect ORDER BY place";
        let rows: Vec<Row> = self
            .db
            .read(move |c| match c {
                strata_store::Conn::Pg(c) => sql_query(query).load(*c).map_err(strata_store::db_error),
                strata_store::Conn::Lite(c) => sql_query(query).load(*c).map_err(strata_store::db_error),
            })
            .await
            .unwrap();
        rows.into_iter().map(|row| row.event_id).collect()
    }

    async fn take(&self, event: &Event) -> Result<()> {
        let (id, place) = (event.id.clone(), self.place.fetch_add(1, Ordering::SeqCst));
        self.db
            .write(move |c| {
                if first_time(c, NAME, &id, now())? {
                    run(c, &format!("INSERT INTO effect VALUES ({place}, '{id}')"))?;
                }
                Ok(())
            })
            .await
    }
}

#[async_trait]
impl Consumer for Probe {
    fn name(&self) -> &'static str {
        NAME
    }

    fn takes(&self) -> &'static [Taken] {
        &[Taken {
            name: "test.thing.changed",
            versions: &[1],
        }]
    }

    fn is_idempotent(&self) -> bool {
        true
    }

    async fn handle(&self, event: &Event) -> Result<()> {
        let at_work = self.at_work.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_at_work.fetch_max(at_work, Ordering::SeqCst);
        let time = {
            let mut seen = self.seen.lock().unwrap();
            seen.push(event.clone());
            seen.iter().filter(|one| one.id == event.id).count()
        };
        let _: u32 = event.data()?;
        let script = Arc::clone(&self.script.lock().unwrap());
        let done = match script(event, u32::try_from(time).unwrap()) {
            Act::Take => self.take(event).await,
            Act::Refuse => Err(Error::precondition("INVALID_TRANSITION", "not this one")),
            Act::Wait => Err(Error::new(Kind::Unavailable, "VENDOR_UNAVAILABLE", "not now")),
            Act::TakeAndHang => {
                self.take(event).await?;
                std::future::pending().await
            }
            Act::Hang => std::future::pending().await,
            Act::Slow(time) => {
                tokio::time::sleep(time).await;
                self.take(event).await
            }
        };
        self.at_work.fetch_sub(1, Ordering::SeqCst);
        done
    }
}
