//! More time than the ERP takes in a moment: everything else goes on meanwhile, and people see when it will be done.

use std::time::Duration;

use strata::Vendor;
use strata_contract::strata::dev::v1::SettleRequest;
use strata_contract::strata::dev::v1::control_service_client::ControlServiceClient;
use strata_contract::strata::process::billing::v1::GetPostingSummaryRequest;
use strata_contract::strata::process::billing::v1::billing_service_client::BillingServiceClient;
use strata_contract::strata::process::position::v1::ListUnbilledPositionsRequest;
use strata_contract::strata::process::position::v1::position_service_client::PositionServiceClient;
use strata_contract::strata::process::reconciliation::v1::reconciliation_service_client::ReconciliationServiceClient;
use strata_contract::strata::process::reconciliation::v1::{BookKind, GetPostingBacklogRequest, PostingBacklog};
use strata_contract::strata::process::time::v1::ApprovedTimeEntry;
use strata_sandbox::Fault;
use tokio::time::sleep;

use crate::database::Postgres;
use crate::intake::{entry, hand_in_all};
use crate::mini::Mini;

const LINES: usize = 2_000;
/// Four requests of ours at once, four for a batch of a hundred: ten seconds for all lines.
const TAKES: Duration = Duration::from_millis(500);

async fn backlog(mini: &Mini) -> PostingBacklog {
    let mut client = ReconciliationServiceClient::new(mini.all.installation.process.clone());
    let answer = client.get_posting_backlog(GetPostingBacklogRequest {}).await.unwrap();
    let mut backlogs = answer.into_inner().backlogs.into_iter();
    backlogs.find(|backlog| backlog.kind() == BookKind::Time).unwrap()
}

/// Unbilled entries, as dashboards count them.
async fn shown(mini: &Mini) -> u64 {
    let mut client = PositionServiceClient::new(mini.all.installation.process.clone());
    let answer = client.list_unbilled_positions(ListUnbilledPositionsRequest::default()).await;
    answer.unwrap().into_inner().totals.iter().map(|total| total.entries).sum()
}

async fn a_burst(mini: &Mini) {
    mini.sell("CT-1").await;
    let model = entry(mini, "x").await;
    mini.arm(Vendor::NetSuite, "", Fault::Delay(TAKES), u32::MAX);
    for call in 0..LINES / 500 {
        let entries = (0..500).map(|number| ApprovedTimeEntry {
            id: format!("B{call}-{number}"),
            reference: format!("TE-B{call}-{number}"),
            ..model.clone()
        });
        hand_in_all(mini, entries.collect()).await.unwrap();
    }
    let all = backlog(mini).await;
    assert_eq!((all.waiting, all.under_way), (LINES as u64, 0));
    assert_eq!(all.expected_done_time, None, "nothing is known of the pace yet");

    let process = mini.all.installation.process.clone();
    let settling = tokio::spawn(async move { ControlServiceClient::new(process).settle(SettleRequest {}).await });
    let left = loop {
        let left = backlog(mini).await;
        assert!(
            !settling.is_finished(),
            "dashboards waited for the end of the burst, or nobody saw its pace"
        );
        if shown(mini).await == all.waiting && left.per_minute > 0 {
            break left;
        }
        sleep(Duration::from_millis(100)).await;
    };
    let open = left.waiting + left.under_way;
    assert!(open > 0 && open < all.waiting, "{left:?}");
    assert!(left.expected_done_time.is_some(), "{left:?}");

    settling.await.unwrap().unwrap();
    let done = backlog(mini).await;
    assert_eq!((done.waiting, done.under_way, done.blocked, done.stopped), (0, 0, 0, 0));
    assert_eq!(done.expected_done_time, None);
    let mut billing = BillingServiceClient::new(mini.all.installation.process.clone());
    let summary = billing
        .get_posting_summary(GetPostingSummaryRequest {})
        .await
        .unwrap()
        .into_inner();
    let time: Vec<_> = summary.counts.iter().filter(|count| count.kind == "time").collect();
    assert!(
        time.len() == 1 && time[0].state == "CONFIRMED" && time[0].count == all.waiting,
        "{time:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_else_goes_on_beside_a_burst() {
    a_burst(&Mini::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_else_goes_on_beside_a_burst_on_postgres() {
    let Some(database) = Postgres::of("burst") else { return };
    a_burst(&Mini::start_on(Some(database.url())).await).await;
}
