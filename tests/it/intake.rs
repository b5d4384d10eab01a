//! Approved time that is handed in: taken once, whoever hands it in and however often, and durable when the call is answered.

use std::process::Command;

use serde_json::json;
use strata_contract::strata::error::v1::Reason;
use strata_contract::strata::process::operations::v1::ListAuditEventsRequest;
use strata_contract::strata::process::operations::v1::audit_service_client::AuditServiceClient;
use strata_contract::strata::process::time::v1::time_acceptance::State;
use strata_contract::strata::process::time::v1::time_intake_service_client::TimeIntakeServiceClient;
use strata_contract::strata::process::time::v1::{
    AcceptTimeEntryRequest, ApprovedTimeEntry, BatchAcceptTimeEntriesRequest, TimeAcceptance,
};
use strata_contract::{Transport, pb_date, pb_instant};
use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::database::Postgres;
use crate::mini::{MONDAY, Mini, text};
use crate::place::program;

const CALLERS: usize = 100;

fn desk(mini: &Mini) -> TimeIntakeServiceClient<Transport> {
    TimeIntakeServiceClient::new(mini.all.installation.process.clone())
}

/// An entry of an hour on the only project, as the PSA names things.
pub(crate) async fn entry(mini: &Mini, id: &str) -> ApprovedTimeEntry {
    let workspace = text(&mini.at.list("workspaces", &[]).await[0]["id"]);
    let users = mini.at.list("users", &[]).await;
    let person = users
        .iter()
        .find(|user| user["email_address"] == "em-1@firm.example")
        .unwrap();
    let story = text(&mini.at.list("stories", &[("workspace_id", &workspace)]).await[0]["id"]);
    ApprovedTimeEntry {
        id: id.to_owned(),
        project_id: workspace,
        task_id: story,
        resource_id: text(&person["id"]),
        role: "consultant".into(),
        work_date: Some(pb_date(MONDAY.parse().unwrap())),
        minutes: 60,
        billable: true,
        approved_time: Some(pb_instant("2025-01-06T19:00:00Z".parse().unwrap())),
        reference: format!("TE-{id}"),
        ..ApprovedTimeEntry::default()
    }
}

async fn hand_in(mut desk: TimeIntakeServiceClient<Transport>, entry: ApprovedTimeEntry) -> Result<TimeAcceptance, Status> {
    let request = AcceptTimeEntryRequest { time_entry: Some(entry) };
    Ok(desk.accept_time_entry(request).await?.into_inner().acceptance.unwrap())
}

pub(crate) async fn hand_in_all(mini: &Mini, time_entries: Vec<ApprovedTimeEntry>) -> Result<Vec<TimeAcceptance>, Status> {
    let request = BatchAcceptTimeEntriesRequest { time_entries };
    Ok(desk(mini).batch_accept_time_entries(request).await?.into_inner().acceptances)
}

/// Reference and minutes of the time in the books.
async fn booked(mini: &Mini) -> Vec<(String, String)> {
    let mut rows: Vec<(String, String)> = mini
        .at
        .suiteql("SELECT memo, minutes FROM timebill")
        .await
        .iter()
        .map(|row| (text(&row["memo"]), text(&row["minutes"])))
        .collect();
    rows.sort();
    rows
}

fn reason(refusal: &Status) -> String {
    refusal.get_error_details().error_info().unwrap().reason.clone()
}

/// Rows of the audit log about a method, and what the program says of the whole log.
async fn audited(mini: &Mini, method: &str) -> Vec<(i64, i64, String)> {
    let mut audit = AuditServiceClient::new(mini.all.installation.process.clone());
    let request = ListAuditEventsRequest {
        page_size: 1000,
        method: format!("/strata.process.time.v1.TimeIntakeService/{method}"),
        ..ListAuditEventsRequest::default()
    };
    let events = audit.list_audit_events(request).await.unwrap().into_inner().audit_events;
    let verified = Command::new(program())
        .args(["audit", "verify", "--store", mini.store_url()])
        .status()
        .unwrap();
    assert!(verified.success(), "the chain is whole");
    events
        .into_iter()
        .map(|event| (event.sequence, event.begun_sequence, event.code))
        .collect()
}

/// What is handed in goes into the books once: handed in again, and read from the PSA as well.
async fn once(mini: &Mini) {
    mini.sell("CT-1").await;
    let own = mini.enter(MONDAY, 60, "TE-own", &json!({})).await;
    let handed = ApprovedTimeEntry {
        reference: "TE-own".into(),
        ..entry(mini, &own.to_string()).await
    };
    let first = hand_in(desk(mini), handed.clone()).await.unwrap();
    assert_eq!(
        (first.state(), first.posting_key.as_str()),
        (State::Accepted, &*format!("time:{own}:v1"))
    );
    let again = hand_in(desk(mini), handed.clone()).await.unwrap();
    assert_eq!(again.state(), State::Known);
    // The same entry is approved in the PSA, and read from there.
    mini.approve(MONDAY, own, "TE-own").await;
    mini.until(MONDAY, 12).await;
    assert_eq!(booked(mini).await, [("TE-own".to_owned(), "60".to_owned())]);

    let other = ApprovedTimeEntry { minutes: 90, ..handed };
    let refusal = hand_in(desk(mini), other).await.unwrap_err();
    assert_eq!(
        (refusal.code(), reason(&refusal)),
        (Code::AlreadyExists, "IDEMPOTENCY_CONFLICT".to_owned())
    );
    // Two calls that had an effect, each a row that stands for itself; one that was refused, in two.
    let rows = audited(mini, "AcceptTimeEntry").await;
    let whole = rows
        .iter()
        .filter(|(sequence, begun, code)| sequence == begun && code == "OK")
        .count();
    assert_eq!((whole, rows.len()), (2, 4), "{rows:?}");
}

/// A hundred callers at once, each entry by two of them: taken together, each once.
async fn at_once(mini: &Mini) {
    mini.sell("CT-1").await;
    let model = entry(mini, "x").await;
    let calls: Vec<_> = (0..CALLERS)
        .map(|number| {
            let id = format!("H{}", number / 2);
            let entry = ApprovedTimeEntry {
                reference: format!("TE-{id}"),
                id,
                ..model.clone()
            };
            tokio::spawn(hand_in(desk(mini), entry))
        })
        .collect();
    let mut states = Vec::new();
    for call in calls {
        states.push(call.await.unwrap().unwrap().state());
    }
    let accepted = states.iter().filter(|state| **state == State::Accepted).count();
    let known = states.iter().filter(|state| **state == State::Known).count();
    assert_eq!((accepted, known), (CALLERS / 2, CALLERS / 2));
    mini.until(MONDAY, 12).await;
    assert_eq!(booked(mini).await.len(), CALLERS / 2);
    assert_eq!(audited(mini, "AcceptTimeEntry").await.len(), CALLERS);
}

/// What does not fit is kept, with an exception, and does not hold the others back. A correction in the same call takes the place of what
/// it corrects.
async fn together(mini: &Mini) {
    mini.sell("CT-1").await;
    let good = entry(mini, "G1").await;
    let corrected = ApprovedTimeEntry {
        minutes: 30,
        supersedes_id: "G1".into(),
        ..entry(mini, "G2").await
    };
    let lost = ApprovedTimeEntry {
        project_id: "no-such-project".into(),
        ..entry(mini, "L1").await
    };
    let became = hand_in_all(mini, vec![good.clone(), lost, corrected]).await.unwrap();
    let states: Vec<State> = became.iter().map(TimeAcceptance::state).collect();
    assert_eq!(states, [State::Accepted, State::Held, State::Accepted]);
    assert_eq!(became[1].reason(), Reason::UnknownReference);
    mini.until(MONDAY, 12).await;
    let exceptions = mini.exceptions().await;
    let told = exceptions
        .iter()
        .find(|exception| exception.id == became[1].exception_id)
        .unwrap();
    assert_eq!(told.cause(), Reason::UnknownReference);
    // In full, taken back, and as corrected.
    let minutes: Vec<String> = booked(mini).await.into_iter().map(|(_, minutes)| minutes).collect();
    let sum: i64 = minutes.iter().map(|minutes| minutes.parse::<i64>().unwrap()).sum();
    assert_eq!((minutes.len(), sum), (3, 30), "{minutes:?}");

    let twice = hand_in_all(mini, vec![good.clone(), good]).await.unwrap_err();
    assert_eq!(
        (twice.code(), reason(&twice)),
        (Code::InvalidArgument, "INVALID_FIELD".to_owned())
    );
    let many = vec![entry(mini, "M").await; 501];
    assert_eq!(hand_in_all(mini, many).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_handed_in_and_read_is_taken_once() {
    once(&Mini::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_handed_in_and_read_is_taken_once_on_postgres() {
    let Some(database) = Postgres::of("intake_once") else { return };
    once(&Mini::start_on(Some(database.url())).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_callers_share_their_commits() {
    at_once(&Mini::start().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_callers_share_their_commits_on_postgres() {
    let Some(database) = Postgres::of("intake_crowd") else {
        return;
    };
    at_once(&Mini::start_on(Some(database.url())).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_kept_beside() {
    together(&Mini::start().await).await;
}
