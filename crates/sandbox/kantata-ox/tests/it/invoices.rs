//! Invoices lock what is on them.

use serde_json::{Value, json};

use crate::desk::Desk;

#[tokio::test]
async fn time_on_an_invoice_is_locked_until_the_invoice_is_cancelled() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let (billed, open) = (
        desk.book(&project, "2026-03-02", 60).await,
        desk.book(&project, "2026-03-03", 60).await,
    );
    let invoice = |entries: Value| {
        json!({"user_invoice_number": "INV-US01-00001", "draft": false, "invoice_date": "2026-03-31", "due_date": "2026-04-30",
            "currency": "EUR", "total_in_cents": 15000, "workspace_ids": [project.workspace], "time_entry_ids": entries,
            "external_reference": {"service_name": "strata", "service_model": "Invoice", "service_model_ref": "doc-1"}})
    };
    let id = desk.create("invoices", invoice(json!([billed]))).await;
    let path = format!("invoices/{id}");
    let read = desk.get(&format!("{path}?include=time_entries,workspaces")).await;
    let row = read.first();
    assert_eq!(
        (&row["status"], &row["balance_in_cents"], &row["draft"]),
        (&json!("new"), &json!(15000), &json!(false))
    );
    assert_eq!(row["time_entry_ids"], json!([billed.to_string()]));
    assert_eq!(read.body["time_entries"][billed.to_string()]["is_invoiced"], true);
    let entry = format!("time_entries/{billed}");
    assert_eq!(desk.update(&entry, json!({"notes": "x"})).await.complaints(), ["base"]);
    assert_eq!(desk.delete(&entry).await.complaints(), ["base"]);
    assert_eq!(
        desk.get(&format!("{entry}?include=invoice")).await.first()["invoice_id"],
        id.to_string()
    );
    let again = desk
        .post("invoices", json!({"invoice": invoice(json!([open, billed]))}))
        .await;
    assert_eq!(again.complaints(), ["time_entry_ids"]);
    assert_eq!(
        desk.get(&format!("time_entries/{open}")).await.first()["is_invoiced"],
        false,
        "the refused invoice took nothing"
    );

    assert_eq!(
        desk.put(&format!("{path}/cancel"), json!({})).await.first()["status"],
        "cancelled"
    );
    assert_eq!(desk.update(&entry, json!({"notes": "free"})).await.status, 200);
    assert_eq!(
        desk.update(&path, json!({"due_date": "2026-05-01"})).await.complaints(),
        ["base"]
    );
    desk.create("invoices", invoice(json!([open, billed]))).await;
}

#[tokio::test]
async fn a_payment_changes_balance_and_status_but_not_the_total() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let fields =
        json!({"invoice_date": "2026-03-31", "currency": "EUR", "total_in_cents": 15000, "workspace_ids": [project.workspace]});
    let id = desk.create("invoices", fields).await;
    let path = format!("invoices/{id}");
    let paid = desk
        .update(&path, json!({"status": "accepted payment", "balance_in_cents": 0}))
        .await;
    assert_eq!(
        (&paid.first()["status"], &paid.first()["balance_in_cents"]),
        (&json!("accepted payment"), &json!(0))
    );
    assert_eq!(
        desk.update(&path, json!({"total_in_cents": 1})).await.complaints(),
        ["total_in_cents"]
    );
    assert_eq!(desk.update(&path, json!({"draft": true})).await.complaints(), ["draft"]);
    assert_eq!(
        desk.update(&path, json!({"status": "cancelled"})).await.complaints(),
        ["status"]
    );
    assert_eq!(desk.put(&format!("{path}/cancel"), json!({})).await.complaints(), ["status"]);
    assert_eq!(
        desk.get("invoices?workspace_id=1&status=accepted%20payment").await.ids(),
        [id]
    );
    let foreign =
        json!({"invoice": {"invoice_date": "2026-03-31", "currency": "EUR", "total_in_cents": 1, "workspace_ids": [77]}});
    assert_eq!(desk.post("invoices", foreign).await.complaints(), ["workspace_ids"]);
}
