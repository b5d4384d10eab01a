//! External references and custom fields.

use serde_json::{Value, json};
use strata_sandbox::Fault;

use crate::desk::{Desk, entry};

fn ours(name: &str) -> Value {
    json!({"service_name": "strata", "service_model": "TimeEntry", "service_model_ref": name})
}

#[tokio::test]
async fn a_retry_after_a_lost_answer_duplicates_unless_the_reference_is_looked_up() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let mut fields = entry(&project, "2026-03-02", 450);
    fields["external_reference"] = ours("te-1");
    let body = json!({ "time_entry": fields });
    desk.setup.faults.arm("POST /api/v1/time_entries", Fault::LoseAnswer, 1);
    let lost = desk.try_send(reqwest::Method::POST, "time_entries", Some(body.clone())).await;
    assert!(lost.is_err(), "the connection was cut");

    let lookup = "time_entries?external_reference_service_name=strata&external_reference_service_model_ref=te-1";
    let found = desk.get(&format!("{lookup}&include=external_references")).await;
    assert_eq!(found.ids().len(), 1, "it had been carried out");
    let reference = found.first()["external_reference_ids"][0].as_str().unwrap();
    let reference = &found.body["external_references"][reference];
    assert_eq!(
        (&reference["service_model_ref"], &reference["status"]),
        (&json!("te-1"), &json!("successful"))
    );

    assert_eq!(
        desk.post("time_entries", body).await.status,
        200,
        "no idempotency: the blind retry is a second entry"
    );
    assert_eq!(desk.get(lookup).await.ids().len(), 2);
}

#[tokio::test]
async fn references_are_found_by_service_and_name_within_their_resource() {
    let desk = Desk::open().await;
    let group = desk
        .create(
            "workspace_groups",
            json!({"name": "Acme", "external_reference": ours("key-7")}),
        )
        .await;
    let user = desk
        .create(
            "users",
            json!({"full_name": "Ada", "email_address": "a@b.c", "external_reference": ours("key-7")}),
        )
        .await;
    let by = |kind: &str, service: &str, name: &str| {
        format!("{kind}?external_reference_service_name={service}&external_reference_service_model_ref={name}")
    };
    assert_eq!(desk.get(&by("workspace_groups", "strata", "key-7")).await.ids(), [group]);
    assert_eq!(desk.get(&by("users", "strata", "key-7")).await.ids(), [user]);
    for path in [
        by("users", "jira", "key-7"),
        by("users", "strata", "key"),
        by("workspaces", "strata", "key-7"),
    ] {
        assert!(desk.get(&path).await.ids().is_empty(), "{path}");
    }
    let several = "users?external_reference_service_name=strata&external_reference_service_model_refs=key-6,key-7";
    assert_eq!(desk.get(several).await.ids(), [user]);
    assert_eq!(desk.get("users?external_reference_service_name=strata").await.ids(), [user]);
}

#[tokio::test]
async fn create_or_update_keeps_one_reference_per_service() {
    let desk = Desk::open().await;
    let group = desk.create("workspace_groups", json!({"name": "Acme"})).await;
    let link = |service: &str, name: &str| {
        json!({"external_reference": {"subject_type": "WorkspaceGroup", "subject_id": group,
            "service_name": service, "service_model": "Customer", "service_model_ref": name}})
    };
    let first = desk.post("external_references/create_or_update", link("strata", "c-1")).await;
    assert_eq!(first.status, 200);
    assert_eq!(first.first()["subject_id"], group.to_string());
    let second = desk.post("external_references/create_or_update", link("strata", "c-2")).await;
    assert_eq!(
        (second.id(), &second.first()["service_model_ref"]),
        (first.id(), &json!("c-2"))
    );
    let other = desk.post("external_references/create_or_update", link("jira", "J-9")).await;
    assert_ne!(other.id(), first.id());
    let twice = desk.post("external_references", link("jira", "J-10")).await;
    assert_eq!(twice.complaints(), ["service_name"], "one reference per service and record");
    let read = desk
        .get(&format!("workspace_groups/{group}?include=external_references"))
        .await;
    assert_eq!(read.first()["external_reference_ids"].as_array().unwrap().len(), 2);
    let lookup = "workspace_groups?external_reference_service_name=strata&external_reference_service_model_ref=";
    assert!(desk.get(&format!("{lookup}c-1")).await.ids().is_empty());
    assert_eq!(desk.get(&format!("{lookup}c-2")).await.ids(), [group]);

    let flat =
        json!({"subject_type": "Wombat", "subject_id": 1, "service_name": "s", "service_model": "m", "service_model_ref": "r"});
    assert_eq!(
        desk.post("external_references/create_or_update", flat).await.complaints(),
        ["subject_type"]
    );
    assert_eq!(desk.delete(&format!("workspace_groups/{group}")).await.status, 204);
    assert!(
        desk.get("external_references").await.ids().is_empty(),
        "references go with their record"
    );
}

#[tokio::test]
async fn a_broken_reference_undoes_the_create() {
    let desk = Desk::open().await;
    let broken = json!({"workspace_group": {"name": "Acme", "external_reference": {"service_name": "strata"}}});
    let refused = desk.post("workspace_groups", broken).await;
    assert_eq!(refused.complaints(), ["service_model", "service_model_ref"]);
    assert_eq!(desk.get("workspace_groups").await.body["count"], 0);
}

#[tokio::test]
async fn custom_fields_travel_inline_and_come_back_as_rows() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let mut fields = entry(&project, "2026-03-02", 450);
    fields["custom_fields"] = json!({"Role": "analyst", "Write Down Minutes": 15});
    let id = desk.create("time_entries", fields).await;
    let path = format!("time_entries/{id}?include=custom_field_values");
    let read = desk.get(&path).await;
    let rows = |answer: &crate::desk::Answer| -> Vec<(String, String)> {
        let ids = answer.first()["custom_field_value_ids"].as_array().unwrap();
        let rows = ids.iter().map(|id| &answer.body["custom_field_values"][id.as_str().unwrap()]);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        rows.map(|row| (text(&row["custom_field_name"]), text(&row["display_value"])))
            .collect()
    };
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut found = rows(&read);
    found.sort();
    assert_eq!(found, [pair("Role", "analyst"), pair("Write Down Minutes", "15")]);
    let row = read.body["custom_field_values"].as_object().unwrap().values().next().unwrap();
    assert_eq!(
        (&row["subject_type"], &row["subject_id"]),
        (&json!("TimeEntry"), &json!(id.to_string()))
    );
    assert!(
        desk.get(&format!("time_entries/{id}"))
            .await
            .first()
            .get("custom_field_value_ids")
            .is_none()
    );

    let changed = json!({"custom_fields": {"Role": "partner", "Write Down Minutes": null}});
    assert_eq!(desk.update(&format!("time_entries/{id}"), changed).await.status, 200);
    assert_eq!(rows(&desk.get(&path).await), [pair("Role", "partner")]);
    let broken = desk
        .update(&format!("time_entries/{id}"), json!({"custom_fields": {"Role": ["a"]}}))
        .await;
    assert_eq!(broken.complaints(), ["custom_fields"]);
}
