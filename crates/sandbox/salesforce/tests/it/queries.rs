//! The query language and its pages.

use serde_json::{Value, json};

use crate::org::{Org, finish};

/// Makes accounts `a000`, `a001`, ... in batches of 200.
async fn many_accounts(org: &Org, count: usize) {
    let names: Vec<_> = (0..count).map(|n| format!("a{n:04}")).collect();
    for chunk in names.chunks(200) {
        let rows: Vec<_> = chunk
            .iter()
            .map(|n| json!({ "attributes": { "type": "Account" }, "Name": n }))
            .collect();
        let reply = org.post("composite/sobjects", json!({ "records": rows })).await;
        assert!(reply.body.as_array().unwrap().iter().all(|row| row["success"] == true));
    }
}

#[tokio::test]
async fn a_reader_follows_the_modified_stamp_and_misses_nothing() {
    let org = Org::new().await;
    let first = org.opportunity("one", "Prospecting").await;
    let second = org.opportunity("two", "Prospecting").await;
    org.pass(10);
    org.opportunity("three", "Prospecting").await;
    let since = |t: &str| {
        format!("SELECT Id, Name, SystemModstamp FROM Opportunity WHERE SystemModstamp >= {t} ORDER BY SystemModstamp, Id")
    };
    let all = org.query(&since("2026-01-31T08:00:00Z")).await;
    assert_eq!(all.column("Name"), ["one", "two", "three"]);
    assert_eq!(org.query(&since("2026-01-31T08:00:01Z")).await.column("Name"), ["three"]);

    // Within a second the visible stamp ties and the id decides, whichever record was touched last.
    org.pass(10);
    org.patch(&format!("sobjects/Opportunity/{second}"), json!({ "Amount": 2 }))
        .await;
    org.patch(&format!("sobjects/Opportunity/{first}"), json!({ "Amount": 1 }))
        .await;
    let changed = org.query(&since("2026-01-31T08:10:00.000Z")).await;
    assert_eq!(changed.column("Name"), ["three", "one", "two"]);
    let limited = org.query(&format!("{} LIMIT 2", since("2026-01-31T08:10:00Z"))).await;
    assert_eq!(limited.column("Name"), ["three", "one"]);
    let window = "SELECT Name FROM Opportunity WHERE SystemModstamp > 2026-01-31T08:00:00Z AND SystemModstamp <= \
                  2026-01-31T08:10:00+00:00";
    assert_eq!(org.query(window).await.column("Name"), ["three"]);
    let created = "SELECT Name FROM Opportunity WHERE CreatedDate >= 2026-01-31T08:05:00Z";
    assert_eq!(org.query(created).await.column("Name"), ["three"]);
}

#[tokio::test]
async fn filters_compare_by_the_type_of_the_field() {
    let org = Org::new().await;
    let account = org.account("Acme").await;
    for (name, stage, close, amount) in [
        ("big", "Closed Won", "2026-03-02", json!(1000)),
        ("small", "Closed Lost", "2026-04-01", json!(99.5)),
        ("open", "Prospecting", "2026-05-01", Value::Null),
    ] {
        let body = json!({ "Name": name, "StageName": stage, "CloseDate": close, "Amount": amount, "AccountId": account });
        assert_eq!(org.post("sobjects/Opportunity", body).await.status, 201);
    }
    for (condition, expected) in [
        ("IsWon = true", vec!["big"]),
        ("Amount > 99.50", vec!["big"]),
        ("Amount >= 99.50", vec!["big", "small"]),
        ("Amount = null", vec!["open"]),
        ("Amount != null AND IsClosed = true", vec!["big", "small"]),
        ("CloseDate >= 2026-04-01", vec!["open", "small"]),
        ("Name IN ('big', 'open')", vec!["big", "open"]),
        ("Name NOT IN ('big', 'open')", vec!["small"]),
        (
            "Name = 'big' OR (IsWon = false AND CloseDate > 2026-04-01)",
            vec!["big", "open"],
        ),
        ("Name < 'd'", vec!["big"]),
        ("Name = 'none'", vec![]),
    ] {
        let reply = org
            .query(&format!("SELECT Name FROM Opportunity WHERE {condition} ORDER BY Name"))
            .await;
        assert_eq!(reply.column("Name"), expected, "{condition}");
    }
    let by_account = org
        .query(&format!(
            "SELECT Name FROM Opportunity WHERE AccountId = '{}'",
            &account[..15]
        ))
        .await;
    assert_eq!(by_account.column("Name").len(), 3);
    let nulls = org.query("SELECT Name FROM Opportunity ORDER BY Amount").await;
    assert_eq!(nulls.column("Name"), ["open", "small", "big"], "nulls come first");
    let down = org.query("SELECT Name FROM Opportunity ORDER BY Amount DESC, Name").await;
    assert_eq!(down.column("Name"), ["big", "small", "open"]);
}

#[tokio::test]
async fn quotes_in_a_text_do_not_end_it() {
    let org = Org::new().await;
    org.account("O'Hara & Söhne").await;
    let reply = org.query("SELECT Name FROM Account WHERE Name = 'O\\'Hara & Söhne'").await;
    assert_eq!(reply.column("Name"), ["O'Hara & Söhne"]);
}

#[tokio::test]
async fn long_answers_come_in_pages_that_later_writes_do_not_shift() {
    let org = Org::new().await;
    many_accounts(&org, 450).await;
    let request = org
        .request(reqwest::Method::GET, "query")
        .header("Sforce-Query-Options", "batchSize=200");
    let mut page = finish(request.query(&[("q", "SELECT Id, Name FROM Account ORDER BY Name")])).await;
    assert_eq!((&page.body["totalSize"], &page.body["done"]), (&json!(450), &json!(false)));
    org.account("a0000 squeezed in").await;
    let mut names: Vec<String> = page.column("Name").into_iter().map(str::to_owned).collect();
    while let Some(next) = page.body["nextRecordsUrl"].as_str() {
        page = org.follow(next).await;
        names.extend(page.column("Name").into_iter().map(str::to_owned));
    }
    assert_eq!(names, (0..450).map(|n| format!("a{n:04}")).collect::<Vec<_>>());
    assert_eq!(page.body["done"], true);
    let gone = org.get("query/01g5g0000000009AAA-200").await;
    assert_eq!(gone.refusal(), (400, "INVALID_QUERY_LOCATOR"));
}

#[tokio::test]
async fn pages_hold_2000_rows_and_the_smallest_200() {
    let org = Org::new().await;
    many_accounts(&org, 2_001).await;
    let page = org.query("SELECT Id FROM Account").await;
    assert_eq!((page.column("Id").len(), &page.body["totalSize"]), (2_000, &json!(2_001)));
    let last = org.follow(page.body["nextRecordsUrl"].as_str().unwrap()).await;
    assert_eq!((last.column("Id").len(), &last.body["done"]), (1, &json!(true)));
    let request = org
        .request(reqwest::Method::GET, "query")
        .header("Sforce-Query-Options", "batchSize=10");
    assert_eq!(
        finish(request.query(&[("q", "SELECT Id FROM Account")]))
            .await
            .column("Id")
            .len(),
        200
    );
}

#[tokio::test]
async fn a_query_that_makes_no_sense_says_so() {
    let org = Org::new().await;
    assert_eq!(org.query("SELECT Id FROM").await.refusal(), (400, "MALFORMED_QUERY"));
    assert_eq!(org.query("SELECT Shoe FROM Account").await.refusal(), (400, "INVALID_FIELD"));
    assert_eq!(org.get("query").await.refusal(), (400, "MALFORMED_QUERY"));
}
