//! Restarts and dying in the middle.

use serde_json::json;
use strata_sandbox::Fault;

use crate::desk::{Desk, entry};

#[tokio::test]
async fn a_restart_keeps_every_record() {
    let dir = tempfile::tempdir().unwrap();
    let desk = Desk::open_in(dir.path(), "2026-03-02T09:00:00Z").await;
    let project = desk.project().await;
    let id = desk.book(&project, "2026-03-02", 450).await;
    let sheet = desk.submit(&project, &[id]).await;
    desk.put(&format!("timesheet_submissions/{sheet}/approve"), json!({})).await;
    let path = format!("time_entries/{id}?include=workspace,user,story,timesheet_submission");
    let before = desk.get(&path).await.body;
    desk.close().await;

    let desk = Desk::open_in(dir.path(), "2026-03-02T09:00:00Z").await;
    assert_eq!(desk.get(&path).await.body, before);
    assert_eq!(
        desk.update(&format!("time_entries/{id}"), json!({"notes": "x"}))
            .await
            .complaints(),
        ["base"]
    );
    let later = desk.book(&project, "2026-03-03", 60).await;
    let feed = desk.get("time_entries?order=updated_at:asc").await;
    assert_eq!(
        feed.ids(),
        [id, later],
        "new stamps come after the stored ones although the clock began anew"
    );
    desk.close().await;
}

#[tokio::test]
async fn a_write_torn_by_the_death_of_the_server_never_happened() {
    let dir = tempfile::tempdir().unwrap();
    let desk = Desk::open_in(dir.path(), "2026-03-02T09:00:00Z").await;
    let project = desk.project().await;
    let entries = [
        desk.book(&project, "2026-03-02", 60).await,
        desk.book(&project, "2026-03-03", 60).await,
    ];
    let sheet = desk.submit(&project, &entries).await;
    let log = dir.path().join("kantata-ox.log");
    let before = std::fs::metadata(&log).unwrap().len();
    assert_eq!(
        desk.put(&format!("timesheet_submissions/{sheet}/approve"), json!({}))
            .await
            .status,
        200
    );
    let token = desk.token.clone();
    desk.close().await;
    let after = std::fs::metadata(&log).unwrap().len();

    // The line of the approval holds the sheet and both entries; half of it is on the disk.
    let file = std::fs::OpenOptions::new().write(true).open(&log).unwrap();
    file.set_len(before + (after - before) / 2).unwrap();
    drop(file);
    let mut desk = Desk::open_in(dir.path(), "2026-03-09T09:00:00Z").await;
    let fresh = std::mem::replace(&mut desk.token, token);
    assert_eq!(desk.get("users").await.status, 401, "tokens do not outlive the server");
    desk.token = fresh;
    assert_eq!(
        desk.get(&format!("timesheet_submissions/{sheet}")).await.first()["status"],
        "pending"
    );
    assert!(
        desk.get("time_entries?approved=1").await.ids().is_empty(),
        "no entry is approved on its own"
    );
    assert_eq!(
        desk.put(&format!("timesheet_submissions/{sheet}/approve"), json!({}))
            .await
            .status,
        200
    );
    assert_eq!(desk.get("time_entries?approved=1&order=id").await.ids(), entries);
    desk.close().await;
}

#[tokio::test]
async fn a_lost_answer_survives_a_restart_as_a_committed_write() {
    let dir = tempfile::tempdir().unwrap();
    let desk = Desk::open_in(dir.path(), "2026-03-02T09:00:00Z").await;
    let project = desk.project().await;
    desk.setup.faults.arm("POST /api/v1/time_entries", Fault::LoseAnswer, 1);
    let mut fields = entry(&project, "2026-03-02", 60);
    fields["external_reference"] = json!({"service_name": "strata", "service_model": "TimeEntry", "service_model_ref": "te-9"});
    let lost = desk
        .try_send(reqwest::Method::POST, "time_entries", Some(json!({ "time_entry": fields })))
        .await;
    assert!(lost.is_err());
    desk.close().await;
    let desk = Desk::open_in(dir.path(), "2026-03-02T10:00:00Z").await;
    let lookup = "time_entries?external_reference_service_name=strata&external_reference_service_model_ref=te-9";
    assert_eq!(desk.get(lookup).await.ids(), [1]);
    desk.close().await;
}
