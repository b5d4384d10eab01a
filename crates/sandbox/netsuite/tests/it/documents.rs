use serde_json::{Value, json};

use crate::firm::{Firm, firm, number};
use crate::harness::Server;

/// Texts of the numbers in a record.
fn digits(record: &Value, names: &[&str]) -> Vec<String> {
    names.iter().map(|name| record[name].to_string()).collect()
}

#[tokio::test]
async fn an_invoice_is_computed_with_tax_rounded_once() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    // 7.25 % of each line would be 0.73 + 0.73 + 0.73; of the sum it is 2.17.
    let id = server
        .create("invoice", firm.document("inv-1", &["10.00", "10.00", "9.99"]))
        .await;
    let read = server.get(&format!("invoice/{id}")).await;
    assert_eq!(
        digits(
            &read,
            &[
                "subtotal",
                "taxTotal",
                "total",
                "amountRemaining",
                "amountPaid",
                "exchangeRate",
                "custbody_total_functional"
            ]
        ),
        ["29.99", "2.17", "32.16", "32.16", "0.00", "1", "32.16"]
    );
    assert_eq!(
        (&read["tranId"], &read["dueDate"]),
        (&json!("INV-US01-00001"), &json!("2026-04-01"))
    );
    assert_eq!(
        (&read["status"]["id"], &read["status"]["refName"]),
        (&json!("A"), &json!("Open"))
    );
    assert_eq!(
        (&read["entity"]["refName"], &read["currency"]["refName"]),
        (&json!("Northwind"), &json!("USD"))
    );
    assert_eq!(
        (&read["otherRefNum"], &read["custbody_period"]),
        (&json!("C-1"), &json!("2026-02"))
    );
}

#[tokio::test]
async fn a_half_is_rounded_away_from_zero() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    let tax = server
        .create(
            "salesTaxItem",
            json!({"itemId": "half", "subsidiary": {"id": firm.us}, "rate": number("12.5")}),
        )
        .await;
    let mut body = firm.document("inv-1", &["0.20"]);
    body["item"]["items"][0]["taxCode"] = json!({"id": tax});
    let id = server.create("invoice", body).await;
    // 12.5 % of 0.20 is 0.025, which to even would be 0.02.
    assert_eq!(server.get(&format!("invoice/{id}")).await["taxTotal"].to_string(), "0.03");
}

#[tokio::test]
async fn lines_are_shown_when_asked_for() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    let id = server.create("invoice", firm.document("inv-1", &["10.50", "-0.50"])).await;
    let plain = server.get(&format!("invoice/{id}")).await;
    assert_eq!(plain["item"].get("items"), None);
    let link = plain["item"]["links"][0]["href"].as_str().unwrap();
    assert!(link.ends_with(&format!("/invoice/{id}/item")), "{link}");
    let expanded = server.get(&format!("invoice/{id}?expandSubResources=true")).await;
    let lines = expanded["item"]["items"].as_array().unwrap();
    assert_eq!(
        lines.iter().map(|line| line["amount"].to_string()).collect::<Vec<_>>(),
        ["10.50", "-0.50"]
    );
    assert_eq!(
        (&lines[1]["line"], &lines[1]["job"]["refName"], &lines[1]["custcol_line_kind"]),
        (&json!(2), &json!("NW-1"), &json!("time"))
    );
    let sub = server.get(&format!("invoice/{id}/item")).await;
    assert_eq!((&sub["items"], &sub["totalResults"]), (&expanded["item"]["items"], &json!(2)));
}

#[tokio::test]
async fn currencies_have_their_own_minor_units() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    let yen = |amount: &str| {
        let mut body = firm.document("yen", &[amount]);
        body["subsidiary"] = json!({"id": firm.jp});
        body["currency"] = json!({"refName": "JPY"});
        body["item"]["items"][0]["taxCode"] = json!({"id": firm.jp_tax});
        body
    };
    server.post("invoice", yen("1005.5")).await.refused(400, "INVALID_CONTENT");
    let id = server.create("invoice", yen("1005")).await;
    let read = server.get(&format!("invoice/{id}")).await;
    assert_eq!(digits(&read, &["subtotal", "taxTotal", "total"]), ["1005", "101", "1106"]);
    assert_eq!(read["tranId"], json!("INV-JP01-00001"));

    let dinar = |amount: &str| {
        let mut body = firm.document("dinar", &[amount]);
        body["currency"] = json!({"refName": "KWD"});
        body["exchangeRate"] = number("3.254");
        body
    };
    server.post("invoice", dinar("10.1234")).await.refused(400, "INVALID_CONTENT");
    let id = server.create("invoice", dinar("10.123")).await;
    let read = server.get(&format!("invoice/{id}")).await;
    // 7.25 % of 10.123 is 0.7339175; 10.857 x 3.254 = 35.328678 dollars, rounded once.
    assert_eq!(
        digits(&read, &["taxTotal", "total", "custbody_total_functional"]),
        ["0.734", "10.857", "35.33"]
    );
}

#[tokio::test]
async fn the_rate_of_the_day_is_used_when_none_is_sent() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    let euro = |key: &str| {
        let mut body = firm.document(key, &["100.00"]);
        body["currency"] = json!({"refName": "EUR"});
        body
    };
    server.post("invoice", euro("inv-1")).await.refused(400, "USER_ERROR");
    let rate = |day: &str, rate: &str| json!({"baseCurrency": {"refName": "USD"}, "transactionCurrency": {"refName": "EUR"}, "effectiveDate": day, "exchangeRate": number(rate)});
    for (day, value) in [("2026-02-27", "1.0815"), ("2026-03-03", "1.2"), ("2026-01-05", "1.05")] {
        server.create("currencyRate", rate(day, value)).await;
    }
    let id = server.create("invoice", euro("inv-1")).await;
    let read = server.get(&format!("invoice/{id}")).await;
    assert_eq!(
        digits(&read, &["total", "exchangeRate", "custbody_total_functional"]),
        ["107.25", "1.0815", "115.99"]
    );
    // A later record for the same day replaces the earlier one; what is posted stays.
    server.create("currencyRate", rate("2026-02-27", "1.1")).await;
    let later = server.create("invoice", euro("inv-2")).await;
    assert_eq!(
        server.get(&format!("invoice/{later}")).await["exchangeRate"].to_string(),
        "1.1"
    );
    assert_eq!(server.get(&format!("invoice/{id}")).await, read);

    let mut same = firm.document("inv-3", &["1"]);
    same["exchangeRate"] = number("1.01");
    server.post("invoice", same).await.refused(400, "INVALID_CONTENT");
    for bad in [rate("2026-03-04", "0"), rate("2026-03-04", "-1")] {
        server.post("currencyRate", bad).await.refused(400, "INVALID_CONTENT");
    }
}

#[tokio::test]
async fn numbers_have_no_gaps() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    let number_of = async |kind: &str, key: &str| {
        let id = server.create(kind, firm.document(key, &["10"])).await;
        server.get(&format!("{kind}/{id}")).await["tranId"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(number_of("invoice", "a").await, "INV-US01-00001");
    let mut refused = firm.document("b", &["10"]);
    refused["item"]["items"][0]["taxCode"] = json!({"id": firm.jp_tax});
    server.post("invoice", refused).await.refused(400, "INVALID_CONTENT");
    server
        .post("invoice", firm.document("a", &["10"]))
        .await
        .refused(400, "USER_ERROR");
    assert_eq!(number_of("creditMemo", "a").await, "CM-US01-00001");
    assert_eq!(number_of("invoice", "b").await, "INV-US01-00002");
}

#[tokio::test]
async fn a_document_that_breaks_a_rule_is_refused() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    let change = |path: &str, value: Value| {
        let mut body = firm.document("inv", &["10"]);
        *body.pointer_mut(path).unwrap() = value;
        body
    };
    let stranger = server
        .create("customer", json!({"companyName": "Other", "subsidiary": {"id": firm.us}}))
        .await;
    for (body, path) in [
        (
            change("/item/items/0/taxCode", json!({"id": firm.jp_tax})),
            "item.items[0].taxCode",
        ),
        (change("/item/items/0/taxCode", Value::Null), "item.items[0].taxCode"),
        (change("/item/items/0/amount", number("10.001")), "item.items[0].amount"),
        (change("/item/items/0/amount", json!("10")), "item.items[0].amount"),
        (change("/item/items/0/job", json!({"id": "77"})), "item.items[0].job"),
        (change("/entity", json!({"id": stranger})), "item.items[0].job"),
        (change("/tranDate", json!("2026-02-30")), "tranDate"),
        (change("/currency", json!({"refName": "EURO"})), "currency"),
    ] {
        let reply = server.post("invoice", body).await;
        assert_eq!(
            (reply.status, reply.code(), reply.error_path()),
            (400, "INVALID_CONTENT", path),
            "{}",
            reply.body
        );
    }
    for body in [
        change("/item/items", json!([])),
        change("/item", Value::Null),
        change("/item/items/0/amount", json!(-10)),
        change("/entity", Value::Null),
    ] {
        server.post("invoice", body).await.refused(400, "USER_ERROR");
    }
    assert_eq!(server.get("invoice").await["totalResults"], json!(0));
}

#[tokio::test]
async fn what_is_posted_stays() {
    let server = Server::start().await;
    let firm: Firm = firm(&server).await;
    let body = firm.document("inv-1", &["10.00"]);
    let made = server.put("invoice/eid:inv-1", body.clone()).await;
    assert_eq!(made.status, 204);
    let path = format!("invoice/{}", made.id());
    let before = server.get(&path).await;
    // The same content again is no edit: an upsert may be repeated.
    let mut same = body.clone();
    same["item"]["items"][0]["amount"] = number("10.0");
    let again = server.put("invoice/eid:inv-1", same).await;
    assert_eq!((again.status, again.id()), (204, made.id()));
    for other in [
        json!({"memo": "changed"}),
        json!({"dueDate": "2026-12-31"}),
        firm.document("inv-1", &["10.01"]),
        firm.document("inv-1", &["10", "10"]),
    ] {
        server
            .put("invoice/eid:inv-1", other.clone())
            .await
            .refused(400, "USER_ERROR");
        server.patch(&path, other).await.refused(400, "USER_ERROR");
    }
    server.delete(&path).await.refused(400, "USER_ERROR");
    assert_eq!(server.get(&path).await, before);
}

#[tokio::test]
async fn an_empty_total_is_settled_at_once() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    let id = server.create("invoice", firm.document("inv-1", &["10", "-10"])).await;
    let read = server.get(&format!("invoice/{id}")).await;
    assert_eq!(
        (read["total"].to_string().as_str(), &read["status"]["id"]),
        ("0.00", &json!("B"))
    );
}

#[tokio::test]
async fn a_closed_period_takes_nothing() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    let march = json!({"periodName": "Mar 2026", "startDate": "2026-03-01", "endDate": "2026-03-31"});
    let march = server.create("accountingPeriod", march).await;
    let year =
        json!({"periodName": "FY 2026", "startDate": "2026-01-01", "endDate": "2026-12-31", "isYear": true, "closed": true});
    server.create("accountingPeriod", year).await;
    server.create("invoice", firm.document("inv-1", &["10"])).await;
    let path = format!("accountingPeriod/{march}");
    assert_eq!(
        server
            .patch(&path, json!({"closed": true, "closedOnDate": "2026-04-05"}))
            .await
            .status,
        204
    );

    let payment = json!({"customer": {"id": firm.customer}, "payment": 5, "tranDate": "2026-03-31"});
    let time =
        json!({"employee": {"id": firm.employee}, "customer": {"id": firm.job}, "tranDate": "2026-03-01", "hours": "1:00"});
    for (kind, body) in [
        ("invoice", firm.document("inv-2", &["10"])),
        ("creditMemo", firm.document("cm-1", &["10"])),
        ("customerPayment", payment),
        ("timeBill", time.clone()),
    ] {
        server.post(kind, body).await.refused(400, "USER_ERROR");
    }
    let mut april = firm.document("inv-2", &["10"]);
    april["tranDate"] = json!("2026-04-01");
    server.create("invoice", april).await;

    // Time posts nothing to the ledger: the period can be closed and still take it.
    assert_eq!(server.patch(&path, json!({"allowNonGLChanges": true})).await.status, 204);
    let entry = server.create("timeBill", time).await;
    server
        .post("invoice", firm.document("inv-3", &["10"]))
        .await
        .refused(400, "USER_ERROR");
    assert_eq!(server.patch(&path, json!({"allowNonGLChanges": false})).await.status, 204);
    server
        .patch(&format!("timeBill/{entry}"), json!({"tranDate": "2026-04-01"}))
        .await
        .refused(400, "USER_ERROR");
    server.delete(&format!("timeBill/{entry}")).await.refused(400, "USER_ERROR");

    assert_eq!(server.patch(&path, json!({"closed": false})).await.status, 204);
    server.create("invoice", firm.document("inv-3", &["10"])).await;
    server
        .post(
            "accountingPeriod",
            json!({"periodName": "Bad", "startDate": "2026-05-01", "endDate": "2026-04-01"}),
        )
        .await
        .refused(400, "INVALID_CONTENT");
}
