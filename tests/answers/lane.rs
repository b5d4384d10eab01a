//! The server between an adapter and its vendor: it keeps every right answer, and sends an altered one when it is told to.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use tokio::net::TcpListener;

use crate::alter::Altered;

/// Largest request and answer that passes.
const MOST: usize = 8 * 1024 * 1024;
/// Headers that the server makes itself, or that are about the connection.
const OWN: [&str; 5] = ["content-length", "transfer-encoding", "connection", "date", "host"];

/// An answer as the vendor gave it.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// The way to one vendor.
pub(crate) struct Lane {
    /// What the adapter takes for the vendor.
    pub(crate) base: String,
    way: Arc<Way>,
}

struct Way {
    http: reqwest::Client,
    vendor: String,
    base: String,
    state: Mutex<Now>,
}

#[derive(Default)]
struct Now {
    /// The same question has the same answer: nobody works in the vendor meanwhile, and writes are those that may be repeated.
    known: HashMap<Vec<u8>, Answer>,
    /// Right answers of the call under way, altered ones as they would have been.
    right: Vec<Answer>,
    change: Option<Plan>,
    /// What was sent instead.
    sent: Vec<Altered>,
}

/// Which answer of a call is altered, and how.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) which: usize,
    /// Those after it too.
    pub(crate) sticky: bool,
    pub(crate) how: Arc<dyn Fn(&Answer) -> Altered + Send + Sync>,
}

impl Lane {
    pub(crate) async fn before(vendor: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let way = Arc::new(Way {
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            vendor: vendor.to_owned(),
            base: base.clone(),
            state: Mutex::default(),
        });
        let router = Router::new().fallback(answer).with_state(way.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { base, way }
    }

    /// Begins a call whose answers are right, but for one.
    pub(crate) fn begin(&self, change: Option<Plan>) {
        let mut now = self.way.state.lock().unwrap();
        now.right.clear();
        now.sent.clear();
        now.change = change;
    }

    /// The right answers of the call that was begun, and what was sent instead of some of them.
    pub(crate) fn told(&self) -> (Vec<Answer>, Vec<Altered>) {
        let now = self.way.state.lock().unwrap();
        (now.right.clone(), now.sent.clone())
    }
}

async fn answer(State(way): State<Arc<Way>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, MOST).await.unwrap();
    let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
    // A token is asked for with an assertion that is signed anew each time.
    let asked = if path.contains("token") { Bytes::new() } else { body.clone() };
    let key = [parts.method.as_str().as_bytes(), b" ", path.as_bytes(), b"\n", &asked].concat();
    let known = way.state.lock().unwrap().known.get(&key).cloned();
    let right = match known {
        Some(known) => known,
        None => {
            let mut ask = way.http.request(parts.method.clone(), format!("{}{path}", way.vendor));
            for (name, value) in parts.headers.iter().filter(|(name, _)| !OWN.contains(&name.as_str())) {
                ask = ask.header(name, value);
            }
            let said = ask.body(body).send().await.unwrap();
            let here = |text: &str| text.replace(&way.vendor, &way.base);
            let headers = said.headers().iter().filter(|(name, _)| !OWN.contains(&name.as_str()));
            let headers = headers
                .map(|(name, value)| (name.to_string(), here(value.to_str().unwrap())))
                .collect();
            let status = said.status().as_u16();
            let body = here(&said.text().await.unwrap()).into_bytes();
            let right = Answer { status, headers, body };
            way.state.lock().unwrap().known.insert(key, right.clone());
            right
        }
    };
    let mut now = way.state.lock().unwrap();
    now.right.push(right.clone());
    let at = now.right.len() - 1;
    let change = now.change.clone();
    match change.filter(|plan| at == plan.which || plan.sticky && at > plan.which) {
        Some(plan) => {
            let altered = (plan.how)(&right);
            now.sent.push(altered.clone());
            altered.response(&right)
        }
        None => sent(&right),
    }
}

fn sent(right: &Answer) -> Response {
    let mut response = Response::builder().status(right.status);
    for (name, value) in &right.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(right.body.clone())).unwrap()
}
