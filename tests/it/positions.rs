//! Dashboards: what is unbilled, in progress and earned follows the work from approval to the books, on either database, and a database
//! that held the facts before there were sums comes to the same.

use diesel::{Connection, PgConnection, RunQueryDsl, SqliteConnection, sql_query};
use strata_contract::strata::common::v1::Money;
use strata_contract::strata::experience::dashboard::v1 as pb;
use strata_contract::strata::experience::dashboard::v1::dashboard_service_client::DashboardServiceClient;
use strata_contract::strata::process::billing::v1::ListUnbilledTimeRequest;
use strata_contract::strata::process::billing::v1::billing_service_client::BillingServiceClient;
use strata_contract::strata::process::position::v1::position_service_client::PositionServiceClient;
use strata_contract::strata::process::position::v1::{CheckPositionsRequest, GetPositionStatusRequest, RebuildPositionsRequest};
use tonic::Code;

use crate::database::Postgres;
use crate::mini::{MONDAY, Mini};

fn minor(amount: Option<&Money>) -> i64 {
    amount.unwrap().minor_units
}

/// Entries, minutes and amount unbilled of the only project, as dashboards have it. None: nothing is unbilled.
async fn unbilled(mini: &Mini) -> Option<(u64, i64, i64)> {
    let mut portal = DashboardServiceClient::new(mini.all.installation.experience.clone());
    let answer = portal
        .list_unbilled_time(pb::ListUnbilledTimeRequest::default())
        .await
        .unwrap()
        .into_inner();
    let fresh = answer.freshness.unwrap();
    assert_eq!((fresh.lag_seconds, fresh.pending), (0, 0), "the platform rests");
    let [row] = answer.unbilled.as_slice() else {
        assert!(answer.unbilled.is_empty() && answer.totals.is_empty());
        return None;
    };
    let of = row.of.as_ref().unwrap();
    assert_eq!((of.contract_number.as_str(), of.project_code.as_str()), ("CT-1", "PR-CT-1"));
    assert_eq!((of.legal_entity_code.as_str(), of.period.as_str()), ("US01", ""));
    assert_eq!(answer.totals[0].amount, row.amount);
    Some((row.entries, row.billable_minutes, minor(row.amount.as_ref())))
}

/// The same, as billing computes it over the rows.
async fn computed(mini: &Mini) -> Option<(u64, i64, i64)> {
    let mut billing = BillingServiceClient::new(mini.all.installation.process.clone());
    let answer = billing
        .list_unbilled_time(ListUnbilledTimeRequest::default())
        .await
        .unwrap()
        .into_inner();
    let row = answer.unbilled.first()?;
    Some((row.entries.into(), row.billable_minutes, minor(row.amount.as_ref())))
}

/// Earned, billed, earned and not billed, billed and not earned: of the contract, which the project has all of.
async fn wip(mini: &Mini) -> [i64; 4] {
    let mut portal = DashboardServiceClient::new(mini.all.installation.experience.clone());
    let mut found = Vec::new();
    for level in [pb::DashboardLevel::Contract, pb::DashboardLevel::Project] {
        let request = pb::ListWorkInProgressRequest {
            filter: Some(pb::DashboardFilter {
                level: level.into(),
                contract_number: "CT-1".into(),
                ..pb::DashboardFilter::default()
            }),
            ..pb::ListWorkInProgressRequest::default()
        };
        let answer = portal.list_work_in_progress(request).await.unwrap().into_inner();
        let row = answer.work_in_progress.into_iter().next().unwrap_or_default();
        let amounts = [row.earned, row.billed, row.earned_not_billed, row.billed_not_earned];
        found.push(amounts.map(|amount| amount.map_or(0, |amount| amount.minor_units)));
    }
    assert_eq!(found[0], found[1]);
    found[0]
}

/// Minutes, revenue, cost and margin of a month.
async fn margin(mini: &Mini, period: &str) -> (i64, [i64; 3]) {
    let mut portal = DashboardServiceClient::new(mini.all.installation.experience.clone());
    let request = pb::ListMarginsRequest {
        filter: Some(pb::DashboardFilter {
            period: period.into(),
            ..pb::DashboardFilter::default()
        }),
        ..pb::ListMarginsRequest::default()
    };
    let answer = portal.list_margins(request).await.unwrap().into_inner();
    let [row] = answer.margins.try_into().unwrap();
    (
        row.minutes,
        [row.revenue, row.labour_cost, row.margin].map(|amount| minor(amount.as_ref())),
    )
}

/// Lines compared, and how many lines or sums differ.
async fn check(mini: &Mini) -> (u64, u64) {
    let mut desk = PositionServiceClient::new(mini.all.installation.process.clone());
    let answer = desk.check_positions(CheckPositionsRequest {}).await.unwrap().into_inner();
    assert_eq!(answer.pending, 0);
    (answer.lines, answer.differing)
}

/// Runs statements on the database of a platform that has stopped.
fn run(url: &str, statements: &[&str]) {
    for statement in statements {
        if let Some(file) = url.strip_prefix("sqlite:") {
            sql_query(*statement)
                .execute(&mut SqliteConnection::establish(file).unwrap())
                .unwrap();
        } else {
            sql_query(*statement)
                .execute(&mut PgConnection::establish(url).unwrap())
                .unwrap();
        }
    }
}

async fn from_approval_to_the_books(mini: Mini, url: &str) {
    assert_eq!(unbilled(&mini).await, None);
    mini.sell("CT-1").await;
    mini.until(MONDAY, 10).await;
    mini.work(MONDAY, 480, "TE-1").await;
    mini.work("2025-01-07", 240, "TE-2").await;
    mini.until("2025-01-10", 12).await;
    assert_eq!(unbilled(&mini).await, Some((2, 720, 192_000)));
    assert_eq!(unbilled(&mini).await, computed(&mini).await);
    assert_eq!(wip(&mini).await, [0; 4]);
    assert_eq!(margin(&mini, "2025-01").await, (720, [0, 84_000, -84_000]));

    // Billed on the fifth, recognised on the eighth.
    mini.until("2025-02-05", 19).await;
    assert_eq!((unbilled(&mini).await, computed(&mini).await), (None, None));
    assert_eq!(wip(&mini).await, [0, 192_000, 0, 192_000]);
    mini.until("2025-02-08", 19).await;
    assert_eq!(wip(&mini).await, [192_000, 192_000, 0, 0]);
    assert_eq!(margin(&mini, "2025-01").await, (720, [192_000, 84_000, 108_000]));
    assert_eq!(check(&mini).await.1, 0);

    // A database as it was before there were sums: nothing is shown before all of it is added up, and then it is the same.
    let mini = {
        mini.work("2025-02-10", 60, "TE-3").await;
        mini.until("2025-02-11", 12).await;
        let open = unbilled(&mini).await;
        assert_eq!(open, Some((1, 60, 16_000)));
        let mini = mini
            .restart_over(|| {
                let tables = ["touch", "owner", "line", "cell", "state"];
                let statements = tables.map(|table| format!("DELETE FROM position_{table}"));
                run(url, &statements.iter().map(String::as_str).collect::<Vec<_>>());
            })
            .await;
        let mut portal = DashboardServiceClient::new(mini.all.installation.experience.clone());
        let refused = portal
            .list_unbilled_time(pb::ListUnbilledTimeRequest::default())
            .await
            .unwrap_err();
        assert_eq!(refused.code(), Code::Unavailable);
        assert_eq!(strata_rpc::error(refused).reason, "POSITION_NOT_BUILT");
        mini.settle().await;
        assert_eq!(unbilled(&mini).await, open);
        mini
    };
    assert_eq!(wip(&mini).await, [192_000, 192_000, 0, 0]);
    let (lines, differing) = check(&mini).await;
    // Three entries, an invoice, and revenue of a month of two kinds, one of which is nothing.
    assert_eq!((lines, differing), (6, 0));

    // Somebody changes a sum beside the platform: it is found, and stays until somebody rebuilds.
    let mini = mini
        .restart_over(|| {
            run(
                url,
                &["UPDATE position_cell SET billed_minor = billed_minor + 1 WHERE level = 'contract' AND period = ''"],
            )
        })
        .await;
    mini.settle().await;
    assert_eq!(check(&mini).await.1, 1);
    assert_eq!(check(&mini).await.1, 1);
    let open = mini.exceptions().await;
    assert!(open.iter().any(|exception| exception.object_id == "positions"), "{open:?}");
    let mut desk = PositionServiceClient::new(mini.all.installation.process.clone());
    let request = RebuildPositionsRequest {
        reason: "a sum was changed by hand".into(),
    };
    let building = desk.rebuild_positions(request.clone()).await.unwrap().into_inner().building;
    assert_eq!(
        desk.rebuild_positions(request).await.unwrap().into_inner().building,
        building,
        "joined"
    );
    mini.settle().await;
    let status = desk
        .get_position_status(GetPositionStatusRequest {})
        .await
        .unwrap()
        .into_inner();
    assert_eq!((status.generation, status.building), (building, 0));
    assert_eq!(check(&mini).await, (6, 0));
    assert_eq!(wip(&mini).await, [192_000, 192_000, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn work_is_seen_from_approval_to_the_books_on_sqlite() {
    let mini = Mini::start().await;
    let url = mini.url().to_owned();
    from_approval_to_the_books(mini, &url).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn work_is_seen_from_approval_to_the_books_on_postgres() {
    let Some(database) = Postgres::of("positions") else {
        return;
    };
    let mini = Mini::start_on(Some(database.url())).await;
    from_approval_to_the_books(mini, &database.url()).await;
}
