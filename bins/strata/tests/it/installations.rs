//! A platform in one process and in many: both answer the same, and both take up where they were.

#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use strata::allinone::{self, Options};
use strata::{Installation, Role, split};
use strata_contract::strata::experience::delivery::v2::ListEngagementsRequest as ListForPortal;
use strata_contract::strata::experience::delivery::v2::delivery_service_client::DeliveryServiceClient;
use strata_contract::strata::master::v1::ListEngagementsRequest;
use strata_contract::strata::master::v1::engagement_service_client::EngagementServiceClient;
use strata_kernel::{Date, Instant};

pub(crate) fn options(folder: &Path) -> Options {
    Options {
        folder: folder.to_owned(),
        store: format!("sqlite:{}", folder.join("strata.db").display()),
        bus: "inproc".to_owned(),
        start: "2025-01-06T00:00:00Z".parse().unwrap(),
        listen: "127.0.0.1:0".parse().unwrap(),
        process_servers: 1,
    }
}

fn at_nine(day: Date) -> Instant {
    day.and_hms_opt(9, 0, 0).unwrap().and_utc()
}

/// Master data answers, the portal sees it through two tiers, and the stage moves every clock.
pub(crate) async fn works(installation: &Installation, day: Date) {
    let request = ListEngagementsRequest::default();
    let mut master = EngagementServiceClient::new(installation.master.clone());
    assert!(
        master
            .list_engagements(request)
            .await
            .unwrap()
            .into_inner()
            .engagements
            .is_empty()
    );
    let mut portal = DeliveryServiceClient::new(installation.experience.clone());
    let page = portal.list_engagements(ListForPortal::default()).await.unwrap().into_inner();
    assert!(page.engagements.is_empty() && page.next_page_token.is_empty());

    let stage = installation.stage().unwrap();
    stage.set_clock(day, 9).await.unwrap();
    assert_eq!(installation.now().await.unwrap(), at_nine(day));
    stage.settle(day).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn in_one_process() {
    let folder = tempfile::tempdir().unwrap();
    let day = Date::from_ymd_opt(2025, 1, 7).unwrap();
    for _ in 0..2 {
        // The second start finds the records of the first.
        let all = allinone::start(&options(folder.path())).await.unwrap();
        works(&all.installation, day).await;
        let edge = all.installation.addresses.of(Role::Experience).unwrap();
        let over_tcp = strata_rpc::connect(&edge.to_string()).unwrap();
        let mut portal = DeliveryServiceClient::new(over_tcp);
        portal.list_engagements(ListForPortal::default()).await.unwrap();
        assert_eq!(all.faults.len(), 4);
        all.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_process_for_each_server() {
    let folder = tempfile::tempdir().unwrap();
    let day = Date::from_ymd_opt(2025, 1, 7).unwrap();
    let program = PathBuf::from(env!("CARGO_BIN_EXE_strata"));
    let mut split = split::start(&options(folder.path()), Some(program)).await.unwrap();
    works(&split.installation, day).await;
    // A server that died comes back where it was, at the present time.
    for role in [Role::Process, Role::Sandbox] {
        split.kill(role).await.unwrap();
        split.restart(role).await.unwrap();
    }
    assert_eq!(split.installation.now().await.unwrap(), at_nine(day));
    works(&split.installation, day).await;
    split.stop().await.unwrap();
}
