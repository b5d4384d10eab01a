//! Events from the outbox over JetStream to the inbox.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use async_trait::async_trait;
use hdrhistogram::Histogram;
use strata_events::{Bus, Consumer, Event, Taken, Wire, append_all, first_time};
use strata_events_nats::{JetStream, Options};
use strata_kernel::{Clock, SystemClock};
use strata_store::{Db, migrate};
use tokio::sync::Mutex;
use tokio::time::sleep;

use crate::database;
use crate::field::Field;
use crate::load::Shot;
use crate::rounds::{Contestant, Figure, Measured, run};
use crate::row::{Row, Value};

/// Events told in one transaction.
const TOGETHER: u64 = 50;
/// Events per second at which the lag is measured.
const PACE: u64 = 1_000;
/// Events of a body of about 300 bytes, as the platform tells them.
const FILLER: usize = 240;

pub(crate) async fn measure(field: &Field) -> Result<Vec<Row>> {
    let url = database::make(field.postgres()?, "bench_bus").await?;
    let db = database::open(&url, 8)?;
    migrate::run(&db)?;
    let bed = Bed::start(field.nats()?, &db).await?;
    let publish = publish_alone(field.nats()?).await?;
    let (mut ours, mut bound) = (Vec::new(), Vec::new());
    for _ in 0..field.effort.rounds {
        ours.push(bed.drain(field.effort.lasts).await?);
        let contestant = Contestant {
            name: "publish and acknowledge",
            shot: publish.clone(),
            in_flight: 32,
        };
        let [alone] = run([contestant], field.effort.once()).await?;
        bound.extend(alone.rate);
    }
    let lag = bed.lag(field.effort.lasts * 3).await?;
    bed.prove().await?;
    Ok(vec![Row {
        id: "events".to_owned(),
        what: "from the outbox in PostgreSQL over JetStream to a consumer and its inbox, each event once".to_owned(),
        bound: "async-nats: publish and wait for the acknowledgement, 32 in flight".to_owned(),
        values: vec![
            Value::told("bound", "/s", Figure::of(bound.clone())),
            Value::told("ours", "/s", Figure::of(ours.clone())),
            Value::at_least("of its events/s", "x", Measured::ratio(&ours, &bound), 0.5),
            Value::at_most(
                "p99 from commit to inbox at 1,000/s",
                "ms",
                Figure::once(lag.value_at_quantile(0.99) as f64 / 1000.0),
                100.0,
            ),
        ],
    }])
}

async fn publish_alone(url: &str) -> Result<Shot> {
    let client = async_nats::connect(url).await?;
    let stream = async_nats::jetstream::new(client);
    let config = async_nats::jetstream::stream::Config {
        name: "BENCH_ALONE".to_owned(),
        subjects: vec!["bench.alone.>".to_owned()],
        max_bytes: 1 << 28,
        ..Default::default()
    };
    stream.create_stream(config).await?;
    let body = bytes::Bytes::from(vec![b'x'; 400]);
    Ok(Arc::new(move |caller, _| {
        let (stream, body) = (stream.clone(), body.clone());
        Box::pin(async move {
            let published = stream.publish(format!("bench.alone.{caller}"), body).await?;
            published.await?;
            Ok(1)
        })
    }))
}

/// Counts what comes, and how long it took since it was committed.
struct Counter {
    db: Db,
    came: AtomicU64,
    times: Mutex<Histogram<u64>>,
}

#[async_trait]
impl Consumer for Counter {
    fn name(&self) -> &'static str {
        "bench"
    }

    fn takes(&self) -> &'static [Taken] {
        &[Taken {
            name: "strata.bench.thing.happened",
            versions: &[1],
        }]
    }

    async fn handle(&self, event: &Event) -> strata_kernel::Result<()> {
        let (id, now) = (event.id.clone(), SystemClock.now());
        let is_first = self.db.write(move |c| first_time(c, "bench", &id, now)).await?;
        if is_first {
            self.came.fetch_add(1, Ordering::Relaxed);
            let took = (SystemClock.now() - event.time).num_microseconds().unwrap_or_default();
            self.times
                .lock()
                .await
                .saturating_record(u64::try_from(took).unwrap_or_default());
        }
        Ok(())
    }
}

struct Bed {
    db: Db,
    counter: Arc<Counter>,
    told: AtomicU64,
    over: Arc<AtomicBool>,
}

impl Bed {
    async fn start(nats: &str, db: &Db) -> Result<Self> {
        let options = Options {
            url: nats.to_owned(),
            stream: "BENCH".to_owned(),
            subject: "bench.ours".to_owned(),
            ..Options::default()
        };
        let wire = Wire {
            transport: Arc::new(JetStream::connect(options).await?),
            ..Wire::default()
        };
        let counter = Arc::new(Counter {
            db: db.clone(),
            came: AtomicU64::new(0),
            times: Mutex::new(Histogram::new_with_bounds(1, 60_000_000, 3)?),
        });
        let bus = Bus::new(
            db.clone(),
            vec![Arc::clone(&counter) as Arc<dyn Consumer>],
            wire,
            "bench-relay",
        );
        let over = Arc::new(AtomicBool::new(false));
        let is_over = Arc::clone(&over);
        tokio::spawn(async move {
            while !is_over.load(Ordering::Relaxed) {
                match bus.relay().await {
                    Ok(0) => sleep(Duration::from_millis(2)).await,
                    Ok(_) => {}
                    Err(error) => eprintln!("the relay: {error}"),
                }
            }
        });
        Ok(Self {
            db: db.clone(),
            counter,
            told: AtomicU64::new(0),
            over,
        })
    }

    async fn tell(&self, many: u64) -> Result<()> {
        let first = self.told.fetch_add(many, Ordering::Relaxed);
        let now = SystemClock.now();
        let filler = "x".repeat(FILLER);
        let events = (first..first + many).map(|number| {
            let name = format!("B{number:09}");
            Event::new("strata.bench.thing.happened.v1", &name, "1", &filler, "", now)
        });
        let events: Vec<Event> = events.collect::<strata_kernel::Result<_>>()?;
        self.db.write(move |c| append_all(c, &events)).await?;
        Ok(())
    }

    async fn arrived(&self) -> Result<()> {
        let begun = Instant::now();
        while self.counter.came.load(Ordering::Relaxed) < self.told.load(Ordering::Relaxed) {
            ensure!(begun.elapsed() < Duration::from_secs(120), "events do not arrive");
            sleep(Duration::from_millis(2)).await;
        }
        Ok(())
    }

    /// Tells for a while, waits until all of it has arrived, and says how many a second.
    async fn drain(&self, lasts: Duration) -> Result<f64> {
        let (begun, before) = (Instant::now(), self.told.load(Ordering::Relaxed));
        while begun.elapsed() < lasts {
            self.tell(TOGETHER).await?;
            // No longer queue than the platform would have: the figure is about the way, not about a heap.
            while self.told.load(Ordering::Relaxed) - self.counter.came.load(Ordering::Relaxed) > 5_000 {
                sleep(Duration::from_millis(2)).await;
            }
        }
        self.arrived().await?;
        Ok((self.told.load(Ordering::Relaxed) - before) as f64 / begun.elapsed().as_secs_f64())
    }

    /// Times from commit to inbox, at an even pace.
    async fn lag(&self, lasts: Duration) -> Result<Histogram<u64>> {
        self.counter.times.lock().await.reset();
        let every = Duration::from_millis(10);
        let mut tick = tokio::time::interval(every);
        let begun = Instant::now();
        while begun.elapsed() < lasts {
            tick.tick().await;
            self.tell(PACE / 100).await?;
        }
        self.arrived().await?;
        Ok(self.counter.times.lock().await.clone())
    }

    /// Each event that was told has one row in the inbox.
    async fn prove(&self) -> Result<()> {
        let query = "SELECT count(*) AS rows, CAST(0 AS BIGINT) AS sum FROM inbox WHERE consumer = 'bench'";
        let (rows, _) = database::sums(&self.db, query).await?;
        let told = self.told.load(Ordering::Relaxed);
        ensure!(rows == told, "{told} events were told, the inbox has {rows}");
        Ok(())
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}
