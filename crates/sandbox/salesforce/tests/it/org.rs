//! An org on a port of its own, and a caller with a token.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use strata_sandbox::{Faults, SandboxClock, Setup};
use strata_sandbox_salesforce::{Options, router_with};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub struct Org {
    pub clock: SandboxClock,
    pub faults: Faults,
    pub base: String,
    pub token: String,
    pub http: Client,
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
}

pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Reply {
    /// The id of a record that was made.
    pub fn id(&self) -> String {
        assert_eq!(self.status, 201, "{}", self.body);
        self.body["id"].as_str().unwrap().to_owned()
    }

    /// Status and code of a refusal.
    pub fn refusal(&self) -> (u16, &str) {
        (self.status, self.body[0]["errorCode"].as_str().unwrap_or_default())
    }

    /// The texts of one column of a query's answer.
    pub fn column(&self, name: &str) -> Vec<&str> {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body["records"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| r[name].as_str().unwrap())
            .collect()
    }
}

pub fn start() -> DateTime<Utc> {
    "2026-01-31T08:00:00Z".parse().unwrap()
}

impl Org {
    pub async fn new() -> Self {
        Self::with(Options::default()).await
    }

    pub async fn with(options: Options) -> Self {
        Self::open(None, options).await
    }

    pub async fn open(dir: Option<&Path>, options: Options) -> Self {
        let setup = Setup {
            dir: dir.map(Path::to_owned),
            ..Setup::in_memory(start())
        };
        let (clock, faults) = (setup.clock.clone(), setup.faults.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let stopped = async move {
            let _ = stopped.await;
        };
        let server = tokio::spawn(strata_sandbox::serve(listener, router_with(setup, options).unwrap(), stopped));
        let mut org = Self {
            clock,
            faults,
            base,
            token: String::new(),
            http: Client::new(),
            stop,
            server,
        };
        org.log_in().await;
        org
    }

    pub async fn close(self) {
        drop(self.http);
        self.stop.send(()).unwrap();
        self.server.await.unwrap().unwrap();
    }

    pub async fn log_in(&mut self) {
        let body = self.sign_on("strata", "sandbox-secret", "client_credentials").await.body;
        assert_eq!(body["instance_url"], self.base);
        self.token = body["access_token"].as_str().unwrap().to_owned();
    }

    pub async fn sign_on(&self, id: &str, secret: &str, grant: &str) -> Reply {
        let url = format!("{}/services/oauth2/token", self.base);
        let form = format!("grant_type={grant}");
        let request = self.http.post(url).basic_auth(id, Some(secret));
        finish(request.header("content-type", "application/x-www-form-urlencoded").body(form)).await
    }

    pub fn pass(&self, minutes: i64) {
        self.clock.set(self.clock.now() + TimeDelta::minutes(minutes));
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}/services/data/v66.0/{path}", self.base);
        self.http.request(method, url).bearer_auth(&self.token)
    }

    pub async fn get(&self, path: &str) -> Reply {
        finish(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        finish(self.request(Method::POST, path).json(&body)).await
    }

    /// Sends exactly this text, so that the digits of its numbers are those of the test.
    pub async fn post_text(&self, path: &str, body: &'static str) -> Reply {
        finish(self.request(Method::POST, path).body(body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Reply {
        finish(self.request(Method::PATCH, path).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        finish(self.request(Method::DELETE, path)).await
    }

    pub async fn query(&self, soql: &str) -> Reply {
        finish(self.request(Method::GET, "query").query(&[("q", soql)])).await
    }

    /// Follows an address the org gave.
    pub async fn follow(&self, address: &str) -> Reply {
        finish(self.http.get(format!("{}{address}", self.base)).bearer_auth(&self.token)).await
    }

    pub async fn account(&self, name: &str) -> String {
        self.post(
            "sobjects/Account",
            json!({ "Name": name, "BillingCountry": "DE", "CurrencyIsoCode": "EUR" }),
        )
        .await
        .id()
    }

    pub async fn opportunity(&self, name: &str, stage: &str) -> String {
        let body = json!({ "Name": name, "StageName": stage, "CloseDate": "2026-03-02" });
        self.post("sobjects/Opportunity", body).await.id()
    }
}

pub async fn finish(request: RequestBuilder) -> Reply {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    let body = if text.is_empty() {
        Value::Null
    } else {
        serde_json::from_str(&text).unwrap()
    };
    Reply { status, headers, body }
}
