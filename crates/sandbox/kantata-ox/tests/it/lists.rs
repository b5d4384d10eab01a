//! Lists: pages, orders, filters, and what is hidden by default.

use serde_json::json;

use crate::desk::{Desk, instant};

#[tokio::test]
async fn pages_have_20_rows_unless_asked_and_never_more_than_200() {
    let desk = Desk::open().await;
    for number in 0..205 {
        desk.create("workspace_groups", json!({"name": format!("Client {number:03}")}))
            .await;
    }
    let first = desk.get("workspace_groups").await;
    assert_eq!(first.ids().len(), 20);
    assert_eq!(
        first.body["meta"],
        json!({"count": 205, "page_count": 11, "page_number": 1, "page_size": 20})
    );
    let last = desk.get("workspace_groups?page=11").await;
    assert_eq!(last.ids(), [201, 202, 203, 204, 205]);
    assert_eq!(desk.get("workspace_groups?per_page=1000").await.ids().len(), 200);
    let beyond = desk.get("workspace_groups?page=12").await;
    assert_eq!((beyond.body["count"].as_u64(), beyond.ids().len()), (Some(205), 0));
    assert_eq!(beyond.body["workspace_groups"], json!({}));
    let offset = desk.get("workspace_groups?limit=3&offset=10&page=7&per_page=50").await;
    assert_eq!(offset.ids(), [11, 12, 13], "limit and offset win");
    assert_eq!(desk.get("workspace_groups?page=two").await.complaints(), ["page"]);
    let descending = desk.get("workspace_groups?order=name:desc&per_page=2").await;
    assert_eq!(descending.ids(), [205, 204]);
}

#[tokio::test]
async fn only_picks_ids_and_never_misses() {
    let desk = Desk::open().await;
    for name in ["A", "B", "C"] {
        desk.create("workspace_groups", json!({"name": name})).await;
    }
    assert_eq!(desk.get("workspace_groups?only=3,1,99").await.ids(), [1, 3]);
    let none = desk.get("workspace_groups?only=99").await;
    assert_eq!((none.status.as_u16(), none.ids().len()), (200, 0));
}

#[tokio::test]
async fn searching_looks_into_titles_without_regard_to_case() {
    let desk = Desk::open().await;
    let apollo = desk.create("workspaces", json!({"title": "Apollo Programme"})).await;
    desk.create("workspaces", json!({"title": "Gemini"})).await;
    assert_eq!(desk.get("workspaces?search=apollo").await.ids(), [apollo]);
    assert_eq!(desk.get("workspaces?matching=PROGRAMME").await.ids(), [apollo]);
    assert_eq!(desk.get("workspaces?by_title=Apollo").await.ids().len(), 0);
    assert_eq!(desk.get("workspaces?by_title=Apollo%20Programme").await.ids(), [apollo]);
}

#[tokio::test]
async fn an_archived_project_is_404_until_asked_for() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let entry = desk.book(&project, "2026-03-02", 60).await;
    let path = format!("workspaces/{}", project.workspace);
    assert_eq!(desk.update(&path, json!({"archived": true})).await.status, 200);

    assert_eq!(desk.get(&path).await.status, 404);
    assert_eq!(desk.get(&format!("{path}?include_archived=true")).await.status, 200);
    assert!(desk.get("workspaces").await.ids().is_empty());
    assert_eq!(desk.get("workspaces?include_archived=true").await.ids(), [project.workspace]);
    assert_eq!(desk.get("workspaces?archived=only").await.ids(), [project.workspace]);

    let entry_path = format!("time_entries/{entry}");
    assert_eq!(desk.get(&entry_path).await.status, 404);
    assert_eq!(
        desk.get(&format!("{entry_path}?from_archived_workspaces=true")).await.status,
        200
    );
    for feed in [
        "time_entries",
        "time_entries?updated_after=2026-01-01T00:00:00Z&order=updated_at:asc",
    ] {
        assert!(desk.get(feed).await.ids().is_empty(), "{feed}");
    }
    assert_eq!(desk.get("time_entries?from_archived_workspaces=true").await.ids(), [entry]);
    let refused = desk
        .post(
            "time_entries",
            json!({"time_entry": super::desk::entry(&project, "2026-03-03", 60)}),
        )
        .await;
    assert_eq!(refused.complaints(), ["workspace_id"]);

    assert_eq!(desk.update(&path, json!({"archived": false})).await.status, 200);
    assert_eq!(desk.get(&path).await.status, 200);
}

#[tokio::test]
async fn time_is_listed_by_day_and_narrowed_by_person_project_and_dates() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let bob = desk.user("bob").await;
    let monday = desk.book(&project, "2026-03-02", 60).await;
    let friday = desk.book(&project, "2026-03-06", 60).await;
    let mut fields = super::desk::entry(&project, "2026-03-04", 60);
    fields["user_id"] = json!(bob);
    fields["billable"] = json!(false);
    let wednesday = desk.create("time_entries", fields).await;

    assert_eq!(
        desk.get("time_entries").await.ids(),
        [friday, wednesday, monday],
        "latest day first"
    );
    assert_eq!(
        desk.get("time_entries?order=date_performed:asc").await.ids(),
        [monday, wednesday, friday]
    );
    assert_eq!(
        desk.get("time_entries?date_performed_between=2026-03-02:2026-03-04")
            .await
            .ids(),
        [wednesday, monday]
    );
    assert_eq!(
        desk.get(&format!("time_entries?with_user_ids={bob}")).await.ids(),
        [wednesday]
    );
    assert_eq!(desk.get("time_entries?billable=false").await.ids(), [wednesday]);
    assert_eq!(desk.get("time_entries?billable=true").await.ids(), [friday, monday]);
    assert_eq!(
        desk.get(&format!("time_entries?workspace_id={}", project.workspace))
            .await
            .ids()
            .len(),
        3
    );
    assert_eq!(desk.get("time_entries?workspace_id=99").await.ids().len(), 0);
    assert_eq!(
        desk.get("time_entries?date_performed_between=2026").await.complaints(),
        ["date_performed_between"]
    );

    let sheet = desk.submit(&project, &[monday]).await;
    assert_eq!(
        desk.put(&format!("timesheet_submissions/{sheet}/approve"), json!({}))
            .await
            .status,
        200
    );
    assert_eq!(
        desk.get("time_entries?approved=false").await.ids(),
        [monday],
        "a presence flag ignores its value"
    );
    assert_eq!(desk.get("time_entries?uninvoiced=1").await.ids().len(), 3);
    assert_eq!(desk.get("time_entries?invoiced=1").await.ids().len(), 0);
}

#[tokio::test]
async fn stories_are_listed_by_type_in_the_order_of_their_changes() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let milestone = json!({"title": "Go-live", "story_type": "milestone", "workspace_id": project.workspace,
        "custom_fields": {"Milestone Code": "CT-1-M1"}});
    let first = desk.create("stories", milestone.clone()).await;
    let second = desk.create("stories", milestone).await;
    let accepted = json!({"state": "completed", "custom_fields": {"Accepted On": "2026-03-02", "Acceptance Evidence": "mail"}});
    desk.setup.clock.set(instant("2026-03-03T09:00:00Z"));
    assert_eq!(desk.update(&format!("stories/{first}"), accepted).await.status, 200);
    let feed = "stories?story_type=milestone&order=updated_at:asc&updated_after=2026-03-01T00:00:00Z&include=custom_field_values";
    let listed = desk.get(feed).await;
    assert_eq!(listed.ids(), [second, first], "without the task");
    let subject = first.to_string();
    let values = listed.body["custom_field_values"].as_object().unwrap().values();
    let said: Vec<(&str, &str)> = values
        .filter(|value| value["subject_id"] == *subject)
        .map(|value| {
            (
                value["custom_field_name"].as_str().unwrap(),
                value["display_value"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(said.len(), 3, "the code stays when others are added: {said:?}");
    assert!(said.contains(&("Milestone Code", "CT-1-M1")) && said.contains(&("Accepted On", "2026-03-02")));
    assert_eq!(
        desk.update(&format!("stories/{first}"), json!({"state": "accepted"}))
            .await
            .complaints(),
        ["state"]
    );
}
