//! Two system servers of NetSuite, and one account.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use strata_contract::Transport;
use strata_contract::strata::system::erp::v1::erp_service_client::ErpServiceClient;
use strata_contract::strata::system::erp::v1::{LookupByKeyRequest, RecordKind};
use strata_kernel::{Clock, SystemClock};
use strata_sandbox::Setup;
use strata_sandbox_netsuite::{Account, Options, account_with};
use tempfile::TempDir;
use tokio::net::TcpListener;
use toml::Table;

use super::*;
use crate::control::Time;
use crate::identity::Rules;
use crate::sandbox::{Pace, write_settings};
use crate::settings::{Settings, Sources};
use crate::wiring;

const ACCOUNT: &str = "netsuite/7";
/// Callers of each server: more than the account ever allows.
const CALLERS: usize = 12;
/// Longest time in which everybody has followed.
const PATIENCE: Duration = Duration::from_secs(20);

/// A sandbox, and settings with which servers share its account.
struct Place {
    account: Account,
    sources: Sources,
    folder: TempDir,
}

impl Place {
    async fn new(at_once: usize, takes: Duration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            concurrency: at_once,
            takes,
        };
        let (router, account) = account_with(Setup::in_memory(SystemClock.now()), options).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(strata_sandbox::serve(listener, router, std::future::pending()));
        let store = format!("sqlite:{}", folder.path().join("q.db").display());
        let more: Table = toml::from_str(&format!("[store]\nurl = \"{store}\"\n[quota]\nnetsuite = \"7\"\n")).unwrap();
        let file = write_settings(folder.path(), &[(Vendor::NetSuite, url)].into(), Pace::Machine, more).unwrap();
        let sources = Sources {
            file: Some(file),
            overrides: vec![("netsuite.limits.concurrency".to_owned(), at_once.to_string())],
            ..Sources::default()
        };
        Self {
            account,
            sources,
            folder,
        }
    }

    fn settings(&self) -> Settings {
        self.sources.settings().unwrap()
    }

    async fn db(&self) -> Db {
        wiring::open_store(&self.settings().store, true).await.unwrap()
    }

    /// A server, as in a process of its own.
    async fn server(&self) -> (Transport, Shares) {
        let (adapter, gate) = self.sources.gated(Vendor::NetSuite, Arc::new(SystemClock)).unwrap();
        let settings = self.settings();
        let shares = Shares::take(&self.db().await, &[(Vendor::NetSuite, gate)], &settings.quota)
            .await
            .unwrap();
        let server = wiring::system_server(&adapter, &Rules::of(&settings).unwrap(), &Time::Machine)
            .await
            .unwrap();
        (server.in_process(), shares)
    }
}

fn at_once(at_once: u32) -> strata_quota::Allowance {
    strata_quota::Allowance {
        at_once,
        per_second: None,
    }
}

async fn set(db: &Db, most: u32) {
    db.write(move |c| strata_quota::set(c, ACCOUNT, at_once(most))).await.unwrap();
}

/// What is held, by each member.
async fn held(db: &Db) -> Vec<u32> {
    let account = strata_quota::list(db).await.unwrap().remove(0);
    assert_eq!(account.account, ACCOUNT);
    account.shares.iter().map(|share| share.held).collect()
}

async fn call(transport: Transport) -> Result<(), tonic::Status> {
    let request = LookupByKeyRequest {
        kind: RecordKind::Customer.into(),
        keys: vec!["cus_1".into()],
    };
    ErpServiceClient::new(transport).lookup_by_key(request).await.map(drop)
}

/// Callers that call one after the other until they are told to stop, and how often they were answered.
fn callers(transport: &Transport, stop: &Stop) -> (Arc<AtomicU64>, JoinSet<()>) {
    let answered = Arc::new(AtomicU64::new(0));
    let mut tasks = JoinSet::new();
    for _ in 0..CALLERS {
        let (transport, stop, answered) = (transport.clone(), stop.clone(), Arc::clone(&answered));
        tasks.spawn(async move {
            while !stop.is_cancelled() {
                call(transport.clone()).await.unwrap();
                answered.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    (answered, tasks)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_use_all_of_an_account_and_are_never_refused() {
    let place = Place::new(6, Duration::from_millis(300)).await;
    let db = place.db().await;
    let ((one, shares_of_one), (two, shares_of_two)) = (place.server().await, place.server().await);
    let stop = Stop::new();
    let (answered_one, mut tasks) = callers(&one, &stop);
    let (answered_two, more) = callers(&two, &stop);
    tokio::time::sleep(Duration::from_secs(1)).await;
    let first = place.account.figures();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(held(&db).await, [3, 3]);

    // Less: everybody is told, and when they have followed the vendor allows less.
    set(&db, 3).await;
    place.account.count(3);
    let followed = async {
        while held(&db).await.iter().sum::<u32>() > 3 {
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(PATIENCE, followed).await.unwrap();
    place.account.set_concurrency(3);
    tokio::time::sleep(Duration::from_secs(3)).await;

    // More: the vendor first.
    place.account.set_concurrency(9);
    place.account.count(9);
    set(&db, 9).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    let last = place.account.figures();
    stop.cancel();
    while let Some(ended) = tasks.join_next().await {
        ended.unwrap();
    }
    more.join_all().await;

    let (used, allowed) = (last.used - first.used, last.allowed - first.allowed);
    let (of_one, of_two) = (answered_one.load(Ordering::Relaxed), answered_two.load(Ordering::Relaxed));
    println!("used {used:?} of {allowed:?}; {of_one} and {of_two} calls; {last:?}");
    assert_eq!(place.account.figures().refused, 0);
    assert!(used * 100 >= allowed * 98, "used {used:?} of {allowed:?}");
    assert!(of_one.abs_diff(of_two) * 4 < of_one + of_two, "{of_one} and {of_two} calls");

    // Whoever wants nothing holds nothing.
    let idle = async {
        while !held(&db).await.is_empty() {
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(PATIENCE, idle).await.unwrap();
    shares_of_one.give_back().await;
    shares_of_two.give_back().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_server_held_comes_to_the_other() {
    let place = Place::new(4, Duration::from_millis(100)).await;
    let db = place.db().await;
    let ((one, killed), (two, lives)) = (place.server().await, place.server().await);
    let stop = Stop::new();
    let (_, mut of_one) = callers(&one, &stop);
    let (_, of_two) = callers(&two, &stop);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(held(&db).await, [2, 2]);
    // Its tasks are gone, and what it held stays until its lease ends.
    drop(killed);
    of_one.abort_all();
    while of_one.join_next().await.is_some() {}
    tokio::time::sleep(LEASE - MARGIN).await;
    assert_eq!(held(&db).await, [2, 2]);
    let came = async {
        while held(&db).await != [4] {
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::time::timeout(MARGIN * 2, came).await.unwrap();
    stop.cancel();
    of_two.join_all().await;
    assert_eq!(place.account.figures().refused, 0);
    lives.give_back().await;
    drop(place.folder);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_nothing_is_allowed_callers_are_refused_for_a_while() {
    let mut place = Place::new(4, Duration::ZERO).await;
    place
        .sources
        .overrides
        .push(("netsuite.limits.timeout_ms".to_owned(), "300".to_owned()));
    let db = place.db().await;
    let (one, shares) = place.server().await;
    set(&db, 0).await;
    let refused = call(one.clone()).await.unwrap_err();
    let error = strata_rpc::error(refused);
    assert_eq!((error.reason, error.is_temporary()), ("VENDOR_THROTTLED", true), "{error}");
    set(&db, 1).await;
    call(one).await.unwrap();
    shares.give_back().await;
    assert!(held(&db).await.is_empty());
}
