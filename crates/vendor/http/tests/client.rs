//! The client against a small server.

#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::{any, get};
use http::Method;
use strata_kernel::{Instant, Result, SimClock};
use strata_vendor_http::{Client, Effect, Failure, Limits, Mint, Minted, Request, Secret, Session, outcome_of};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

fn client() -> Client {
    Client::new(
        "test",
        Limits {
            timeout: Duration::from_millis(500),
            max_body: 1_000,
            ..Limits::default()
        },
    )
    .unwrap()
}

/// Answers each call with the next status, the last one for ever.
fn statuses(list: &'static [u16]) -> (Router, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let router = Router::new().route(
        "/x",
        any(move || {
            let call = counter.fetch_add(1, Ordering::SeqCst).min(list.len() - 1);
            async move { StatusCode::from_u16(list[call]).unwrap() }
        }),
    );
    (router, calls)
}

#[tokio::test]
async fn refusals_that_time_mends_are_tried_again_unless_it_is_a_write() {
    for (list, kind, status, tries) in [
        (&[429, 503, 200][..], Effect::Read, 200, 3),
        (&[504, 204][..], Effect::Idempotent, 204, 2),
        (&[502][..], Effect::Read, 502, 4),
        (&[500][..], Effect::Read, 500, 1),
        (&[503, 200][..], Effect::Write, 503, 1),
        (&[429, 200][..], Effect::Write, 429, 1),
    ] {
        let (router, calls) = statuses(list);
        let url = serve(router).await + "/x";
        let reply = client().send(Request::new(Method::PUT, url, kind)).await.unwrap();
        assert_eq!(
            (reply.status, calls.load(Ordering::SeqCst)),
            (status, tries),
            "{list:?} {kind:?}"
        );
    }
}

#[tokio::test]
async fn a_long_retry_after_is_left_to_the_caller() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let slow = move || {
        counter.fetch_add(1, Ordering::SeqCst);
        async { (StatusCode::TOO_MANY_REQUESTS, [("Retry-After", "120")]).into_response() }
    };
    let url = serve(Router::new().route("/x", get(slow))).await + "/x";
    assert_eq!(client().send(Request::get(url)).await.unwrap().status, 429);
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_refused_connection_is_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/x", listener.local_addr().unwrap());
    drop(listener);
    let failure = client()
        .send(Request::new(Method::POST, url, Effect::Write))
        .await
        .unwrap_err();
    assert!(matches!(failure, Failure::NotSent(_)), "{failure}");
    let error = outcome_of(failure, "k").unwrap_err();
    assert_eq!((error.reason, error.is_temporary()), ("VENDOR_UNAVAILABLE", true));
}

/// Reads a request and cuts the connection; counts how often.
async fn cutter() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/x", listener.local_addr().unwrap());
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.shutdown().await;
        }
    });
    (url, calls)
}

#[tokio::test]
async fn a_cut_answer_is_lost_and_only_a_read_is_sent_again() {
    for (kind, tries) in [(Effect::Write, 1), (Effect::Idempotent, 1), (Effect::Read, 4)] {
        let (url, calls) = cutter().await;
        let failure = client().send(Request::new(Method::POST, url, kind)).await.unwrap_err();
        assert!(matches!(failure, Failure::Lost(_)), "{failure}");
        assert_eq!(calls.load(Ordering::SeqCst), tries, "{kind:?}");
        let outcome = outcome_of(failure, "k").unwrap();
        assert_eq!((outcome.key.as_str(), outcome.state), ("k", 3), "unknown");
    }
}

#[tokio::test]
async fn a_time_out_is_lost_and_not_waited_for_twice() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let stuck = move || {
        counter.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(Duration::from_secs(5))
    };
    let url = serve(Router::new().route("/x", get(stuck))).await + "/x";
    assert!(matches!(
        client().send(Request::get(url)).await.unwrap_err(),
        Failure::Lost(_)
    ));
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_answer_beyond_the_limit_is_not_held() {
    let url = serve(Router::new().route("/x", get(|| async { "x".repeat(1_001) }))).await + "/x";
    assert!(matches!(
        client().send(Request::get(url)).await.unwrap_err(),
        Failure::TooLarge
    ));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let moved = || async { (StatusCode::FOUND, [("Location", "/y")]).into_response() };
    let url = serve(Router::new().route("/x", get(moved)).route("/y", get(|| async { "leaked" }))).await + "/x";
    assert_eq!(client().send(Request::get(url)).await.unwrap().status, 302);
}

struct Numbered(AtomicUsize);

impl Mint for Numbered {
    async fn mint(&self, _: Instant) -> Result<Minted> {
        Ok(Minted {
            secret: Secret::new(format!("t{}", self.0.fetch_add(1, Ordering::SeqCst))),
            instance_url: None,
            lifetime: None,
        })
    }
}

#[tokio::test]
async fn a_refused_token_is_replaced_once() {
    for (accepted, status, tokens) in [("Bearer t1", 200, 2), ("Bearer t9", 401, 2), ("Bearer t0", 200, 1)] {
        let check = move |headers: HeaderMap| async move {
            if headers["authorization"] == accepted {
                StatusCode::OK
            } else {
                StatusCode::UNAUTHORIZED
            }
        };
        let url = serve(Router::new().route("/x", any(check))).await + "/x";
        let minted = Arc::new(Numbered(AtomicUsize::new(0)));
        let clock = Arc::new(SimClock::new(Instant::UNIX_EPOCH));
        let session = Session::new(client(), Shared(Arc::clone(&minted)), clock);
        let make = |token: &strata_vendor_http::Token| {
            Request::new(Method::POST, url.clone(), Effect::Write).bearer(token.secret.expose())
        };
        assert_eq!(session.send(make).await.unwrap().status, status);
        assert_eq!(minted.0.load(Ordering::SeqCst), tokens);
    }
}

struct Shared(Arc<Numbered>);

impl Mint for Shared {
    async fn mint(&self, now: Instant) -> Result<Minted> {
        self.0.mint(now).await
    }
}
