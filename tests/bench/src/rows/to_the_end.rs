//! Approved time, from handing it in until the ERP has confirmed it.

use std::time::Instant;

use anyhow::{Result, ensure};
use strata_contract::strata::dev::v1::SettleRequest;
use strata_contract::strata::dev::v1::control_service_client::ControlServiceClient;
use strata_contract::strata::process::time::v1::BatchAcceptTimeEntriesRequest;
use strata_contract::strata::process::time::v1::time_intake_service_client::TimeIntakeServiceClient;
use tonic::transport::{Channel, Endpoint};

use super::inserts;
use super::intake::{Platform, analyze, disk};
use crate::database;
use crate::field::Field;
use crate::rounds::{Contestant, Figure, Measured, run};
use crate::row::{Row, Value};

/// Entries of one round.
const ENTRIES: usize = 10_000;
/// Entries of one call.
const TOGETHER: usize = 500;

/// What is in the books as they confirmed it.
const CONFIRMED: &str = "SELECT count(*) AS rows, CAST(sum(minutes) AS BIGINT) AS sum FROM posting \
                         WHERE key LIKE 'time:B%' AND state IN ('CONFIRMED', 'RESOLVED')";

pub(crate) async fn measure(field: &Field) -> Result<Vec<Row>> {
    let server = field.postgres()?;
    let store = database::make(server, "bench_end").await?;
    let platform = Platform::start(field, &store, &[])?;
    platform.fill(&store).await?;
    let channel = Endpoint::from_shared(format!("http://{}", platform.address()))?.connect_lazy();
    settle(&channel).await?;
    analyze(&store).await?;
    let batches = inserts::batches(&database::make(server, "bench_end_batches").await?, 500).await?;
    let filled = platform.entries().made().0;
    let before = disk(&store).await?;
    let (mut ours, mut bound) = (Vec::new(), Vec::new());
    for _ in 0..field.effort.rounds {
        ours.push(to_the_end(&platform, &channel).await?);
        let contestant = Contestant {
            name: "500 rows a statement",
            shot: batches.clone(),
            in_flight: 1,
        };
        let [inserted] = run([contestant], field.effort.once()).await?;
        bound.extend(inserted.rate);
    }
    let db = database::open(&store, 1)?;
    let (held, made) = (database::sums(&db, CONFIRMED).await?, platform.entries().made());
    ensure!(held == made, "handed in {made:?}, the books confirmed {held:?}");
    platform.prove(&store).await?;
    let bytes = (disk(&store).await? - before) / (made.0 - filled) as f64;
    Ok(vec![Row {
        id: "time to the end".to_owned(),
        what: format!(
            "{ENTRIES} approved entries handed in, priced, ledgered, sent to the ERP's sandbox in its batches of 100 over HTTP, and confirmed"
        ),
        bound: "inserts of 500 rows of one table, one connection".to_owned(),
        values: vec![
            Value::told("bound", "/s", Figure::of(bound.clone())),
            Value::told("ours", "/s", Figure::of(ours.clone())),
            Value::at_least("of its rows/s", "x", Measured::ratio(&ours, &bound), 0.10),
            Value::told("on disk, a line", "kB", Figure::once(bytes / 1000.0)),
        ],
    }])
}

/// Entries per second of one round.
async fn to_the_end(platform: &Platform, channel: &Channel) -> Result<f64> {
    let begun = Instant::now();
    let mut intake = TimeIntakeServiceClient::new(channel.clone());
    for _ in 0..ENTRIES / TOGETHER {
        let time_entries = (0..TOGETHER).map(|_| platform.entries().next()).collect();
        intake
            .batch_accept_time_entries(BatchAcceptTimeEntriesRequest { time_entries })
            .await?;
    }
    settle(channel).await?;
    Ok(ENTRIES as f64 / begun.elapsed().as_secs_f64())
}

/// Until the platform has nothing left to do.
async fn settle(channel: &Channel) -> Result<()> {
    ControlServiceClient::new(channel.clone()).settle(SettleRequest {}).await?;
    Ok(())
}
