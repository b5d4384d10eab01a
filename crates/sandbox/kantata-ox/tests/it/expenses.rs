//! Expenses and their reports.

use serde_json::{Value, json};

use crate::desk::Desk;

#[tokio::test]
async fn an_expense_is_asked_for_as_billable_and_answered_as_is_billable() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let fields = json!({"workspace_id": project.workspace, "user_id": project.user, "date": "2026-03-02", "category": "Travel",
        "amount_in_cents": 12345, "billable": false, "is_billable": true, "reimbursable": true, "receipt_id": 77});
    let id = desk.create("expenses", fields).await;
    let path = format!("expenses/{id}");
    let read = desk.get(&path).await;
    let row = read.first();
    assert_eq!(
        (&row["is_billable"], &row["reimbursable"], &row["receipt_id"]),
        (&json!(false), &json!(true), &json!("77"))
    );
    assert_eq!(
        (&row["amount_in_cents"], &row["currency"]),
        (&json!(12345), &json!("EUR")),
        "the project's currency"
    );
    assert!(row.get("billable").is_none());
    let changed = desk.update(&path, json!({"amount_in_cents": 9999, "receipt_id": null})).await;
    assert_eq!(
        (&changed.first()["amount_in_cents"], &changed.first()["receipt_id"]),
        (&json!(9999), &Value::Null)
    );
    let empty = desk.post("expenses", json!({"expense": {"amount_in_cents": 0}})).await;
    let mut complaints = empty.complaints();
    complaints.sort_unstable();
    assert_eq!(complaints, ["amount_in_cents", "category", "date", "user_id", "workspace_id"]);
}

#[tokio::test]
async fn an_approved_report_freezes_its_expenses() {
    let desk = Desk::open().await;
    let project = desk.project().await;
    let expense = |day: &str| json!({"workspace_id": project.workspace, "user_id": project.user, "date": day, "category": "Hotel", "amount_in_cents": 20000});
    let (first, second) = (
        desk.create("expenses", expense("2026-03-02")).await,
        desk.create("expenses", expense("2026-03-05")).await,
    );
    let fields = json!({"workspace_id": project.workspace, "title": "Trip", "expense_ids": [first, second]});
    let report = desk.create("expense_report_submissions", fields).await;
    let path = format!("expense_report_submissions/{report}");
    let shown = desk.get(&format!("{path}?include=expenses")).await;
    assert_eq!(shown.first()["expense_ids"], json!([first.to_string(), second.to_string()]));
    assert_eq!(
        desk.delete(&format!("expenses/{first}")).await.complaints(),
        ["base"],
        "it is waiting for approval"
    );
    assert_eq!(
        desk.put(&format!("{path}/approve"), json!({})).await.first()["status"],
        "approved"
    );
    let frozen = desk.get(&format!("expenses/{first}?include=expense_report_submission")).await;
    assert_eq!(
        (&frozen.first()["approved"], &frozen.first()["expense_report_submission_id"]),
        (&json!(true), &json!(report.to_string()))
    );
    assert_eq!(
        desk.update(&format!("expenses/{first}"), json!({"notes": "x"}))
            .await
            .complaints(),
        ["base"]
    );
    assert_eq!(desk.get("expenses?approved=1&order=date:asc").await.ids(), [first, second]);
    assert_eq!(desk.get("expenses?date_between=2026-03-03:2026-03-31").await.ids(), [second]);
}
