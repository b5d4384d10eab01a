use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::firm::{firm, number};
use crate::harness::{Reply, Server};

fn column(rows: &[Value], name: &str) -> Vec<String> {
    rows.iter()
        .map(|row| row[name].as_str().unwrap_or("null").to_owned())
        .collect()
}

#[tokio::test]
async fn a_query_answers_lower_case_columns_of_texts() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    server.create("invoice", firm.document("inv-1", &["100.00"])).await;
    server.create("creditMemo", firm.document("cm-1", &["10.50"])).await;
    let text = "SELECT id, Type, tranId, externalId, entity, subsidiary, tranDate, dueDate, currency, foreignTotal, foreignTaxTotal, \
                foreignAmountUnpaid, status, otherRefNum, custbody_period, lastModifiedDate, memo FROM transaction ORDER BY id";
    let rows = server.query(text).await;
    assert_eq!(rows.len(), 2);
    // The memo is null and left out.
    assert_eq!(
        rows[0],
        json!({
            "id": "1", "type": "CustInvc", "tranid": "INV-US01-00001", "externalid": "inv-1", "entity": firm.customer, "subsidiary": firm.us,
            "trandate": "2026-03-02", "duedate": "2026-04-01", "currency": "USD", "foreigntotal": "107.25", "foreigntaxtotal": "7.25",
            "foreignamountunpaid": "107.25", "status": "A", "otherrefnum": "C-1", "custbody_period": "2026-02",
            "lastmodifieddate": "2026-03-02 08:00:00",
        })
    );
    assert_eq!(
        (&rows[1]["type"], &rows[1]["foreigntotal"]),
        (&json!("CustCred"), &json!("11.26"))
    );

    let lines = server.query("SELECT transaction, linesequencenumber, memo, job, foreignamount, custcol_line_kind, custcol_source FROM transactionline WHERE transaction = 2").await;
    let line = json!({
        "transaction": "2", "linesequencenumber": "1", "memo": "work", "job": firm.job, "foreignamount": "10.50",
        "custcol_line_kind": "time", "custcol_source": "time:cm-1",
    });
    assert_eq!(lines, [line]);
}

#[tokio::test]
async fn conditions_and_order_are_carried_out() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    for (at, amounts) in [["5"], ["20"], ["100"], ["20"]].iter().enumerate() {
        server.create("invoice", firm.document(&format!("inv-{at}"), amounts)).await;
    }
    server.create("creditMemo", firm.document("cm-0", &["20"])).await;
    let found = async |rest: &str| {
        column(
            &server.query(&format!("SELECT externalid FROM transaction {rest}")).await,
            "externalid",
        )
        .join(" ")
    };
    for (rest, expected) in [
        ("WHERE foreigntotal > 10 AND foreigntotal < 100", "inv-1 inv-3 cm-0"),
        ("WHERE foreigntotal >= 21.45 AND foreigntotal <= 21.45", "inv-1 inv-3 cm-0"),
        ("WHERE foreigntotal = 107.250", "inv-2"),
        (
            "WHERE foreigntotal > 9 ORDER BY foreigntotal DESC, id",
            "inv-2 inv-1 inv-3 cm-0",
        ),
        ("WHERE type = 'CustCred'", "cm-0"),
        (
            "WHERE type IN ('CustInvc', 'CustCred') ORDER BY id DESC",
            "cm-0 inv-3 inv-2 inv-1 inv-0",
        ),
        ("WHERE type IN ('CustInvc')", "inv-0 inv-1 inv-2 inv-3"),
        ("WHERE externalid LIKE 'cm%'", "cm-0"),
        ("WHERE externalid = 'inv-2'", "inv-2"),
        ("WHERE externalid IN ('inv-3', 'nobody', 'inv-0')", "inv-0 inv-3"),
        ("WHERE id > 2 AND id <= 4", "inv-2 inv-3"),
        ("WHERE id IN (1, '5', 77)", "inv-0 cm-0"),
        ("WHERE entity = 1 AND type = 'CustCred'", "cm-0"),
        ("WHERE entity = 1.0 AND foreigntotal < 10", "inv-0"),
        ("WHERE entity = 2", ""),
        ("WHERE memo = 'null never equals'", ""),
        ("WHERE trandate >= TO_DATE('2026-03-03', 'YYYY-MM-DD')", ""),
        ("WHERE trandate = '2026-03-02' AND status = 'A' AND id = 3", "inv-2"),
    ] {
        assert_eq!(found(rest).await, expected, "{rest}");
    }
}

#[tokio::test]
async fn what_is_not_understood_is_refused() {
    let server = Server::start().await;
    for text in [
        "SELECT * FROM transaction",
        "SELECT id FROM spaceship",
        "SELECT colour FROM transaction",
        "SELECT id FROM transaction WHERE colour = 1",
        "SELECT id FROM transaction ORDER BY colour",
        "SELECT id FROM transaction WHERE id = 'abc'",
        "SELECT id FROM transaction WHERE trandate = '02.03.2026'",
        "SELECT id FROM transaction WHERE id LIKE '1%'",
        "SELECT id FROM transaction WHERE id = 1 OR id = 2",
        "SELECT t.id FROM transaction t",
        "UPDATE transaction",
        "",
    ] {
        let reply = server.try_query("", text).await;
        assert_eq!(
            (reply.status, reply.code()),
            (400, "INVALID_PARAMETER"),
            "{text}: {}",
            reply.body
        );
    }
    for page in [
        "?limit=1001",
        "?limit=0",
        "?limit=10&offset=5",
        "?limit=1000&offset=100000",
        "?page=2",
    ] {
        server
            .try_query(page, "SELECT id FROM transaction")
            .await
            .refused(400, "INVALID_PARAMETER");
    }
    let bare = server
        .request(reqwest::Method::POST, "/services/rest/query/v1/suiteql")
        .json(&json!({"q": "SELECT id FROM transaction"}));
    Reply::of(bare).await.refused(400, "INVALID_PARAMETER");
    let wrong = server
        .request(reqwest::Method::POST, "/services/rest/query/v1/suiteql")
        .header("Prefer", "transient")
        .json(&json!({"query": 1}));
    Reply::of(wrong).await.refused(400, "INVALID_CONTENT");
}

#[tokio::test]
async fn every_table_answers() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    let us = &firm.us;
    server
        .create(
            "department",
            json!({"name": "CC-1", "subsidiary": {"id": us}, "custrecord_label": "Delivery"}),
        )
        .await;
    server
        .create(
            "customrecord_receipt_limit",
            json!({"custrecord_currency": "USD", "custrecord_limit": number("75.50")}),
        )
        .await;
    let transfer = json!({"custrecord_delivering": {"id": us}, "custrecord_contracting": {"id": firm.jp}, "custrecord_role": "analyst",
        "custrecord_currency": "USD", "custrecord_hourly_rate": number("60.50"), "custrecord_effective_from": "2026-01-01"});
    server.create("customrecord_transfer_rate", transfer).await;
    let rate = json!({"baseCurrency": {"refName": "USD"}, "transactionCurrency": {"refName": "EUR"}, "effectiveDate": "2026-03-02", "exchangeRate": number("1.0815")});
    server.create("currencyRate", rate).await;
    server.create("salesOrder", json!({"externalId": "C-1", "otherRefNum": "C-1", "entity": {"id": firm.customer}, "custbody_sold_value": number("1000.5")})).await;
    server
        .create(
            "customerPayment",
            json!({"customer": {"id": firm.customer}, "payment": 5, "tranDate": "2026-03-02"}),
        )
        .await;
    server
        .create(
            "accountingPeriod",
            json!({"periodName": "Apr", "startDate": "2026-04-01", "endDate": "2026-04-30", "closed": true}),
        )
        .await;
    server
        .create(
            "timeBill",
            json!({"employee": {"id": firm.employee}, "customer": {"id": firm.job}, "tranDate": "2026-03-02", "hours": "1:15"}),
        )
        .await;
    for (text, expected) in [
        (
            "SELECT name, country, currency FROM subsidiary WHERE name = 'JP01'",
            json!({"name": "JP01", "country": "JP", "currency": "JPY"}),
        ),
        (
            "SELECT name, subsidiary, custrecord_label FROM department",
            json!({"name": "CC-1", "subsidiary": us, "custrecord_label": "Delivery"}),
        ),
        (
            "SELECT rate, custrecord_tax_category FROM salestaxitem WHERE subsidiary = 1",
            json!({"rate": "7.25", "custrecord_tax_category": "S"}),
        ),
        (
            "SELECT custrecord_currency, custrecord_limit FROM customrecord_receipt_limit",
            json!({"custrecord_currency": "USD", "custrecord_limit": "75.50"}),
        ),
        (
            "SELECT custrecord_delivering, custrecord_contracting, custrecord_hourly_rate, custrecord_effective_to FROM customrecord_transfer_rate",
            json!({"custrecord_delivering": us, "custrecord_contracting": firm.jp, "custrecord_hourly_rate": "60.50"}),
        ),
        (
            "SELECT basecurrency, transactioncurrency, exchangerate, effectivedate FROM currencyrate",
            json!({"basecurrency": "USD", "transactioncurrency": "EUR", "exchangerate": "1.0815", "effectivedate": "2026-03-02"}),
        ),
        (
            "SELECT entityid, custentity_terms_days FROM customer",
            json!({"entityid": "CUST-00001", "custentity_terms_days": "30"}),
        ),
        (
            "SELECT externalid, custbody_sold_value FROM salesorder",
            json!({"externalid": "C-1", "custbody_sold_value": "1000.5"}),
        ),
        (
            "SELECT entityid, parent FROM job WHERE externalid = 'prj-1'",
            json!({"entityid": "NW-1", "parent": firm.customer}),
        ),
        (
            "SELECT entityid, lastname FROM employee",
            json!({"entityid": "E1", "lastname": "Lovelace"}),
        ),
        (
            "SELECT payment, unapplied, customer FROM customerpayment",
            json!({"payment": "5.00", "unapplied": "5.00", "customer": firm.customer}),
        ),
        (
            "SELECT periodname, closed FROM accountingperiod WHERE closed = 'T'",
            json!({"periodname": "Apr", "closed": "T"}),
        ),
        (
            "SELECT job, entityid, minutes, isbillable, approvalstatus FROM timebill WHERE trandate <= '2026-03-02' AND job = 1",
            json!({"job": firm.job, "entityid": "NW-1", "minutes": "75", "isbillable": "F", "approvalstatus": "1"}),
        ),
    ] {
        assert_eq!(server.query(text).await, [expected], "{text}");
    }
}

#[tokio::test]
async fn a_range_of_days_is_read_on_by_id() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    for day in ["2026-03-02", "2026-03-03", "2026-03-04", "2026-03-03"] {
        let entry = json!({"employee": {"id": firm.employee}, "customer": {"id": firm.job}, "tranDate": day, "hours": "1:00"});
        server.create("timeBill", entry).await;
    }
    let ids = async |after: u32| {
        let query = format!(
            "SELECT id FROM timebill WHERE trandate >= TO_DATE('2026-03-03', 'YYYY-MM-DD') AND trandate <= TO_DATE('2026-03-04', \
             'YYYY-MM-DD') AND id > {after} ORDER BY id"
        );
        column(&server.query(&query).await, "id").join(" ")
    };
    assert_eq!(ids(0).await, "2 3 4");
    assert_eq!(ids(2).await, "3 4");
    assert_eq!(ids(4).await, "");
}

#[tokio::test]
async fn changes_are_read_in_the_order_of_second_and_id() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    for at in 0..5 {
        server.create("invoice", firm.document(&format!("inv-{at}"), &["10"])).await;
        if at == 1 {
            server.forward(TimeDelta::seconds(30));
        }
    }
    server.forward(TimeDelta::seconds(30));
    // Two old invoices move, the later one first, in one second.
    for doc in ["4", "1"] {
        let payment = json!({"customer": {"id": firm.customer}, "payment": 1, "tranDate": "2026-03-02", "apply": {"items": [{"doc": {"id": doc}, "amount": 1}]}});
        server.create("customerPayment", payment).await;
    }
    let ids = async |rest: &str| column(&server.query(&format!("SELECT id FROM transaction {rest}")).await, "id").join(" ");
    let order = "ORDER BY lastmodifieddate, id";
    assert_eq!(ids(order).await, "2 3 5 1 4");
    assert_eq!(
        ids(&format!("WHERE type IN ('CustCred','CustInvc') {order}")).await,
        "2 3 5 1 4"
    );
    assert_eq!(ids(&format!("WHERE type = 'CustInvc' {order}")).await, "2 3 5 1 4");
    assert_eq!(
        ids(&format!("WHERE lastmodifieddate >= '2026-03-02 08:00:30' {order}")).await,
        "3 5 1 4"
    );
    assert_eq!(
        ids(&format!("WHERE lastmodifieddate > '2026-03-02 08:00:30' {order}")).await,
        "1 4"
    );
    assert_eq!(
        ids(&format!(
            "WHERE lastmodifieddate = TO_TIMESTAMP('2026-03-02 08:00:30', 'YYYY-MM-DD HH24:MI:SS') {order}"
        ))
        .await,
        "3 5"
    );
    assert_eq!(
        ids(&format!(
            "WHERE lastmodifieddate > '2026-03-02' AND lastmodifieddate < '2026-03-02 08:01:00' {order}"
        ))
        .await,
        "2 3 5"
    );
    assert_eq!(
        ids(&format!("WHERE lastmodifieddate <= '2026-03-02 08:00:30' {order}")).await,
        "2 3 5"
    );
    assert_eq!(
        ids("WHERE lastmodifieddate >= '2026-03-02 08:00:30' AND status = 'A' ORDER BY id").await,
        "1 3 4 5"
    );
    assert_eq!(ids(&format!("WHERE lastmodifieddate >= '2027-01-01' {order}")).await, "");
    let mut paged = Vec::new();
    for offset in 0..6 {
        let page = format!("?limit=1&offset={offset}");
        let body = server
            .try_query(
                &page,
                &format!("SELECT id FROM transaction WHERE lastmodifieddate >= '2026-03-02' {order}"),
            )
            .await
            .body;
        assert_eq!((&body["totalResults"], &body["hasMore"]), (&json!(5), &json!(offset < 4)));
        paged.extend(column(body["items"].as_array().unwrap(), "id"));
    }
    assert_eq!(paged.join(" "), "2 3 5 1 4");
    let rates = server
        .query("SELECT id FROM currencyrate WHERE lastmodifieddate >= '2026-01-01' ORDER BY lastmodifieddate")
        .await;
    assert_eq!(rates, Vec::<Value>::new());
}
