//! The outer shape: signing in, envelopes, refusals.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use strata_sandbox::{Fault, Setup};
use strata_sandbox_kantata_ox::RateLimit;

use crate::desk::{Desk, instant};

#[tokio::test]
async fn only_the_registered_application_gets_a_token() {
    let desk = Desk::open().await;
    let token = |secret: &'static str, body: &'static str| {
        let request = desk
            .client
            .post(format!("{}/oauth/token", desk.root))
            .basic_auth("strata", Some(secret));
        async move { request.body(body).send().await.unwrap() }
    };
    assert_eq!(token("wrong", "grant_type=client_credentials").await.status(), 401);
    let refused = token("sandbox-secret", "grant_type=password").await;
    assert_eq!(refused.status(), 400);
    let body: Value = refused.json().await.unwrap();
    assert_eq!(body["error"], "unsupported_grant_type");
    let posted = json!({"grant_type": "client_credentials", "client_id": "strata", "client_secret": "sandbox-secret"});
    let answer = desk
        .client
        .post(format!("{}/oauth/token", desk.root))
        .body(posted.to_string())
        .send()
        .await
        .unwrap();
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["token_type"], "bearer");
    assert!(body.get("expires_in").is_none(), "tokens do not expire");
}

#[tokio::test]
async fn a_revoked_token_is_refused_until_somebody_signs_in_again() {
    let mut desk = Desk::open().await;
    desk.setup.clock.set(instant("2031-01-01T00:00:00Z"));
    assert_eq!(desk.get("users").await.status, 200, "five years later the token still works");
    desk.setup.faults.arm("GET /api/v1/users", Fault::ExpireTokens, 1);
    let refused = desk.get("users").await;
    assert_eq!(refused.status, 401);
    assert_eq!(
        refused.body,
        json!({"errors": [{"type": "oauth", "message": "Invalid OAuth 2 Request"}]})
    );
    desk.sign_in().await;
    assert_eq!(desk.get("users").await.status, 200);
    desk.token = "made-up".into();
    assert_eq!(desk.post("users", json!({"user": {}})).await.status, 401);
}

#[tokio::test]
async fn a_create_answers_200_with_the_envelope() {
    let desk = Desk::open().await;
    let answer = desk
        .post(
            "workspace_groups.json",
            json!({"workspace_group": {"name": "Acme", "company": true}}),
        )
        .await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["count"], 1);
    assert_eq!(
        answer.body["meta"],
        json!({"count": 1, "page_count": 1, "page_number": 1, "page_size": 20})
    );
    assert_eq!(answer.body["results"], json!([{"key": "workspace_groups", "id": "1"}]));
    let group = answer.first();
    assert_eq!((&group["id"], &group["company"]), (&json!("1"), &json!(true)));
    assert_eq!(group["created_at"], "2026-03-02T01:00:00-08:00");
    assert!(!answer.headers["x-request-id"].is_empty());
}

#[tokio::test]
async fn association_ids_and_rows_come_only_when_included() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let id = desk.book(&project, "2026-03-02", 450).await;
    let bare = desk.get(&format!("time_entries/{id}")).await;
    for hidden in [
        "workspace_id",
        "story_id",
        "user_id",
        "timesheet_submission_id",
        "external_reference_ids",
    ] {
        assert!(bare.first().get(hidden).is_none(), "{hidden} was not asked for");
    }
    assert!(bare.body.get("workspaces").is_none());
    assert_eq!(
        (&bare.first()["currency"], &bare.first()["currency_base_unit"]),
        (&json!("EUR"), &json!(100))
    );

    let full = desk
        .get(&format!(
            "time_entries/{id}?include=workspace,user,story,timesheet_submission"
        ))
        .await;
    assert_eq!(full.first()["workspace_id"], project.workspace.to_string());
    assert_eq!(full.first()["timesheet_submission_id"], Value::Null);
    assert_eq!(full.body["workspaces"][project.workspace.to_string()]["title"], "Apollo");
    assert_eq!(full.body["users"][project.user.to_string()]["full_name"], "ada");
    assert!(
        full.body["stories"][project.story.to_string()].get("workspace_id").is_none(),
        "side-loaded rows are bare"
    );
    assert_eq!(
        full.body["results"].as_array().unwrap().len(),
        1,
        "side-loaded rows are no results"
    );
}

#[tokio::test]
async fn ids_may_be_sent_as_numbers_or_texts() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let fields = json!({
        "workspace_id": project.workspace.to_string(), "story_id": project.story.to_string(),
        "user_id": project.user, "date_performed": "2026-03-02", "time_in_minutes": "30",
    });
    let id = desk.create("time_entries", fields).await;
    let answer = desk.get(&format!("time_entries/{id}?include=story")).await;
    assert_eq!(answer.first()["time_in_minutes"], 30);
    assert_eq!(answer.first()["story_id"], project.story.to_string());
}

#[tokio::test]
async fn refusals_name_type_message_and_field() {
    let desk = Desk::open().await;
    let untitled = desk
        .post(
            "workspaces",
            json!({"workspace": {"start_date": "2026-02-30", "stage": "dream"}}),
        )
        .await;
    let mut complaints = untitled.complaints();
    complaints.sort_unstable();
    assert_eq!(complaints, ["stage", "start_date", "title"]);
    assert_eq!(desk.post("workspaces", json!({"title": "no wrapper"})).await.status, 400);
    let garbage = desk
        .client
        .post(format!("{}/api/v1/workspaces", desk.root))
        .bearer_auth(&desk.token)
        .body("{")
        .send()
        .await;
    assert_eq!(garbage.unwrap().status(), 400);
    for path in ["workspaces/77", "workspaces/x", "wombats", "workspaces/1/2/3"] {
        let missing = desk.get(path).await;
        assert_eq!(
            (missing.status.as_u16(), &missing.body["errors"][0]["type"]),
            (404, &json!("system")),
            "{path}"
        );
    }
    assert_eq!(desk.delete("users/1").await.status, 404, "users cannot be deleted");
}

#[tokio::test]
async fn fields_nobody_may_set_are_ignored_without_a_word() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let mut fields = super::desk::entry(&project, "2026-03-02", 60);
    fields["approved"] = json!(true);
    fields["is_invoiced"] = json!(true);
    fields["favourite_colour"] = json!("blue");
    let id = desk.create("time_entries", fields).await;
    let entry = desk.get(&format!("time_entries/{id}")).await;
    assert_eq!(
        (&entry.first()["approved"], &entry.first()["is_invoiced"]),
        (&json!(false), &json!(false))
    );
    assert!(entry.first().get("favourite_colour").is_none());
}

#[tokio::test]
async fn beyond_the_rate_limit_429_comes_without_a_hint() {
    let rate = RateLimit {
        requests: 3,
        per: Duration::from_millis(400),
    };
    let desk = Desk::open_with(Setup::in_memory(instant("2026-03-02T09:00:00Z")), rate).await;
    for _ in 0..3 {
        assert_eq!(desk.get("users").await.status, 200);
    }
    let refused = desk.get("users").await;
    assert_eq!(refused.status, 429);
    let hints = refused
        .headers
        .keys()
        .filter(|name| name.as_str().contains("rate") || name.as_str() == "retry-after");
    assert_eq!(hints.count(), 0);
    tokio::time::sleep(Duration::from_millis(450)).await;
    assert_eq!(desk.get("users").await.status, 200);
}

#[tokio::test]
async fn an_armed_refusal_wears_the_vendors_clothes() {
    let desk = Desk::open().await;
    desk.setup.faults.arm("POST /api/v1/workspaces", Fault::Refuse(503), 1);
    let body = json!({"workspace": {"title": "Apollo"}});
    let refused = desk.try_send(Method::POST, "workspaces", Some(body)).await.unwrap();
    assert_eq!(
        (refused.status.as_u16(), &refused.body["errors"][0]["type"]),
        (503, &json!("system"))
    );
    assert_eq!(desk.get("workspaces").await.body["count"], 0);
}
