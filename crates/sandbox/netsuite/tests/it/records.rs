use reqwest::Method;
use serde_json::{Value, json};
use strata_sandbox::Fault;

use crate::firm::{firm, number};
use crate::harness::{Reply, Server};

#[tokio::test]
async fn a_record_lives_its_life() {
    let mut server = Server::start().await;
    let us = server
        .create(
            "subsidiary",
            json!({"name": "US01", "country": "US", "currency": {"refName": "USD"}}),
        )
        .await;
    let made = server
        .post(
            "customer",
            json!({"externalId": "cust/7", "companyName": "Northwind", "subsidiary": {"id": us}}),
        )
        .await;
    assert_eq!((made.status, &made.body), (204, &Value::Null));
    assert_eq!(
        made.location,
        format!("{}/services/rest/record/v1/customer/{}", server.base, made.id())
    );

    let path = format!("customer/{}", made.id());
    let read = server.get(&path).await;
    assert_eq!(
        (&read["id"], &read["companyName"], &read["entityId"]),
        (&json!(made.id()), &json!("Northwind"), &json!("CUST-00001"))
    );
    assert_eq!(
        (&read["subsidiary"]["id"], &read["subsidiary"]["refName"]),
        (&json!(us), &json!("US01"))
    );
    assert_eq!(read["lastModifiedDate"], json!("2026-03-02T08:00:00Z"));
    assert_eq!(server.get("customer/eid:cust%2F7").await, read);

    server.next_day().await;
    assert_eq!(
        server
            .patch(&path, json!({"companyName": "Northwind Ltd", "custentity_terms_days": 14}))
            .await
            .status,
        204
    );
    let read = server
        .get(&format!("{path}?fields=companyName,custentity_terms_days,lastModifiedDate"))
        .await;
    let mut members: Vec<&String> = read.as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(
        members,
        ["companyName", "custentity_terms_days", "id", "lastModifiedDate", "links"]
    );
    assert_eq!(
        (&read["companyName"], &read["custentity_terms_days"]),
        (&json!("Northwind Ltd"), &json!(14))
    );
    assert_eq!(read["lastModifiedDate"], json!("2026-03-03T08:00:00Z"));
    server
        .try_get(&format!("{path}?fields=nonsense"))
        .await
        .refused(400, "INVALID_PARAMETER");

    assert_eq!(server.patch(&path, json!({"custentity_terms_days": null})).await.status, 204);
    assert_eq!(server.get(&path).await.get("custentity_terms_days"), None);

    assert_eq!(server.delete(&path).await.status, 204);
    server.try_get(&path).await.refused(404, "NONEXISTENT_ID");
    server.patch(&path, json!({})).await.refused(404, "NONEXISTENT_ID");
    server.delete(&path).await.refused(404, "NONEXISTENT_ID");
}

#[tokio::test]
async fn an_upsert_creates_once_and_changes_afterwards() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    let body = json!({"companyName": "Contoso", "subsidiary": {"id": firm.us}});
    let first = server.put("customer/eid:cust-2", body.clone()).await;
    assert_eq!(first.status, 204);
    let again = server.put("customer/eid:cust-2", json!({"email": "a@contoso.example"})).await;
    assert_eq!((again.status, again.id()), (204, first.id()));
    let read = server.get("customer/eid:cust-2").await;
    assert_eq!(
        (&read["companyName"], &read["email"], &read["externalId"]),
        (&json!("Contoso"), &json!("a@contoso.example"), &json!("cust-2"))
    );

    server
        .put("customer/99", body.clone())
        .await
        .refused(400, "INVALID_PARAMETER");
    let mut other = body;
    other["externalId"] = json!("cust-3");
    server.put("customer/eid:cust-2", other).await.refused(400, "INVALID_CONTENT");
}

#[tokio::test]
async fn an_external_id_is_unique_within_its_record_type() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    let customer = json!({"externalId": "cust-1", "companyName": "Twin", "subsidiary": {"id": firm.us}});
    server.post("customer", customer).await.refused(400, "USER_ERROR");
    // Another type may use the same key; so may invoice and credit memo, which share their ids.
    server
        .create(
            "employee",
            json!({"externalId": "cust-1", "entityId": "E2", "lastName": "B", "subsidiary": {"id": firm.us}}),
        )
        .await;
    let invoice = server.create("invoice", firm.document("doc", &["10"])).await;
    server
        .post("invoice", firm.document("doc", &["10"]))
        .await
        .refused(400, "USER_ERROR");
    let credit = server.create("creditMemo", firm.document("doc", &["10"])).await;
    assert_ne!(invoice, credit);
    assert_eq!(server.get("creditMemo/eid:doc").await["id"], json!(credit));
    server
        .try_get(&format!("invoice/{credit}"))
        .await
        .refused(404, "NONEXISTENT_ID");
}

#[tokio::test]
async fn an_unknown_field_is_dropped_unless_the_client_insists() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    let body = json!({"companyName": "Typo", "subsidiary": {"id": firm.us}, "custentity_cuontry": "US", "item": 5});
    let strict = server.post("customer", body.clone()).await;
    strict.refused(400, "INVALID_CONTENT");
    assert_eq!(strict.error_path(), "custentity_cuontry");
    for mode in [None, Some("Warning"), Some("Ignore")] {
        let request = server.request(Method::POST, "/services/rest/record/v1/customer").json(&body);
        let request = mode.into_iter().fold(request, |request, mode| {
            request.header("X-NetSuite-PropertyNameValidation", mode)
        });
        let reply = Reply::of(request).await;
        assert_eq!(reply.status, 204, "{mode:?}: {}", reply.body);
        assert_eq!(
            server
                .get(&format!("customer/{}", reply.id()))
                .await
                .get("custentity_cuontry"),
            None
        );
    }
    let mut computed = firm.document("inv-1", &["10"]);
    computed["total"] = json!(1);
    server.post("invoice", computed).await.refused(400, "INVALID_CONTENT");
    let mut line = firm.document("inv-1", &["10"]);
    line["item"]["items"][0]["custcol_typo"] = json!(1);
    let reply = server.post("invoice", line).await;
    reply.refused(400, "INVALID_CONTENT");
    assert_eq!(reply.error_path(), "item.items[0].custcol_typo");
}

#[tokio::test]
async fn values_must_fit_their_fields_and_references_must_exist() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    let good = json!({"companyName": "X", "subsidiary": {"id": firm.us}});
    for (field, value) in [
        ("companyName", json!(5)),
        ("subsidiary", json!({"id": "9999"})),
        ("subsidiary", json!({"externalId": "nobody"})),
        ("subsidiary", json!("1")),
        ("subsidiary", json!({})),
        ("currency", json!({"refName": "XXX"})),
        ("custentity_terms_days", number("1.5")),
        ("custentity_terms_days", json!("30")),
        ("isInactive", json!("T")),
        ("externalId", json!("")),
    ] {
        let mut body = good.clone();
        body[field] = value.clone();
        let reply = server.post("customer", body).await;
        assert_eq!(
            (reply.status, reply.code(), reply.error_path()),
            (400, "INVALID_CONTENT", field),
            "{value}"
        );
    }
    server
        .post("customer", json!({"subsidiary": {"id": firm.us}}))
        .await
        .refused(400, "USER_ERROR");
    server.post("customer", json!([1])).await.refused(400, "INVALID_CONTENT");
    let broken = server.record(Method::POST, "customer").body("{");
    Reply::of(broken).await.refused(400, "INVALID_CONTENT");
    // A reference by the client's own key becomes one by id.
    let job =
        json!({"entityId": "NW-2", "companyName": "Phase 2", "parent": {"externalId": "cust-1"}, "subsidiary": {"id": firm.us}});
    let job = server.create("job", job).await;
    assert_eq!(server.get(&format!("job/{job}")).await["parent"]["id"], json!(firm.customer));
    server
        .post(
            "job",
            json!({"entityId": "NW-2", "companyName": "Twin", "subsidiary": {"id": firm.us}}),
        )
        .await
        .refused(400, "USER_ERROR");
}

#[tokio::test]
async fn what_is_in_use_cannot_be_deleted() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    server.create("invoice", firm.document("inv-1", &["10"])).await;
    let time =
        json!({"employee": {"id": firm.employee}, "customer": {"id": firm.job}, "tranDate": "2026-03-02", "hours": "1:00"});
    let time = server.create("timeBill", time).await;
    for path in [
        format!("subsidiary/{}", firm.us),
        format!("salesTaxItem/{}", firm.us_tax),
        format!("customer/{}", firm.customer),
        format!("job/{}", firm.job),
        format!("employee/{}", firm.employee),
    ] {
        server.delete(&path).await.refused(400, "USER_ERROR");
    }
    assert_eq!(server.delete(&format!("timeBill/{time}")).await.status, 204);
    assert_eq!(server.delete(&format!("employee/{}", firm.employee)).await.status, 204);
    assert_eq!(server.delete(&format!("salesTaxItem/{}", firm.jp_tax)).await.status, 204);
}

#[tokio::test]
async fn a_list_is_paged_by_links() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    for number in 0..4 {
        server
            .create(
                "customer",
                json!({"companyName": format!("C{number}"), "subsidiary": {"id": firm.us}}),
            )
            .await;
    }
    let mut ids = Vec::new();
    let mut next = Some("/services/rest/record/v1/customer?limit=2&offset=0".to_owned());
    while let Some(address) = next {
        let page = Reply::of(server.request(Method::GET, &address)).await.body;
        let items = page["items"].as_array().unwrap();
        assert_eq!((&page["count"], &page["totalResults"]), (&json!(items.len()), &json!(5)));
        ids.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        let link = page["links"].as_array().unwrap().iter().find(|link| link["rel"] == "next");
        assert_eq!(page["hasMore"], json!(link.is_some()));
        next = link.map(|link| link["href"].as_str().unwrap().to_owned());
    }
    assert_eq!(ids, ["1", "2", "3", "4", "5"]);
    assert_eq!(server.get("invoice").await["totalResults"], json!(0));
    for query in ["limit=0", "limit=1001", "limit=3&offset=2", "limit=x", "q=name"] {
        server
            .try_get(&format!("customer?{query}"))
            .await
            .refused(400, "INVALID_PARAMETER");
    }
}

#[tokio::test]
async fn addresses_that_are_not_there_say_so() {
    let server = Server::start().await;
    server.try_get("spaceship").await.refused(404, "NONEXISTENT_ID");
    server.try_get("customer/1/item").await.refused(404, "NONEXISTENT_ID");
    Reply::of(server.request(Method::GET, "/services/rest/nowhere"))
        .await
        .refused(404, "INVALID_URL");
    Reply::of(server.request(Method::GET, "/services/rest/query/v1/suiteql"))
        .await
        .refused(405, "METHOD_NOT_ALLOWED");
}

#[tokio::test]
async fn a_lost_answer_leaves_the_record_to_be_found_by_its_key() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    server
        .setup
        .faults
        .arm("POST /services/rest/record/v1/invoice", Fault::LoseAnswer, 1);
    let lost = server
        .record(Method::POST, "invoice")
        .json(&firm.document("inv-1", &["10"]))
        .send()
        .await;
    assert!(lost.is_err());
    assert_eq!(server.get("invoice/eid:inv-1").await["tranId"], json!("INV-US01-00001"));
    server
        .post("invoice", firm.document("inv-1", &["10"]))
        .await
        .refused(400, "USER_ERROR");
}

#[tokio::test]
async fn everything_survives_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::in_folder(dir.path()).await;
    let firm = firm(&server).await;
    let id = server.create("invoice", firm.document("inv-1", &["10.10"])).await;
    let path = format!("invoice/{id}?expandSubResources=true");
    let before = server.get(&path).await.to_string().replace(&server.base, "");
    server.stop().await;

    let server = Server::in_folder(dir.path()).await;
    assert_eq!(server.get(&path).await.to_string().replace(&server.base, ""), before);
    let next = server.create("invoice", firm.document("inv-2", &["10"])).await;
    assert_eq!(
        server.get(&format!("invoice/{next}")).await["tranId"],
        json!("INV-US01-00002")
    );
}
