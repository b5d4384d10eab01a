//! Two processes of ours, one vendor account: how much of what it allows is used.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use strata::Vendor;
use strata::sandbox::{Pace, write_settings};
use strata_contract::strata::system::erp::v1::erp_service_client::ErpServiceClient;
use strata_contract::strata::system::erp::v1::{LookupByKeyRequest, RecordKind};
use strata_kernel::{Clock, SystemClock};
use strata_quota::Allowance;
use strata_sandbox::Setup;
use strata_sandbox_netsuite::{Account, Options, account_with};
use strata_store::{Db, migrate};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use toml::{Table, Value as Toml};
use tonic::transport::{Channel, Endpoint};

use crate::child::Server;
use crate::database;
use crate::field::Field;
use crate::rounds::Figure;
use crate::row::{Row, Value};

const ACCOUNT: &str = "netsuite/bench";
/// What the account allows: at first, then less, then more.
const ALLOWED: [u32; 3] = [10, 5, 15];
/// Callers of each process: more than the account ever allows.
const CALLERS: usize = 20;
/// How long the vendor takes for a request.
const TAKES: Duration = Duration::from_millis(300);
/// How long each allowance lasts.
const PHASE: Duration = Duration::from_secs(5);
/// Longest time in which everybody has followed.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) async fn measure(field: &Field) -> Result<Vec<Row>> {
    let (mut used, mut refused, mut calls) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..field.effort.rounds {
        let store = match field.postgres() {
            Ok(server) => database::make(server, &format!("bench_quota_{round}")).await?,
            Err(_) => field.sqlite(&format!("quota-{round}")),
        };
        let burst = burst(field, &store, round).await?;
        used.push(burst.used);
        refused.push(burst.refused);
        calls.push(burst.calls);
    }
    let [first, less, more] = ALLOWED;
    Ok(vec![Row {
        id: "one account, two processes".to_owned(),
        what: format!(
            "two system servers of NetSuite, {CALLERS} callers each, on an account that allows {first}, then {less}, then {more} requests at \
             once, for {} s each; the vendor takes {} ms",
            PHASE.as_secs(),
            TAKES.as_millis()
        ),
        bound: "what the account allows, at every moment; counted by the vendor".to_owned(),
        values: vec![
            Value::told("vendor calls", "/s", Figure::of(calls)),
            Value::at_least("used of the quota", "x", Figure::of(used), 0.98),
            Value::at_most("refusals", "", Figure::of(refused), 0.0),
        ],
    }])
}

/// What became of an account in a burst.
struct Burst {
    used: f64,
    refused: f64,
    calls: f64,
}

async fn burst(field: &Field, store: &str, round: usize) -> Result<Burst> {
    let db = database::open(store, 2)?;
    let migrated = db.clone();
    tokio::task::spawn_blocking(move || migrate::run(&migrated)).await??;
    let options = Options {
        concurrency: usize::try_from(ALLOWED[0])?,
        takes: TAKES,
    };
    let (router, account) = account_with(Setup::in_memory(SystemClock.now()), options)?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let vendor = tokio::spawn(strata_sandbox::serve(listener, router, std::future::pending()));

    let settings = settings(field, store, &url, round)?;
    let settings = settings.to_string_lossy();
    let servers = [0, 1].map(|_| Server::start(&["net-suite", "--settings", &settings]));
    let [one, two] = servers;
    let servers = [one?, two?];
    let stop = Arc::new(AtomicBool::new(false));
    let mut callers = JoinSet::new();
    for server in &servers {
        for _ in 0..CALLERS {
            let channel = Endpoint::from_shared(format!("http://{}", server.address()))?.connect_lazy();
            callers.spawn(call(channel, Arc::clone(&stop)));
        }
    }
    // Until everybody has a token and a share.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let first = account.figures();
    let begun = std::time::Instant::now();
    let [_, less, more] = ALLOWED;
    tokio::time::sleep(PHASE).await;
    lower(&db, &account, less).await?;
    tokio::time::sleep(PHASE).await;
    raise(&db, &account, more).await?;
    tokio::time::sleep(PHASE).await;
    let (last, lasted) = (account.figures(), begun.elapsed());
    stop.store(true, Ordering::Relaxed);
    while let Some(ended) = callers.join_next().await {
        ended??;
    }
    vendor.abort();
    let (used, allowed) = (last.used - first.used, last.allowed - first.allowed);
    ensure!(!allowed.is_zero(), "nothing was allowed");
    Ok(Burst {
        used: used.as_secs_f64() / allowed.as_secs_f64(),
        // From the very beginning to the very end.
        refused: account.figures().refused as f64,
        calls: (last.served - first.served) as f64 / lasted.as_secs_f64(),
    })
}

/// Less: we are told first, and the vendor allows less when we have followed.
async fn lower(db: &Db, account: &Account, to: u32) -> Result<()> {
    set(db, to).await?;
    account.count(usize::try_from(to)?);
    let followed = async {
        loop {
            let all = strata_quota::list(db).await?;
            let held: u32 = all.iter().flat_map(|account| &account.shares).map(|share| share.held).sum();
            if held <= to {
                return anyhow::Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, followed)
        .await
        .context("nobody follows the allowance")??;
    account.set_concurrency(usize::try_from(to)?);
    Ok(())
}

/// More: the vendor first.
async fn raise(db: &Db, account: &Account, to: u32) -> Result<()> {
    account.set_concurrency(usize::try_from(to)?);
    account.count(usize::try_from(to)?);
    set(db, to).await
}

async fn set(db: &Db, at_once: u32) -> Result<()> {
    let per_second = None;
    db.write(move |c| strata_quota::set(c, ACCOUNT, Allowance { at_once, per_second }))
        .await?;
    Ok(())
}

async fn call(channel: Channel, stop: Arc<AtomicBool>) -> Result<()> {
    let mut client = ErpServiceClient::new(channel);
    while !stop.load(Ordering::Relaxed) {
        let request = LookupByKeyRequest {
            kind: RecordKind::Customer.into(),
            keys: vec!["cus_1".to_owned()],
        };
        client.lookup_by_key(request).await?;
    }
    Ok(())
}

/// Settings of both servers.
fn settings(field: &Field, store: &str, url: &str, round: usize) -> Result<std::path::PathBuf> {
    let section = |key: &str, value: &str| Toml::Table(Table::from_iter([(key.to_owned(), Toml::from(value))]));
    let more = Table::from_iter([
        ("store".to_owned(), section("url", store)),
        ("quota".to_owned(), section("netsuite", "bench")),
    ]);
    let folder = field.folder(&format!("quota-{round}"))?;
    let file = write_settings(&folder, &[(Vendor::NetSuite, url.to_owned())].into(), Pace::Machine, more)?;
    let mut text = std::fs::read_to_string(&file)?;
    text.push_str(&format!("\n[netsuite.limits]\nconcurrency = {}\n", ALLOWED[0]));
    std::fs::write(&file, text)?;
    Ok(file)
}
