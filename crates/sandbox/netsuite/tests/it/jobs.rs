use reqwest::Method;
use serde_json::{Value, json};

use crate::firm::{Firm, firm};
use crate::harness::{Reply, Server};

const COLLECTION: &str = "application/vnd.oracle.resource+json; type=collection";

async fn batch(server: &Server, method: Method, kind: &str, items: Vec<Value>, key: Option<&str>) -> Reply {
    let request = server
        .record(method, kind)
        .header("Prefer", "respond-async")
        .header("Content-Type", COLLECTION);
    let request = key
        .into_iter()
        .fold(request, |request, key| request.header("X-NetSuite-Idempotency-Key", key));
    Reply::of(request.body(json!({"items": items}).to_string())).await
}

fn entry(firm: &Firm, key: &str, employee: &str) -> Value {
    json!({"externalId": key, "employee": {"id": employee}, "customer": {"id": firm.job}, "tranDate": "2026-03-02", "hours": "1:00"})
}

async fn get(server: &Server, path: &str) -> Reply {
    Reply::of(server.request(Method::GET, path)).await
}

#[tokio::test]
async fn a_batch_is_accepted_polled_and_read_item_by_item() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    let items = vec![
        entry(&firm, "te-1", &firm.employee),
        entry(&firm, "te-2", "999"),
        entry(&firm, "te-3", &firm.employee),
        entry(&firm, "te-1", &firm.employee),
    ];
    let accepted = batch(&server, Method::POST, "timeBill", items, None).await;
    assert_eq!(
        (accepted.status, accepted.location.as_str()),
        (202, "/services/rest/async/v1/job/1")
    );
    let job = accepted.location;

    get(&server, &format!("{job}/task/1/result")).await.refused(400, "USER_ERROR");
    let first = get(&server, &job).await.body;
    assert_eq!(
        (&first["id"], &first["completed"], &first["progress"]),
        (&json!("1"), &json!(false), &json!("pending"))
    );
    let early = get(&server, &format!("{job}/task")).await.body;
    assert_eq!(
        (
            &early["count"],
            &early["items"][1]["completed"],
            early["items"][1].get("status")
        ),
        (&json!(4), &json!(false), None)
    );
    let second = get(&server, &job).await.body;
    assert_eq!(
        (&second["completed"], &second["progress"]),
        (&json!(true), &json!("succeeded"))
    );
    assert_eq!(get(&server, &job).await.body, second);

    let tasks = get(&server, second["task"]["links"][0]["href"].as_str().unwrap()).await.body;
    let tasks = tasks["items"].as_array().unwrap();
    let outcomes: Vec<_> = tasks
        .iter()
        .map(|task| (&task["externalId"], &task["status"], task["progress"].as_str().unwrap()))
        .collect();
    assert_eq!(
        outcomes,
        [
            (&json!("te-1"), &json!(204), "succeeded"),
            (&json!("te-2"), &json!(400), "failed"),
            (&json!("te-3"), &json!(204), "succeeded"),
            (&json!("te-1"), &json!(400), "failed"),
        ]
    );
    let result = get(&server, &format!("{job}/task/3/result")).await;
    assert_eq!((result.status, &result.body), (204, &Value::Null));
    assert_eq!(
        Reply::of(server.request(Method::GET, &result.location)).await.body["externalId"],
        json!("te-3")
    );
    get(&server, &format!("{job}/task/2/result"))
        .await
        .refused(400, "INVALID_CONTENT");
    get(&server, &format!("{job}/task/4/result")).await.refused(400, "USER_ERROR");
    assert_eq!(get(&server, &format!("{job}/task/2")).await.body, tasks[1]);
    assert_eq!(server.get("timeBill").await["totalResults"], json!(2));
    get(&server, &format!("{job}/task/5")).await.refused(404, "NONEXISTENT_ID");
    get(&server, "/services/rest/async/v1/job/99")
        .await
        .refused(404, "NONEXISTENT_ID");
}

#[tokio::test]
async fn an_idempotency_key_is_good_for_one_job() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    let items = vec![entry(&firm, "te-1", &firm.employee)];
    let first = batch(&server, Method::POST, "timeBill", items.clone(), Some("5f0c")).await;
    let again = batch(
        &server,
        Method::POST,
        "timeBill",
        vec![entry(&firm, "te-2", &firm.employee)],
        Some("5f0c"),
    )
    .await;
    again.refused(400, "IDEMPOTENCY_ERROR");
    assert_eq!(
        (again.location.as_str(), first.location.as_str()),
        ("/services/rest/async/v1/job/1", "/services/rest/async/v1/job/1")
    );
    assert_eq!(server.get("timeBill").await["totalResults"], json!(1));
    assert_eq!(
        batch(&server, Method::POST, "timeBill", items, Some("other")).await.status,
        202
    );
    // A synchronous request ignores the key.
    let sync = server
        .record(Method::POST, "timeBill")
        .header("X-NetSuite-Idempotency-Key", "5f0c")
        .json(&entry(&firm, "te-9", &firm.employee));
    assert_eq!(Reply::of(sync).await.status, 204);
}

#[tokio::test]
async fn a_batch_has_limits() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    let many = |count: usize| {
        (0..count)
            .map(|at| entry(&firm, &format!("te-{at}"), &firm.employee))
            .collect::<Vec<_>>()
    };
    batch(&server, Method::POST, "timeBill", many(101), None)
        .await
        .refused(400, "INVALID_CONTENT");
    batch(&server, Method::POST, "timeBill", Vec::new(), None)
        .await
        .refused(400, "INVALID_CONTENT");
    assert_eq!(server.get("timeBill").await["totalResults"], json!(0));
    assert_eq!(batch(&server, Method::POST, "timeBill", many(100), None).await.status, 202);
    assert_eq!(server.get("timeBill").await["totalResults"], json!(100));
    let sync = server
        .record(Method::POST, "timeBill")
        .header("Content-Type", COLLECTION)
        .body(json!({"items": many(1)}).to_string());
    Reply::of(sync).await.refused(400, "INVALID_PARAMETER");
}

#[tokio::test]
async fn batches_upsert_and_update_too() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    let customer = |key: &str, name: &str| json!({"externalId": key, "companyName": name, "subsidiary": {"id": firm.us}});
    let items = vec![
        customer("cust-1", "Renamed"),
        customer("cust-2", "New"),
        json!({"companyName": "No key"}),
    ];
    let job = batch(&server, Method::PUT, "customer", items, None).await.location;
    get(&server, &job).await;
    get(&server, &job).await;
    let statuses: Vec<Value> = get(&server, &format!("{job}/task")).await.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| task["status"].clone())
        .collect();
    assert_eq!(statuses, [204, 204, 400]);
    let read = server.get("customer/eid:cust-1").await;
    assert_eq!(
        (&read["id"], &read["companyName"]),
        (&json!(firm.customer), &json!("Renamed"))
    );
    let items = vec![
        json!({"id": firm.customer, "email": "a@b.example"}),
        json!({"externalId": "cust-2", "email": "c@d.example"}),
    ];
    assert_eq!(batch(&server, Method::PATCH, "customer", items, None).await.status, 202);
    assert_eq!(server.get("customer/eid:cust-1").await["email"], json!("a@b.example"));
    assert_eq!(server.get("customer/eid:cust-2").await["email"], json!("c@d.example"));
}

#[tokio::test]
async fn a_single_create_may_be_asynchronous() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    let request = server
        .record(Method::POST, "invoice")
        .header("Prefer", "respond-async")
        .json(&firm.document("inv-1", &["10"]));
    let accepted = Reply::of(request).await;
    assert_eq!(accepted.status, 202);
    get(&server, &accepted.location).await;
    get(&server, &accepted.location).await;
    let result = get(&server, &format!("{}/task/1/result", accepted.location)).await;
    assert_eq!((result.status, result.id()), (204, "1".to_owned()));
    assert_eq!(server.get("invoice/1").await["tranId"], json!("INV-US01-00001"));
}

#[tokio::test]
async fn documents_of_a_batch_are_numbered_without_gaps() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    let mut bad = firm.document("b", &["10"]);
    bad["tranDate"] = json!("never");
    batch(
        &server,
        Method::POST,
        "invoice",
        vec![firm.document("a", &["10"]), bad, firm.document("c", &["10"])],
        None,
    )
    .await;
    let rows = server.query("SELECT tranid FROM transaction ORDER BY id").await;
    assert_eq!(
        rows,
        [json!({"tranid": "INV-US01-00001"}), json!({"tranid": "INV-US01-00002"})]
    );
}
