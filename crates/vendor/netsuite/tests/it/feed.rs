//! Change feeds: pages, ties, overlap, quarantine.

use serde_json::{Value, json};
use strata_contract::strata::system::erp::v1 as pb;
use strata_port::ErpSystem;

use crate::stub::{Stub, ok, rows};

fn row(id: u32, second: u32) -> Value {
    json!({"id": id.to_string(), "type": "CustInvc", "currency": "USD", "externalid": format!("inv_{id}"), "tranid": format!("INV-{id}"),
        "status": "A", "foreignsubtotal": "10", "foreigntaxtotal": "0", "foreigntotal": "10", "foreignamountunpaid": "10",
        "lastmodifieddate": format!("2025-03-31 08:00:{second:02}")})
}

fn request(cursor: &str, page_size: u32) -> pb::ListDocumentChangesRequest {
    pb::ListDocumentChangesRequest {
        cursor: cursor.into(),
        page_size,
    }
}

fn ids(answer: &pb::ListDocumentChangesResponse) -> Vec<&str> {
    answer.documents.iter().map(|document| document.id.as_str()).collect()
}

#[tokio::test]
async fn pages_go_on_inside_a_second_and_across_seconds() {
    let stub = Stub::new(vec![
        // A full page whose last second may go on.
        rows(json!([row(1, 1), row(2, 1), row(5, 2)])),
        // That second, by id: full again.
        rows(json!([row(3, 2), row(4, 2), row(5, 2)])),
        // The rest of it, then later ones.
        rows(json!([row(6, 2)])),
        rows(json!([row(7, 3)])),
    ])
    .await;
    let adapter = stub.adapter();
    let first = adapter.list_document_changes(request("", 3)).await.unwrap();
    assert_eq!((ids(&first), first.more), (vec!["1", "2"], true));
    let second = adapter.list_document_changes(request(&first.next_cursor, 3)).await.unwrap();
    assert_eq!((ids(&second), second.more), (vec!["3", "4", "5"], true));
    let third = adapter.list_document_changes(request(&second.next_cursor, 3)).await.unwrap();
    assert_eq!((ids(&third), third.more), (vec!["6", "7"], false));
    let asked: Vec<String> = stub.seen().iter().map(|seen| seen.sql()).collect();
    assert!(
        asked
            .iter()
            .all(|sql| sql.contains("type IN ('CustInvc', 'CustCred')") && !sql.contains(" OR "))
    );
    assert!(asked[1].contains("08:00:02") && asked[1].contains("id > 0 ORDER BY id"));
    assert!(asked[2].contains("id > 5 ORDER BY id"));
    assert!(asked[3].contains(">= TO_TIMESTAMP('2025-03-31 08:00:03'"));
    assert_eq!(stub.seen()[0].header("prefer"), "transient");
}

#[tokio::test]
async fn one_second_that_fills_a_page_does_not_hold_the_feed() {
    let stub = Stub::new(vec![
        rows(json!([row(1, 1), row(9, 1)])),
        rows(json!([row(1, 1), row(2, 1)])),
        rows(json!([row(9, 1)])),
        rows(json!([])),
    ])
    .await;
    let adapter = stub.adapter();
    let first = adapter.list_document_changes(request("", 2)).await.unwrap();
    assert_eq!((ids(&first), first.more), (vec!["1", "2"], true));
    let second = adapter.list_document_changes(request(&first.next_cursor, 2)).await.unwrap();
    assert_eq!((ids(&second), second.more), (vec!["9"], false));
}

#[tokio::test]
async fn a_pass_that_is_over_reads_the_last_second_again_and_stays_usable() {
    let stub = Stub::new(vec![rows(json!([row(1, 7)])), rows(json!([row(1, 7)])), rows(json!([]))]).await;
    let adapter = stub.adapter();
    let first = adapter.list_document_changes(request("", 10)).await.unwrap();
    assert!(!first.more);
    let second = adapter.list_document_changes(request(&first.next_cursor, 10)).await.unwrap();
    assert_eq!(second.next_cursor, first.next_cursor);
    adapter.list_document_changes(request(&second.next_cursor, 10)).await.unwrap();
    assert!(stub.seen()[2].sql().contains("'2025-03-31 08:00:07'"));
    let error = adapter.list_document_changes(request("nonsense", 10)).await.unwrap_err();
    assert_eq!(error.field, "cursor");
}

#[tokio::test]
async fn a_row_that_does_not_fit_is_put_aside() {
    let mut bad = row(2, 1);
    bad["foreigntotal"] = json!("ten");
    let stub = Stub::new(vec![rows(json!([row(1, 1), bad, row(3, 1)]))]).await;
    let answer = stub.adapter().list_document_changes(request("", 10)).await.unwrap();
    assert_eq!(ids(&answer), ["1", "3"]);
    let malformed = &answer.malformed[0];
    assert_eq!(
        (
            malformed.vendor_id.as_str(),
            malformed.kind.as_str(),
            malformed.field.as_str()
        ),
        ("2", "document", "foreigntotal")
    );
}

#[tokio::test]
async fn rates_are_read_as_changes() {
    let stub = Stub::new(vec![rows(json!([
        {"id": "1", "lastmodifieddate": "2025-03-31 08:00:00", "basecurrency": "USD", "transactioncurrency": "EUR",
            "effectivedate": "2025-03-31", "exchangerate": "1.0825"}]))])
    .await;
    let request = pb::ListExchangeRateChangesRequest::default();
    let answer = stub.adapter().list_exchange_rate_changes(request).await.unwrap();
    assert_eq!(answer.exchange_rates[0].rate, "1.0825");
    assert!(stub.seen()[0].line.contains("limit=200"));
}

#[tokio::test]
async fn reference_data_is_one_answer_from_four_tables() {
    let stub = Stub::new(vec![
        rows(json!([{"id": "1", "name": "US01", "country": "US", "currency": "USD", "custrecord_fx_max_age_days": "7"}])),
        rows(json!([{"id": "4", "name": "CC-1", "subsidiary": "1"}, {"id": "5", "name": "CC-2", "subsidiary": "9"}])),
        rows(json!([{"id": "9", "subsidiary": "1", "rate": "8.875", "custrecord_tax_category": "S"}])),
        rows(json!([{"id": "1", "custrecord_currency": "USD", "custrecord_limit": "75"}])),
    ])
    .await;
    let answer = stub
        .adapter()
        .get_reference_data(pb::GetReferenceDataRequest {})
        .await
        .unwrap();
    assert_eq!(answer.legal_entities[0].code, "US01");
    assert_eq!(answer.cost_centers[0].legal_entity_code, "US01");
    assert_eq!(answer.tax_codes[0].percent, "8.875");
    assert_eq!(answer.receipt_limits[0].limit.as_ref().unwrap().minor_units, 7_500);
    assert_eq!(answer.malformed[0].field, "subsidiary");
}

#[tokio::test]
async fn an_answer_without_rows_is_no_empty_page() {
    for answer in [
        json!({}),
        json!({"items": []}),
        json!({"hasMore": false}),
        json!({"items": null, "hasMore": false}),
    ] {
        let stub = Stub::new(vec![ok(answer.clone()), ok(answer)]).await;
        let error = stub.adapter().list_document_changes(request("", 3)).await.unwrap_err();
        assert_eq!(error.reason, "VENDOR_UNAVAILABLE");
        // Taken for "there is none", it would be posted again.
        let lookup = pb::LookupByKeyRequest {
            kind: pb::RecordKind::Invoice.into(),
            keys: vec!["inv:CT-1:2025-01".into()],
        };
        assert!(stub.adapter().lookup_by_key(lookup).await.is_err());
    }
}
