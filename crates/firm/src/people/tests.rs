#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::*;
use crate::Error;

/// A PSA that can be told to misbehave.
#[derive(Default)]
struct Vendor {
    minted: u32,
    entries: Vec<Value>,
    /// Requests still to be refused for the moment.
    throttle: u32,
    /// Creations still to be carried out without an answer.
    lose: u32,
}

type Shared = Arc<Mutex<Vendor>>;

async fn mint(State(vendor): State<Shared>) -> Json<Value> {
    let mut vendor = vendor.lock().unwrap();
    vendor.minted += 1;
    Json(json!({"access_token": format!("token-{}", vendor.minted)}))
}

/// Only the second token is any good: the first has ended before it is used.
fn refused(vendor: &mut Vendor, headers: &HeaderMap) -> Option<Response> {
    if headers["authorization"] != "Bearer token-2" {
        return Some(StatusCode::UNAUTHORIZED.into_response());
    }
    if vendor.throttle > 0 {
        vendor.throttle -= 1;
        return Some(StatusCode::TOO_MANY_REQUESTS.into_response());
    }
    None
}

async fn create(State(vendor): State<Shared>, headers: HeaderMap, body: Bytes) -> Response {
    let mut vendor = vendor.lock().unwrap();
    if let Some(refused) = refused(&mut vendor, &headers) {
        return refused;
    }
    let sent: Value = serde_json::from_slice(&body).unwrap();
    vendor.entries.push(sent["time_entry"].clone());
    if vendor.lose > 0 {
        vendor.lose -= 1;
        let broken: Result<Bytes, std::io::Error> = Err(std::io::ErrorKind::ConnectionReset.into());
        return Response::new(Body::from_stream(futures::stream::iter([broken])));
    }
    let id = vendor.entries.len().to_string();
    Json(json!({"count": 1, "results": [{"key": "time_entries", "id": id}]})).into_response()
}

async fn list(State(vendor): State<Shared>, headers: HeaderMap) -> Response {
    let mut vendor = vendor.lock().unwrap();
    if let Some(refused) = refused(&mut vendor, &headers) {
        return refused;
    }
    let rows: serde_json::Map<String, Value> = vendor
        .entries
        .iter()
        .zip(1..)
        .map(|(entry, id)| (id.to_string(), entry.clone()))
        .collect();
    let results: Vec<Value> = rows.keys().map(|id| json!({"key": "time_entries", "id": id})).collect();
    Json(json!({"count": rows.len(), "results": results, "time_entries": rows})).into_response()
}

async fn psa(vendor: Vendor) -> (Psa, Shared) {
    let shared: Shared = Arc::new(Mutex::new(vendor));
    let routes = Router::new()
        .route("/oauth/token", post(mint))
        .route("/api/v1/time_entries", get(list).post(create))
        .with_state(Arc::clone(&shared));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    let access = BasicAccess {
        base_url,
        client_id: "people".into(),
        client_secret: "secret".into(),
    };
    (Psa::new(access).unwrap(), shared)
}

fn hour(reference: &str) -> TimeToEnter<'_> {
    TimeToEnter {
        workspace: "1",
        story: "2",
        user: "3",
        date: "2025-01-06".parse().unwrap(),
        minutes: 60,
        billable: true,
        reference,
        role: "analyst",
        overtime: false,
        write_down_minutes: 0,
        supersedes: None,
    }
}

#[tokio::test]
async fn an_ended_token_is_replaced_and_limits_are_waited_out() {
    let (psa, vendor) = psa(Vendor {
        throttle: 3,
        ..Vendor::default()
    })
    .await;
    assert_eq!(psa.enter_time(&hour("TE-1"), false).await.unwrap(), "1");
    let vendor = vendor.lock().unwrap();
    assert_eq!((vendor.minted, vendor.throttle, vendor.entries.len()), (2, 0, 1));
    assert_eq!(vendor.entries[0]["custom_fields"]["Role"], "analyst");
}

#[tokio::test]
async fn a_lost_answer_is_looked_up_before_anything_is_written_again() {
    let (psa, vendor) = psa(Vendor {
        lose: 1,
        ..Vendor::default()
    })
    .await;
    assert_eq!(psa.enter_time(&hour("TE-1"), false).await.unwrap(), "1");
    assert_eq!(psa.enter_time(&hour("TE-2"), false).await.unwrap(), "2");
    assert_eq!(vendor.lock().unwrap().entries.len(), 2);
}

#[tokio::test]
async fn on_a_day_acted_again_what_is_there_is_not_written_again() {
    let (psa, vendor) = psa(Vendor::default()).await;
    psa.enter_time(&hour("TE-1"), false).await.unwrap();
    // The lists of sheets and expenses are not served here: the failure is that, and the entries are known by then.
    assert!(matches!(
        psa.recall("2025-01-12".parse().unwrap()).await,
        Err(Error::Refused { status: 404, .. })
    ));
    assert_eq!(psa.enter_time(&hour("TE-1"), true).await.unwrap(), "1");
    assert_eq!(psa.enter_time(&hour("TE-2"), true).await.unwrap(), "2");
    assert_eq!(vendor.lock().unwrap().entries.len(), 2);
}

#[tokio::test]
async fn a_vendor_that_is_not_there_is_refused_not_lost() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let psa = Psa::new(BasicAccess {
        base_url,
        client_id: String::new(),
        client_secret: String::new(),
    })
    .unwrap();
    let failed = psa.enter_time(&hour("TE-1"), false).await.unwrap_err();
    assert!(matches!(failed, Error::Refused { status: 503, .. }), "{failed}");
}

#[test]
fn secrets_are_not_printed() {
    let access = BasicAccess {
        base_url: "http://127.0.0.1:1".into(),
        client_id: "people".into(),
        client_secret: "hush".into(),
    };
    let printed = format!("{access:?}");
    assert!(printed.contains("people") && !printed.contains("hush"));
}
