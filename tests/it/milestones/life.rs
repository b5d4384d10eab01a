//! From the sale to the approval, and back.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_milestone_goes_from_the_sale_to_the_approval() {
    let mini = Mini::start().await;
    let deal = fixed_fee(&mini).await;
    agree(&mini, "CT-1-M1", &json!({})).await;
    mini.settle().await;
    assert!(
        listed(&mini, MilestoneState::Unspecified).await.is_empty(),
        "nothing is won yet"
    );
    assert!(mini.exceptions().await.is_empty(), "and nothing is wrong with that");

    mini.win(&deal).await;
    mini.settle().await;
    let told = story(&mini).await;
    assert_eq!(
        (&told["title"], &told["due_date"], &told["billable"]),
        (&json!("delivery CT-1-M1"), &json!("2025-02-03"), &json!(false))
    );
    let planned = only(&mini).await;
    assert_eq!(
        (planned.state(), planned.psa_id.as_str()),
        (MilestoneState::Planned, told["id"].as_str().unwrap())
    );
    assert_eq!((planned.code.as_str(), planned.contract_number.as_str()), ("CT-1-M1", "CT-1"));
    assert_eq!(planned.amount.as_ref().unwrap().minor_units, 800_000);
    assert_eq!(planned.planned_date, day("2025-02-03"));
    assert_eq!(priced(&mini).await, ["CT-1-M1"]);
    let not_yet = (Code::FailedPrecondition, "INVALID_TRANSITION".to_owned());
    assert_eq!(refusal(approve(&mini, "r-1", "CT-1-M1").await), not_yet);

    mini.until(MONDAY, 10).await;
    say(&mini, "completed", None, None).await;
    assert_eq!(only(&mini).await.state(), MilestoneState::Delivered);
    assert_eq!(refusal(approve(&mini, "r-1", "CT-1-M1").await), not_yet);
    mini.until(TUESDAY, 9).await;
    say(&mini, "completed", Some(MONDAY), Some("protocol 7")).await;
    let accepted = only(&mini).await;
    assert_eq!(
        (accepted.state(), accepted.evidence.as_str()),
        (MilestoneState::Accepted, "protocol 7")
    );
    assert_eq!((accepted.accepted_date, accepted.known_date), (day(MONDAY), day(TUESDAY)));

    mini.until(WEDNESDAY, 9).await;
    let approved = approve(&mini, "r-1", "CT-1-M1").await.unwrap();
    assert_eq!(
        (approved.state(), approved.approver.as_str()),
        (MilestoneState::Approved, "cfo@firm.example")
    );
    assert_eq!((approved.approved_date, approved.billed_date), (day(WEDNESDAY), None));
    mini.until(WEDNESDAY, 17).await;
    assert_eq!(
        approve(&mini, "r-1", "CT-1-M1").await.unwrap(),
        approved,
        "a repeated command has the same answer"
    );
    assert_eq!(refusal(approve(&mini, "r-2", "CT-1-M1").await), not_yet, "approved already");
    let conflict = (Code::AlreadyExists, "IDEMPOTENCY_CONFLICT".to_owned());
    assert_eq!(refusal(approve(&mini, "r-1", "CT-1-M2").await), conflict);
    assert_eq!(refusal(approve(&mini, "r-3", "CT-1-M2").await).0, Code::NotFound);
    assert_eq!(only(&mini).await, approved);

    let system = |event: EventType, system: &str| (event, system.to_owned());
    assert_eq!(
        story_told(&mini).await,
        [
            system(EventType::MilestoneCreated, "kantata-ox"),
            system(EventType::MilestoneDelivered, "kantata-ox"),
            system(EventType::MilestoneAccepted, "kantata-ox"),
            system(EventType::MilestoneApproved, "platform"),
        ]
    );
    assert_eq!(mini.made().await["stories"], 2, "the task and the milestone");
    assert!(mini.exceptions().await.is_empty());
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acceptance_can_be_taken_back_until_finance_approved_it() {
    let mini = agreed().await;
    say(&mini, "completed", Some(MONDAY), Some("mail")).await;
    assert_eq!(only(&mini).await.state(), MilestoneState::Accepted);
    mini.until(MONDAY, 10).await;
    say(&mini, "started", None, None).await;
    let back = only(&mini).await;
    assert_eq!(
        (back.state(), back.accepted_date, back.known_date),
        (MilestoneState::Planned, None, None)
    );
    assert!(back.evidence.is_empty());
    assert!(approve(&mini, "r-1", "CT-1-M1").await.is_err());

    mini.until(MONDAY, 12).await;
    say(&mini, "completed", Some(MONDAY), Some("protocol")).await;
    let approved = approve(&mini, "r-1", "CT-1-M1").await.unwrap();
    mini.until(MONDAY, 14).await;
    say(&mini, "started", None, None).await;
    let open = exception(&mini).await;
    assert_eq!(
        (open.cause(), open.owner_role()),
        (Reason::InvalidTransition, OwnerRole::Finance)
    );
    assert_eq!(open.object_id, "CT-1-M1");
    assert_eq!(only(&mini).await, approved, "what was approved stays");
    mini.until(MONDAY, 16).await;
    say(&mini, "completed", Some(MONDAY), Some("protocol")).await;
    assert_eq!(exception(&mini).await.state(), ExceptionState::Resolved);
    assert_eq!(only(&mini).await, approved);
    let events: Vec<EventType> = story_told(&mini).await.into_iter().map(|(event, _)| event).collect();
    assert_eq!(
        events,
        [
            EventType::MilestoneCreated,
            EventType::MilestoneAccepted,
            EventType::MilestoneAcceptanceWithdrawn,
            EventType::MilestoneAccepted,
            EventType::MilestoneApproved
        ]
    );
    mini.all.stop().await.unwrap();
}
