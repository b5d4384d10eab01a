//! The end of a month: a burst of approved time at an ERP with its limit.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use hdrhistogram::Histogram;
use strata_contract::pb_instant;
use strata_contract::strata::dev::v1::control_service_client::ControlServiceClient;
use strata_contract::strata::dev::v1::{GetTimeRequest, SetTimeRequest, SettleRequest};
use strata_contract::strata::process::position::v1::ListUnbilledPositionsRequest;
use strata_contract::strata::process::position::v1::position_service_client::PositionServiceClient;
use strata_contract::strata::process::reconciliation::v1::reconciliation_service_client::ReconciliationServiceClient;
use strata_contract::strata::process::reconciliation::v1::{BookKind, GetPostingBacklogRequest, PostingBacklog};
use strata_contract::strata::process::time::v1::BatchAcceptTimeEntriesRequest;
use strata_contract::strata::process::time::v1::time_intake_service_client::TimeIntakeServiceClient;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tonic::transport::{Channel, Endpoint};

use super::intake::Platform;
use crate::database;
use crate::field::Field;
use crate::rounds::Figure;
use crate::row::{Row, Value};

/// Lines, and the time in which they arrive.
const LINES: usize = 50_000;
const ARRIVE: Duration = Duration::from_secs(60);
/// Lines of one call.
const TOGETHER: usize = 500;
/// What the ERP takes for a request, how many of ours it lets in at once (the account has five, and one is left to people), and how many a
/// batch of 100 lines needs: it is handed in, asked about twice, and read.
const TAKES: Duration = Duration::from_millis(300);
const AT_ONCE: f64 = 4.0;
const REQUESTS: f64 = 4.0;
const BATCH: f64 = 100.0;
/// Readers of dashboards, and the pause of each.
const READERS: usize = 16;
const THINK: Duration = Duration::from_millis(100);
/// Longest time until everything is in the books.
const PATIENCE: Duration = Duration::from_secs(900);

/// What is in the books as they confirmed it.
const CONFIRMED: &str = "SELECT count(*) AS rows, CAST(sum(minutes) AS BIGINT) AS sum FROM posting \
                         WHERE key LIKE 'time:B%' AND state IN ('CONFIRMED', 'RESOLVED')";

pub(crate) async fn measure(field: &Field) -> Result<Vec<Row>> {
    let store = database::make(field.postgres()?, "bench_burst").await?;
    let takes = TAKES.as_millis().to_string();
    let platform = Platform::start(field, &store, &["--erp-takes", &takes])?;
    let channel = Endpoint::from_shared(format!("http://{}", platform.address()))?.connect_lazy();
    let over = Arc::new(AtomicBool::new(false));
    let beside = Beside::start(&channel, &over);
    let burst = timeout(PATIENCE, burst(&platform, &channel))
        .await
        .context("the burst does not end")??;
    over.store(true, Ordering::Relaxed);
    let read = beside.ended().await?;
    let db = database::open(&store, 1)?;
    let (held, made) = (database::sums(&db, CONFIRMED).await?, platform.entries().made());
    ensure!(held == made, "handed in {made:?}, the books confirmed {held:?}");
    platform.prove(&store).await?;
    let limit = AT_ONCE / TAKES.as_secs_f64() / REQUESTS * BATCH;
    let drained = LINES as f64 / burst.drained.as_secs_f64();
    Ok(vec![Row {
        id: "a month's end".to_owned(),
        what: format!(
            "{LINES} lines arrive within {} s, {TOGETHER} a call, and go to an ERP that takes {} ms for a request and {AT_ONCE} at once; \
             {READERS} readers of dashboards with {} ms between two questions",
            ARRIVE.as_secs(),
            TAKES.as_millis(),
            THINK.as_millis()
        ),
        bound: "what the ERP's account lets through: four requests of ours at once, four for a batch of 100 lines".to_owned(),
        values: vec![
            Value::told("bound", "/s", Figure::once(limit)),
            Value::told("arrived within", "s", Figure::once(burst.arrived.as_secs_f64())),
            Value::told("all confirmed after", "s", Figure::once(burst.drained.as_secs_f64())),
            Value::at_least("of the limit", "x", Figure::once(drained / limit), 0.95),
            Value::at_most(
                "p99 of a call that hands in",
                "ms",
                Figure::once(burst.slowest_call),
                10_000.0,
            ),
            Value::at_most(
                "dashboards p99",
                "ms",
                Figure::once(read.value_at_quantile(0.99) as f64 / 1000.0),
                50.0,
            ),
            Value::at_most("said at half time to be done, off by", "%", Figure::once(burst.off_by), 10.0),
        ],
    }])
}

/// What became of the burst.
struct Burst {
    arrived: Duration,
    drained: Duration,
    slowest_call: f64,
    /// By how much of its time the end was foretold wrongly, in percent, when half of the lines had gone.
    off_by: f64,
}

async fn burst(platform: &Platform, channel: &Channel) -> Result<Burst> {
    let begun = Instant::now();
    let mut calls = Histogram::<u64>::new_with_bounds(1, 60_000_000, 3)?;
    let pause = ARRIVE / u32::try_from(LINES / TOGETHER)?;
    let mut tick = interval(pause);
    tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut intake = TimeIntakeServiceClient::new(channel.clone());
    for _ in 0..LINES / TOGETHER {
        tick.tick().await;
        let time_entries = (0..TOGETHER).map(|_| platform.entries().next()).collect();
        let called = Instant::now();
        intake
            .batch_accept_time_entries(BatchAcceptTimeEntriesRequest { time_entries })
            .await?;
        calls.saturating_record(u64::try_from(called.elapsed().as_micros())?);
    }
    let arrived = begun.elapsed();
    let mut foretold = None;
    loop {
        let left = backlog(channel).await?;
        let open = left.waiting + left.under_way;
        if open == 0 && left.blocked == 0 {
            break;
        }
        if foretold.is_none() && open < LINES as u64 / 2 {
            foretold = Some((begun.elapsed(), remaining(channel, &left).await?));
        }
        sleep(Duration::from_millis(200)).await;
    }
    let drained = begun.elapsed();
    let (at, remaining) = foretold.context("the burst was over before anybody looked")?;
    let really = drained.saturating_sub(at).as_secs_f64();
    Ok(Burst {
        arrived,
        drained,
        slowest_call: calls.value_at_quantile(0.99) as f64 / 1000.0,
        off_by: (remaining.as_secs_f64() - really).abs() / really * 100.0,
    })
}

async fn backlog(channel: &Channel) -> Result<PostingBacklog> {
    let mut client = ReconciliationServiceClient::new(channel.clone());
    let answer = client.get_posting_backlog(GetPostingBacklogRequest {}).await?.into_inner();
    let time = answer.backlogs.into_iter().find(|backlog| backlog.kind() == BookKind::Time);
    time.context("nothing is said of time")
}

/// How long it will take, as the platform says.
async fn remaining(channel: &Channel, backlog: &PostingBacklog) -> Result<Duration> {
    let done = backlog
        .expected_done_time
        .as_ref()
        .context("nobody says when it will be done")?;
    let now = now(channel).await?;
    let done = strata_contract::instant(done)?;
    Ok((done - now).to_std().unwrap_or_default())
}

async fn now(channel: &Channel) -> Result<strata_kernel::Instant> {
    let answer = ControlServiceClient::new(channel.clone()).get_time(GetTimeRequest {}).await?;
    Ok(strata_contract::instant(answer.get_ref().time.as_ref().context("no time")?)?)
}

/// What goes on meanwhile: time passes, passes are made, dashboards are read.
struct Beside {
    tasks: JoinSet<Result<()>>,
    readers: JoinSet<Result<Histogram<u64>>>,
}

impl Beside {
    fn start(channel: &Channel, over: &Arc<AtomicBool>) -> Self {
        let (mut tasks, mut readers) = (JoinSet::new(), JoinSet::new());
        tasks.spawn(pass_time(channel.clone(), Arc::clone(over)));
        tasks.spawn(work(channel.clone(), Arc::clone(over)));
        for _ in 0..READERS {
            readers.spawn(reader(channel.clone(), Arc::clone(over)));
        }
        Self { tasks, readers }
    }

    /// Times of everybody who read, in microseconds.
    async fn ended(mut self) -> Result<Histogram<u64>> {
        let mut all = Histogram::new_with_bounds(1, 60_000_000, 3)?;
        while let Some(ended) = self.readers.join_next().await {
            all.add(ended??)?;
        }
        while let Some(ended) = self.tasks.join_next().await {
            ended??;
        }
        ensure!(all.len() > 1_000, "hardly anybody read");
        Ok(all)
    }
}

/// The platform lives in a time that somebody moves: as fast as the machine's.
async fn pass_time(channel: Channel, over: Arc<AtomicBool>) -> Result<()> {
    let (first, begun) = (now(&channel).await?, Instant::now());
    let mut client = ControlServiceClient::new(channel);
    while !over.load(Ordering::Relaxed) {
        sleep(Duration::from_millis(100)).await;
        let time = first + chrono::Duration::from_std(begun.elapsed())?;
        client
            .set_time(SetTimeRequest {
                time: Some(pb_instant(time)),
            })
            .await?;
    }
    Ok(())
}

async fn work(channel: Channel, over: Arc<AtomicBool>) -> Result<()> {
    let mut client = ControlServiceClient::new(channel);
    while !over.load(Ordering::Relaxed) {
        client.settle(SettleRequest {}).await?;
        sleep(Duration::from_millis(200)).await;
    }
    Ok(())
}

async fn reader(channel: Channel, over: Arc<AtomicBool>) -> Result<Histogram<u64>> {
    let mut client = PositionServiceClient::new(channel);
    let (mut times, mut shown) = (Histogram::new_with_bounds(1, 60_000_000, 3)?, 0);
    while !over.load(Ordering::Relaxed) {
        sleep(THINK).await;
        let called = Instant::now();
        let answer = client
            .list_unbilled_positions(ListUnbilledPositionsRequest::default())
            .await?;
        times.saturating_record(u64::try_from(called.elapsed().as_micros())?);
        shown = shown.max(answer.get_ref().positions.len());
    }
    ensure!(shown > 0, "nothing became unbilled");
    Ok(times)
}
