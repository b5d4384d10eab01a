//! Asks the sums from many readers while more lines are written.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use diesel::sql_types::{BigInt, Text};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query};
use strata_contract::Transport;
use strata_contract::strata::process::position::v1 as pb;
use strata_contract::strata::process::position::v1::position_service_client::PositionServiceClient;
use strata_events::Wire;
use strata_kernel::SystemClock;
use strata_process::{Process, ProcessSettings, Transports};
use strata_rpc::{ServerBuilder, ServerSettings};
use strata_store::{Db, Options, migrate};

use crate::seed::{Size, more, seed};

/// Longest wait for the sums, while they are built and after the burst.
const PATIENCE: Duration = Duration::from_secs(3600);

/// What is measured.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Facts.
    pub size: Size,
    /// Readers at once.
    pub readers: usize,
    /// How long is read.
    pub time: Duration,
    /// Pause of a reader between two calls.
    pub think: Duration,
    /// Lines in each transaction of the burst.
    pub burst_lines: i64,
    /// Pause between two transactions of the burst.
    pub burst_pause: Duration,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            size: Size::default(),
            readers: 16,
            time: Duration::from_secs(20),
            think: Duration::from_millis(100),
            burst_lines: 20,
            burst_pause: Duration::from_millis(50),
        }
    }
}

/// How long calls took.
#[derive(Debug, Clone, Copy)]
pub struct Latency {
    /// Calls.
    pub calls: usize,
    /// Half of them were not slower.
    pub p50: Duration,
    /// 99 of 100 were not slower.
    pub p99: Duration,
    /// The slowest.
    pub most: Duration,
}

impl Latency {
    fn of(mut took: Vec<Duration>) -> Self {
        took.sort_unstable();
        let at = |percent: usize| {
            took.get((took.len() * percent / 100).min(took.len().saturating_sub(1)))
                .copied()
        };
        Self {
            calls: took.len(),
            p50: at(50).unwrap_or_default(),
            p99: at(99).unwrap_or_default(),
            most: took.last().copied().unwrap_or_default(),
        }
    }
}

/// What came out.
#[derive(Debug, Clone)]
pub struct Measured {
    /// Lines at the end.
    pub lines: u64,
    /// How long it took to add all facts up for the first time.
    pub built: Duration,
    /// Each question, by what is asked.
    pub questions: BTreeMap<&'static str, Latency>,
    /// The first question answered by an index-only scan over the lines, one reader, while nothing is written.
    pub scan: Latency,
    /// Lines written in the burst, and the most seconds that an answer said it was behind.
    pub burst: (i64, u64),
    /// Sums and lines that differ from their facts at the end. Nothing else than 0 is right.
    pub differing: u64,
}

impl fmt::Display for Measured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |time: Duration| format!("{}.{}", time.as_millis(), time.subsec_micros() % 1000 / 100);
        writeln!(f, "{} lines, added up in {} s", self.lines, self.built.as_secs())?;
        writeln!(
            f,
            "{:<34} {:>7} {:>9} {:>9} {:>9}",
            "question", "calls", "p50 ms", "p99 ms", "most ms"
        )?;
        let scan = [("covering index scan, one reader", &self.scan)];
        for (name, took) in self.questions.iter().map(|(name, took)| (*name, took)).chain(scan) {
            let row = [took.p50, took.p99, took.most].map(ms);
            writeln!(f, "{name:<34} {:>7} {:>9} {:>9} {:>9}", took.calls, row[0], row[1], row[2])?;
        }
        let (written, behind) = self.burst;
        writeln!(f, "{written} lines written meanwhile, answers at most {behind} s behind")?;
        write!(f, "{} sums or lines differ from their facts", self.differing)
    }
}

/// Fills an empty database, and measures.
///
/// # Errors
/// When the database is not empty or cannot be used, or the process tier refuses an answer.
pub async fn dashboards(url: &str, plan: &Plan) -> anyhow::Result<Measured> {
    let db = Db::open(url, &Options::default())?;
    migrate::run(&db)?;
    let (to, size) = (url.to_owned(), plan.size);
    tokio::task::spawn_blocking(move || seed(&to, size)).await??;
    let process = start(db).await?;
    let server = process.add_to(ServerBuilder::new(ServerSettings::default())).build().await?;
    let client = PositionServiceClient::new(server.in_process());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let begun = Instant::now();
    let working = tokio::spawn(process.run(async move {
        stopped.await.ok();
    }));
    fresh(&client).await.context("the sums were not built")?;
    let built = begun.elapsed();
    let to = url.to_owned();
    let scan = tokio::task::spawn_blocking(move || scan(&to)).await??;
    let (questions, burst) = read(url, &client, plan).await?;
    fresh(&client).await.context("the burst was not added up")?;
    let checked = client
        .clone()
        .check_positions(pb::CheckPositionsRequest {})
        .await?
        .into_inner();
    stop.send(()).ok();
    working.await?;
    Ok(Measured {
        lines: checked.lines,
        built,
        questions,
        scan,
        burst,
        differing: checked.differing,
    })
}

/// A process tier that has no vendors: its passes fail, and its sums are kept all the same.
async fn start(db: Db) -> anyhow::Result<Process> {
    let away = || strata_rpc::connect("127.0.0.1:9");
    let to = Transports {
        crm: away()?,
        psa: away()?,
        erp: away()?,
        hr: away()?,
        master: away()?,
    };
    let settings = ProcessSettings::default();
    Ok(Process::start(db, to, Arc::new(SystemClock), settings, Wire::default(), "load").await?)
}

/// Waits until everything is added up.
async fn fresh(client: &PositionServiceClient<Transport>) -> anyhow::Result<()> {
    let begun = Instant::now();
    loop {
        let status = client
            .clone()
            .get_position_status(pb::GetPositionStatusRequest {})
            .await?
            .into_inner();
        let pending = status.freshness.map_or(0, |fresh| fresh.pending);
        if status.generation > 0 && status.building == 0 && pending == 0 {
            return Ok(());
        }
        ensure!(begun.elapsed() < PATIENCE, "{status:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[derive(QueryableByName)]
struct Scanned {
    #[diesel(sql_type = Text)]
    project_code: String,
    #[diesel(sql_type = BigInt)]
    amount: i64,
}

/// The unbilled amount of each project by an index that has all of it, ten times.
fn scan(url: &str) -> anyhow::Result<Latency> {
    let mut conn = PgConnection::establish(url)?;
    sql_query("CREATE INDEX load_covering ON position_line (generation, project_code, currency_code) INCLUDE (unbilled_minor)")
        .execute(&mut conn)?;
    sql_query("VACUUM ANALYZE position_line").execute(&mut conn)?;
    sql_query("VACUUM ANALYZE position_cell").execute(&mut conn)?;
    let mut took = Vec::new();
    for _ in 0..10 {
        let begun = Instant::now();
        let rows: Vec<Scanned> = sql_query(
            "SELECT project_code, SUM(unbilled_minor)::bigint AS amount FROM position_line WHERE generation = 1 \
             GROUP BY project_code, currency_code",
        )
        .load(&mut conn)?;
        took.push(begun.elapsed());
        ensure!(
            rows.iter().any(|row| !row.project_code.is_empty() && row.amount > 0),
            "nothing is unbilled"
        );
    }
    sql_query("DROP INDEX load_covering").execute(&mut conn)?;
    Ok(Latency::of(took))
}

/// What dashboards ask.
const QUESTIONS: [&str; 6] = [
    "unbilled by project",
    "unbilled by project, second page",
    "unbilled of a customer",
    "work in progress by contract",
    "margins by project",
    "margins by project of a month",
];

/// How long each question took, how many lines were written, and how far answers were behind.
type Reading = (BTreeMap<&'static str, Latency>, (i64, u64));

async fn read(url: &str, client: &PositionServiceClient<Transport>, plan: &Plan) -> anyhow::Result<Reading> {
    let done = Arc::new(AtomicBool::new(false));
    let (to, ended, burst) = (url.to_owned(), Arc::clone(&done), plan.clone());
    let writing = tokio::task::spawn_blocking(move || write(&to, &ended, &burst));
    let mut readers = Vec::new();
    for number in 0..plan.readers {
        let (client, plan) = (client.clone(), plan.clone());
        readers.push(tokio::spawn(reader(client, plan, number)));
    }
    let (mut all, mut behind): (BTreeMap<&'static str, Vec<Duration>>, u64) = Default::default();
    for reader in readers {
        let (took, most) = reader.await??;
        behind = behind.max(most);
        for (question, took) in took {
            all.entry(question).or_default().push(took);
        }
    }
    done.store(true, Ordering::Relaxed);
    let written = writing.await??;
    Ok((
        all.into_iter()
            .map(|(question, took)| (question, Latency::of(took)))
            .collect(),
        (written, behind),
    ))
}

/// Writes approved time until it is told to end. Returns how many lines.
fn write(url: &str, done: &AtomicBool, plan: &Plan) -> anyhow::Result<i64> {
    let mut conn = PgConnection::establish(url)?;
    let mut written = 0;
    while !done.load(Ordering::Relaxed) {
        more(&mut conn, plan.size.lines + written, plan.burst_lines, plan.size)?;
        written += plan.burst_lines;
        std::thread::sleep(plan.burst_pause);
    }
    Ok(written)
}

/// One reader: a question, a pause, the next question. Returns how long each took, and how far the answers were behind.
async fn reader(
    client: PositionServiceClient<Transport>,
    plan: Plan,
    number: usize,
) -> anyhow::Result<(Vec<(&'static str, Duration)>, u64)> {
    let (begun, mut took, mut behind) = (Instant::now(), Vec::new(), 0);
    let mut next = number;
    // Readers do not begin in one moment.
    tokio::time::sleep(plan.think * u32::try_from(number)? / u32::try_from(plan.readers.max(1))?).await;
    while begun.elapsed() < plan.time {
        let question = QUESTIONS[next % QUESTIONS.len()];
        let (asked, fresh) = ask(client.clone(), question, number).await?;
        took.push((question, asked));
        behind = behind.max(fresh.map_or(0, |fresh| fresh.lag_seconds));
        next += 1;
        tokio::time::sleep(plan.think).await;
    }
    Ok((took, behind))
}

async fn ask(
    mut client: PositionServiceClient<Transport>,
    question: &'static str,
    number: usize,
) -> anyhow::Result<(Duration, Option<pb::Freshness>)> {
    let mut filter = pb::PositionFilter::default();
    let begun;
    let (rows, freshness) = match question {
        "work in progress by contract" => {
            filter.level = pb::PositionLevel::Contract.into();
            let request = pb::ListWipPositionsRequest {
                filter: Some(filter),
                ..pb::ListWipPositionsRequest::default()
            };
            begun = Instant::now();
            let answer = client.list_wip_positions(request).await?.into_inner();
            (answer.positions.len(), answer.freshness)
        }
        "margins by project" | "margins by project of a month" => {
            if question.ends_with("month") {
                "2025-06".clone_into(&mut filter.period);
            }
            let request = pb::ListMarginPositionsRequest {
                filter: Some(filter),
                ..pb::ListMarginPositionsRequest::default()
            };
            begun = Instant::now();
            let answer = client.list_margin_positions(request).await?.into_inner();
            (answer.positions.len(), answer.freshness)
        }
        _ => {
            if question.ends_with("customer") {
                filter.customer_id = format!("cus_{}", number % 500);
            }
            let mut request = pb::ListUnbilledPositionsRequest {
                filter: Some(filter),
                ..pb::ListUnbilledPositionsRequest::default()
            };
            if question.ends_with("second page") {
                let first = client.list_unbilled_positions(request.clone()).await?.into_inner();
                request.page_token = first.next_page_token;
            }
            begun = Instant::now();
            let answer = client.list_unbilled_positions(request).await?.into_inner();
            (answer.positions.len(), answer.freshness)
        }
    };
    let took = begun.elapsed();
    ensure!(rows > 0, "{question} has no answer");
    Ok((took, freshness))
}
