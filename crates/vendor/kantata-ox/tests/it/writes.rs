//! Writes at a vendor without upsert and without idempotency keys.

use std::sync::Arc;

use serde_json::json;
use strata_contract::google::r#type::Date;
use strata_contract::strata::common::v1::Money;
use strata_contract::strata::common::v1::WriteOutcome;
use strata_contract::strata::common::v1::write_outcome::State;
use strata_contract::strata::system::psa::v1 as pb;
use strata_kantata_ox::KantataOx;
use strata_port::PsaSystem;

use crate::account::{Fault, start};

fn day(day: i32) -> Option<Date> {
    Some(Date {
        year: 2026,
        month: 3,
        day,
    })
}

fn usd(minor_units: i64) -> Option<Money> {
    Some(Money {
        currency_code: "USD".into(),
        minor_units,
    })
}

async fn put_client(psa: &KantataOx, key: &str) -> strata_kernel::Result<WriteOutcome> {
    let request = pb::PutClientRequest {
        key: key.into(),
        name: "Acme".into(),
    };
    psa.put_client(request).await.map(|response| response.outcome.unwrap())
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_the_next_put_finds_the_record() {
    let (psa, account) = start().await;
    account.fault("POST", Fault::Lost);
    assert_eq!(put_client(&psa, "cl-1").await.unwrap().state(), State::Unknown);
    let found = put_client(&psa, "cl-1").await.unwrap();
    assert_eq!(
        (found.state(), found.vendor_id.as_str(), found.key.as_str()),
        (State::Confirmed, "1", "cl-1")
    );
    assert_eq!(account.count("POST"), 1);
    let reference = &account.bodies()[0]["workspace_group"]["external_reference"];
    assert_eq!(
        (&reference["service_name"], &reference["service_model_ref"]),
        (&json!("strata"), &json!("cl-1"))
    );
}

#[tokio::test]
async fn a_create_that_was_refused_is_not_sent_twice_by_itself() {
    let (psa, account) = start().await;
    for (status, reason) in [(429, "VENDOR_THROTTLED"), (503, "VENDOR_UNAVAILABLE")] {
        account.fault("POST", Fault::Refused(status));
        let error = put_client(&psa, "cl-1").await.unwrap_err();
        assert_eq!((error.reason, error.is_temporary()), (reason, true));
    }
    account.fault("POST", Fault::Refused(504));
    assert_eq!(
        put_client(&psa, "cl-1").await.unwrap().state(),
        State::Unknown,
        "a gateway that gave up"
    );
    account.fault("POST", Fault::Refused(422));
    let refused = put_client(&psa, "cl-1").await.unwrap();
    assert_eq!(
        (refused.state(), refused.reason.as_str()),
        (State::Rejected, "VENDOR_REJECTED")
    );
    assert!(refused.message.contains("title") && !refused.message.contains("CANARY"));
    assert_eq!(account.count("POST"), 4);
    // A look-up that is throttled backs off and goes on.
    account.fault("GET", Fault::Refused(429));
    assert_eq!(put_client(&psa, "cl-1").await.unwrap().state(), State::Confirmed);
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_and_then_it_is_an_error() {
    let (psa, account) = start().await;
    account.0.lock().unwrap().refused_tokens = 1;
    assert_eq!(put_client(&psa, "cl-1").await.unwrap().state(), State::Confirmed);
    assert_eq!(account.tokens(), 2);
    account.0.lock().unwrap().refused_tokens = 2;
    account.fault("GET", Fault::Refused(401));
    assert_eq!(put_client(&psa, "cl-2").await.unwrap_err().reason, "VENDOR_UNAUTHENTICATED");
}

#[tokio::test]
async fn many_at_once_make_one_record() {
    let (psa, account) = start().await;
    let psa = Arc::new(psa);
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let psa = Arc::clone(&psa);
        all.spawn(async move { put_client(&psa, "cl-1").await.unwrap().vendor_id });
    }
    assert!(all.join_all().await.iter().all(|id| id == "1"));
    assert_eq!(account.count("POST"), 1);
}

#[tokio::test]
async fn a_record_counts_by_the_reference_it_shows() {
    let (psa, account) = start().await;
    account.0.lock().unwrap().ignores_filters = true;
    let other = json!({"service_name": "strata", "service_model_ref": "cl-other"});
    account.add("workspace_groups", json!({"id": "1", "external_reference": other}));
    let foreign = json!({"service_name": "elsewhere", "service_model_ref": "cl-1"});
    account.add("workspace_groups", json!({"id": "2", "external_reference": foreign}));
    let lookup = pb::LookupByKeyRequest {
        kind: pb::RecordKind::Client.into(),
        key: "cl-1".into(),
    };
    assert_eq!(psa.lookup_by_key(lookup.clone()).await.unwrap().vendor_id, "");
    assert_eq!(put_client(&psa, "cl-1").await.unwrap().vendor_id, "3");
    assert_eq!(psa.lookup_by_key(lookup).await.unwrap().vendor_id, "3");
}

#[tokio::test]
async fn tasks_are_looked_up_together_and_created_where_missing() {
    let (psa, account) = start().await;
    let tasks = |keys: &[&str]| pb::CreateTasksRequest {
        project_id: "5501".into(),
        tasks: keys
            .iter()
            .map(|key| pb::NewTask {
                key: (*key).into(),
                title: "T".into(),
                billable: true,
            })
            .collect(),
    };
    account.fault("POST", Fault::Lost);
    let first = psa.create_tasks(tasks(&["a", "b"])).await.unwrap().outcomes;
    assert_eq!([first[0].state(), first[1].state()], [State::Unknown, State::Confirmed]);
    let second = psa.create_tasks(tasks(&["a", "b", "c", "c"])).await.unwrap().outcomes;
    let ids: Vec<&str> = second.iter().map(|outcome| outcome.vendor_id.as_str()).collect();
    assert_eq!(ids, ["1", "2", "3", "3"]);
    assert_eq!((account.count("GET /stories"), account.count("POST /stories")), (2, 3));
    let story = &account.bodies()[0]["story"];
    assert_eq!((&story["workspace_id"], &story["story_type"]), (&json!(5501), &json!("task")));
    assert!(
        account.count("GET /stories?") == 2 && account.0.lock().unwrap().asked[0].contains("show_from_archived_workspaces=true")
    );
    let odd = pb::CreateTasksRequest {
        project_id: "x".into(),
        ..tasks(&["a"])
    };
    assert_eq!(psa.create_tasks(odd).await.unwrap_err().field, "project_id");
}

#[tokio::test]
async fn a_milestone_is_a_story_of_its_own_type_made_once() {
    let (psa, account) = start().await;
    let request = pb::CreateMilestoneRequest {
        key: "CT-1-M1".into(),
        project_id: "5501".into(),
        title: "Go-live".into(),
        planned_date: day(24),
    };
    account.fault("POST", Fault::Lost);
    let outcome = psa.create_milestone(request.clone()).await.unwrap().outcome.unwrap();
    assert_eq!((outcome.state(), outcome.key.as_str()), (State::Unknown, "CT-1-M1"));
    for _ in 0..2 {
        let outcome = psa.create_milestone(request.clone()).await.unwrap().outcome.unwrap();
        assert_eq!((outcome.state(), outcome.vendor_id.as_str()), (State::Confirmed, "1"));
    }
    assert_eq!(account.count("POST"), 1);
    let story = &account.bodies()[0]["story"];
    assert_eq!(
        (&story["story_type"], &story["billable"], &story["workspace_id"]),
        (&json!("milestone"), &json!(false), &json!(5501))
    );
    assert_eq!(
        (&story["due_date"], &story["title"]),
        (&json!("2026-03-24"), &json!("Go-live"))
    );
    assert_eq!(story["custom_fields"], json!({"Milestone Code": "CT-1-M1"}));
    assert_eq!(story["external_reference"]["service_model_ref"], "CT-1-M1");
    let lookup = pb::LookupByKeyRequest {
        kind: pb::RecordKind::Milestone.into(),
        key: "CT-1-M1".into(),
    };
    assert_eq!(psa.lookup_by_key(lookup).await.unwrap().vendor_id, "1");
    let odd = pb::CreateMilestoneRequest {
        planned_date: day(32),
        key: "CT-1-M2".into(),
        ..request
    };
    assert_eq!(psa.create_milestone(odd).await.unwrap_err().field, "planned_date");
}

#[tokio::test]
async fn a_cost_rate_is_created_changed_or_left_alone() {
    let (psa, account) = start().await;
    account.add(
        "cost_rates",
        json!({"id": "1", "user_id": "78", "effective_date": "2026-03-01", "cost_rate_in_cents": 1, "currency": "USD"}),
    );
    let put = |cost: i64, on: i32| pb::PutCostRateRequest {
        resource_id: "77".into(),
        effective_date: day(on),
        hourly_cost: usd(cost),
    };
    for (cost, on, posts, puts) in [(5_000, 1, 1, 0), (5_000, 1, 1, 0), (6_000, 1, 1, 1), (6_000, 2, 2, 1)] {
        let outcome = psa.put_cost_rate(put(cost, on)).await.unwrap().outcome.unwrap();
        assert_eq!(outcome.state(), State::Confirmed);
        assert_eq!((account.count("POST"), account.count("PUT")), (posts, puts));
    }
    let yen = pb::PutCostRateRequest {
        hourly_cost: Some(Money {
            currency_code: "???".into(),
            minor_units: 1,
        }),
        ..put(1, 1)
    };
    assert_eq!(psa.put_cost_rate(yen).await.unwrap_err().reason, "CURRENCY_UNSUPPORTED");
}

#[tokio::test]
async fn an_invoice_is_recorded_once_and_then_follows() {
    let (psa, account) = start().await;
    let put = |open: i64| pb::PutInvoiceRequest {
        key: "inv-1".into(),
        number: "INV-US01-00001".into(),
        project_ids: vec!["5501".into()],
        time_entry_ids: vec!["90210".into()],
        expense_ids: vec![],
        issue_date: day(1),
        due_date: day(31),
        gross: usd(100_000),
        open: usd(open),
        paid: open == 0,
    };
    for (open, posts, puts) in [(100_000, 1, 0), (100_000, 1, 0), (40_000, 1, 1), (0, 1, 2), (0, 1, 2)] {
        assert_eq!(psa.put_invoice(put(open)).await.unwrap().outcome.unwrap().vendor_id, "1");
        assert_eq!((account.count("POST"), account.count("PUT")), (posts, puts), "open {open}");
    }
    let bodies = account.bodies();
    assert_eq!(bodies[0]["invoice"]["time_entry_ids"], json!([90210]));
    assert_eq!(
        (&bodies[0]["invoice"]["total_in_cents"], &bodies[0]["invoice"]["status"]),
        (&json!(100_000), &json!("new"))
    );
    assert_eq!(
        bodies[2]["invoice"],
        json!({"status": "accepted payment", "balance_in_cents": 0}),
        "nothing else is touched"
    );
}

#[tokio::test]
async fn a_person_is_brought_up_to_date_and_ended_on_the_last_day() {
    let (psa, account) = start().await;
    account.add(
        "account_memberships",
        json!({"id": "9", "user_id": "1", "default_role_name": "analyst"}),
    );
    let put = |name: &str, role: &str| pb::PutResourceRequest {
        key: "emp-1".into(),
        name: name.into(),
        email: "ann@firm.example".into(),
        role: role.into(),
    };
    for (name, role, puts) in [
        ("Ann", "analyst", 0),
        ("Ann", "analyst", 0),
        ("Ann B", "analyst", 1),
        ("Ann B", "partner", 2),
    ] {
        let outcome = psa.put_resource(put(name, role)).await.unwrap().outcome.unwrap();
        assert_eq!((outcome.state(), outcome.vendor_id.as_str()), (State::Confirmed, "1"));
        assert_eq!((account.count("POST"), account.count("PUT")), (1, puts));
    }
    let end = |last_date| pb::EndResourceRequest {
        resource_id: "1".into(),
        last_date,
    };
    let ahead = Some(Date {
        year: 2026,
        month: 4,
        day: 1,
    });
    assert_eq!(psa.end_resource(end(ahead)).await.unwrap_err().field, "last_date");
    for _ in 0..2 {
        let outcome = psa.end_resource(end(day(31))).await.unwrap().outcome.unwrap();
        assert_eq!((outcome.state(), outcome.vendor_id.as_str()), (State::Confirmed, "1"));
    }
    assert_eq!(account.count("PUT /account_memberships/9/disable"), 1);
    let nobody = pb::EndResourceRequest {
        resource_id: "404".into(),
        last_date: day(1),
    };
    assert_eq!(psa.end_resource(nobody).await.unwrap_err().reason, "NOT_FOUND");
}
