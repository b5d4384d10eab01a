//! A server that answers from a script and remembers what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use strata_kernel::{Instant, SimClock};
use strata_netsuite::{Config, NetSuite};
use strata_vendor_http::{Limits, Secret};

/// Signs for this test only.
pub(crate) const PRIVATE_KEY: &str = include_str!("test_private.pem");
/// Checks what it signed.
pub(crate) const PUBLIC_KEY: &str = include_str!("test_public.pem");
/// How long the adapter waits for an answer.
const PATIENCE: Duration = Duration::from_millis(400);

/// What the server does with a request.
pub(crate) enum Answer {
    /// Answers with status, `Location` and body.
    With(u16, Option<&'static str>, Value),
    /// Never answers: the client has to give up.
    Nothing,
}

/// 200 with a body.
pub(crate) fn ok(body: Value) -> Answer {
    Answer::With(200, None, body)
}

/// 204 with the address of the record.
pub(crate) fn created(location: &'static str) -> Answer {
    Answer::With(204, Some(location), Value::Null)
}

/// A refusal in NetSuite's form.
pub(crate) fn refused(status: u16, code: &str, detail: &str) -> Answer {
    Answer::With(
        status,
        None,
        json!({"title": "x", "status": status, "o:errorDetails": [{"detail": detail, "o:errorCode": code}]}),
    )
}

/// A page of SuiteQL rows.
pub(crate) fn rows(rows: Value) -> Answer {
    let count = rows.as_array().map_or(0, Vec::len);
    ok(json!({"links": [], "count": count, "hasMore": false, "items": rows, "offset": 0, "totalResults": count}))
}

/// A request that arrived.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Seen {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The query it asks.
    pub(crate) fn sql(&self) -> String {
        self.json()["q"].as_str().unwrap().to_owned()
    }

    /// A header.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

#[derive(Default)]
struct Script {
    answers: VecDeque<Answer>,
    seen: Vec<Seen>,
    tokens: Vec<Seen>,
}

/// The server.
#[derive(Clone)]
pub(crate) struct Stub {
    script: Arc<Mutex<Script>>,
    pub(crate) base: String,
    pub(crate) clock: SimClock,
}

impl Stub {
    /// A server that gives these answers in turn. Tokens are given out besides.
    pub(crate) async fn new(answers: Vec<Answer>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stub = Self {
            script: Arc::new(Mutex::new(Script {
                answers: answers.into(),
                ..Script::default()
            })),
            base: format!("http://{}", listener.local_addr().unwrap()),
            clock: SimClock::new(Instant::from_timestamp(1_743_440_000, 0).unwrap()),
        };
        let router = Router::new().fallback(answer).with_state(stub.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        stub
    }

    /// The adapter, connected to the server.
    pub(crate) fn adapter(&self) -> NetSuite {
        let config = Config {
            base_url: self.base.clone(),
            client_id: "client".into(),
            certificate_id: "cert".into(),
            private_key_pem: Secret::new(PRIVATE_KEY),
            limits: Limits {
                timeout: PATIENCE,
                ..Limits::default()
            },
            job_tries: 3,
            job_pause_ms: 10,
            overlap_seconds: 60,
        };
        strata_netsuite::new(config, Arc::new(self.clock.clone())).unwrap()
    }

    /// Requests so far, those for tokens left out.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.script.lock().unwrap().seen.clone()
    }

    /// Requests for tokens so far.
    pub(crate) fn tokens(&self) -> Vec<Seen> {
        self.script.lock().unwrap().tokens.clone()
    }

    /// True when every answer was used.
    pub(crate) fn is_used_up(&self) -> bool {
        self.script.lock().unwrap().answers.is_empty()
    }
}

async fn answer(State(stub): State<Stub>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let seen = Seen {
        line: format!("{method} {uri}"),
        headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    let answer = {
        let mut script = stub.script.lock().unwrap();
        if uri.path().ends_with("/token") {
            script.tokens.push(seen);
            let token = format!("t{}", script.tokens.len());
            return axum::Json(json!({"access_token": token, "expires_in": "3600", "token_type": "bearer"})).into_response();
        }
        script.seen.push(seen);
        script.answers.pop_front()
    };
    match answer {
        Some(Answer::With(status, location, body)) => {
            let mut answer = (StatusCode::from_u16(status).unwrap(), body.to_string()).into_response();
            if let Some(location) = location {
                answer.headers_mut().insert("location", location.parse().unwrap());
            }
            answer
        }
        Some(Answer::Nothing) => std::future::pending().await,
        None => (StatusCode::IM_A_TEAPOT, "the script is over").into_response(),
    }
}
