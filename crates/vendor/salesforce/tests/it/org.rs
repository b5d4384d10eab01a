//! The org: answers in order, and what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use strata_kernel::{Instant, SimClock};
use strata_salesforce::Salesforce;
use tokio::net::TcpListener;

pub(crate) const DEAL: &str = "006xx000001Sv6gAAC";

/// Answers in order; what was asked is kept. Tokens are "t1", "t2", ...; the one whose number is
/// `refused_tokens` does not work.
#[derive(Clone, Default)]
pub(crate) struct Org(pub Arc<Mutex<Inner>>);

#[derive(Default)]
pub(crate) struct Inner {
    pub answers: VecDeque<Answer>,
    pub asked: Vec<(String, String, Value)>,
    pub tokens: u32,
    pub refused_tokens: u32,
    /// What every answer says of the daily calls.
    pub usage: Option<&'static str>,
}

pub(crate) enum Answer {
    Reply(u16, Value),
    Hang,
}

impl Org {
    pub(crate) fn answers(&self, answers: Vec<Answer>) {
        self.0.lock().unwrap().answers.extend(answers);
    }

    pub(crate) fn asked(&self) -> Vec<(String, String, Value)> {
        std::mem::take(&mut self.0.lock().unwrap().asked)
    }
}

async fn handle(State(org): State<Org>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body: Bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let path = parts.uri.path().to_owned();
    if path == "/services/oauth2/token" {
        assert_eq!(parts.headers["authorization"], "Basic c3RyYXRhOnNhbmRib3gtc2VjcmV0");
        assert_eq!(&body[..], b"grant_type=client_credentials");
        let mut inner = org.0.lock().unwrap();
        inner.tokens += 1;
        return axum::Json(json!({"access_token": format!("t{}", inner.tokens), "token_type": "Bearer"})).into_response();
    }
    let query = parts.uri.query().unwrap_or_default().to_owned();
    let (next, usage) = {
        let mut inner = org.0.lock().unwrap();
        if parts.headers["authorization"] == format!("Bearer t{}", inner.refused_tokens) {
            return (
                StatusCode::UNAUTHORIZED,
                r#"[{"errorCode":"INVALID_SESSION_ID","message":"m"}]"#,
            )
                .into_response();
        }
        assert_eq!(parts.headers["sforce-call-options"], "client=strata");
        let sent = serde_json::from_slice(&body).unwrap_or(Value::Null);
        inner.asked.push((format!("{} {path}", parts.method), query, sent));
        (inner.answers.pop_front(), inner.usage)
    };
    let mut answer = match next {
        Some(Answer::Reply(204, _)) => StatusCode::NO_CONTENT.into_response(),
        Some(Answer::Reply(status, body)) => (StatusCode::from_u16(status).unwrap(), body.to_string()).into_response(),
        Some(Answer::Hang) => {
            tokio::time::sleep(std::time::Duration::from_secs(30)).await;
            StatusCode::OK.into_response()
        }
        None => (StatusCode::NOT_IMPLEMENTED, "no answer was prepared").into_response(),
    };
    if let Some(usage) = usage {
        answer.headers_mut().insert("Sforce-Limit-Info", usage.parse().unwrap());
    }
    answer
}

pub(crate) async fn start() -> (Salesforce, Org) {
    let org = Org::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(handle).with_state(org.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let config = json!({
        "base_url": base, "client_id": "strata", "client_secret": "sandbox-secret", "limits": {"timeout_ms": 400}
    });
    let clock = Arc::new(SimClock::new(Instant::UNIX_EPOCH));
    (Salesforce::new(serde_json::from_value(config).unwrap(), clock).unwrap(), org)
}

pub(crate) fn rows(records: Vec<Value>) -> Answer {
    Answer::Reply(200, json!({"totalSize": records.len(), "done": true, "records": records}))
}

pub(crate) fn deal(id: &str, stamp: &str) -> Value {
    json!({"Id": id, "Name": "Acme", "AccountId": "001xx000003DGb2AAG", "StageName": "Closed Won", "IsWon": true, "IsClosed": true,
        "Amount": 1000, "CurrencyIsoCode": "USD", "SystemModstamp": stamp})
}
