//! Timesheets: handing in, approving, rejecting, cancelling.

use serde_json::{Value, json};

use crate::desk::{Desk, entry, instant};

#[tokio::test]
async fn an_approval_freezes_the_week_and_moves_its_entries() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let (monday, tuesday) = (
        desk.book(&project, "2026-03-02", 450).await,
        desk.book(&project, "2026-03-03", 480).await,
    );
    let sheet = desk.submit(&project, &[monday, tuesday]).await;
    let path = format!("timesheet_submissions/{sheet}");
    let pending = desk.get(&format!("{path}?include=time_entries,user,workspace")).await;
    let row = pending.first();
    assert_eq!((&row["status"], &row["resolved_at"]), (&json!("pending"), &Value::Null));
    assert_eq!(
        (&row["start_date"], &row["end_date"]),
        (&json!("2026-03-02"), &json!("2026-03-03"))
    );
    assert_eq!(row["time_entry_ids"], json!([monday.to_string(), tuesday.to_string()]));
    assert_eq!(row["user_id"], project.user.to_string());
    assert_eq!(pending.body["time_entries"][monday.to_string()]["approved"], false);

    desk.setup.clock.set(instant("2026-03-09T16:30:00Z"));
    let approved = desk
        .put(&format!("{path}/approve"), json!({"resolution": {"description": "fine"}}))
        .await;
    assert_eq!(
        (&approved.first()["status"], &approved.first()["resolved_at"]),
        (&json!("approved"), &json!("2026-03-09T08:30:00-08:00"))
    );
    assert_eq!(approved.first()["current_resolution_description"], "fine");
    let feed = "time_entries?updated_after=2026-03-09T16:30:00Z&order=updated_at:asc&include=timesheet_submission";
    let moved = desk.get(feed).await;
    assert_eq!(moved.ids(), [monday, tuesday]);
    assert_eq!(
        (&moved.first()["approved"], &moved.first()["timesheet_submission_id"]),
        (&json!(true), &json!(sheet.to_string()))
    );
    assert_eq!(
        moved.body["timesheet_submissions"][sheet.to_string()]["resolved_at"],
        "2026-03-09T08:30:00-08:00"
    );

    let entry = format!("time_entries/{monday}");
    assert_eq!(desk.update(&entry, json!({"notes": "oops"})).await.complaints(), ["base"]);
    assert_eq!(desk.delete(&entry).await.complaints(), ["base"]);
    assert_eq!(desk.put(&format!("{path}/approve"), json!({})).await.complaints(), ["status"]);
    assert_eq!(desk.put(&format!("{path}/reject"), json!({})).await.complaints(), ["status"]);
}

#[tokio::test]
async fn rejected_time_is_handed_in_again_on_a_new_sheet_and_the_old_one_loses_it() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let (monday, tuesday) = (
        desk.book(&project, "2026-03-02", 450).await,
        desk.book(&project, "2026-03-03", 480).await,
    );
    let old = desk.submit(&project, &[monday, tuesday]).await;
    desk.setup.clock.set(instant("2026-03-09T16:30:00Z"));
    let rejected = desk.put(&format!("timesheet_submissions/{old}/reject"), json!({})).await;
    assert_eq!(rejected.first()["status"], "rejected");
    assert_eq!(
        desk.get("time_entries?updated_after=2026-03-09T16:30:00Z&order=updated_at:asc")
            .await
            .ids(),
        [monday, tuesday]
    );
    let shown = desk
        .get(&format!(
            "time_entries/{monday}?include=timesheet_submission,active_submission"
        ))
        .await;
    assert_eq!(
        shown.first()["timesheet_submission_id"],
        old.to_string(),
        "the latest sheet, though rejected"
    );
    assert_eq!(shown.first()["active_submission_id"], Value::Null);

    assert_eq!(
        desk.update(&format!("time_entries/{monday}"), json!({"time_in_minutes": 420}))
            .await
            .status,
        200
    );
    let new = desk.submit(&project, &[monday]).await;
    assert_ne!(new, old);
    let sheets = desk
        .get(&format!(
            "timesheet_submissions?only={old},{new}&include=time_entries&order=id"
        ))
        .await;
    assert_eq!(
        sheets.body["timesheet_submissions"][old.to_string()]["time_entry_ids"],
        json!([tuesday.to_string()])
    );
    assert_eq!(
        sheets.body["timesheet_submissions"][new.to_string()]["time_entry_ids"],
        json!([monday.to_string()])
    );
    assert_eq!(desk.get("timesheet_submissions?statuses=pending").await.ids(), [new]);
    assert_eq!(
        desk.put(&format!("timesheet_submissions/{old}/approve"), json!({}))
            .await
            .complaints(),
        ["status"]
    );
}

#[tokio::test]
async fn a_sheet_is_for_one_project_and_one_person_and_entries_that_are_free() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let monday = desk.book(&project, "2026-03-02", 60).await;
    let bob = desk.user("bob").await;
    let mut fields = entry(&project, "2026-03-02", 60);
    fields["user_id"] = json!(bob);
    let bobs = desk.create("time_entries", fields).await;
    let workspace = desk.create("workspaces", json!({"title": "Gemini"})).await;
    let story = desk
        .create("stories", json!({"title": "Fly", "workspace_id": workspace}))
        .await;
    let elsewhere = desk
        .book(
            &crate::desk::Project {
                workspace,
                story,
                user: project.user,
            },
            "2026-03-02",
            60,
        )
        .await;

    let hand_in = async |fields: Value| {
        desk.post("timesheet_submissions", json!({"timesheet_submission": fields}))
            .await
    };
    for entries in [
        json!([monday, bobs]),
        json!([monday, elsewhere]),
        json!([monday, 99]),
        json!([]),
    ] {
        let answer = hand_in(json!({"workspace_id": project.workspace, "time_entry_ids": entries})).await;
        assert_eq!(answer.complaints(), ["time_entry_ids"], "{entries}");
    }
    let outside = json!({"workspace_id": project.workspace, "time_entry_ids": [monday], "start_date": "2026-03-09", "end_date": "2026-03-15"});
    assert_eq!(hand_in(outside).await.complaints(), ["time_entry_ids"]);
    assert_eq!(desk.get("timesheet_submissions").await.body["count"], 0);
    let free = desk.get(&format!("time_entries/{monday}?include=timesheet_submission")).await;
    assert_eq!(
        free.first()["timesheet_submission_id"],
        Value::Null,
        "refused sheets took nothing"
    );

    let vendor_words = json!({"workspace_id": project.workspace, "title": "Week 10", "line_item_ids": [monday]});
    assert_eq!(hand_in(vendor_words).await.first()["title"], "Week 10");
    let twice = hand_in(json!({"workspace_id": project.workspace, "time_entry_ids": [monday]})).await;
    assert_eq!(twice.complaints(), ["time_entry_ids"], "an entry is on one live sheet");
    let moved = desk.update(&format!("time_entries/{monday}"), json!({"user_id": bob})).await;
    assert_eq!(moved.complaints(), ["user_id"], "a submitted entry stays with its person");
}

#[tokio::test]
async fn cancelling_thaws_approved_time_unless_it_was_invoiced() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let mut sheets = Vec::new();
    for day in ["2026-03-02", "2026-03-03"] {
        let id = desk.book(&project, day, 60).await;
        let sheet = desk.submit(&project, &[id]).await;
        desk.put(&format!("timesheet_submissions/{sheet}/approve"), json!({})).await;
        sheets.push((id, sheet));
    }
    let invoice = json!({"invoice_date": "2026-03-31", "currency": "EUR", "total_in_cents": 100,
        "workspace_ids": [project.workspace], "time_entry_ids": [sheets[1].0]});
    desk.create("invoices", invoice).await;
    let cancelled = desk
        .put(&format!("timesheet_submissions/{}/cancel", sheets[0].1), json!({}))
        .await;
    assert_eq!(cancelled.first()["status"], "cancelled");
    assert_eq!(
        desk.update(&format!("time_entries/{}", sheets[0].0), json!({"notes": "again"}))
            .await
            .status,
        200
    );
    assert_eq!(
        desk.put(&format!("timesheet_submissions/{}/cancel", sheets[1].1), json!({}))
            .await
            .complaints(),
        ["base"]
    );
}
