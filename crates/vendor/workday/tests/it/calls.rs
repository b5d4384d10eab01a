//! Tokens, faults, windows, pages.

use chrono::TimeDelta;
use strata_contract::strata::system::hr::v1 as pb;
use strata_kernel::Clock;
use strata_port::HrSystem;

use crate::stub::{Asked, Is, Stub, fault, workers};

fn request(cursor: &str) -> pb::ListWorkerChangesRequest {
    pb::ListWorkerChangesRequest {
        cursor: cursor.into(),
        page_size: 2,
    }
}

fn ada(id: &str) -> String {
    Is {
        id,
        hired: "2025-01-06",
        job: Some(("analyst", "2025-01-06")),
        pay: Some(("50", "2025-01-06")),
        ended: None,
    }
    .xml()
}

#[tokio::test]
async fn a_refresh_token_is_traded_and_a_401_is_answered_once() {
    let stub = Stub::new(|_, before| {
        if before == 0 {
            Some((401, "{\"error\":\"invalid token\"}".into()))
        } else {
            workers(&[ada("a")], 1)
        }
    })
    .await;
    let answer = stub.adapter().list_worker_changes(request("")).await.unwrap();
    assert_eq!(answer.workers.len(), 1);
    let tokens = stub.tokens();
    assert_eq!(tokens.len(), 2);
    assert_eq!(tokens[0].0, "Basic Y2xpZW50OnNlY3JldA==");
    assert_eq!(tokens[0].1, "grant_type=refresh_token&refresh_token=refresh");
    let used: Vec<_> = stub.asked().iter().map(|asked| asked.token.clone()).collect();
    assert_eq!(used, ["Bearer t1", "Bearer t2"]);

    let stub = Stub::new(|_, _| Some((401, String::new()))).await;
    let error = stub.adapter().list_worker_changes(request("")).await.unwrap_err();
    assert_eq!(error.reason, "VENDOR_UNAUTHENTICATED");
    assert_eq!(stub.asked().len(), 2);
}

#[tokio::test]
async fn faults_and_limits_become_errors() {
    let stub = Stub::new(|_, _| fault("Client.validationError", "Page Number cannot be zero.")).await;
    let error = stub.adapter().list_worker_changes(request("")).await.unwrap_err();
    assert_eq!(error.reason, "VENDOR_REJECTED");
    assert!(error.internal.contains("Page Number") && !error.message.contains("Page Number"));

    let stub = Stub::new(|_, before| {
        if before < 2 {
            Some((429, String::new()))
        } else {
            workers(&[], 0)
        }
    })
    .await;
    assert!(
        stub.adapter()
            .list_worker_changes(request(""))
            .await
            .unwrap()
            .workers
            .is_empty()
    );
    let stub = Stub::new(|_, _| Some((429, String::new()))).await;
    let error = stub.adapter().list_worker_changes(request("")).await.unwrap_err();
    assert_eq!((error.reason, error.is_temporary()), ("VENDOR_THROTTLED", true));

    let stub = Stub::new(|_, _| None).await;
    let error = stub.adapter().list_worker_changes(request("")).await.unwrap_err();
    assert_eq!((error.reason, error.is_temporary()), ("VENDOR_UNAVAILABLE", true));
}

fn paged(asked: &Asked, _: usize) -> Option<(u16, String)> {
    match asked.text("Page").unwrap() {
        "1" => workers(&[ada("a"), ada("b")], 2),
        _ => workers(&[ada("c")], 2),
    }
}

#[tokio::test]
async fn every_page_of_a_pass_asks_the_same_question_and_passes_overlap() {
    let stub = Stub::new(paged).await;
    let adapter = stub.adapter();
    let first = adapter.list_worker_changes(request("")).await.unwrap();
    assert_eq!((first.workers.len(), first.more), (2, true));
    // Time goes on between the pages; the pass does not.
    assert!(stub.clock.set(stub.clock.now() + TimeDelta::days(1)));
    let second = adapter.list_worker_changes(request(&first.next_cursor)).await.unwrap();
    assert_eq!((second.workers.len(), second.more), (1, false));
    adapter.list_worker_changes(request(&second.next_cursor)).await.unwrap();

    let asked = stub.asked();
    let moments: Vec<_> = asked.iter().map(|a| a.text("As_Of_Entry_DateTime").unwrap()).collect();
    assert_eq!(
        moments,
        [
            "2025-03-31T17:03:09.000Z",
            "2025-03-31T17:03:09.000Z",
            "2025-04-01T17:03:09.000Z"
        ]
    );
    assert_eq!(asked[0].on(), asked[1].on());
    assert_eq!(asked[0].text("Count"), Some("2"));
    assert_eq!((asked[0].text("Updated_From"), asked[1].text("Page")), (None, Some("2")));
    assert_eq!(asked[2].text("Updated_From"), Some("2025-03-31T17:02:09.000Z"));
    assert_eq!(asked[2].text("Updated_Through"), Some("2025-04-01T17:03:09.000Z"));

    let error = adapter.list_worker_changes(request("nonsense")).await.unwrap_err();
    assert_eq!(error.field, "cursor");
}
