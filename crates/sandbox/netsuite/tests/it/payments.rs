use serde_json::{Value, json};

use crate::firm::{Firm, firm, number};
use crate::harness::Server;

fn payment(firm: &Firm, amount: &str, applied: &[(&str, &str)]) -> Value {
    let items: Vec<Value> = applied
        .iter()
        .map(|(doc, amount)| json!({"doc": {"id": doc}, "amount": number(amount)}))
        .collect();
    json!({
        "customer": {"id": firm.customer}, "currency": {"refName": "USD"}, "payment": number(amount), "tranDate": "2026-03-20",
        "apply": {"items": items},
    })
}

/// Open amount, status and stamp of a document.
async fn state(server: &Server, path: &str) -> (String, Value, Value) {
    let read = server.get(path).await;
    (
        read["amountRemaining"].to_string(),
        read["status"]["id"].clone(),
        read["lastModifiedDate"].clone(),
    )
}

#[tokio::test]
async fn an_invoice_is_paid_in_parts() {
    let mut server = Server::start().await;
    let firm = firm(&server).await;
    let invoice = server.create("invoice", firm.document("inv-1", &["100.00"])).await;
    let path = format!("invoice/{invoice}");
    assert_eq!(
        state(&server, &path).await,
        ("107.25".into(), json!("A"), json!("2026-03-02T08:00:00Z"))
    );

    server.next_day().await;
    let first = server
        .create("customerPayment", payment(&firm, "60", &[(&invoice, "50.00")]))
        .await;
    assert_eq!(
        state(&server, &path).await,
        ("57.25".into(), json!("A"), json!("2026-03-03T08:00:00Z"))
    );
    let read = server.get(&format!("customerPayment/{first}")).await;
    assert_eq!(
        [&read["payment"], &read["applied"], &read["unapplied"]].map(Value::to_string),
        ["60.00", "50.00", "10.00"]
    );
    assert_eq!(read["tranId"], json!("PMT-US01-00001"));

    server.next_day().await;
    server
        .create("customerPayment", payment(&firm, "57.25", &[(&invoice, "57.25")]))
        .await;
    assert_eq!(
        state(&server, &path).await,
        ("0.00".into(), json!("B"), json!("2026-03-04T08:00:00Z"))
    );
    let paid = server.get(&path).await;
    assert_eq!(
        (paid["amountPaid"].to_string().as_str(), &paid["status"]["refName"]),
        ("107.25", &json!("Paid In Full"))
    );
    server
        .post("customerPayment", payment(&firm, "1", &[(&invoice, "0.01")]))
        .await
        .refused(400, "USER_ERROR");
}

#[tokio::test]
async fn a_payment_that_does_not_fit_changes_nothing() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    let one = server.create("invoice", firm.document("inv-1", &["100"])).await;
    let two = server.create("invoice", firm.document("inv-2", &["100"])).await;
    let other = server
        .create("customer", json!({"companyName": "Other", "subsidiary": {"id": firm.us}}))
        .await;
    let mut yen = payment(&firm, "100", &[(&one, "100")]);
    yen["currency"] = json!({"refName": "JPY"});
    let mut stranger = payment(&firm, "100", &[(&one, "100")]);
    stranger["customer"] = json!({"id": other});
    for (body, code) in [
        (payment(&firm, "300", &[(&one, "100"), (&two, "107.26")]), "USER_ERROR"),
        (payment(&firm, "50", &[(&one, "50.01")]), "USER_ERROR"),
        (payment(&firm, "100", &[(&one, "40"), (&one, "40")]), "INVALID_CONTENT"),
        (payment(&firm, "100", &[(&one, "0")]), "INVALID_CONTENT"),
        (payment(&firm, "100", &[(&one, "-5")]), "INVALID_CONTENT"),
        (payment(&firm, "100", &[(&one, "5.001")]), "INVALID_CONTENT"),
        (payment(&firm, "100", &[("999", "5")]), "INVALID_CONTENT"),
        (payment(&firm, "-1", &[]), "INVALID_CONTENT"),
        (yen, "INVALID_CONTENT"),
        (stranger, "INVALID_CONTENT"),
    ] {
        server.post("customerPayment", body).await.refused(400, code);
    }
    for id in [one, two] {
        assert_eq!(state(&server, &format!("invoice/{id}")).await.0, "107.25");
    }
    assert_eq!(server.get("customerPayment").await["totalResults"], json!(0));
}

#[tokio::test]
async fn a_credit_memo_is_used_up_against_an_invoice() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    let invoice = server.create("invoice", firm.document("inv-1", &["100"])).await;
    let credit = server.create("creditMemo", firm.document("cm-1", &["20"])).await;
    server
        .post("customerPayment", payment(&firm, "0", &[(&credit, "21.45")]))
        .await
        .refused(400, "USER_ERROR");
    server
        .create(
            "customerPayment",
            payment(&firm, "85.80", &[(&invoice, "107.25"), (&credit, "21.45")]),
        )
        .await;
    let (open, status, _) = state(&server, &format!("invoice/{invoice}")).await;
    assert_eq!((open.as_str(), status), ("0.00", json!("B")));
    let used = server.get(&format!("creditMemo/{credit}")).await;
    assert_eq!(
        (
            used["amountRemaining"].to_string(),
            used["applied"].to_string(),
            &used["status"]["refName"]
        ),
        ("0.00".into(), "21.45".into(), &json!("Fully Applied"))
    );
}

#[tokio::test]
async fn a_repeated_payment_pays_once() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    let invoice = server.create("invoice", firm.document("inv-1", &["100"])).await;
    let body = payment(&firm, "50", &[(&invoice, "50")]);
    let first = server.put("customerPayment/eid:pay-1", body.clone()).await;
    let again = server.put("customerPayment/eid:pay-1", body).await;
    assert_eq!((first.status, again.status, again.id()), (204, 204, first.id()));
    assert_eq!(state(&server, &format!("invoice/{invoice}")).await.0, "57.25");
    server
        .put("customerPayment/eid:pay-1", payment(&firm, "57.25", &[(&invoice, "57.25")]))
        .await
        .refused(400, "USER_ERROR");
    server.delete("customerPayment/eid:pay-1").await.refused(400, "USER_ERROR");
    let read = server.get("customerPayment/eid:pay-1?expandSubResources=true").await;
    let applied = &read["apply"]["items"][0];
    assert_eq!(
        (&applied["doc"]["refName"], applied["amount"].to_string()),
        (&json!("INV-US01-00001"), "50".into())
    );
}
