//! What a time entry may be.

use serde_json::{Value, json};

use crate::desk::{Desk, Project, entry};

async fn refused(desk: &Desk, fields: Value) -> Vec<String> {
    let answer = desk.post("time_entries", json!({ "time_entry": fields })).await;
    answer.complaints().into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn time_needs_a_project_a_task_of_it_a_person_and_a_day() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let elsewhere = desk.create("workspaces", json!({"title": "Gemini"})).await;
    let with = |field: &str, value: Value| {
        let mut fields = entry(&project, "2026-03-02", 60);
        fields[field] = value;
        fields
    };
    for field in ["workspace_id", "story_id", "user_id"] {
        assert_eq!(refused(&desk, with(field, json!(99))).await[0], field, "it must exist");
        assert!(refused(&desk, with(field, Value::Null)).await.contains(&field.to_owned()));
    }
    assert_eq!(refused(&desk, with("workspace_id", json!(elsewhere))).await, ["story_id"]);
    assert_eq!(
        refused(&desk, with("date_performed", json!("2026-02-29"))).await,
        ["date_performed"]
    );
    for minutes in [json!(0), json!(-6), json!(1441), json!(7.5), Value::Null] {
        assert_eq!(
            refused(&desk, with("time_in_minutes", minutes.clone())).await,
            ["time_in_minutes"],
            "{minutes}"
        );
    }
    assert_eq!(desk.get("time_entries").await.body["count"], 0);
    desk.create("time_entries", with("time_in_minutes", json!(1440))).await;
}

#[tokio::test]
async fn a_day_has_1440_minutes_over_all_projects() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let story = desk
        .create("stories", json!({"title": "Other", "workspace_id": project.workspace}))
        .await;
    let other = Project { story, ..project };
    let morning = desk.book(&other, "2026-03-02", 900).await;
    assert_eq!(refused(&desk, entry(&other, "2026-03-02", 541)).await, ["time_in_minutes"]);
    desk.book(&other, "2026-03-02", 540).await;
    desk.book(&other, "2026-03-03", 1440).await;
    let path = format!("time_entries/{morning}");
    assert_eq!(
        desk.update(&path, json!({"time_in_minutes": 901})).await.complaints(),
        ["time_in_minutes"]
    );
    assert_eq!(
        desk.update(&path, json!({"date_performed": "2026-03-03"})).await.complaints(),
        ["time_in_minutes"]
    );
    assert_eq!(
        desk.update(&path, json!({"time_in_minutes": 800})).await.status,
        200,
        "its own old minutes do not count"
    );
    desk.book(&other, "2026-03-02", 100).await;
    assert_eq!(desk.delete(&path).await.status, 204);
    desk.book(&other, "2026-03-02", 800).await;
}

#[tokio::test]
async fn a_correction_names_what_it_replaces_and_may_be_empty() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let old = desk.book(&project, "2026-03-02", 1000).await;
    let mut correction = entry(&project, "2026-03-02", 950);
    correction["custom_fields"] = json!({"Supersedes Entry": old.to_string()});
    let new = desk.create("time_entries", correction).await;
    let mut void = entry(&project, "2026-03-02", 0);
    void["custom_fields"] = json!({"Supersedes Entry": new});
    desk.create("time_entries", void.clone()).await;
    desk.book(&project, "2026-03-02", 440).await;
    assert_eq!(
        refused(&desk, entry(&project, "2026-03-02", 1)).await,
        ["time_in_minutes"],
        "corrections take no room"
    );
    void["custom_fields"] = json!({"Supersedes Entry": ""});
    assert_eq!(refused(&desk, void).await, ["time_in_minutes"]);
}

#[tokio::test]
async fn billable_follows_the_task_unless_told() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let free = desk
        .create(
            "stories",
            json!({"title": "Pro bono", "workspace_id": project.workspace, "billable": false}),
        )
        .await;
    let billable = async |fields: Value| {
        let id = desk.create("time_entries", fields).await;
        desk.get(&format!("time_entries/{id}")).await.first()["billable"]
            .as_bool()
            .unwrap()
    };
    assert!(billable(entry(&project, "2026-03-02", 60)).await);
    let mut fields = entry(&project, "2026-03-02", 60);
    fields["story_id"] = json!(free);
    assert!(!billable(fields.clone()).await);
    fields["billable"] = json!(true);
    assert!(billable(fields).await);
}

#[tokio::test]
async fn several_entries_are_deleted_together_or_not_at_all() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let (first, second) = (
        desk.book(&project, "2026-03-02", 60).await,
        desk.book(&project, "2026-03-03", 60).await,
    );
    let kept = desk.book(&project, "2026-03-04", 60).await;
    let sheet = desk.submit(&project, &[second]).await;
    assert_eq!(
        desk.delete(&format!("time_entries?ids={first},{second}")).await.complaints(),
        ["base"]
    );
    assert_eq!(desk.delete(&format!("time_entries?ids={first},99")).await.status, 404);
    assert_eq!(desk.get("time_entries").await.body["count"], 3);
    desk.put(&format!("timesheet_submissions/{sheet}/reject"), json!({})).await;
    assert_eq!(desk.delete(&format!("time_entries?ids={first},{second}")).await.status, 204);
    assert_eq!(desk.get("time_entries").await.ids(), [kept]);
    assert_eq!(desk.delete("time_entries").await.complaints(), ["ids"]);
    assert_eq!(
        desk.delete(&format!("stories/{}", project.story)).await.complaints(),
        ["base"],
        "it has time"
    );
}
