//! The equation of the books: approved = posted + excepted + in flight, in the platform, the PSA and the ERP, to the minor unit. What
//! somebody damages is found by line, with what puts it right; what is on its way is no difference until it is overdue.

use serde_json::{Value, json};
use strata::Vendor;
use strata_contract::Transport;
use strata_contract::strata::error::v1::Reason;
use strata_contract::strata::process::exception::v1::exception_service_client::ExceptionServiceClient;
use strata_contract::strata::process::exception::v1::{Exception, ExceptionState, RetryExceptionRequest};
use strata_contract::strata::process::reconciliation::v1 as pb;
use strata_contract::strata::process::reconciliation::v1::reconciliation_service_client::ReconciliationServiceClient;
use strata_contract::strata::process::reconciliation::v1::{BalanceLine, BookKind, DifferenceKind, LineState, RepairKind};
use strata_sandbox::Fault;
use strata_store::Db;
use tonic::Code;

use crate::mini::{MONDAY, Mini, text};

pub(crate) fn desk(mini: &Mini) -> ReconciliationServiceClient<Transport> {
    ReconciliationServiceClient::new(mini.all.installation.process.clone())
}

pub(crate) async fn reconcile(mini: &Mini) -> pb::ReconcileBooksResponse {
    let request = pb::ReconcileBooksRequest {
        from_period: "2025-01".into(),
        to_period: "2025-02".into(),
    };
    desk(mini).reconcile_books(request).await.unwrap().into_inner()
}

/// Lines of January, in pages of two.
pub(crate) async fn lines(mini: &Mini, state: LineState) -> Vec<BalanceLine> {
    let (mut all, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListBalanceLinesRequest {
            page_size: 2,
            page_token,
            period: "2025-01".into(),
            state: state.into(),
            ..pb::ListBalanceLinesRequest::default()
        };
        let page = desk(mini).list_balance_lines(request).await.unwrap().into_inner();
        all.extend(page.lines);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            all.sort_by(|a, b| (a.kind, &a.reference, &a.line).cmp(&(b.kind, &b.reference, &b.line)));
            return all;
        }
    }
}

async fn cells(mini: &Mini) -> Vec<pb::Balance> {
    let request = pb::ListBalancesRequest {
        from_period: "2025-01".into(),
        to_period: "2025-01".into(),
        ..pb::ListBalancesRequest::default()
    };
    desk(mini).list_balances(request).await.unwrap().into_inner().balances
}

/// Kind, difference and the first thing that puts it right, of the lines that differ.
async fn damage(mini: &Mini) -> Vec<(BookKind, String, DifferenceKind, RepairKind)> {
    let found = lines(mini, LineState::Differs).await;
    let first = |line: &BalanceLine| line.repairs.first().map(pb::Repair::kind).unwrap_or_default();
    found
        .iter()
        .map(|line| (line.kind(), line.reference.clone(), line.difference(), first(line)))
        .collect()
}

pub(crate) fn repair(line: &BalanceLine, what: RepairKind, key: &str) -> pb::ApplyRepairRequest {
    pb::ApplyRepairRequest {
        request_id: key.to_owned(),
        actor: "eva@firm.example".into(),
        reason: "seen".into(),
        period: line.period.clone(),
        kind: line.kind,
        line: line.line.clone(),
        currency_code: line.currency_code.clone(),
        repair: what.into(),
        etag: line.etag.clone(),
    }
}

async fn open(mini: &Mini, cause: Reason) -> Vec<Exception> {
    let mut all = mini.exceptions().await;
    all.retain(|exception| exception.cause() == cause && exception.state() == ExceptionState::Open);
    all
}

/// States that a posting went through, with what look-ups said.
async fn history(mini: &Mini, key: &str) -> Vec<(String, String)> {
    let request = pb::ListPostingEventsRequest {
        key: key.to_owned(),
        ..pb::ListPostingEventsRequest::default()
    };
    let events = desk(mini).list_posting_events(request).await.unwrap().into_inner().events;
    events.into_iter().map(|event| (event.to_state, event.lookup)).collect()
}

fn went(states: &[(&str, &str)]) -> Vec<(String, String)> {
    states
        .iter()
        .map(|(state, lookup)| ((*state).to_owned(), (*lookup).to_owned()))
        .collect()
}

/// The record of an entry in the books.
async fn record(mini: &Mini, reference: &str) -> Value {
    let query = format!("SELECT id, externalid, employee, customer FROM timebill WHERE memo = '{reference}' ORDER BY id");
    mini.at.suiteql(&query).await[0].clone()
}

/// Three entries are approved and posted.
async fn worked() -> Mini {
    let mini = Mini::start().await;
    mini.sell("CT-1").await;
    mini.until(MONDAY, 10).await;
    for (day, minutes, reference) in [(MONDAY, 480, "TE-1"), ("2025-01-07", 300, "TE-2"), ("2025-01-08", 60, "TE-3")] {
        mini.work(day, minutes, reference).await;
    }
    mini.until("2025-01-09", 9).await;
    mini
}

/// January is worked, invoiced and recognised.
async fn lived() -> Mini {
    let mini = worked().await;
    for day in ["2025-02-05", "2025-02-06", "2025-02-08", "2025-02-09"] {
        mini.until(day, 19).await;
    }
    mini
}

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
async fn damaged_time_is_found_by_line_and_mended() {
    let mini = worked().await;
    assert_eq!(reconcile(&mini).await.differing, 0);
    // What was posted within the hour may not be shown yet, and would count as on its way.
    mini.until("2025-01-09", 12).await;
    let (first, second, third) = (
        record(&mini, "TE-1").await,
        record(&mini, "TE-2").await,
        record(&mini, "TE-3").await,
    );
    mini.at.delete("timeBill", &text(&first["id"])).await;
    let copy = json!({"employee": {"id": text(&second["employee"])}, "customer": {"id": text(&second["customer"])},
        "tranDate": "2025-01-07", "hours": "5:00", "memo": "TE-2"});
    mini.at.make("timeBill", &copy).await;
    mini.at
        .patch("timeBill", &text(&third["id"]), &json!({"custcol_bill_amount": 150}))
        .await;
    // A key of our form that the ledger never wrote.
    let mut stranger = copy;
    stranger["memo"] = json!("nobody's");
    mini.at.upsert("timeBill", "time:999999:v1", &stranger).await;
    let differing = reconcile(&mini).await.differing;
    assert_eq!(differing, 4, "{:?}", damage(&mini).await);
    use BookKind::Time;
    assert_eq!(
        damage(&mini).await,
        [
            (Time, "TE-1".into(), DifferenceKind::MissingInErp, RepairKind::MendInErp),
            (Time, "TE-2".into(), DifferenceKind::DuplicateInErp, RepairKind::ReverseOrphan),
            (Time, "TE-3".into(), DifferenceKind::AmountDiffers, RepairKind::MendInErp),
            (
                Time,
                "nobody's".into(),
                DifferenceKind::OrphanInErp,
                RepairKind::ReverseOrphan
            ),
        ]
    );
    let told = open(&mini, Reason::TieOutDiffers).await;
    assert_eq!(told.len(), 4, "{told:?}");
    let [third_told] = told
        .iter()
        .filter(|one| one.object_id == "TE-3")
        .collect::<Vec<_>>()
        .try_into()
        .unwrap();
    assert!(
        third_told.message.contains("16000 USD in minor units") && third_told.message.contains("15000 USD in minor units"),
        "{}",
        third_told.message
    );
    // What only people may do is not done from here.
    let differing = lines(&mini, LineState::Differs).await;
    let refused = desk(&mini)
        .apply_repair(repair(&differing[3], RepairKind::ReverseOrphan, "r-1"))
        .await;
    assert_eq!(refused.unwrap_err().code(), Code::FailedPrecondition);
    // One is accepted by name, once however often it is said; the others are mended in the books.
    let accept = repair(&differing[2], RepairKind::Accept, "r-2");
    let accepted = desk(&mini).apply_repair(accept.clone()).await.unwrap().into_inner();
    assert_eq!(accepted.line.clone().unwrap().state(), LineState::Accepted);
    assert_eq!(desk(&mini).apply_repair(accept.clone()).await.unwrap().into_inner(), accepted);
    let other = pb::ApplyRepairRequest {
        reason: "another".into(),
        ..accept
    };
    assert_eq!(desk(&mini).apply_repair(other).await.unwrap_err().code(), Code::AlreadyExists);
    assert_eq!(reconcile(&mini).await.differing, 3);
    let made = mini.at.suiteql("SELECT id, externalid FROM timebill ORDER BY id").await;
    for row in &made {
        let key = row.get("externalid").map(text).unwrap_or_default();
        if key.is_empty() || key == "time:999999:v1" {
            mini.at.delete("timeBill", &text(&row["id"])).await;
        }
    }
    let again = json!({"employee": {"id": text(&first["employee"])}, "customer": {"id": text(&first["customer"])},
        "tranDate": MONDAY, "hours": "8:00", "memo": "TE-1", "custcol_bill_amount": 1280, "custcol_bill_currency": "USD"});
    mini.at.upsert("timeBill", &text(&first["externalid"]), &again).await;
    assert_eq!(reconcile(&mini).await.differing, 0);
    assert!(open(&mini, Reason::TieOutDiffers).await.is_empty());
    // The acceptance was of what both sides said then.
    mini.at
        .patch("timeBill", &text(&third["id"]), &json!({"custcol_bill_amount": 149}))
        .await;
    assert_eq!(reconcile(&mini).await.differing, 1);
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_and_journals_that_nobody_posted_are_found() {
    let mini = lived().await;
    let invoice = &mini
        .at
        .suiteql("SELECT id, externalid, entity, subsidiary, trandate FROM transaction WHERE type = 'CustInvc' ORDER BY id")
        .await[0];
    let lines_of = format!(
        "SELECT taxcode, job FROM transactionline WHERE transaction = {}",
        text(&invoice["id"])
    );
    let line = &mini.at.suiteql(&lines_of).await[0];
    let by_hand = json!({"entity": {"id": text(&invoice["entity"])}, "tranDate": "2025-01-31", "currency": {"refName": "USD"},
        "otherRefNum": "CT-1", "custbody_period": "2025-01",
        "item": {"items": [{"amount": 99, "taxCode": {"id": text(&line["taxcode"])}, "job": {"id": text(&line["job"])}}]}});
    mini.at.upsert("invoice", "inv:CT-9:2025-01", &by_hand).await;
    mini.at.make("invoice", &by_hand).await;
    let accounts = mini
        .at
        .suiteql("SELECT id, acctnumber FROM account WHERE acctnumber IN ('1250', '4000') ORDER BY acctnumber")
        .await;
    let journal = json!({"subsidiary": {"id": text(&invoice["subsidiary"])}, "tranDate": "2025-01-31", "currency": {"refName": "USD"},
        "custbody_period": "2025-01", "line": {"items": [
            {"account": {"id": text(&accounts[0]["id"])}, "debit": 5, "custcol_contract": "CT-1"},
            {"account": {"id": text(&accounts[1]["id"])}, "credit": 5, "custcol_contract": "CT-1"}]}});
    mini.at.upsert("journalEntry", "rev:CT-9:2025-01", &journal).await;
    // What finance books that names no contract is its own.
    let own = json!({"subsidiary": {"id": text(&invoice["subsidiary"])}, "tranDate": "2025-01-31", "currency": {"refName": "USD"},
        "line": {"items": [{"account": {"id": text(&accounts[0]["id"])}, "debit": 7},
            {"account": {"id": text(&accounts[1]["id"])}, "credit": 7}]}});
    mini.at.make("journalEntry", &own).await;
    assert_eq!(reconcile(&mini).await.differing, 3);
    let found = damage(&mini).await;
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(
        found
            .iter()
            .all(|(_, _, difference, repair)| (*difference, *repair) == (DifferenceKind::OrphanInErp, RepairKind::ReverseOrphan)),
        "{found:?}"
    );
    let mut objects: Vec<String> = open(&mini, Reason::PostingOrphaned)
        .await
        .into_iter()
        .map(|one| one.object_id)
        .collect();
    objects.sort();
    let [document, by_hand, journal] = objects.try_into().unwrap();
    assert_eq!(
        (document.as_str(), journal.as_str()),
        ("inv:CT-9:2025-01", "rev:CT-9:2025-01")
    );
    assert!(by_hand.starts_with("record "), "{by_hand}");
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_books_hold_otherwise_is_held_and_never_sent_again() {
    let mini = worked().await;
    let (other, entry) = (
        record(&mini, "TE-3").await,
        mini.enter("2025-01-09", 60, "TE-4", &json!({})).await,
    );
    let key = format!("time:{entry}:v1");
    // Somebody took the key before the platform posted.
    let taken = json!({"employee": {"id": text(&other["employee"])}, "customer": {"id": text(&other["customer"])},
        "tranDate": "2025-01-09", "hours": "1:00", "memo": "TE-4", "custcol_billable_minutes": 60, "custcol_bill_amount": 100,
        "custcol_bill_currency": "USD", "custcol_cost_amount": 70, "custcol_cost_currency": "USD"});
    mini.at.upsert("timeBill", &key, &taken).await;
    mini.until("2025-01-10", 9).await;
    mini.approve("2025-01-09", entry, "TE-4").await;
    mini.until("2025-01-10", 10).await;
    let [told] = open(&mini, Reason::PostingDiffers).await.try_into().unwrap();
    assert_eq!((told.object_id.as_str(), told.field.as_str()), (key.as_str(), "amount"));
    assert!(
        told.message
            .contains("16000 USD in minor units was sent, the ERP has 10000 USD"),
        "{}",
        told.message
    );
    assert_eq!(told.amount.as_ref().unwrap().minor_units, 16_000);
    let so_far = [("INTENDED", ""), ("SENT", ""), ("UNKNOWN", ""), ("HELD", "DIFFERS")];
    assert_eq!(history(&mini, &key).await, went(&so_far));
    let found = reconcile(&mini).await;
    assert_eq!((found.differing, found.excepted), (0, 1));
    // Finance puts the record right and says so: it is looked up, and not sent.
    mini.at.upsert("timeBill", &key, &json!({"custcol_bill_amount": 160})).await;
    let mut exceptions = ExceptionServiceClient::new(mini.all.installation.process.clone());
    let request = RetryExceptionRequest {
        exception_id: told.id.clone(),
        request_id: "again".into(),
        ..RetryExceptionRequest::default()
    };
    let effects = exceptions.retry_exception(request).await.unwrap().into_inner().effects;
    assert_eq!(
        effects,
        [format!("posting {key} (TE-4) is looked up in the books, and not sent")]
    );
    mini.settle().await;
    assert!(open(&mini, Reason::PostingDiffers).await.is_empty());
    let whole: Vec<_> = so_far.iter().copied().chain([("RESOLVED", "FOUND")]).collect();
    assert_eq!(history(&mini, &key).await, went(&whole));
    let found = reconcile(&mini).await;
    assert_eq!((found.differing, found.excepted), (0, 0));
    assert_eq!(mini.made().await["timeBill"], 4);
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
    // Work of the same month comes in, and a day is over.
    mini.work("2025-01-08", 15, "TE-9").await;
    mini.until("2025-01-10", 13).await;
    mini.until("2025-01-11", 14).await;
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
