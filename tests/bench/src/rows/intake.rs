//! Approved time that is handed in, one entry a call, durable when it is acknowledged.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use strata_contract::strata::process::time::v1::time_acceptance::State;
use strata_contract::strata::process::time::v1::time_intake_service_client::TimeIntakeServiceClient;
use strata_contract::strata::process::time::v1::{AcceptTimeEntryRequest, BatchAcceptTimeEntriesRequest, TimeAcceptance};
use tonic::transport::{Channel, Endpoint};

use super::inserts;
use crate::child::Server;
use crate::database;
use crate::field::Field;
use crate::load::Shot;
use crate::rounds::{Contestant, Figure, Measured, run};
use crate::row::{Row, Value};
use crate::work::Entries;

/// Lines that the ledger has before time is measured. What queries cost on tables of a few rows says little.
const BEFORE: u64 = 20_000;

/// What a platform is asked to prove: lines in the ledger, and minutes.
const LEDGER: &str = "SELECT count(*) AS rows, CAST(sum(minutes) AS BIGINT) AS sum FROM posting WHERE key LIKE 'time:B%'";
/// The same of what was told, and of what was written down about the calls.
const OUTBOX: &str = "SELECT count(*) AS rows, CAST(0 AS BIGINT) AS sum FROM outbox WHERE subject LIKE 'B0%'";

pub(crate) async fn postgres(field: &Field) -> Result<Vec<Row>> {
    let server = field.postgres()?;
    let store = database::make(server, "bench_intake").await?;
    let platform = Platform::start(field, &store, &[])?;
    platform.fill(&store).await?;
    let before = (disk(&store).await?, platform.entries().made().0);
    let single = inserts::one_each(&database::make(server, "bench_single").await?, 32).await?;
    let node = field.grpc_js(&database::make(server, "bench_node").await?)?;
    let node_shot = inserts::by_node(node.address())?;

    let [ours, bound, other] = run(
        [
            platform.one_a_call("handed in", 32)?,
            Contestant {
                name: "a commit each",
                shot: single.clone(),
                in_flight: 32,
            },
            Contestant {
                name: "grpc-js, one insert",
                shot: node_shot.clone(),
                in_flight: 32,
            },
        ],
        field.effort,
    )
    .await?;
    let mut rows = vec![Row {
        id: "time handed in, 32 in flight".to_owned(),
        what: "one approved entry a call: stored, priced, in the ledger, told in the outbox, in the audit log; durable when answered".to_owned(),
        bound: "(a) single-row commits, (b) a plain grpc-js server that inserts one row; same PostgreSQL, fsync on".to_owned(),
        values: vec![
            Value::told("bound (a)", "/s", bound.rate()),
            Value::told("bound (b)", "/s", other.rate()),
            Value::told("ours", "/s", ours.rate()),
            Value::at_least("of (a)", "x", Measured::ratio(&ours.rate, &bound.rate), 0.6),
            Value::at_least("of (b)", "x", Measured::ratio(&ours.rate, &other.rate), 2.0),
            Value::at_most("p99", "ms", thousandth(&ours.p99), 15.0),
        ],
    }];
    let [ours, other] = run(
        [
            platform.one_a_call("handed in", 1)?,
            Contestant {
                name: "grpc-js, one insert",
                shot: node_shot,
                in_flight: 1,
            },
        ],
        field.effort,
    )
    .await?;
    rows.push(Row {
        id: "time handed in, 1 in flight".to_owned(),
        what: "the same, one caller".to_owned(),
        bound: "(b), one caller".to_owned(),
        values: vec![
            Value::told("bound (b) p50", "ms", thousandth(&other.p50)),
            Value::told("ours p50", "ms", thousandth(&ours.p50)),
            Value::at_most("of its p50", "x", Measured::ratio(&ours.p50, &other.p50), 2.0),
        ],
    });
    let batches = inserts::batches(&database::make(server, "bench_batches").await?, 500).await?;
    for size in [50, 500] {
        let [ours, bound] = run(
            [
                platform.batches("handed in together", size)?,
                Contestant {
                    name: "500 rows a statement",
                    shot: batches.clone(),
                    in_flight: 1,
                },
            ],
            field.effort,
        )
        .await?;
        rows.push(Row {
            id: format!("time handed in, {size} a call"),
            what: format!("approved entries, {size} a call, 2 calls in flight"),
            bound: "inserts of 500 rows of one table, one connection".to_owned(),
            values: vec![
                Value::told("bound", "/s", bound.rate()),
                Value::told("ours", "/s", ours.rate()),
                Value::at_least("of its rows/s", "x", Measured::ratio(&ours.rate, &bound.rate), 0.4),
            ],
        });
    }
    platform.prove(&store).await?;
    let (bytes, made) = (disk(&store).await? - before.0, platform.entries().made().0 - before.1);
    rows[0].values.push(Value::told(
        "on disk, a line",
        "kB",
        Figure::once(bytes / made as f64 / 1000.0),
    ));
    Ok(rows)
}

/// Lets the database look at what its tables hold, as it does by itself from time to time.
pub(super) async fn analyze(store: &str) -> Result<()> {
    let db = database::open(store, 1)?;
    db.read(|c| database::run(c, "ANALYZE")).await?;
    Ok(())
}

/// Bytes that a database takes: tables, indexes, and what is free in them.
pub(super) async fn disk(store: &str) -> Result<f64> {
    let db = database::open(store, 1)?;
    let query = "SELECT CAST(0 AS BIGINT) AS rows, pg_database_size(current_database()) AS sum";
    Ok(database::sums(&db, query).await?.1 as f64)
}

pub(crate) async fn sqlite(field: &Field) -> Result<Vec<Row>> {
    let store = field.sqlite("grouped");
    let alone = field.sqlite("alone");
    let grouped = Platform::start(field, &store, &[])?;
    let single = Platform::start(field, &alone, &["--together", "1"])?;
    let [ours, bound] = run(
        [grouped.one_a_call("handed in", 32)?, single.one_a_call("a commit each", 32)?],
        field.effort,
    )
    .await?;
    grouped.prove(&store).await?;
    single.prove(&alone).await?;
    Ok(vec![Row {
        id: "time handed in, SQLite".to_owned(),
        what: "one approved entry a call, 32 in flight, synchronous FULL".to_owned(),
        bound: "the same platform with one commit for each call".to_owned(),
        values: vec![
            Value::told("bound", "/s", bound.rate()),
            Value::told("ours", "/s", ours.rate()),
            Value::at_least("of its entries/s", "x", Measured::ratio(&ours.rate, &bound.rate), 3.0),
        ],
    }])
}

/// Microseconds as milliseconds.
fn thousandth(values: &[f64]) -> Figure {
    Figure::of(values.iter().map(|value| value / 1000.0).collect())
}

/// A platform that takes time, and the time for it.
pub(super) struct Platform {
    server: Server,
    entries: Entries,
}

impl Platform {
    pub(super) fn start(field: &Field, store: &str, more: &[&str]) -> Result<Self> {
        let (server, places) = field.platform(store, more)?;
        Ok(Self {
            server,
            entries: Entries::at(&places)?,
        })
    }

    pub(super) fn address(&self) -> &str {
        self.server.address()
    }

    pub(super) fn entries(&self) -> &Entries {
        &self.entries
    }

    /// A figure of its memory, in MiB.
    pub(super) fn memory(&self, name: &str) -> Result<f64> {
        crate::child::memory(self.server.process(), name)
    }

    /// So many connections, spread over its process servers.
    fn channels(&self, many: usize) -> Result<Vec<Channel>> {
        let addresses = self.server.address().split(',').cycle();
        addresses
            .take(many)
            .map(|address| {
                Ok(Endpoint::from_shared(format!("http://{address}"))?
                    .tcp_nodelay(true)
                    .connect_lazy())
            })
            .collect()
    }

    pub(super) fn one_a_call(&self, name: &'static str, in_flight: usize) -> Result<Contestant> {
        let (channels, entries) = (self.channels(in_flight.min(4))?, self.entries.clone());
        let shot: Shot = Arc::new(move |caller, _| {
            let (channel, entry) = (channels[caller % channels.len()].clone(), entries.next());
            Box::pin(async move {
                let request = AcceptTimeEntryRequest { time_entry: Some(entry) };
                let answer = TimeIntakeServiceClient::new(channel).accept_time_entry(request).await?;
                is_accepted(answer.get_ref().acceptance.as_ref().context("no answer")?)?;
                Ok(1)
            })
        });
        Ok(Contestant { name, shot, in_flight })
    }

    /// Hands in so much that the database knows its tables by their size.
    pub(super) async fn fill(&self, store: &str) -> Result<()> {
        let shot = self.batches("beforehand", 500)?.shot;
        let mut done = 0;
        while done < BEFORE {
            done += shot(0, 0).await?;
        }
        analyze(store).await
    }

    fn batches(&self, name: &'static str, size: usize) -> Result<Contestant> {
        let (channels, entries) = (self.channels(1)?, self.entries.clone());
        let shot: Shot = Arc::new(move |_, _| {
            let channel = channels[0].clone();
            let time_entries = (0..size).map(|_| entries.next()).collect();
            Box::pin(async move {
                let request = BatchAcceptTimeEntriesRequest { time_entries };
                let answer = TimeIntakeServiceClient::new(channel)
                    .batch_accept_time_entries(request)
                    .await?;
                let answer = answer.into_inner().acceptances;
                answer.iter().try_for_each(is_accepted)?;
                ensure!(answer.len() == size, "{size} were handed in, {} answered", answer.len());
                Ok(size as u64)
            })
        });
        Ok(Contestant {
            name,
            shot,
            in_flight: 2,
        })
    }

    /// Whatever was acknowledged is in the ledger, and was told, to the entry and the minute.
    pub(super) async fn prove(&self, store: &str) -> Result<()> {
        let db = database::open(store, 1)?;
        let (made, minutes) = self.entries.made();
        let held = database::sums(&db, LEDGER).await?;
        ensure!(
            held == (made, minutes),
            "handed in {made} of {minutes} minutes, the ledger holds {held:?}"
        );
        let (told, _) = database::sums(&db, OUTBOX).await?;
        ensure!(told == made, "handed in {made}, told {told}");
        Ok(())
    }
}

fn is_accepted(acceptance: &TimeAcceptance) -> Result<()> {
    ensure!(acceptance.state() == State::Accepted, "{acceptance:?}");
    Ok(())
}
