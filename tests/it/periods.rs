//! Accounting periods that finance closed: what is only booked goes into the next open one and says where it belongs, what customers
//! get keeps its date and waits for a person. Whatever ends in between, nothing is posted twice.

use serde_json::{Value, json};
use strata::Vendor;
use strata_contract::pb_date;
use strata_contract::strata::error::v1::Reason;
use strata_contract::strata::process::exception::v1::exception_service_client::ExceptionServiceClient;
use strata_contract::strata::process::exception::v1::{Exception, ExceptionState, OwnerRole, RetryExceptionRequest};
use strata_contract::strata::process::reconciliation::v1::ReconcileTimeRequest;
use strata_contract::strata::process::reconciliation::v1::reconciliation_service_client::ReconciliationServiceClient;
use strata_contract::strata::process::revenue::v1::revenue_service_client::RevenueServiceClient;
use strata_contract::strata::process::revenue::v1::{ListRevenueRequest, RevenueEvent, RevenueKind, RevenueState};
use strata_sandbox::Fault;

use crate::intercompany::{enter_rate, january, lend};
use crate::mini::{MONDAY, Mini, text};

/// Finance closes a month for everybody, or opens it again.
async fn close(mini: &Mini, period: &str, closed: bool) {
    mini.at.upsert("accountingPeriod", period, &json!({"closed": closed})).await;
}

/// Finance locks January for one company, or unlocks it.
async fn lock(mini: &Mini, entity: &str, complete: bool) {
    let task = json!({"period": {"externalId": "2025-01"}, "subsidiary": {"externalId": entity}, "itemType": "PCP_LOCKALL",
        "complete": complete});
    mini.at.upsert("taskItemStatus", &format!("lock-{entity}"), &task).await;
}

/// Key, day, and period it belongs to of each journal in the books.
async fn journals(mini: &Mini) -> Vec<[String; 3]> {
    let query = "SELECT externalid, trandate, custbody_original_period FROM transaction WHERE type = 'Journal' ORDER BY id";
    let rows = mini.at.suiteql(query).await;
    let columns = ["externalid", "trandate", "custbody_original_period"];
    rows.iter().map(|row| columns.map(|name| column(row, name))).collect()
}

/// Reference, day, work date and period it belongs to of the time in the books. Empty: nothing is said.
async fn time(mini: &Mini) -> Vec<[String; 5]> {
    let columns = ["memo", "minutes", "trandate", "custcol_work_date", "custcol_original_period"];
    let query = format!("SELECT {} FROM timebill ORDER BY id", columns.join(", "));
    let rows = mini.at.suiteql(&query).await;
    rows.iter().map(|row| columns.map(|name| column(row, name))).collect()
}

fn column(row: &Value, name: &str) -> String {
    row.get(name).map(text).unwrap_or_default()
}

async fn revenue(mini: &Mini) -> Vec<RevenueEvent> {
    let mut desk = RevenueServiceClient::new(mini.all.installation.process.clone());
    let answer = desk.list_revenue(ListRevenueRequest::default()).await.unwrap();
    let mut events = answer.into_inner().events;
    events.retain(|event| event.kind() == RevenueKind::Revenue);
    events
}

async fn closed_ones(mini: &Mini) -> Vec<Exception> {
    let all = mini.exceptions().await;
    all.into_iter()
        .filter(|exception| exception.cause() == Reason::PeriodClosed)
        .collect()
}

/// Finance says that an exception is mended.
async fn retry(mini: &Mini, exception: &Exception) {
    let mut desk = ExceptionServiceClient::new(mini.all.installation.process.clone());
    let request = RetryExceptionRequest {
        exception_id: exception.id.clone(),
        request_id: format!("again-{}", exception.id),
        ..RetryExceptionRequest::default()
    };
    desk.retry_exception(request).await.unwrap();
    mini.settle().await;
}

/// What reconciling January finds.
async fn findings(mini: &Mini) -> u64 {
    let day = |text: &str| Some(pb_date(text.parse().unwrap()));
    let request = ReconcileTimeRequest {
        from_date: day("2025-01-01"),
        to_date: day("2025-01-31"),
    };
    let mut desk = ReconciliationServiceClient::new(mini.all.installation.process.clone());
    desk.reconcile_time(request).await.unwrap().into_inner().findings
}

/// One day of work, the evening before January's revenue is recognised.
async fn worked() -> Mini {
    let mini = Mini::start().await;
    mini.sell("CT-1").await;
    mini.until(MONDAY, 10).await;
    mini.work(MONDAY, 480, "TE-1").await;
    mini.until("2025-02-08", 17).await;
    mini
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_late_goes_into_the_next_open_period() {
    let mini = worked().await;
    close(&mini, "2025-01", true).await;
    mini.until("2025-02-08", 19).await;
    assert_eq!(journals(&mini).await, [["rev:CT-1:2025-01", "2025-02-01", "2025-01"]]);
    let [event] = revenue(&mini).await.try_into().unwrap();
    assert_eq!(
        (
            event.period.as_str(),
            event.state(),
            event.posting_date,
            event.original_period.as_str()
        ),
        (
            "2025-01",
            RevenueState::Posted,
            Some(pb_date("2025-02-01".parse().unwrap())),
            "2025-01"
        )
    );

    // An hour of January that is approved now keeps its work date, and so does what takes it back.
    mini.until("2025-02-10", 9).await;
    mini.work("2025-01-07", 60, "TE-2").await;
    mini.settle().await;
    let entries = mini.at.list("time_entries", &[]).await;
    let late = entries.iter().find(|entry| entry["notes"] == "TE-2").unwrap();
    let fields = json!({"custom_fields": {"Role": "consultant", "Work Type": "regular", "Write Down Minutes": 0,
        "Supersedes Entry": text(&late["id"])}});
    let corrected = mini.enter("2025-01-07", 45, "TE-2b", &fields).await;
    mini.approve("2025-01-07", corrected, "TE-2b").await;
    mini.settle().await;
    let moved = |reference: &'static str, minutes: &'static str| [reference, minutes, "2025-02-01", "2025-01-07", "2025-01"];
    let booked = time(&mini).await;
    assert_eq!(booked[0], ["TE-1", "480", MONDAY, "", ""]);
    let [late, back, again] = &booked[1..] else {
        panic!("{booked:?}")
    };
    assert_eq!(*late, moved("TE-2", "60"));
    assert_eq!(
        (back, again),
        (
            &moved("TE-2", "-60").map(str::to_owned),
            &moved("TE-2", "45").map(str::to_owned)
        )
    );
    // It is looked for by its work date.
    mini.until("2025-02-11", 9).await;
    assert_eq!(findings(&mini).await, 0);
    assert_eq!(closed_ones(&mini).await, []);

    // What is learned of January is February's, in February.
    mini.until("2025-03-08", 19).await;
    let february = revenue(&mini).await.remove(1);
    assert_eq!(
        (
            february.period.as_str(),
            february.posting_date,
            february.original_period.as_str()
        ),
        ("2025-02", Some(pb_date("2025-02-28".parse().unwrap())), "")
    );
    assert_eq!(journals(&mini).await[1], ["rev:CT-1:2025-02", "2025-02-28", ""]);
    assert_eq!(mini.settle().await, 0);
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn when_no_later_period_is_open_finance_opens_one() {
    let mini = worked().await;
    for month in ["2025-01", "2025-02", "2025-03"] {
        close(&mini, month, true).await;
    }
    mini.until("2025-02-08", 19).await;
    mini.work("2025-01-08", 60, "TE-2").await;
    mini.settle().await;
    let mut stopped = closed_ones(&mini).await;
    stopped.sort_by(|a, b| a.object_id.cmp(&b.object_id));
    let [journal, hours] = stopped.as_slice() else {
        panic!("{stopped:?}")
    };
    assert_eq!(
        (journal.owner_role(), journal.object_id.as_str()),
        (OwnerRole::Finance, "rev:CT-1:2025-01")
    );
    assert!(hours.object_id.starts_with("time:"), "{hours:?}");
    assert_eq!((journals(&mini).await.len(), time(&mini).await.len()), (0, 1));

    // March opens: the journal goes there. Then January does: the hour goes where it belongs.
    close(&mini, "2025-03", false).await;
    retry(&mini, journal).await;
    assert_eq!(journals(&mini).await, [["rev:CT-1:2025-01", "2025-03-01", "2025-01"]]);
    close(&mini, "2025-01", false).await;
    retry(&mini, hours).await;
    assert_eq!(time(&mini).await[1], ["TE-2", "60", "2025-01-08", "", ""]);
    let states: Vec<_> = closed_ones(&mini).await.iter().map(Exception::state).collect();
    assert_eq!(states, [ExceptionState::Resolved, ExceptionState::Resolved]);
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_locked_for_people_with_permission_is_closed_for_the_platform() {
    let mini = worked().await;
    mini.at
        .upsert("accountingPeriod", "2025-01", &json!({"allLocked": true}))
        .await;
    mini.until("2025-02-08", 19).await;
    assert_eq!(journals(&mini).await, [["rev:CT-1:2025-01", "2025-02-01", "2025-01"]]);
    mini.all.stop().await.unwrap();
}

/// An hour was lent by the American company to the German one, the evening before companies charge each other.
async fn lent() -> Mini {
    let mini = Mini::start().await;
    lend(&mini).await;
    enter_rate(&mini).await;
    mini.until("2025-02-05", 17).await;
    mini
}

/// Key of a journal between the companies.
fn charge(side: &str) -> String {
    format!("ic:US01:DE01:2025-01:{side}")
}

/// Both journals, on a day.
fn both_on(day: &str, original_period: &str) -> [[String; 3]; 2] {
    ["delivering", "contracting"].map(|side| [charge(side), day.to_owned(), original_period.to_owned()])
}

#[tokio::test(flavor = "multi_thread")]
async fn two_companies_take_the_day_that_both_accept() {
    let mini = lent().await;
    lock(&mini, "DE01", true).await;
    mini.until("2025-02-05", 20).await;
    assert_eq!(journals(&mini).await, both_on("2025-02-01", "2025-01"));
    let [posting] = january(&mini).await.postings.try_into().unwrap();
    assert_eq!(
        (
            posting.run_period.as_str(),
            posting.amount.unwrap().minor_units,
            posting.posting_date
        ),
        ("2025-01", 80_000, Some(pb_date("2025-02-01".parse().unwrap())))
    );
    assert_eq!(posting.original_period, "2025-01");
    assert_eq!(closed_ones(&mini).await, []);
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_company_has_in_its_books_does_not_move_any_more() {
    let mini = lent().await;
    let second = format!("PUT /services/rest/record/v1/journalEntry/eid:{}", charge("contracting"));
    mini.arm(
        Vendor::NetSuite,
        &second.replace("eid:ic:US01:DE01:2025-01:", "eid:ic%3AUS01%3ADE01%3A2025-01%3A"),
        Fault::Refuse(503),
        4,
    );
    mini.until("2025-02-05", 20).await;
    assert_eq!(journals(&mini).await, both_on("2025-01-31", "")[..1]);
    lock(&mini, "DE01", true).await;
    mini.until("2025-02-05", 21).await;
    let [stopped] = closed_ones(&mini).await.try_into().unwrap();
    assert_eq!(
        (stopped.owner_role(), stopped.object_id.as_str()),
        (OwnerRole::Finance, charge("contracting").as_str())
    );

    lock(&mini, "DE01", false).await;
    retry(&mini, &stopped).await;
    assert_eq!(journals(&mini).await, both_on("2025-01-31", ""));
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_keeps_its_date_and_waits_until_its_period_is_open() {
    let mini = Mini::start().await;
    mini.sell("CT-1").await;
    mini.until(MONDAY, 10).await;
    mini.work(MONDAY, 480, "TE-1").await;
    mini.until("2025-02-05", 17).await;
    close(&mini, "2025-02", true).await;
    mini.until("2025-02-05", 19).await;
    let [stopped] = closed_ones(&mini).await.try_into().unwrap();
    assert_eq!(
        (stopped.owner_role(), stopped.object_id.as_str()),
        (OwnerRole::Finance, "inv:CT-1:2025-01")
    );
    let invoices = async || -> Vec<String> {
        let rows = mini
            .at
            .suiteql("SELECT trandate FROM transaction WHERE type = 'CustInvc'")
            .await;
        rows.iter().map(|row| column(row, "trandate")).collect()
    };
    assert!(invoices().await.is_empty());

    close(&mini, "2025-02", false).await;
    retry(&mini, &stopped).await;
    assert_eq!(invoices().await, ["2025-02-05"]);
    let [mended] = closed_ones(&mini).await.try_into().unwrap();
    assert_eq!(mended.state(), ExceptionState::Resolved);
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn ended_before_the_refusal_is_known_it_moves_after_the_start() {
    let mini = worked().await;
    close(&mini, "2025-01", true).await;
    for request in [
        "PUT /services/rest/record/v1/journalEntry/",
        "POST /services/rest/record/v1/timeBill",
    ] {
        mini.arm(Vendor::NetSuite, request, Fault::LoseAnswer, 1);
    }
    mini.work("2025-01-07", 60, "TE-2").await;
    mini.until("2025-02-08", 19).await;
    assert_eq!((journals(&mini).await.len(), time(&mini).await.len()), (0, 1));

    let mini = mini.restart().await;
    mini.until("2025-02-08", 20).await;
    mini.until("2025-02-08", 21).await;
    assert_eq!(journals(&mini).await, [["rev:CT-1:2025-01", "2025-02-01", "2025-01"]]);
    assert_eq!(
        time(&mini).await[1..],
        [["TE-2", "60", "2025-02-01", "2025-01-07", "2025-01"]]
    );
    assert_eq!(closed_ones(&mini).await, []);
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn ended_after_it_moved_it_stands_once_and_its_mirror_follows() {
    let mini = lent().await;
    lock(&mini, "US01", true).await;
    mini.arm(
        Vendor::NetSuite,
        "PUT /services/rest/record/v1/journalEntry/",
        Fault::LoseAnswer,
        1,
    );
    mini.until("2025-02-05", 18).await;
    // Meanwhile January is open again: what stands in the books stays where it is.
    lock(&mini, "US01", false).await;
    let mini = mini.restart().await;
    mini.until("2025-02-05", 20).await;
    mini.until("2025-02-06", 9).await;
    let mut journals = journals(&mini).await;
    journals.sort_by(|a, b| b[0].cmp(&a[0]));
    assert_eq!(journals, both_on("2025-02-01", "2025-01"));
    mini.all.stop().await.unwrap();
}
