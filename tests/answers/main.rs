//! What a vendor may answer: right answers with something changed on the way, a gateway's page instead of them, or half of them. An adapter
//! ends each call in records that the vendor did tell, in quarantined ones, or in an error of ours that has no word of the vendor's. It
//! never panics, never waits for ever, never makes a record up, never says that a write is done when nobody said so.
//!
//! The four vendors are real sandboxes that the platform has worked in. Between each and its adapter stands a server that keeps the right
//! answers and alters one of them.
//!
//! A short run with always the same changes is part of every change. A long one tries others:
//! `STRATA_FUZZ_CASES=20000 STRATA_FUZZ_SEED=7 cargo nextest run --package strata-it --test answers`. What fails is shown as small as it can be
//! made; it goes into `tests/answers/kept/VENDOR`, with which every later run begins.
#![allow(clippy::unwrap_used)]
// The mini platform is shared with the other tests, which use more of it.
#![allow(dead_code)]

mod alter;
mod calls;
mod check;
#[path = "../it/database.rs"]
mod database;
mod lane;
#[path = "../it/mini/mod.rs"]
mod mini;
#[path = "../it/place.rs"]
mod place;
mod run;

use std::sync::Arc;

use serde_json::json;
use strata_kernel::{Clock, SimClock};

use crate::lane::Lane;
use crate::mini::Mini;
use crate::run::run;

/// Largest answer that an adapter takes here, so that a larger one is quickly made.
const LARGEST: usize = 1024 * 1024;

/// Day on which the vendors are left as they are.
const LAST: &str = "2025-02-13";

/// A sale, work that is billed and paid in part, an expense without a receipt, a second company with its rates.
async fn lived() -> Mini {
    let mini = Mini::start().await;
    mini.open_company().await;
    mini.sell("CT-1").await;
    mini.until("2025-01-07", 9).await;
    mini.work("2025-01-06", 480, "TE-1").await;
    mini.spend("2025-01-06", 99_900, "EX-1").await;
    // After the work: the PSA keeps it beside the tasks that time is booked on.
    let milestone = json!({"Name": "M1", "Milestone_Code__c": "CT-1-M1", "Contract_Code__c": "CT-1", "Amount__c": 8000,
        "CurrencyIsoCode": "USD", "Planned_On__c": "2025-02-03", "Amendment_Code__c": null, "Sequence__c": 1});
    mini.at.create("Contract_Milestone__c", &milestone).await;
    mini.until("2025-01-08", 9).await;
    mini.until("2025-02-12", 20).await;
    mini.pay("PY-1", 1000).await;
    mini.until(LAST, 9).await;
    mini
}

fn limits() -> serde_json::Value {
    json!({"timeout_ms": 250, "max_body": LARGEST})
}

/// Stands where the clocks of the vendors do.
fn clock() -> Arc<dyn Clock> {
    Arc::new(SimClock::new(format!("{LAST}T09:00:00Z").parse().unwrap()))
}

#[tokio::test(flavor = "multi_thread")]
async fn salesforce() {
    let mini = lived().await;
    let at = &mini.all.installation.access.salesforce;
    let lane = Lane::before(&at.base_url).await;
    let config = json!({"base_url": lane.base, "client_id": at.client_id, "client_secret": at.client_secret, "limits": limits()});
    let clock = clock();
    let make = || strata_salesforce::Salesforce::new(serde_json::from_value(config.clone()).unwrap(), clock.clone()).unwrap();
    run("salesforce", &lane, make, calls::SALESFORCE, calls::salesforce).await;
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn kantata_ox() {
    let mini = lived().await;
    let at = &mini.all.installation.access.kantata;
    let lane = Lane::before(&at.base_url).await;
    let config = json!({"base_url": lane.base, "client_id": at.client_id, "client_secret": at.client_secret, "limits": limits()});
    let clock = clock();
    let make = || strata_kantata_ox::KantataOx::new(serde_json::from_value(config.clone()).unwrap(), clock.clone()).unwrap();
    run("kantata-ox", &lane, make, calls::KANTATA_OX, calls::kantata_ox).await;
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn netsuite() {
    let mini = lived().await;
    let at = &mini.all.installation.access.netsuite;
    let lane = Lane::before(&at.base_url).await;
    let config = json!({"base_url": lane.base, "client_id": at.client_id, "certificate_id": at.certificate_id,
        "private_key_pem": at.private_key_pem, "limits": limits(), "job_tries": 3, "job_pause_ms": 1});
    let clock = clock();
    let make = || strata_netsuite::new(serde_json::from_value(config.clone()).unwrap(), clock.clone()).unwrap();
    run("netsuite", &lane, make, calls::NETSUITE, calls::netsuite).await;
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn workday() {
    let mini = lived().await;
    let at = &mini.all.installation.access.workday;
    let lane = Lane::before(&at.base_url).await;
    let config = json!({"base_url": lane.base, "tenant": at.tenant, "client_id": at.client_id, "client_secret": at.client_secret,
        "refresh_token": at.refresh_token, "limits": limits()});
    let clock = clock();
    let make = || strata_workday::new(serde_json::from_value(config.clone()).unwrap(), clock.clone()).unwrap();
    run("workday", &lane, make, calls::WORKDAY, calls::workday).await;
    mini.all.stop().await.unwrap();
}
