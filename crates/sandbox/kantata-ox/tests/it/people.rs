//! Users, memberships, costs, seats and rate cards.

use serde_json::{Value, json};

use crate::desk::{Desk, entry, instant};

#[tokio::test]
async fn a_membership_comes_with_its_user_and_ends_with_a_disable() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let found = desk
        .get(&format!("account_memberships?user_id={}&include=user", project.user))
        .await;
    assert_eq!(found.first()["user_id"], project.user.to_string());
    assert_eq!(found.first()["disabled_at"], Value::Null);
    let membership = format!("account_memberships/{}", found.id());
    let role = desk
        .update(&membership, json!({"default_role_name": "analyst", "user_id": 99}))
        .await;
    assert_eq!(role.first()["default_role_name"], "analyst");
    assert_eq!(
        desk.post("account_memberships", json!({"account_membership": {"user_id": 1}}))
            .await
            .status,
        404
    );

    desk.setup.clock.set(instant("2026-03-31T18:00:00Z"));
    let disabled = desk.put(&format!("{membership}/disable"), json!({})).await;
    assert_eq!(disabled.first()["disabled_at"], "2026-03-31T10:00:00-08:00");
    let user = desk.get(&format!("users/{}", project.user)).await;
    assert_eq!(user.first()["disabled"], true);
    desk.setup.clock.set(instant("2026-04-02T09:00:00Z"));
    let again = desk.put(&format!("{membership}/disable"), json!({})).await;
    assert_eq!(
        again.first()["disabled_at"],
        "2026-03-31T10:00:00-08:00",
        "the first day counts"
    );

    desk.book(&project, "2026-03-31", 60).await;
    let late = desk
        .post("time_entries", json!({"time_entry": entry(&project, "2026-04-01", 60)}))
        .await;
    assert_eq!(late.complaints(), ["user_id"]);
    let fields = json!({"workspace_id": project.workspace, "user_id": project.user, "date": "2026-04-01",
        "category": "Travel", "amount_in_cents": 100});
    assert_eq!(
        desk.post("expenses", json!({"expense": fields})).await.complaints(),
        ["user_id"]
    );
}

#[tokio::test]
async fn an_email_address_belongs_to_one_user() {
    let desk = Desk::open().await;
    let ada = desk.user("ada").await;
    let twin = json!({"user": {"full_name": "Ada II", "email_address": "ADA@firm.example"}});
    assert_eq!(desk.post("users", twin).await.complaints(), ["email_address"]);
    assert_eq!(desk.get("users?email_address=ada@firm.example").await.ids(), [ada]);
    assert!(desk.get("users?email_address=bob@firm.example").await.ids().is_empty());
    assert_eq!(
        desk.get("users?email_address=Ada%40Firm.example").await.ids(),
        [ada],
        "case does not matter"
    );
    let renamed = desk
        .update(&format!("users/{ada}"), json!({"full_name": "Ada Lovelace"}))
        .await;
    assert_eq!(renamed.first()["email_address"], "ada@firm.example");
    assert_eq!(
        desk.get("account_memberships").await.ids().len(),
        1,
        "the refused user left no membership behind"
    );
}

#[tokio::test]
async fn a_seat_is_unnamed_until_somebody_takes_it() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let seat = json!({"workspace_id": project.workspace, "role_name": "analyst",
        "start_date": "2026-03-01", "due_date": "2026-06-30", "user_id": null});
    let id = desk.create("workspace_resources", seat).await;
    let path = format!("workspace_resources/{id}");
    assert_eq!(
        desk.get(&format!("{path}?include=user")).await.first()["user_id"],
        Value::Null
    );
    let staffed = desk
        .put(
            &format!("{path}?include=user"),
            json!({"workspace_resource": {"user_id": project.user}}),
        )
        .await;
    assert_eq!(staffed.first()["user_id"], project.user.to_string());
    assert_eq!(staffed.first()["unnamed"], false);
    assert_eq!(
        desk.get(&format!("workspace_resources?workspace_id={}", project.workspace))
            .await
            .ids(),
        [id]
    );
    let backwards = desk.update(&path, json!({"due_date": "2026-02-01"})).await;
    assert_eq!(backwards.complaints(), ["due_date"]);
    assert_eq!(desk.delete(&path).await.status, 204);
    assert_eq!(desk.get(&path).await.status, 404);
}

#[tokio::test]
async fn rates_are_whole_subunits_with_a_role_each() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let card = json!({"title": "RC-1", "currency": "EUR", "effective_date": "2026-01-01",
        "rates": [{"role_name": "analyst", "rate_in_cents": 15000}, {"role_name": "partner", "rate_in_cents": 42050}]});
    let id = desk.create("rate_cards", card).await;
    let read = desk.get(&format!("rate_cards/{id}?include=workspace")).await;
    assert_eq!(
        read.first()["rates"][1],
        json!({"role_name": "partner", "rate_in_cents": 42050})
    );
    assert_eq!(read.first()["workspace_id"], Value::Null);
    assert_eq!(desk.get("rate_cards?title=RC-1").await.ids(), [id]);
    let broken =
        json!({"rate_card": {"title": "RC-2", "currency": "EUR", "rates": [{"role_name": "analyst", "rate_in_cents": 1.5}]}});
    assert_eq!(desk.post("rate_cards", broken).await.complaints(), ["rates"]);
    let used = desk
        .update(&format!("workspaces/{}", project.workspace), json!({"rate_card_id": id}))
        .await;
    assert_eq!(used.first()["rate_card_id"], id.to_string());

    let cost = json!({"user_id": project.user, "effective_date": "2026-01-01", "cost_rate_in_cents": 8000, "currency": "USD"});
    let cost = desk.create("cost_rates", cost).await;
    assert_eq!(desk.get(&format!("cost_rates?user_id={}", project.user)).await.ids(), [cost]);
    let missing = desk
        .post("cost_rates", json!({"cost_rate": {"user_id": 99, "cost_rate_in_cents": -1}}))
        .await;
    let mut complaints = missing.complaints();
    complaints.sort_unstable();
    assert_eq!(complaints, ["cost_rate_in_cents", "currency", "effective_date", "user_id"]);
}

#[tokio::test]
async fn a_project_knows_its_client_and_what_may_be_deleted() {
    let desk = Desk::open().await;
    let client = desk
        .create("workspace_groups", json!({"name": "Acme", "company": true}))
        .await;
    let fields = json!({"title": "Apollo", "currency": "JPY", "primary_workspace_group_id": client, "price_in_cents": 123450});
    let workspace = desk.create("workspaces", fields).await;
    let read = desk
        .get(&format!(
            "workspaces/{workspace}?include=primary_workspace_group,workspace_groups"
        ))
        .await;
    assert_eq!(read.first()["primary_workspace_group_id"], client.to_string());
    assert_eq!(read.first()["workspace_group_ids"], json!([client.to_string()]));
    assert_eq!(read.body["workspace_groups"][client.to_string()]["name"], "Acme");
    assert_eq!(
        (&read.first()["currency_base_unit"], &read.first()["price"]),
        (&json!(1), &json!("1234.50"))
    );
    let group = desk.get(&format!("workspace_groups/{client}?include=workspaces")).await;
    assert_eq!(group.first()["workspace_ids"], json!([workspace.to_string()]));
    assert_eq!(
        desk.delete(&format!("workspace_groups/{client}")).await.complaints(),
        ["base"]
    );
    assert_eq!(desk.delete(&format!("workspaces/{workspace}")).await.status, 204);
    assert_eq!(desk.delete(&format!("workspace_groups/{client}")).await.status, 204);
    let budget = desk
        .post("workspaces", json!({"workspace": {"title": "Gemini", "budgeted": true}}))
        .await;
    assert_eq!(budget.complaints(), ["price_in_cents"]);
}
