//! Events that cannot be taken, and events that are delivered again: through the contract and on the command line.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;
use strata_contract::Transport;
use strata_contract::strata::error::v1::Reason;
use strata_contract::strata::process::operations::v1::event_service_client::EventServiceClient;
use strata_contract::strata::process::operations::v1::{
    DeadLetterState, DeliveryOutcome, DeliveryPlan, GetDeadLetterRequest, ListDeadLettersRequest, PlanReplayRequest,
    RedriveDeadLettersRequest, ReplayEventsRequest,
};
use strata_events::Event;
use strata_kernel::Instant;

use crate::mini::{MONDAY, Mini};
use crate::place::program;

const CONSUMER: &str = "invoice-status";

fn desk(mini: &Mini) -> EventServiceClient<Transport> {
    EventServiceClient::new(mini.all.installation.process.clone())
}

/// A platform that has posted an invoice and told everybody.
async fn billed() -> Mini {
    let mini = Mini::start().await;
    mini.sell("CT-1").await;
    mini.until(MONDAY, 10).await;
    mini.work(MONDAY, 480, "TE-1").await;
    mini.until("2025-02-05", 19).await;
    mini
}

/// Tells an event as the platform would.
async fn tell(mini: &Mini, kind: &str, body: &Value) -> Event {
    let time: Instant = "2025-02-05T19:00:00Z".parse().unwrap();
    let event = Event::new(kind, "doc_of_a_test", "1", body, "cor_test", time).unwrap();
    let own = event.clone();
    mini.store().write(move |c| strata_events::append(c, &own)).await.unwrap();
    mini.settle().await;
    event
}

fn outcomes(plan: &DeliveryPlan) -> BTreeMap<DeliveryOutcome, usize> {
    let mut outcomes = BTreeMap::new();
    for one in &plan.deliveries {
        *outcomes.entry(one.outcome()).or_default() += 1;
    }
    outcomes
}

/// Runs `strata events ... --output json` against the platform.
async fn strata(mini: &Mini, words: &[&str]) -> (Option<i32>, Value) {
    let server = mini.all.installation.addresses.servers["all"].to_string();
    let mut command = Command::new(program());
    command
        .arg("events")
        .args(words)
        .args(["--output", "json", "--server", &server]);
    let done = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let told = serde_json::from_slice(&done.stdout).unwrap_or_else(|_| panic!("{done:?}"));
    (done.status.code(), told)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_in_a_later_version_is_kept_and_can_be_redriven() {
    let mini = billed().await;
    let event = tell(&mini, "strata.billing.document.changed.v2", &serde_json::json!({"key": "x"})).await;
    let letters = desk(&mini)
        .list_dead_letters(ListDeadLettersRequest::default())
        .await
        .unwrap();
    let letters = letters.into_inner().dead_letters;
    assert_eq!(letters.len(), 1);
    let letter = &letters[0];
    assert_eq!(
        (letter.state(), letter.reason()),
        (DeadLetterState::Dead, Reason::EventVersionUnknown)
    );
    assert_eq!(
        (letter.event_id.as_str(), letter.consumer.as_str()),
        (event.id.as_str(), CONSUMER)
    );
    assert!(letter.body.is_empty() && letter.history.is_empty(), "a list is brief");
    let request = GetDeadLetterRequest {
        dead_letter_id: letter.id.clone(),
    };
    let whole = desk(&mini)
        .get_dead_letter(request)
        .await
        .unwrap()
        .into_inner()
        .dead_letter
        .unwrap();
    assert_eq!((whole.body.to_vec(), whole.history.len()), (event.body.clone(), 1));

    // The consumer still does not know it: the plan alone does nothing, carrying it out says so.
    let (code, plan) = strata(&mini, &["redrive", &letter.id]).await;
    assert_eq!(
        (code, plan["deliveries"][0]["outcome"].as_str()),
        (Some(0), Some("DELIVERY_OUTCOME_UNSPECIFIED"))
    );
    let (code, done) = strata(&mini, &["redrive", "--plan", plan["token"].as_str().unwrap()]).await;
    assert_eq!(
        (code, done["deliveries"][0]["outcome"].as_str()),
        (Some(1), Some("DELIVERY_OUTCOME_FAILED"))
    );
    let (_, shown) = strata(&mini, &["dead-letters", &letter.id]).await;
    assert_eq!(shown["dead_letter"]["history"].as_array().unwrap().len(), 2);
    let (_, listed) = strata(&mini, &["dead-letters", "--state", "retrying"]).await;
    assert_eq!(listed["dead_letters"].as_array().unwrap().len(), 0);
    let nothing = RedriveDeadLettersRequest {
        plan_token: "epl_00000000000000000000".to_owned(),
        request_id: "r".to_owned(),
    };
    let refused = desk(&mini).redrive_dead_letters(nothing).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_of_everything_changes_nothing_at_the_vendors() {
    let mini = billed().await;
    let before = mini.made().await;
    assert!(before["invoice"] == 1 && before["invoices"] == 1, "{before:?}");
    let ask = PlanReplayRequest {
        request_id: "r1".to_owned(),
        consumer: CONSUMER.to_owned(),
        ..PlanReplayRequest::default()
    };
    let plan = desk(&mini).plan_replay(ask.clone()).await.unwrap().into_inner().plan.unwrap();
    assert!(!plan.deliveries.is_empty() && !plan.more);
    let go = ReplayEventsRequest {
        plan_token: plan.token,
        request_id: "r1".to_owned(),
    };
    let done = desk(&mini).replay_events(go).await.unwrap().into_inner().plan.unwrap();
    assert_eq!(
        outcomes(&done),
        BTreeMap::from([(DeliveryOutcome::Known, done.deliveries.len())])
    );

    let (code, forced) = strata(&mini, &["replay", "--consumer", CONSUMER, "--force", "--yes"]).await;
    assert_eq!(code, Some(0));
    let taken = forced["deliveries"].as_array().unwrap();
    assert_eq!(taken.len(), done.deliveries.len());
    assert!(taken.iter().all(|one| one["outcome"] == "DELIVERY_OUTCOME_TAKEN"), "{forced}");
    mini.settle().await;
    assert_eq!(mini.made().await, before);
    assert_eq!(mini.exceptions().await, []);

    let stranger = PlanReplayRequest {
        consumer: "nobody".to_owned(),
        request_id: "r2".to_owned(),
        ..ask.clone()
    };
    let refused = desk(&mini).plan_replay(stranger).await.unwrap_err();
    assert!(
        refused.code() == tonic::Code::NotFound && refused.message().contains(CONSUMER),
        "{refused}"
    );
    let other = PlanReplayRequest { force: true, ..ask };
    assert_eq!(
        desk(&mini).plan_replay(other).await.unwrap_err().code(),
        tonic::Code::AlreadyExists
    );
}
