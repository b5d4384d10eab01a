use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::firm::{Firm, firm, number};
use crate::harness::Server;

/// Ids of a receivable and an income account.
async fn accounts(server: &Server) -> [String; 2] {
    let account = |number: &str, kind: &str| json!({"acctNumber": number, "acctName": kind, "acctType": {"id": kind}});
    [
        server.create("account", account("1250", "UnbilledRec")).await,
        server.create("account", account("4000", "Income")).await,
    ]
}

fn line(account: &str, side: &str, amount: &str) -> Value {
    json!({"account": {"id": account}, side: number(amount), "memo": "revenue", "custcol_contract": "C-1"})
}

fn journal(firm: &Firm, lines: &[Value]) -> Value {
    json!({"subsidiary": {"id": firm.us}, "tranDate": "2026-02-28", "currency": {"refName": "USD"}, "approved": true,
        "memo": "C-1 revenue of 2026-02", "custbody_period": "2026-02", "line": {"items": lines}})
}

#[tokio::test]
async fn a_journal_balances_and_is_posted_once() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    let [asset, income] = accounts(&server).await;
    let body = journal(&firm, &[line(&asset, "debit", "100.10"), line(&income, "credit", "100.10")]);
    let path = "journalEntry/eid:rev:C-1:2026-02";
    let posted = server.put(path, body.clone()).await;
    assert_eq!(posted.status, 204, "{}", posted.body);
    let read = server.get(path).await;
    assert_eq!(
        (&read["tranId"], &read["exchangeRate"].to_string()),
        (&json!("JE-US01-00001"), &"1".to_owned())
    );
    assert_eq!(read["custbody_total_functional"].to_string(), "100.10");

    // The same again is no change; anything else is refused.
    assert_eq!(server.put(path, body.clone()).await.id(), posted.id());
    let mut other = body.clone();
    other["memo"] = json!("another");
    server.put(path, other).await.refused(400, "USER_ERROR");
    server
        .delete(&format!("journalEntry/{}", posted.id()))
        .await
        .refused(400, "USER_ERROR");

    let heads = server
        .query("SELECT externalid, tranid, custbody_period FROM transaction WHERE type = 'Journal' ORDER BY id")
        .await;
    let head = json!({"externalid": "rev:C-1:2026-02", "tranid": "JE-US01-00001", "custbody_period": "2026-02"});
    assert_eq!(heads, [head]);
    let lines = server
        .query(
            "SELECT account, debitforeignamount, creditforeignamount, custcol_contract FROM transactionline \
             WHERE type = 'Journal' ORDER BY id",
        )
        .await;
    assert_eq!(
        lines,
        [
            json!({"account": asset, "debitforeignamount": "100.10", "custcol_contract": "C-1"}),
            json!({"account": income, "creditforeignamount": "100.10", "custcol_contract": "C-1"}),
        ]
    );
    // Documents are another type of the same table, and an account that was posted to stays.
    assert!(
        server
            .query("SELECT id FROM transaction WHERE type IN ('CustInvc', 'CustCred')")
            .await
            .is_empty()
    );
    server.delete(&format!("account/{asset}")).await.refused(400, "USER_ERROR");
}

#[tokio::test]
async fn what_is_no_journal_is_refused() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    let [asset, income] = accounts(&server).await;
    let old = json!({"acctNumber": "4099", "acctName": "Old income", "acctType": {"id": "Income"}, "isInactive": true});
    let old = server.create("account", old).await;
    let refused = [
        (
            vec![line(&asset, "debit", "100.10"), line(&income, "credit", "100.09")],
            "USER_ERROR",
        ),
        (vec![line(&asset, "debit", "1")], "USER_ERROR"),
        (
            vec![line(&asset, "debit", "0"), line(&income, "credit", "0")],
            "INVALID_CONTENT",
        ),
        (
            vec![line(&asset, "debit", "1.001"), line(&income, "credit", "1.001")],
            "INVALID_CONTENT",
        ),
        (
            vec![line(&asset, "debit", "1"), line("999", "credit", "1")],
            "INVALID_CONTENT",
        ),
        (vec![line(&asset, "debit", "1"), line(&old, "credit", "1")], "INVALID_CONTENT"),
        (
            vec![json!({"account": {"id": asset}}), line(&income, "credit", "1")],
            "INVALID_CONTENT",
        ),
    ];
    for (lines, code) in refused {
        server.post("journalEntry", journal(&firm, &lines)).await.refused(400, code);
    }
    let mut rated = journal(&firm, &[line(&asset, "debit", "1"), line(&income, "credit", "1")]);
    rated["exchangeRate"] = json!(2);
    server.post("journalEntry", rated).await.refused(400, "INVALID_CONTENT");
    assert_eq!(server.get("journalEntry").await["totalResults"], json!(0));
}

#[tokio::test]
async fn a_closed_month_takes_no_journal_but_time() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    let [asset, income] = accounts(&server).await;
    let month = json!({"periodName": "2026-02", "startDate": "2026-02-01", "endDate": "2026-02-28", "closed": true,
        "allowNonGLChanges": true});
    server.create("accountingPeriod", month).await;
    server.forward(TimeDelta::minutes(1));
    let body = journal(&firm, &[line(&asset, "debit", "1"), line(&income, "credit", "1")]);
    let reply = server.post("journalEntry", body).await;
    reply.refused(400, "USER_ERROR");
    assert!(reply.body.to_string().contains("period"), "{}", reply.body);
    let time =
        json!({"employee": {"id": firm.employee}, "customer": {"id": firm.job}, "tranDate": "2026-02-28", "hours": "1:00"});
    server.create("timeBill", time).await;
}

#[tokio::test]
async fn a_journal_in_another_currency_takes_the_rate_of_its_day() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    let [asset, income] = accounts(&server).await;
    let rate = json!({"baseCurrency": {"refName": "USD"}, "transactionCurrency": {"refName": "EUR"}, "exchangeRate": number("1.085"),
        "effectiveDate": "2026-02-01"});
    let mut body = journal(&firm, &[line(&asset, "debit", "10.10"), line(&income, "credit", "10.10")]);
    body["currency"] = json!({"refName": "EUR"});
    server.post("journalEntry", body.clone()).await.refused(400, "USER_ERROR");
    server.create("currencyRate", rate).await;
    let id = server.create("journalEntry", body).await;
    let read = server.get(&format!("journalEntry/{id}")).await;
    assert_eq!(read["custbody_total_functional"].to_string(), "10.96");
}

#[tokio::test]
async fn a_period_is_locked_for_one_subsidiary_or_for_all() {
    let server = Server::start().await;
    let firm = firm(&server).await;
    let [asset, income] = accounts(&server).await;
    let month = json!({"periodName": "2026-02", "startDate": "2026-02-01", "endDate": "2026-02-28"});
    let month = server.create("accountingPeriod", month).await;
    let other = json!({"name": "XX01", "country": "US", "currency": {"refName": "USD"}});
    let other = server.create("subsidiary", other).await;
    let lock = |subsidiary: &str| json!({"period": {"id": month}, "subsidiary": {"id": subsidiary}, "itemType": "PCP_LOCKALL", "complete": true});
    server.create("taskItemStatus", lock(&other)).await;
    let body = || journal(&firm, &[line(&asset, "debit", "1"), line(&income, "credit", "1")]);
    server.create("journalEntry", body()).await;
    let own = server.create("taskItemStatus", lock(&firm.us)).await;
    server.post("journalEntry", body()).await.refused(400, "USER_ERROR");
    let time =
        json!({"employee": {"id": firm.employee}, "customer": {"id": firm.job}, "tranDate": "2026-02-28", "hours": "1:00"});
    server.post("timeBill", time).await.refused(400, "USER_ERROR");
    assert_eq!(
        server
            .query("SELECT period, subsidiary, complete FROM taskitemstatus WHERE itemtype = 'PCP_LOCKALL' ORDER BY id")
            .await[1],
        json!({"period": month, "subsidiary": firm.us, "complete": "T"})
    );

    server
        .patch(&format!("taskItemStatus/{own}"), json!({"complete": false}))
        .await;
    server.create("journalEntry", body()).await;
    server
        .patch(&format!("accountingPeriod/{month}"), json!({"allLocked": true}))
        .await;
    server.post("journalEntry", body()).await.refused(400, "USER_ERROR");
}
