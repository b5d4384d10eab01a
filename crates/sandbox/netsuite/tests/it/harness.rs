//! A running sandbox and a client with a token.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use strata_sandbox::Setup;
use strata_sandbox_netsuite::{DEV_CERTIFICATE_ID, DEV_CLIENT_ID, DEV_PRIVATE_KEY_PEM, Options, router_with};

pub(crate) const TOKEN: &str = "/services/rest/auth/oauth2/v1/token";

/// The simulated day on which the stories begin.
pub(crate) fn start() -> DateTime<Utc> {
    DateTime::parse_from_rfc3339("2026-03-02T08:00:00Z").unwrap().to_utc()
}

pub(crate) struct Server {
    pub(crate) setup: Setup,
    pub(crate) base: String,
    pub(crate) http: reqwest::Client,
    pub(crate) token: String,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    running: tokio::task::JoinHandle<()>,
}

/// Status, `Location`, body.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) location: String,
    pub(crate) body: Value,
}

impl Reply {
    pub(crate) async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let location = response
            .headers()
            .get("location")
            .map(|text| text.to_str().unwrap().to_owned());
        let text = response.text().await.unwrap();
        let body = if text.is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&text).unwrap()
        };
        Self {
            status,
            location: location.unwrap_or_default(),
            body,
        }
    }

    /// The last part of `Location`.
    pub(crate) fn id(&self) -> String {
        self.location.rsplit('/').next().unwrap().to_owned()
    }

    pub(crate) fn code(&self) -> &str {
        self.body["o:errorDetails"][0]["o:errorCode"].as_str().unwrap_or_default()
    }

    pub(crate) fn error_path(&self) -> &str {
        self.body["o:errorDetails"][0]["o:errorPath"].as_str().unwrap_or_default()
    }

    /// Checks that the request was refused with this status and code.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.code()), (status, code), "{}", self.body);
        assert_eq!(self.body["status"], json!(status));
    }
}

impl Server {
    pub(crate) async fn start() -> Self {
        Self::with(Setup::in_memory(start()), Options::default()).await
    }

    pub(crate) async fn in_folder(dir: &Path) -> Self {
        let setup = Setup {
            dir: Some(dir.to_owned()),
            ..Setup::in_memory(start())
        };
        Self::with(setup, Options::default()).await
    }

    pub(crate) async fn with(setup: Setup, options: Options) -> Self {
        let router = router_with(setup.clone(), options).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let running = tokio::spawn(async move {
            let stopped = async { drop(stopped.await) };
            strata_sandbox::serve(listener, router, stopped).await.unwrap();
        });
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut server = Self {
            setup,
            base,
            http,
            token: String::new(),
            stop: Some(stop),
            running,
        };
        server.login().await;
        server
    }

    pub(crate) async fn stop(mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        self.running.await.unwrap();
    }

    pub(crate) async fn login(&mut self) {
        let reply = self
            .ask_token(&assertion(&self.claims(), DEV_CERTIFICATE_ID, Algorithm::PS256))
            .await;
        assert_eq!(reply.status, 200, "{}", reply.body);
        self.token = reply.body["access_token"].as_str().unwrap().to_owned();
    }

    /// Claims of a good assertion.
    pub(crate) fn claims(&self) -> Value {
        let now = self.setup.clock.now().timestamp();
        json!({
            "iss": DEV_CLIENT_ID,
            "scope": ["rest_webservices"],
            "aud": format!("{}{TOKEN}", self.base),
            "iat": now,
            "exp": now + 300,
        })
    }

    pub(crate) async fn ask_token(&self, assertion: &str) -> Reply {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair(
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            )
            .append_pair("client_assertion", assertion)
            .finish();
        let request = self.http.post(format!("{}{TOKEN}", self.base));
        Reply::of(request.header("content-type", "application/x-www-form-urlencoded").body(form)).await
    }

    pub(crate) fn forward(&self, length: TimeDelta) {
        self.setup.clock.set(self.setup.clock.now() + length);
    }

    /// A day later, with a new token, since the old one has ended by then.
    pub(crate) async fn next_day(&mut self) {
        self.forward(TimeDelta::days(1));
        self.login().await;
    }

    /// A request to the Record service that insists on known fields.
    pub(crate) fn record(&self, method: Method, path: &str) -> RequestBuilder {
        self.request(method, &format!("/services/rest/record/v1/{path}"))
            .header("X-NetSuite-PropertyNameValidation", "Error")
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let address = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.base)
        };
        self.http.request(method, address).bearer_auth(&self.token)
    }

    pub(crate) async fn post(&self, kind: &str, body: Value) -> Reply {
        Reply::of(self.record(Method::POST, kind).json(&body)).await
    }

    /// Creates a record and answers its id.
    #[track_caller]
    pub(crate) fn create(&self, kind: &str, body: Value) -> impl Future<Output = String> {
        let caller = std::panic::Location::caller();
        async move {
            let reply = self.post(kind, body).await;
            assert_eq!(reply.status, 204, "at {caller}: {}", reply.body);
            assert_eq!(reply.body, Value::Null);
            reply.id()
        }
    }

    pub(crate) async fn put(&self, path: &str, body: Value) -> Reply {
        Reply::of(self.record(Method::PUT, path).json(&body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Reply {
        Reply::of(self.record(Method::PATCH, path).json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        Reply::of(self.record(Method::DELETE, path)).await
    }

    pub(crate) async fn try_get(&self, path: &str) -> Reply {
        Reply::of(self.record(Method::GET, path)).await
    }

    /// Reads a record that is there.
    pub(crate) async fn get(&self, path: &str) -> Value {
        let reply = self.try_get(path).await;
        assert_eq!(reply.status, 200, "{path}: {}", reply.body);
        reply.body
    }

    pub(crate) async fn try_query(&self, page: &str, text: &str) -> Reply {
        let request = self.request(Method::POST, &format!("/services/rest/query/v1/suiteql{page}"));
        Reply::of(request.header("Prefer", "transient").json(&json!({"q": text}))).await
    }

    /// Rows of a query, without their empty `links`.
    pub(crate) async fn query(&self, text: &str) -> Vec<Value> {
        let reply = self.try_query("", text).await;
        assert_eq!(reply.status, 200, "{text}: {}", reply.body);
        let mut rows = reply.body["items"].as_array().unwrap().clone();
        for row in &mut rows {
            assert_eq!(row.as_object_mut().unwrap().remove("links"), Some(json!([])));
        }
        rows
    }
}

pub(crate) fn assertion(claims: &Value, certificate: &str, algorithm: Algorithm) -> String {
    let mut header = Header::new(algorithm);
    header.kid = Some(certificate.to_owned());
    let key = EncodingKey::from_rsa_pem(DEV_PRIVATE_KEY_PEM.as_bytes()).unwrap();
    jsonwebtoken::encode(&header, claims, &key).unwrap()
}
