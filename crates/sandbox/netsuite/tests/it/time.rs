use serde_json::{Value, json};

use crate::firm::{Firm, firm, number};
use crate::harness::Server;

fn entry(firm: &Firm, hours: &str) -> Value {
    json!({
        "employee": {"id": firm.employee}, "customer": {"id": firm.job}, "tranDate": "2026-03-02", "hours": hours, "isBillable": true,
        "memo": "PSA 77", "approvalStatus": {"id": 3}, "custcol_billable_minutes": 450, "custcol_bill_amount": number("1125.00"),
        "custcol_bill_currency": "USD", "custcol_cost_amount": number("412.50"), "custcol_cost_currency": "USD",
    })
}

#[tokio::test]
async fn time_is_posted_and_taken_back() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    let made = server.put("timeBill/eid:te-1", entry(&firm, "7:30")).await;
    assert_eq!(made.status, 204, "{}", made.body);
    server.put("timeBill/eid:te-2", entry(&firm, "-0:45")).await;
    let read = server.get("timeBill/eid:te-1").await;
    assert_eq!(
        (&read["hours"], &read["approvalStatus"]["refName"]),
        (&json!("7:30"), &json!("Approved"))
    );
    assert_eq!(
        (&read["customer"]["refName"], &read["employee"]["refName"]),
        (&json!("NW-1"), &json!("E1"))
    );
    assert_eq!(read["custcol_bill_amount"].to_string(), "1125.00");
    let rows = server
        .query("SELECT entityid, minutes, hours FROM timebill ORDER BY id")
        .await;
    let row = |minutes: &str, hours: &str| json!({"entityid": "NW-1", "minutes": minutes, "hours": hours});
    assert_eq!(rows, [row("450", "7:30"), row("-45", "-0:45")]);
    // The same upsert again changes nothing; another one changes the entry.
    assert_eq!(server.put("timeBill/eid:te-1", entry(&firm, "7:30")).await.id(), made.id());
    assert_eq!(server.put("timeBill/eid:te-1", entry(&firm, "8:00")).await.id(), made.id());
    assert_eq!(server.get("timeBill/eid:te-1").await["hours"], json!("8:00"));
}

#[tokio::test]
async fn time_needs_a_project_an_employee_and_a_duration() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    for field in ["employee", "customer", "tranDate", "hours"] {
        let mut body = entry(&firm, "1:00");
        body.as_object_mut().unwrap().remove(field);
        server.post("timeBill", body).await.refused(400, "USER_ERROR");
    }
    for (field, value) in [
        ("hours", json!("7.5")),
        ("hours", json!(number("7.5"))),
        ("hours", json!("1:60")),
        ("customer", json!({"id": "99"})),
        ("employee", json!({"externalId": "nobody"})),
        ("approvalStatus", json!({"id": "9"})),
        ("custcol_bill_currency", json!("DOLLAR")),
    ] {
        let mut body = entry(&firm, "1:00");
        body[field] = value;
        let reply = server.post("timeBill", body).await;
        assert_eq!(
            (reply.status, reply.code(), reply.error_path()),
            (400, "INVALID_CONTENT", field)
        );
    }
}
