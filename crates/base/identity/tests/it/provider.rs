//! A provider that does what a test wants, and counts how often it is asked.

use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use serde_json::{Value, json};

#[derive(Clone)]
pub(crate) struct Provider {
    pub(crate) issuer: String,
    state: Arc<Shared>,
}

struct Shared {
    issuer: String,
    keys: Mutex<Value>,
    /// What it answers with. 200 unless it is "away".
    status: AtomicU16,
    asked_keys: AtomicUsize,
    asked_tokens: AtomicUsize,
    /// Life of the tokens it gives, in seconds.
    life: AtomicUsize,
    seen: Mutex<Vec<String>>,
}

impl Provider {
    pub(crate) async fn start(keys: Value) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Shared {
            issuer: issuer.clone(),
            keys: Mutex::new(keys),
            status: AtomicU16::new(200),
            asked_keys: AtomicUsize::new(0),
            asked_tokens: AtomicUsize::new(0),
            life: AtomicUsize::new(600),
            seen: Mutex::default(),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys_of))
            .route("/token", post(token))
            .with_state(state.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { issuer, state }
    }

    pub(crate) fn set_keys(&self, keys: Value) {
        *self.state.keys.lock().unwrap() = keys;
    }

    pub(crate) fn answer(&self, status: u16) {
        self.state.status.store(status, Ordering::SeqCst);
    }

    pub(crate) fn give_for(&self, seconds: usize) {
        self.state.life.store(seconds, Ordering::SeqCst);
    }

    pub(crate) fn asked_keys(&self) -> usize {
        self.state.asked_keys.load(Ordering::SeqCst)
    }

    pub(crate) fn asked_tokens(&self) -> usize {
        self.state.asked_tokens.load(Ordering::SeqCst)
    }

    /// Credentials and form of each question for a token.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.state.seen.lock().unwrap().clone()
    }
}

impl Shared {
    fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status.load(Ordering::SeqCst)).unwrap()
    }
}

async fn discovery(State(state): State<Arc<Shared>>) -> (StatusCode, String) {
    let issuer = &state.issuer;
    let said = json!({
        "issuer": issuer, "jwks_uri": format!("{issuer}/keys"), "token_endpoint": format!("{issuer}/token"),
    });
    (state.status(), said.to_string())
}

async fn keys_of(State(state): State<Arc<Shared>>) -> (StatusCode, String) {
    state.asked_keys.fetch_add(1, Ordering::SeqCst);
    // Slow enough for many to wait at once.
    tokio::time::sleep(Duration::from_millis(20)).await;
    let keys = state.keys.lock().unwrap().to_string();
    (state.status(), keys)
}

async fn token(State(state): State<Arc<Shared>>, headers: HeaderMap, form: String) -> (StatusCode, String) {
    let number = state.asked_tokens.fetch_add(1, Ordering::SeqCst) + 1;
    tokio::time::sleep(Duration::from_millis(20)).await;
    let credentials = headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
    state
        .seen
        .lock()
        .unwrap()
        .push(format!("{} {form}", credentials.unwrap_or_default()));
    let life = state.life.load(Ordering::SeqCst);
    let given = json!({"access_token": format!("token-{number}"), "token_type": "Bearer", "expires_in": life});
    (state.status(), given.to_string())
}
