//! The drill: a store comes back from a backup, while the vendors kept everything. The platform reads them again and reaches the same
//! books, and nothing is there twice.

use std::path::{Path, PathBuf};

use strata::allinone::{self, AllInOne, Options};
use strata::parts::TABLES;
use strata_contract::strata::process::billing::v1::billing_service_client::BillingServiceClient;
use strata_contract::strata::process::billing::v1::{ApproveMilestoneRequest, ListMilestonesRequest, MilestoneState};
use strata_firm::books::{self, Report};
use strata_firm::calendar::Calendar;
use strata_firm::data::Firm;
use strata_firm::director::{self, Director};
use strata_kernel::{Date, Instant};
use strata_process::restored;
use strata_store::{Db, backup};

use crate::database::{Postgres, sqlite};
use crate::place::small_firm;

/// Hour at which the books are compared.
const EVENING: u32 = 20;

fn options(folder: &Path, store: &str, start: Instant) -> Options {
    Options {
        folder: folder.to_owned(),
        store: store.to_owned(),
        bus: "inproc".to_owned(),
        start,
        listen: "127.0.0.1:0".parse().unwrap(),
        process_servers: 1,
    }
}

fn open(store: &str) -> Db {
    Db::open(store, &strata_store::Options::default()).unwrap()
}

/// Lives the year, and takes a backup while a day of it is lived.
async fn live(firm: &Firm, store: &str, folder: &Path, day: &str) -> PathBuf {
    let (day, to): (Date, _) = (day.parse().unwrap(), folder.join("backup"));
    let first = Calendar::of(firm).first().and_hms_opt(0, 0, 0).unwrap().and_utc();
    let all = allinone::start(&options(folder, store, first)).await.unwrap();
    let stage = all.installation.stage().unwrap();
    let mut director = Director::new(firm, &stage, &folder.join("director"), director::Options::default()).unwrap();
    let mut taking = None;
    let lived = director
        .live(|progress| {
            if progress.day == day && taking.is_none() {
                // The day is only begun: its work goes on meanwhile.
                let (db, to) = (open(store), to.clone());
                taking = Some(std::thread::spawn(move || backup::take(&db, &TABLES, &to, |_| {}).unwrap()));
            }
        })
        .await
        .unwrap();
    assert_eq!(lived.payments_refused, []);
    let manifest = taking.unwrap().join().unwrap();
    assert!(manifest.rows() > 100, "{manifest:?}");
    stage.set_clock(director.calendar().last(), EVENING).await.unwrap();
    agrees(&books::check(firm, &stage, &folder.join("director")).await.unwrap());
    all.stop().await.unwrap();
    to
}

fn agrees(report: &Report) {
    for difference in &report.differences {
        println!("{difference:?}");
    }
    assert!(
        report.agrees() && report.checks["documents"].agreeing > 0,
        "{:?}",
        report.checks
    );
}

/// Restores, starts everything again at the end of the year, and lets people decide again what they had decided at our own desk.
async fn go_on(firm: &Firm, store: &str, folder: &Path, from: &Path) -> AllInOne {
    let (db, from) = (open(store), from.to_owned());
    let replaced = tokio::task::spawn_blocking(move || {
        backup::restore(
            &db,
            &TABLES,
            &from,
            true,
            |_| {},
            restored::refuse_while_working,
            restored::take_up,
        )
    });
    replaced.await.unwrap().unwrap();
    let last = Calendar::of(firm).last().and_hms_opt(EVENING, 0, 0).unwrap().and_utc();
    let all = allinone::start(&options(folder, store, last)).await.unwrap();
    let stage = all.installation.stage().unwrap();
    for _ in 0..3 {
        stage.settle(last.date_naive()).await.unwrap();
        approve(&all).await;
    }
    stage.settle(last.date_naive()).await.unwrap();
    all
}

async fn approve(all: &AllInOne) {
    let mut billing = BillingServiceClient::new(all.installation.process.clone());
    let waiting = ListMilestonesRequest {
        state: MilestoneState::Accepted.into(),
        ..ListMilestonesRequest::default()
    };
    for milestone in billing.list_milestones(waiting).await.unwrap().into_inner().milestones {
        let request = ApproveMilestoneRequest {
            request_id: format!("again:{}", milestone.code),
            milestone_code: milestone.code,
            approver: "finance@firm.example".to_owned(),
        };
        billing.approve_milestone(request).await.unwrap();
    }
}

async fn drill(store: &str, folder: &Path, day: &str) {
    let firm = Firm::load(&small_firm()).unwrap();
    let from = live(&firm, store, folder, day).await;
    let all = go_on(&firm, store, folder, &from).await;
    let stage = all.installation.stage().unwrap();
    let report = books::check(&firm, &stage, &folder.join("director")).await.unwrap();
    println!("{:?}", report.checks);
    agrees(&report);
    all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_year_is_lost_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    drill(&sqlite(folder.path()), folder.path(), "2025-07-07").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_week_is_lost_on_postgres() {
    let Some(database) = Postgres::of("restore") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    drill(&database.url(), folder.path(), "2025-12-02").await;
}
