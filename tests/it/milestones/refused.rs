//! What is no milestone, or not yet.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn an_acceptance_without_evidence_is_quarantined_until_it_is_mended() {
    let mini = agreed().await;
    say(&mini, "completed", Some(MONDAY), None).await;
    let open = exception(&mini).await;
    assert_eq!(
        (open.cause(), open.owner_role()),
        (Reason::VendorRecordMalformed, OwnerRole::Integration)
    );
    assert_eq!(
        (open.object_kind.as_str(), open.object_id),
        ("milestone", text(&story(&mini).await["id"]))
    );
    assert_eq!(
        (open.field.as_str(), open.state),
        ("Acceptance Evidence", ExceptionState::Open.into())
    );
    assert_eq!(only(&mini).await.state(), MilestoneState::Planned);
    assert!(approve(&mini, "r-1", "CT-1-M1").await.is_err());

    mini.until(MONDAY, 10).await;
    say(&mini, "completed", Some(MONDAY), Some("mail")).await;
    assert_eq!(exception(&mini).await.state(), ExceptionState::Resolved);
    assert_eq!(
        approve(&mini, "r-1", "CT-1-M1").await.unwrap().state(),
        MilestoneState::Approved
    );
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_is_not_yet_is_no_acceptance_before_it_comes() {
    let mini = agreed().await;
    say(&mini, "completed", Some(TUESDAY), Some("mail")).await;
    let open = exception(&mini).await;
    assert_eq!(
        (open.cause(), open.owner_role()),
        (Reason::VendorRecordMalformed, OwnerRole::Pmo)
    );
    assert_eq!(
        (open.object_kind.as_str(), open.object_id.as_str(), open.field.as_str()),
        ("milestone", "CT-1-M1", "accepted_date")
    );
    assert_eq!(only(&mini).await.state(), MilestoneState::Planned);
    assert!(approve(&mini, "r-1", "CT-1-M1").await.is_err());
    // Nobody touches it: it is looked at again from time to time.
    mini.until(TUESDAY, 9).await;
    assert_eq!(only(&mini).await.accepted_date, day(TUESDAY));
    assert_eq!(exception(&mini).await.state(), ExceptionState::Resolved);
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn milestones_of_a_change_order_wait_for_its_signature() {
    let mini = agreed().await;
    mini.until(MONDAY, 10).await;
    agree(&mini, "CT-1-MX", &json!({"Amendment_Code__c": "AM-1", "Sequence__c": 2})).await;
    mini.settle().await;
    assert_eq!(
        (only(&mini).await.code.as_str(), priced(&mini).await),
        ("CT-1-M1", vec!["CT-1-M1".to_owned()])
    );

    mini.until(MONDAY, 12).await;
    let amendment = json!({"Name": "AM-1", "Amendment_Code__c": "AM-1", "Contract_Code__c": "CT-1", "Kind__c": "scope",
        "Status__c": "Signed", "Effective_From__c": MONDAY, "Signed_On__c": MONDAY, "CurrencyIsoCode": "USD", "Added_Value__c": 8000});
    mini.at.create("Contract_Amendment__c", &amendment).await;
    mini.settle().await;
    let all = listed(&mini, MilestoneState::Planned).await;
    let codes: Vec<&str> = all.iter().map(|milestone| milestone.code.as_str()).collect();
    assert_eq!(
        (codes, all[1].amendment_number.as_str()),
        (vec!["CT-1-M1", "CT-1-MX"], "AM-1")
    );
    assert_eq!(priced(&mini).await, ["CT-1-M1", "CT-1-MX"]);
    assert_eq!(mini.at.list("stories", &[("story_type", "milestone")]).await.len(), 2);

    // A page at a time, and never a token of another question.
    let ask = |page_token: &str, contract: &str| ListMilestonesRequest {
        page_size: 1,
        page_token: page_token.to_owned(),
        contract_number: contract.to_owned(),
        ..ListMilestonesRequest::default()
    };
    let first = desk(&mini).list_milestones(ask("", "CT-1")).await.unwrap().into_inner();
    let next = desk(&mini)
        .list_milestones(ask(&first.next_page_token, "CT-1"))
        .await
        .unwrap()
        .into_inner();
    assert_eq!(
        (first.milestones[0].code.as_str(), next.milestones[0].code.as_str()),
        ("CT-1-M1", "CT-1-MX")
    );
    assert!(next.next_page_token.is_empty());
    let astray = desk(&mini)
        .list_milestones(ask(&first.next_page_token, "CT-2"))
        .await
        .unwrap_err();
    assert_eq!(astray.code(), Code::InvalidArgument);
    assert!(mini.exceptions().await.is_empty());
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_milestone_in_another_currency_never_counts() {
    let mini = Mini::start().await;
    let deal = fixed_fee(&mini).await;
    // One before the contract is known, one after.
    agree(&mini, "CT-1-M1", &json!({"CurrencyIsoCode": "EUR"})).await;
    mini.settle().await;
    mini.win(&deal).await;
    mini.settle().await;
    mini.until(MONDAY, 10).await;
    agree(&mini, "CT-1-M2", &json!({"CurrencyIsoCode": "EUR"})).await;
    mini.settle().await;
    let mut open = mini.exceptions().await;
    open.sort_by(|one, other| one.object_id.cmp(&other.object_id));
    assert_eq!(open.len(), 2, "{open:?}");
    for (exception, code) in open.iter().zip(["CT-1-M1", "CT-1-M2"]) {
        assert_eq!(
            (exception.cause(), exception.owner_role()),
            (Reason::InvalidField, OwnerRole::Sales)
        );
        assert_eq!(
            (exception.object_kind.as_str(), exception.object_id.as_str()),
            ("milestone", code)
        );
    }
    assert!(listed(&mini, MilestoneState::Unspecified).await.is_empty());
    assert!(priced(&mini).await.is_empty());
    assert!(mini.at.list("stories", &[("story_type", "milestone")]).await.is_empty());

    agree(&mini, "CT-1-M3", &json!({})).await;
    mini.settle().await;
    assert_eq!(only(&mini).await.code, "CT-1-M3");
    // What is recorded is never changed, not even for the same milestone.
    let mut contracts = ContractServiceClient::new(mini.all.below.master.clone());
    let held = strata_contract::strata::common::v1::Milestone {
        code: "CT-1-M3".to_owned(),
        contract_number: "CT-1".to_owned(),
        amount: only(&mini).await.amount,
        recorded_time: Some(strata_contract::pb_instant("2025-01-06T09:00:00Z".parse().unwrap())),
        ..Default::default()
    };
    let request = PutMilestonesRequest { milestones: vec![held] };
    let refused = contracts.put_milestones(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::AlreadyExists, "{refused}");
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_makes_no_second_milestone() {
    let mini = Mini::start().await;
    let deal = fixed_fee(&mini).await;
    agree(&mini, "CT-1-M1", &json!({})).await;
    mini.win(&deal).await;
    // The task's answer and the milestone's.
    mini.arm(Vendor::KantataOx, "POST /api/v1/stories", Fault::LoseAnswer, 2);
    for hour in [10, 12, 14] {
        mini.until(MONDAY, hour).await;
    }
    assert!(
        mini.all.faults[&Vendor::KantataOx].next("POST /api/v1/stories", "").is_none(),
        "both were lost"
    );
    assert_eq!(only(&mini).await.psa_id, text(&story(&mini).await["id"]));
    assert_eq!(mini.made().await["stories"], 2);
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_version_of_an_estimate_is_kept_and_one_that_does_not_fit_is_none() {
    let mini = agreed().await;
    let workspace = text(&mini.at.list("workspaces", &[]).await[0]["id"]);
    let estimate = async |minutes: Value, recorded_on: Value| {
        let custom = json!({"EAC Minutes": minutes, "EAC Recorded On": recorded_on});
        let body = json!({"workspace": {"custom_fields": custom}});
        mini.at.put(&format!("workspaces/{workspace}"), &body).await;
        mini.settle().await;
    };
    let known = async || {
        let request = ListProjectEstimatesRequest::default();
        let answer = desk(&mini).list_project_estimates(request).await.unwrap().into_inner();
        let row = |row: strata_contract::strata::process::billing::v1::ProjectEstimate| {
            assert_eq!(row.project_code, "PR-CT-1");
            (row.eac_minutes, row.recorded_date)
        };
        answer.estimates.into_iter().map(row).collect::<Vec<_>>()
    };
    // Made before there was a project, and entered when there is one.
    estimate(json!(6000), json!("2025-01-02")).await;
    let first = (6000, day("2025-01-02"));
    assert_eq!(known().await, [first]);
    mini.until(MONDAY, 10).await;
    for (minutes, recorded_on, field) in [
        (json!(-60), json!(MONDAY), "EAC Minutes"),
        (json!(7000), json!(null), "EAC Recorded On"),
    ] {
        estimate(minutes, recorded_on).await;
        let open = exception(&mini).await;
        assert_eq!(
            (open.cause(), open.object_kind.as_str()),
            (Reason::VendorRecordMalformed, "project")
        );
        assert_eq!((open.object_id.as_str(), open.field.as_str()), (workspace.as_str(), field));
        assert_eq!((open.state(), known().await), (ExceptionState::Open, vec![first]));
    }
    mini.until(MONDAY, 12).await;
    estimate(json!(7000), json!(MONDAY)).await;
    assert_eq!(exception(&mini).await.state(), ExceptionState::Resolved);
    let second = (7000, day(MONDAY));
    assert_eq!(known().await, [first, second]);
    // Anything else that happens to the project is no version; the first one said again is.
    mini.until(MONDAY, 14).await;
    mini.at
        .put(
            &format!("workspaces/{workspace}"),
            &json!({"workspace": {"description": "touched"}}),
        )
        .await;
    mini.settle().await;
    assert_eq!(known().await, [first, second]);
    mini.until(MONDAY, 16).await;
    estimate(json!(6000), json!("2025-01-02")).await;
    assert_eq!(known().await, [first, second, first]);
    mini.all.stop().await.unwrap();
}
