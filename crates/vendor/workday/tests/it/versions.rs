//! Every version of a worker is learned when it is entered.

use strata_contract::strata::system::hr::v1 as pb;
use strata_kernel::Date;
use strata_port::HrSystem;

use crate::stub::{Asked, Is, Stub, workers};

fn date(text: &str) -> Date {
    text.parse().unwrap()
}

async fn read(stub: &Stub, page_size: u32, cursor: &str) -> pb::ListWorkerChangesResponse {
    let request = pb::ListWorkerChangesRequest {
        cursor: cursor.into(),
        page_size,
    };
    stub.adapter().list_worker_changes(request).await.unwrap()
}

fn told(answer: &pb::ListWorkerChangesResponse) -> Vec<(String, String, i64)> {
    let row = |w: &pb::Worker| {
        (
            w.id.clone(),
            w.role.clone(),
            w.hourly_cost.as_ref().map_or(0, |cost| cost.minor_units),
        )
    };
    answer.workers.iter().map(row).collect()
}

fn row(id: &str, role: &str, cost: i64) -> (String, String, i64) {
    (id.into(), role.into(), cost)
}

/// "a" was raised on 1 March, becomes senior on 1 June and manager on 1 September (both announced). "b" starts on 1 May.
fn announced(asked: &Asked, _: usize) -> Option<(u16, String)> {
    let on = asked.on();
    let job = match on {
        on if on >= date("2025-09-01") => ("manager", "2025-09-01"),
        on if on >= date("2025-06-01") => ("senior", "2025-06-01"),
        _ => ("analyst", "2025-01-06"),
    };
    let pay = if on >= date("2025-03-01") {
        ("60", "2025-03-01")
    } else {
        ("50", "2025-01-06")
    };
    let a = Is {
        id: "a",
        hired: "2025-01-06",
        job: Some(job),
        pay: Some(pay),
        ended: None,
    };
    let started = on >= date("2025-05-01");
    let b = Is {
        id: "b",
        hired: "2025-05-01",
        job: started.then_some(("analyst", "2025-05-01")),
        pay: started.then_some(("40", "2025-05-01")),
        ended: None,
    };
    let wanted = asked.ids();
    let all = [("a", a), ("b", b)];
    let told: Vec<_> = all
        .iter()
        .filter(|(id, _)| wanted.is_empty() || wanted.iter().any(|w| w == id))
        .map(|(_, is)| is.xml())
        .collect();
    workers(&told, 1)
}

#[tokio::test]
async fn past_present_and_announced_versions_come_oldest_first() {
    let stub = Stub::new(announced).await;
    let answer = read(&stub, 100, "").await;
    assert_eq!(
        told(&answer),
        [
            row("a", "analyst", 5_000),
            row("a", "analyst", 6_000),
            row("a", "senior", 6_000),
            row("a", "manager", 6_000),
            row("b", "analyst", 4_000),
        ]
    );
    assert!(answer.malformed.is_empty() && !answer.more);
    let mut days: Vec<_> = stub.asked().iter().map(|asked| asked.on().to_string()).collect();
    days.sort();
    // The horizon, then the day before each version of "a"; "b" has one version and is not asked for again.
    assert_eq!(days, ["2025-02-28", "2025-05-31", "2025-08-31", "2026-05-05"]);
    assert!(stub.asked().iter().skip(1).all(|asked| asked.ids() == ["a"]));
    let known: std::collections::BTreeSet<_> = stub
        .asked()
        .iter()
        .map(|a| a.text("As_Of_Entry_DateTime").unwrap().to_owned())
        .collect();
    assert_eq!(known.len(), 1);
}

#[tokio::test]
async fn versions_beyond_the_page_size_come_with_the_next_call() {
    let stub = Stub::new(announced).await;
    let (mut cursor, mut all) = (String::new(), Vec::new());
    for expected_more in [true, true, false] {
        let answer = read(&stub, 2, &cursor).await;
        assert_eq!(answer.more, expected_more);
        assert!(answer.workers.len() <= 2);
        all.extend(told(&answer));
        cursor = answer.next_cursor;
    }
    assert_eq!(all, told(&read(&Stub::new(announced).await, 100, "").await));
}

/// After the last day, nothing is told of the job; before it, nothing of the end.
fn left(asked: &Asked, _: usize) -> Option<(u16, String)> {
    let over = asked.on() > date("2025-08-31");
    let is = Is {
        id: "a",
        hired: "2025-01-06",
        job: (!over).then_some(("analyst", "2025-01-06")),
        pay: (!over).then_some(("50", "2025-01-06")),
        ended: over.then_some("2025-08-31"),
    };
    workers(&[is.xml()], 1)
}

#[tokio::test]
async fn an_announced_end_stands_on_every_version() {
    let answer = read(&Stub::new(left).await, 100, "").await;
    assert_eq!(told(&answer), [row("a", "analyst", 5_000)]);
    let end = answer.workers[0].termination_date.unwrap();
    assert_eq!((end.year, end.month, end.day), (2025, 8, 31));
}

/// "a" fits today and not before; "b" never does; "c" does.
fn torn(asked: &Asked, _: usize) -> Option<(u16, String)> {
    let is = |id, cost| Is {
        id,
        hired: "2025-01-06",
        job: Some(("analyst", "2025-01-06")),
        pay: Some(cost),
        ended: None,
    };
    if asked.ids().is_empty() {
        return workers(
            &[
                is("a", ("60", "2025-03-01")).xml(),
                is("b", ("-1", "2025-01-06")).xml(),
                is("c", ("40", "2025-01-06")).xml(),
            ],
            1,
        );
    }
    workers(&[is("a", ("many", "2025-01-06")).xml()], 1)
}

#[tokio::test]
async fn what_does_not_fit_is_put_aside_and_stops_nothing() {
    let answer = read(&Stub::new(torn).await, 100, "").await;
    assert_eq!(told(&answer), [row("a", "analyst", 6_000), row("c", "analyst", 4_000)]);
    let aside: Vec<_> = answer
        .malformed
        .iter()
        .map(|m| (m.vendor_id.as_str(), m.field.as_str()))
        .collect();
    assert_eq!(aside, [("b", "Total_Base_Pay"), ("a", "Total_Base_Pay")]);
}
