#![allow(clippy::unwrap_used)]
use serde_json::json;

use super::*;

/// An answer with one record and what is beside it.
fn answer(collection: &str, row: &Value, beside: Value) -> Envelope {
    let mut body = beside;
    let id = row["id"].as_str().unwrap_or("1");
    body["results"] = json!([{"key": collection, "id": id}]);
    body[collection] = json!({ id: row });
    Envelope::read(body, collection).unwrap()
}

fn entry() -> Value {
    // As it comes over the wire.
    serde_json::from_str(
        r#"{"id":"90210","date_performed":"2026-03-02","time_in_minutes":450,"billable":true,"rate_in_cents":15000,
        "currency":"USD","currency_base_unit":100,"approved":true,"is_invoiced":false,"workspace_id":"5501","user_id":"77",
        "story_id":"8801","notes":"TE-1","timesheet_submission_id":"4","custom_field_value_ids":["1","2","3","4"],
        "updated_at":"2026-03-03T09:30:00-08:00"}"#,
    )
    .unwrap()
}

fn beside(status: &str) -> Value {
    let value = |name: &str, text: &str| json!({"custom_field_name": name, "display_value": text, "subject_id": "90210"});
    json!({
        "timesheet_submissions": {"4": {"id": "4", "status": status, "resolved_at": "2026-03-03T09:30:00-08:00"}},
        "custom_field_values": {
            "1": value("Role", "analyst"), "2": value("Work Type", "overtime"), "3": value("Write Down Minutes", "15"),
            "4": value("Supersedes Entry", "90001"),
        },
    })
}

fn read(row: &Value, beside: Value) -> Read<pb::TimeEntry> {
    let envelope = answer("time_entries", row, beside);
    time_entry(&envelope, row)
}

fn with(mut row: Value, field: &str, value: Value) -> Value {
    row[field] = value;
    row
}

#[test]
fn an_entry_says_everything_the_contract_asks() {
    let read = read(&entry(), beside("approved")).unwrap();
    assert_eq!(
        (read.id.as_str(), read.project_id.as_str(), read.task_id.as_str()),
        ("90210", "5501", "8801")
    );
    assert_eq!(
        (read.resource_id.as_str(), read.role.as_str(), read.reference.as_str()),
        ("77", "analyst", "TE-1")
    );
    assert_eq!(
        (read.minutes, read.write_down_minutes, read.supersedes_id.as_str()),
        (450, 15, "90001")
    );
    assert_eq!(
        (read.work_type(), read.state()),
        (pb::WorkType::Overtime, pb::EntryState::Approved)
    );
    // 09:30 at eight hours west of Greenwich.
    assert_eq!(read.approved_time.unwrap().seconds, 1_772_559_000);
    assert_eq!(read.modified_time.unwrap().seconds, 1_772_559_000);
}

#[test]
fn the_sheet_says_the_state() {
    for (status, state) in [
        ("pending", pb::EntryState::Submitted),
        ("rejected", pb::EntryState::Rejected),
        ("cancelled", pb::EntryState::Draft),
    ] {
        let row = with(entry(), "approved", json!(false));
        let read = read(&row, beside(status)).unwrap();
        assert_eq!((read.state(), read.approved_time), (state, None), "{status}");
    }
    let draft = with(
        with(entry(), "timesheet_submission_id", json!(null)),
        "approved",
        json!(false),
    );
    assert_eq!(read(&draft, beside("pending")).unwrap().state(), pb::EntryState::Draft);
    let other_name = json!({"timesheet_submissions": {"4": {"status": "approved",
        "current_resolution_created_at_date": "2026-03-03T09:30:00-08:00"}}});
    assert_eq!(
        read(&entry(), other_name).unwrap().approved_time.unwrap().seconds,
        1_772_559_000
    );
}

#[test]
fn what_does_not_fit_is_named() {
    let undated = json!({"timesheet_submissions": {"4": {"status": "approved", "resolved_at": null}}});
    let odd_type = json!({
        "timesheet_submissions": beside("approved")["timesheet_submissions"],
        "custom_field_values": {"2": {"custom_field_name": "Work Type", "display_value": "weekend"}},
    });
    let no_sheet = with(entry(), "timesheet_submission_id", json!(null));
    for (row, beside, field) in [
        (entry(), undated, "timesheet_submissions.resolved_at"),
        (entry(), odd_type, "Work Type"),
        (entry(), beside("lost"), "timesheet_submissions.status"),
        (entry(), json!({}), "timesheet_submission_id"),
        (no_sheet, beside("approved"), "timesheet_submission_id"),
        (
            with(entry(), "time_in_minutes", json!(1441)),
            beside("approved"),
            "time_in_minutes",
        ),
        (
            with(entry(), "time_in_minutes", serde_json::from_str("7.5").unwrap()),
            beside("approved"),
            "time_in_minutes",
        ),
        (
            with(entry(), "date_performed", json!("26-03-02")),
            beside("approved"),
            "date_performed",
        ),
        (with(entry(), "user_id", json!(null)), beside("approved"), "user_id"),
        (with(entry(), "billable", json!("perhaps")), beside("approved"), "billable"),
        (with(entry(), "updated_at", json!(null)), beside("approved"), "updated_at"),
    ] {
        assert_eq!(read(&row, beside).unwrap_err().field, field);
    }
}

#[test]
fn expenses_are_in_subunits_of_their_own_currency() {
    let row = |currency: &str, unit: i64| {
        json!({"id": "1", "workspace_id": "5501", "user_id": "77", "date": "2026-03-02", "category": "airfare", "currency": currency,
            "currency_base_unit": unit, "amount_in_cents": 90_071_992_547_i64, "is_billable": true, "reimbursable": false,
            "receipt_id": null, "approved": false, "expense_report_submission_id": null, "updated_at": "2026-03-03T09:30:00-08:00"})
    };
    for (currency, unit) in [("USD", 100), ("JPY", 1), ("KWD", 1_000)] {
        let row = row(currency, unit);
        let read = expense(&answer("expenses", &row, json!({})), &row).unwrap();
        let amount = read.amount.clone().unwrap();
        assert_eq!(
            (amount.currency_code.as_str(), amount.minor_units),
            (currency, 90_071_992_547)
        );
        assert!(!read.receipt && read.billable && read.state() == pb::EntryState::Draft);
    }
    let misread = |row: &Value| expense(&answer("expenses", row, json!({})), row).unwrap_err().field;
    assert_eq!(misread(&row("JPY", 100)), "currency_base_unit");
    assert_eq!(misread(&row("GOLD", 100)), "currency");
    assert_eq!(
        misread(&with(row("USD", 100), "amount_in_cents", json!("12.5"))),
        "amount_in_cents"
    );
}

#[test]
fn projects_and_tasks_carry_our_keys() {
    let row = json!({"id": "5501", "title": "Internal", "primary_workspace_group_id": null, "external_reference_ids": ["31"],
        "custom_field_value_ids": ["1", "2"], "updated_at": "2026-03-03T09:30:00-08:00"});
    let beside = json!({
        "external_references": {"31": {"service_name": "strata", "service_model_ref": "prj-1"}},
        "custom_field_values": {
            "1": {"custom_field_name": "Project Code", "display_value": "INT-US01"},
            "2": {"custom_field_name": "Legal Entity", "display_value": "US01"},
        },
    });
    let envelope = answer("workspaces", &row, beside);
    let read = project(&envelope, &row, "strata", Vec::new()).unwrap();
    assert_eq!(
        (read.key.as_str(), read.code.as_str(), read.legal_entity_code.as_str()),
        ("prj-1", "INT-US01", "US01")
    );
    assert_eq!((read.client_id.as_str(), read.cost_center_code.as_str()), ("", ""));
    let story = json!({"id": "8801", "title": "Build", "billable": true, "external_reference_ids": []});
    let read = task(&answer("stories", &story, json!({})), &story, "strata").unwrap();
    assert_eq!((read.key.as_str(), read.title.as_str(), read.billable), ("", "Build", true));
}

/// A project with these values of the two custom fields of its estimate.
fn estimated(minutes: Option<&str>, recorded_on: Option<&str>) -> Read<pb::Project> {
    let row =
        json!({"id": "5501", "title": "T", "custom_field_value_ids": ["1", "2"], "updated_at": "2026-03-03T09:30:00-08:00"});
    let beside = json!({"custom_field_values": {
        "1": {"custom_field_name": "EAC Minutes", "display_value": minutes},
        "2": {"custom_field_name": "EAC Recorded On", "display_value": recorded_on},
    }});
    project(&answer("workspaces", &row, beside), &row, "strata", Vec::new())
}

#[test]
fn an_estimate_is_whole_or_does_not_fit() {
    let read = estimated(Some("25200"), Some("2026-02-28")).unwrap();
    assert_eq!((read.eac_minutes, read.eac_recorded_date.unwrap().day), (Some(25_200), 28));
    let read = estimated(None, None).unwrap();
    assert_eq!((read.eac_minutes, read.eac_recorded_date), (None, None));
    for (minutes, recorded_on, field) in [
        (Some("-60"), Some("2026-02-28"), "EAC Minutes"),
        (Some("60.5"), Some("2026-02-28"), "EAC Minutes"),
        (Some("a lot"), Some("2026-02-28"), "EAC Minutes"),
        (Some("60"), Some("28 Feb"), "EAC Recorded On"),
        (Some("60"), None, "EAC Recorded On"),
        (Some("60"), Some(" "), "EAC Recorded On"),
        (None, Some("2026-02-28"), "EAC Minutes"),
    ] {
        let misfit = estimated(minutes, recorded_on).unwrap_err();
        assert_eq!(misfit.field, field, "{minutes:?} {recorded_on:?}");
    }
}

/// A milestone in a state, with these values of its custom fields.
fn kept(state: &str, accepted_on: Option<&str>, evidence: Option<&str>) -> Read<Option<pb::ProjectMilestone>> {
    kept_as("milestone", state, accepted_on, evidence)
}

fn kept_as(kind: &str, state: &str, accepted_on: Option<&str>, evidence: Option<&str>) -> Read<Option<pb::ProjectMilestone>> {
    let row = json!({"id": "8802", "title": "Go-live", "story_type": kind, "state": state, "workspace_id": "5501", "external_reference_ids": ["31"],
        "custom_field_value_ids": ["1", "2", "3"], "updated_at": "2026-03-03T09:30:00-08:00"});
    let beside = json!({
        "external_references": {"31": {"service_name": "strata", "service_model_ref": "CT-1-M1"}},
        "custom_field_values": {
            "1": {"custom_field_name": "Milestone Code", "display_value": "CT-1-M1"},
            "2": {"custom_field_name": "Accepted On", "display_value": accepted_on},
            "3": {"custom_field_name": "Acceptance Evidence", "display_value": evidence},
        },
    });
    milestone(&answer("stories", &row, beside), &row, "strata")
}

#[test]
fn a_milestone_is_accepted_with_a_day_and_evidence_or_not_at_all() {
    use pb::ProjectMilestoneState::{Accepted, Delivered, Planned};
    let (day, mail) = (Some("2026-03-02"), Some("mail of 2 March"));
    let read = kept("completed", day, mail).unwrap().unwrap();
    assert_eq!(
        (
            read.id.as_str(),
            read.key.as_str(),
            read.code.as_str(),
            read.project_id.as_str()
        ),
        ("8802", "CT-1-M1", "CT-1-M1", "5501")
    );
    assert_eq!(
        (read.state(), read.accepted_date.unwrap().day, read.evidence.as_str()),
        (Accepted, 2, "mail of 2 March")
    );
    for (state, accepted_on, evidence, reads) in [
        ("not started", None, None, Planned),
        ("completed", None, None, Delivered),
        // Sent back: what was written on it before is no acceptance any more.
        ("started", day, mail, Planned),
        ("started", day, None, Planned),
    ] {
        let read = kept(state, accepted_on, evidence).unwrap().unwrap();
        assert_eq!((read.state(), read.accepted_date), (reads, None), "{state}");
        assert!(read.evidence.is_empty());
    }
    for (state, accepted_on, evidence, field) in [
        ("completed", day, None, "Acceptance Evidence"),
        ("completed", day, Some("  "), "Acceptance Evidence"),
        ("completed", None, mail, "Accepted On"),
        ("completed", Some("2 March"), mail, "Accepted On"),
        ("started", Some("2 March"), None, "Accepted On"),
        ("", None, None, "state"),
    ] {
        assert_eq!(kept(state, accepted_on, evidence).unwrap_err().field, field, "{state}");
    }
    for kind in ["task", "99999999999999999999"] {
        assert_eq!(
            kept_as(kind, "completed", day, mail).unwrap_err().field,
            "story_type",
            "{kind}"
        );
    }
    // What people keep for themselves is nobody else's business, whatever it says.
    let own = json!({"id": "9", "title": "Party", "story_type": "milestone", "state": "completed", "updated_at": "2026-03-03T09:30:00-08:00"});
    assert_eq!(milestone(&answer("stories", &own, json!({})), &own, "strata"), Ok(None));
    let task = with(own, "story_type", json!("task"));
    assert_eq!(milestone(&answer("stories", &task, json!({})), &task, "strata"), Ok(None));
}

#[test]
fn ids_are_numbers_in_requests() {
    assert_eq!(ids(&["5501".into(), "7".into()], "project_ids").unwrap(), json!([5501, 7]));
    for bad in ["", "+5", "5501a", "-1", "99999999999999999999999"] {
        assert_eq!(id(bad, "project_id").unwrap_err().field, "project_id", "{bad}");
    }
}
