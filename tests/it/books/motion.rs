//! What is on its way, and what was done.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_lived_agrees_in_every_cell() {
    let mini = lived().await;
    let whole = reconcile(&mini).await;
    assert_eq!(
        (whole.lines, whole.differing, whole.in_flight, whole.excepted),
        (5, 0, 0, 0),
        "{whole:?}"
    );
    // 14 hours at 160 dollars, once as time, once as an invoice, once as revenue.
    let cells = cells(&mini).await;
    let said: Vec<_> = cells
        .iter()
        .map(|cell| {
            let erp = cell.erp.unwrap();
            assert_eq!(
                (cell.approved, cell.posted, cell.difference.unwrap().minor_units),
                (cell.erp, cell.erp, 0),
                "{cell:?}"
            );
            (
                cell.kind(),
                cell.subject.as_str(),
                cell.currency_code.as_str(),
                erp.minutes,
                erp.minor_units,
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            (BookKind::Document, "CT-1", "USD", 0, 224_000),
            (BookKind::Journal, "CT-1", "USD", 0, 224_000),
            (BookKind::Time, "PR-CT-1", "USD", 840, 224_000),
        ]
    );
    assert_eq!(cells[2].psa.unwrap().minutes, 840);
    assert_eq!(
        history(&mini, "rev:CT-1:2025-01").await,
        went(&[("INTENDED", ""), ("SENT", ""), ("CONFIRMED", "")])
    );
    // What agrees has nothing to repair, and a second comparison says the same.
    assert!(
        lines(&mini, LineState::Agrees)
            .await
            .iter()
            .all(|line| line.repairs.is_empty())
    );
    assert_eq!(reconcile(&mini).await, whole);
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_on_its_way_is_no_difference_until_it_is_overdue() {
    let mini = worked().await;
    mini.until("2025-01-10", 9).await;
    mini.arm(
        Vendor::NetSuite,
        "POST /services/rest/record/v1/timeBill",
        Fault::Refuse(503),
        1000,
    );
    mini.work("2025-01-09", 120, "TE-4").await;
    mini.settle().await;
    let young = reconcile(&mini).await;
    assert_eq!((young.lines, young.differing, young.in_flight), (4, 0, 1));
    let [line] = lines(&mini, LineState::InFlight).await.try_into().unwrap();
    assert_eq!(line.repairs[0].kind(), RepairKind::Wait);
    assert_eq!(line.in_flight.unwrap().minutes, 120);
    // The allowance is an hour.
    mini.until("2025-01-10", 12).await;
    let old = reconcile(&mini).await;
    assert_eq!((old.differing, old.in_flight), (1, 1));
    let [line] = lines(&mini, LineState::Differs).await.try_into().unwrap();
    assert_eq!(line.difference(), DifferenceKind::Overdue);
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_in_which_something_happened_is_compared_by_itself_also_after_a_kill() {
    let mini = worked().await;
    let damaged = record(&mini, "TE-2").await;
    mini.at.delete("timeBill", &text(&damaged["id"])).await;
    mini.until("2025-01-09", 12).await;
    let mini = mini.restart().await;
    assert_eq!(open(&mini, Reason::TieOutDiffers).await.len(), 0);
    // Work of the same month comes in, and a week is over.
    mini.work("2025-01-08", 15, "TE-9").await;
    mini.until("2025-01-16", 13).await;
    mini.until("2025-01-23", 14).await;
    let [told] = open(&mini, Reason::TieOutDiffers).await.try_into().unwrap();
    assert_eq!(told.object_id, "TE-2");
    assert_eq!(mini.settle().await, 0);
    mini.all.stop().await.unwrap();
}

/// The database refuses what the code never does.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_leaves_unknown_without_a_look_up() {
    use diesel::RunQueryDsl;
    let mini = Mini::start().await;
    let store: Db = mini.store();
    let insert = |lookup: &'static str| {
        let row = format!(
            "INSERT INTO posting_event (posting_key, from_state, to_state, attempts, lookup, reason, happened_at, correlation_id) \
             VALUES ('k', 'UNKNOWN', 'SENT', 1, '{lookup}', '', '2025-01-06 09:00:00', '')"
        );
        store.write(move |c| match c {
            strata_store::Conn::Lite(c) => diesel::sql_query(&row).execute(*c).map_err(strata_store::db_error),
            strata_store::Conn::Pg(c) => diesel::sql_query(&row).execute(*c).map_err(strata_store::db_error),
        })
    };
    assert!(insert("").await.is_err());
    assert!(insert("NOT_FOUND").await.is_ok());
    mini.all.stop().await.unwrap();
}
