//! Batches of time: one job, one outcome per posting.

use serde_json::{Value, json};
use strata_contract::google::r#type::Date;
use strata_contract::strata::common::v1::Money;
use strata_contract::strata::common::v1::write_outcome::State;
use strata_contract::strata::system::erp::v1 as pb;
use strata_port::ErpSystem;

use crate::stub::{Answer, Stub, ok, refused, rows};

fn posting(key: &str, minutes: i32) -> pb::TimePosting {
    let usd = |minor_units| {
        Some(Money {
            currency_code: "USD".into(),
            minor_units,
        })
    };
    pb::TimePosting {
        key: key.into(),
        employee_id: "88".into(),
        project_id: "912".into(),
        work_date: Some(Date {
            year: 2025,
            month: 3,
            day: 31,
        }),
        minutes,
        billable_minutes: minutes,
        bill_amount: usd(10_000),
        cost_amount: usd(5_000),
        billable: true,
        memo: "entry".into(),
        ..pb::TimePosting::default()
    }
}

/// The row of [`posting`].
fn row(id: &str, key: &str, hours: &str, minutes: &str) -> Value {
    json!({"id": id, "externalid": key, "hours": hours, "employee": "88", "customer": "912", "trandate": "2025-03-31",
        "custcol_billable_minutes": minutes, "custcol_bill_amount": "100.00", "custcol_bill_currency": "USD",
        "custcol_cost_amount": "50", "custcol_cost_currency": "USD"})
}

fn accepted() -> Answer {
    Answer::With(202, Some("/services/rest/async/v1/job/5"), json!(null))
}

fn before() -> Answer {
    let body = json!({"o:errorDetails": [{"detail": "x", "o:errorCode": "IDEMPOTENCY_ERROR"}]});
    Answer::With(400, Some("/services/rest/async/v1/job/4"), body)
}

fn job(completed: bool) -> Answer {
    ok(json!({"id": "5", "completed": completed, "progress": "x"}))
}

async fn post(answers: Vec<Answer>, postings: Vec<pb::TimePosting>) -> (Stub, Vec<(State, String, String)>) {
    let stub = Stub::new(answers).await;
    let answer = stub.adapter().post_time(pb::PostTimeRequest { postings }).await.unwrap();
    let ended = answer.outcomes.into_iter().map(|o| (o.state(), o.key, o.reason)).collect();
    (stub, ended)
}

fn ended(state: State, key: &str, reason: &str) -> (State, String, String) {
    (state, key.into(), reason.into())
}

#[tokio::test]
async fn a_job_is_followed_and_the_books_are_asked() {
    let held = rows(json!([row("2", "b", "-1:00", "-60"), row("1", "a", "7:30", "450")]));
    let (stub, outcomes) = post(
        vec![accepted(), job(false), job(true), held],
        vec![posting("a", 450), posting("b", -60)],
    )
    .await;
    assert_eq!(outcomes, [ended(State::Confirmed, "a", ""), ended(State::Confirmed, "b", "")]);
    let seen = stub.seen();
    assert_eq!(seen[0].line, "POST /services/rest/record/v1/timeBill");
    assert_eq!(
        seen[0].header("content-type"),
        "application/vnd.oracle.resource+json; type=collection"
    );
    assert_eq!(seen[0].header("prefer"), "respond-async");
    assert_eq!(seen[0].header("x-netsuite-idempotency-key").len(), 36);
    assert_eq!(seen[0].json()["items"][1]["hours"], "-1:00");
    assert!(
        seen[3]
            .sql()
            .ends_with("FROM timebill WHERE externalid IN ('a', 'b') ORDER BY id")
    );
}

#[tokio::test]
async fn each_posting_has_its_own_end() {
    let tasks = ok(json!({"items": [
        {"id": "1", "status": 204},
        {"id": "2", "status": 400, "error": {"o:errorDetails": [{"o:errorCode": "USER_ERROR", "detail": "Mar 2025: the period is closed"}]}},
        {"id": "3", "status": 400, "error": {"o:errorDetails": [{"o:errorCode": "USER_ERROR", "detail": "already exists"}]}},
        {"id": "4"},
        {"id": "5", "status": 500}]}));
    let held = rows(json!([row("1", "a", "1:00", "60"), row("9", "c", "2:00", "120")]));
    let by_itself = refused(400, "INVALID_CONTENT", "x");
    let postings = ["a", "b", "c", "d", "e"].map(|key| posting(key, 60)).to_vec();
    let (stub, outcomes) = post(vec![accepted(), job(true), held, tasks, by_itself], postings).await;
    assert_eq!(
        outcomes,
        [
            ended(State::Confirmed, "a", ""),
            ended(State::Rejected, "b", "PERIOD_CLOSED"),
            // There under this key, with other hours: who looks it up compares.
            ended(State::Unknown, "c", "VENDOR_UNAVAILABLE"),
            ended(State::Rejected, "d", "VENDOR_REJECTED"),
            ended(State::Unknown, "e", "VENDOR_UNAVAILABLE"),
        ]
    );
    assert_eq!(stub.seen()[4].line, "GET /services/rest/async/v1/job/5/task/4/result");
}

#[tokio::test]
async fn whatever_is_lost_on_the_way_is_unknown() {
    let lost = [ended(State::Unknown, "a", "VENDOR_UNAVAILABLE")];
    for answers in [
        vec![Answer::Nothing],
        vec![accepted(), Answer::Nothing],
        vec![accepted(), job(false), job(false), job(false)],
        vec![accepted(), job(true), Answer::Nothing],
        vec![Answer::With(202, None, json!(null))],
        vec![refused(500, "UNEXPECTED_ERROR", "x")],
    ] {
        let (stub, outcomes) = post(answers, vec![posting("a", 60)]).await;
        assert_eq!(outcomes, lost);
        assert!(stub.is_used_up());
    }
}

#[tokio::test]
async fn a_batch_sent_before_is_found_by_its_job_and_what_it_refused_is_asked_anew() {
    let postings = || vec![posting("a", 60), posting("b", 60)];
    let held = || rows(json!([row("1", "a", "1:00", "60"), row("2", "b", "1:00", "60")]));
    let (stub, outcomes) = post(vec![before(), job(true), held()], postings()).await;
    assert!(outcomes.iter().all(|(state, ..)| *state == State::Confirmed));
    assert!(stub.seen()[1].line.ends_with("/job/4"));

    let closed = json!({"id": "2", "status": 400, "error": {"o:errorDetails": [{"o:errorCode": "USER_ERROR", "detail": "period closed"}]}});
    let (stub, outcomes) = post(
        vec![
            before(),
            job(true),
            rows(json!([row("1", "a", "1:00", "60")])),
            ok(json!({"items": [{"id": "1", "status": 204}, closed]})),
            accepted(),
            job(true),
            rows(json!([row("2", "b", "1:00", "60")])),
        ],
        postings(),
    )
    .await;
    assert!(outcomes.iter().all(|(state, ..)| *state == State::Confirmed), "{outcomes:?}");
    let seen = stub.seen();
    assert_eq!(seen[4].json()["items"].as_array().unwrap().len(), 1);
    assert_ne!(
        seen[0].header("x-netsuite-idempotency-key"),
        seen[4].header("x-netsuite-idempotency-key")
    );
}

#[tokio::test]
async fn a_posting_at_fault_does_not_stop_the_others() {
    let mut undated = posting("b", 60);
    undated.work_date = None;
    let held = rows(json!([row("1", "a", "1:00", "60")]));
    let postings = vec![posting("a", 60), undated, posting("a", 60), posting("a", 90)];
    let (stub, outcomes) = post(vec![accepted(), job(true), held], postings).await;
    assert_eq!(
        outcomes,
        [
            ended(State::Confirmed, "a", ""),
            ended(State::Rejected, "b", "INVALID_FIELD"),
            // The same again is the same; other content under the key is not.
            ended(State::Confirmed, "a", ""),
            ended(State::Rejected, "a", "IDEMPOTENCY_CONFLICT"),
        ]
    );
    assert_eq!(stub.seen()[0].json()["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_limit_fails_the_call_because_nothing_was_taken() {
    let busy = || refused(429, "", "x");
    let stub = Stub::new(vec![busy(), busy(), busy(), busy()]).await;
    let error = stub
        .adapter()
        .post_time(pb::PostTimeRequest {
            postings: vec![posting("a", 60)],
        })
        .await
        .unwrap_err();
    assert_eq!(error.reason, "VENDOR_THROTTLED");
}
