//! Change feeds over HTTP: parameters, paging, quarantine.

use serde_json::{Value, json};
use strata_contract::strata::system::psa::v1 as pb;
use strata_port::PsaSystem;

use crate::account::{Account, start};

fn entry(id: u64, second: u64) -> Value {
    json!({"id": id.to_string(), "workspace_id": "5501", "user_id": "77", "story_id": null, "date_performed": "2026-03-02",
        "time_in_minutes": 60, "billable": true, "approved": false, "timesheet_submission_id": null,
        "updated_at": format!("2026-03-02T09:{:02}:{:02}-08:00", second / 60, second % 60)})
}

async fn drain(psa: &impl PsaSystem, cursor: &mut String) -> (Vec<String>, Vec<String>) {
    let (mut ids, mut malformed) = (Vec::new(), Vec::new());
    loop {
        let request = pb::ListTimeEntryChangesRequest {
            cursor: cursor.clone(),
            page_size: 0,
        };
        let page = psa.list_time_entry_changes(request).await.unwrap();
        ids.extend(page.time_entries.into_iter().map(|entry| entry.id));
        malformed.extend(
            page.malformed
                .into_iter()
                .map(|bad| format!("{} {} {}", bad.kind, bad.vendor_id, bad.field)),
        );
        *cursor = page.next_cursor;
        if !page.more {
            return (ids, malformed);
        }
    }
}

fn asked(account: &Account, parameter: &str) -> Vec<bool> {
    account
        .0
        .lock()
        .unwrap()
        .asked
        .iter()
        .map(|asked| asked.contains(parameter))
        .collect()
}

#[tokio::test]
async fn a_feed_is_read_page_by_page_and_what_does_not_fit_stops_nothing() {
    let (psa, account) = start().await;
    // All within two seconds: the window cannot move, so the pages are asked for by offset.
    (1..=450).for_each(|id| account.add("time_entries", entry(id, id / 300)));
    let mut bad = entry(7, 0);
    bad["time_in_minutes"] = json!(1_500);
    account.add("time_entries", bad);
    let mut cursor = String::new();
    let (ids, malformed) = drain(&psa, &mut cursor).await;
    assert_eq!((ids.len(), malformed), (449, vec!["time_entry 7 time_in_minutes".to_owned()]));
    for parameter in [
        "order=updated_at%3Aasc",
        "from_archived_workspaces=true",
        "limit=200",
        "timesheet_submission",
    ] {
        assert!(asked(&account, parameter).iter().all(|there| *there), "{parameter}");
    }
    assert!(
        !asked(&account, "updated_after").contains(&true),
        "nothing to begin after yet"
    );
    // The next poll begins ten seconds before the newest record.
    drain(&psa, &mut cursor).await;
    assert_eq!(asked(&account, "updated_after=2026-03-02T16%3A59%3A51Z").last(), Some(&true));
    let strange = pb::ListTimeEntryChangesRequest {
        cursor: "' OR 1=1".into(),
        page_size: 0,
    };
    assert_eq!(psa.list_time_entry_changes(strange).await.unwrap_err().field, "cursor");
}

#[tokio::test]
async fn a_page_is_never_larger_than_asked_for() {
    let (psa, account) = start().await;
    (1..=30).for_each(|id| account.add("time_entries", entry(id, id)));
    let mut cursor = String::new();
    let mut sizes = Vec::new();
    loop {
        let request = pb::ListTimeEntryChangesRequest { cursor, page_size: 12 };
        let page = psa.list_time_entry_changes(request).await.unwrap();
        sizes.push(page.time_entries.len());
        cursor = page.next_cursor;
        if !page.more {
            break;
        }
    }
    assert_eq!(sizes, [12, 12, 6]);
}

#[tokio::test]
async fn records_without_a_stamp_go_to_quarantine_unless_nothing_else_comes() {
    let (psa, account) = start().await;
    let undated = |id: u64| {
        let mut row = entry(id, 0);
        row["updated_at"] = json!("soon");
        row
    };
    account.add("time_entries", undated(1));
    let mut cursor = String::new();
    let (ids, malformed) = drain(&psa, &mut cursor).await;
    assert_eq!((ids.len(), malformed), (0, vec!["time_entry 1 updated_at".to_owned()]));
    account.add("time_entries", entry(2, 0));
    assert_eq!(drain(&psa, &mut cursor).await.0, ["2"]);
    // A full page without one stamp is no feed at all.
    (1..=200).for_each(|id| account.add("time_entries", undated(id)));
    let error = psa.list_time_entry_changes(Default::default()).await.unwrap_err();
    assert_eq!((error.reason, error.is_temporary()), ("VENDOR_UNAVAILABLE", true));
}

fn story(id: u64, kind: &str, key: Option<&str>, state: &str) -> Value {
    let reference = key.map(|key| json!({"service_name": "strata", "service_model_ref": key}));
    json!({"id": id.to_string(), "workspace_id": "5501", "title": kind, "story_type": kind, "state": state, "billable": false,
        "external_reference": reference, "updated_at": "2026-03-02T09:00:00-08:00"})
}

#[tokio::test]
async fn milestones_are_told_from_tasks_and_from_what_people_keep_for_themselves() {
    let (psa, account) = start().await;
    // The account answers every story, whatever type is asked for.
    account.add("stories", story(1, "task", Some("tsk_1"), "completed"));
    account.add("stories", story(2, "milestone", Some("CT-1-M1"), "completed"));
    account.add("stories", story(3, "milestone", None, "completed"));
    account.add("stories", story(4, "milestone", Some("CT-1-M2"), ""));
    let page = psa.list_milestone_changes(Default::default()).await.unwrap();
    let read: Vec<(&str, &str)> = page.milestones.iter().map(|m| (m.id.as_str(), m.key.as_str())).collect();
    assert_eq!(read, [("2", "CT-1-M1")]);
    assert_eq!(page.milestones[0].state(), pb::ProjectMilestoneState::Delivered);
    let malformed: Vec<(&str, &str, &str)> = page
        .malformed
        .iter()
        .map(|bad| (bad.kind.as_str(), bad.vendor_id.as_str(), bad.field.as_str()))
        .collect();
    assert_eq!(malformed, [("milestone", "4", "state")]);
    assert!(!page.more && !page.next_cursor.is_empty());
    for parameter in [
        "story_type=milestone",
        "order=updated_at%3Aasc",
        "show_from_archived_workspaces=true",
    ] {
        assert!(asked(&account, parameter).iter().all(|there| *there), "{parameter}");
    }

    let project =
        json!({"id": "5501", "title": "T", "story_ids": ["1", "2", "3", "4"], "updated_at": "2026-03-02T09:00:00-08:00"});
    account.add("workspaces", project);
    let page = psa.list_project_changes(Default::default()).await.unwrap();
    let tasks: Vec<&str> = page.projects[0].tasks.iter().map(|task| task.id.as_str()).collect();
    assert_eq!(tasks, ["1"], "hours are not booked on milestones");
}
