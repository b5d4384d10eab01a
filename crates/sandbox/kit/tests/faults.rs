//! Armed faults, seen from a client over a real connection.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::post;
use chrono::DateTime;
use strata_sandbox::{Fault, Setup, Tokens, guard, serve};
use tokio::sync::oneshot;

/// A vendor with one operation that counts how often it was carried out.
struct Vendor {
    url: String,
    setup: Setup,
    tokens: Tokens,
    done: Arc<AtomicU32>,
    stop: oneshot::Sender<()>,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Vendor {
    async fn start() -> Self {
        let setup = Setup::in_memory(DateTime::UNIX_EPOCH);
        let tokens = Tokens::default();
        let done = Arc::new(AtomicU32::new(0));
        let count = done.clone();
        let order = post(move || async move { (count.fetch_add(1, Ordering::SeqCst) + 1).to_string() });
        let routes = Router::new().route("/orders", order);
        let routes = guard(routes, setup.faults.clone(), tokens.clone(), |status: StatusCode| {
            (status, "the vendor's words").into_response()
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/orders", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let server = tokio::spawn(serve(listener, routes, async move {
            let _ = stopped.await;
        }));
        Self {
            url,
            setup,
            tokens,
            done,
            stop,
            server,
        }
    }

    async fn order(&self) -> reqwest::Result<reqwest::Response> {
        reqwest::Client::new().post(&self.url).send().await
    }
}

#[tokio::test]
async fn a_lost_answer_was_carried_out_but_not_one_byte_comes_back() {
    let vendor = Vendor::start().await;
    vendor.setup.faults.arm("POST /orders", Fault::LoseAnswer, 1);
    let error = vendor.order().await.unwrap_err();
    assert!(error.is_request() && error.status().is_none(), "{error:?}");
    assert_eq!(vendor.done.load(Ordering::SeqCst), 1);
    assert_eq!(vendor.order().await.unwrap().text().await.unwrap(), "2");
}

#[tokio::test]
async fn a_refusal_speaks_the_vendors_words_and_does_nothing() {
    let vendor = Vendor::start().await;
    vendor.setup.faults.arm("POST /orders", Fault::Refuse(503), 1);
    let answer = vendor.order().await.unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.text().await.unwrap(), "the vendor's words");
    assert_eq!(vendor.done.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_delay_is_served_late_and_expired_tokens_are_gone() {
    let vendor = Vendor::start().await;
    let now = vendor.setup.clock.now();
    let token = vendor.tokens.issue("strata", None, now);
    vendor.setup.faults.arm("", Fault::Delay(Duration::from_millis(80)), 1);
    let begun = Instant::now();
    assert_eq!(vendor.order().await.unwrap().status(), 200);
    assert!(begun.elapsed() >= Duration::from_millis(80));
    assert!(vendor.tokens.check(&token, now));
    vendor.setup.faults.arm("", Fault::ExpireTokens, 1);
    assert_eq!(vendor.order().await.unwrap().status(), 200);
    assert!(!vendor.tokens.check(&token, now));
}

#[tokio::test]
async fn stopping_lets_a_request_under_way_finish() {
    let vendor = Vendor::start().await;
    vendor.setup.faults.arm("", Fault::Delay(Duration::from_millis(200)), 1);
    let url = vendor.url.clone();
    let under_way = tokio::spawn(async move { reqwest::Client::new().post(url).send().await });
    tokio::time::sleep(Duration::from_millis(60)).await;
    vendor.stop.send(()).unwrap();
    assert_eq!(under_way.await.unwrap().unwrap().status(), 200);
    vendor.server.await.unwrap().unwrap();
    assert!(reqwest::get(&vendor.url).await.is_err(), "nobody listens any more");
}
