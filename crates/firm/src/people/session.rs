//! A signed-in connection to one vendor: tokens, patience, and the difference between refused and lost.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::Method;
use serde::Serialize;
use serde_json::Value;
use strata_kernel::Clock;
use tokio::sync::{Mutex, Semaphore};

use crate::{Error, Result};

/// Longest wait for an answer. Real time.
const PATIENCE: Duration = Duration::from_secs(60);
/// Tries of a request that was refused for the moment, or of a reading without an answer.
const TRIES: u32 = 8;
/// First pause between tries, doubled each time. Real time.
const PAUSE: Duration = Duration::from_millis(25);
/// Times a request signs in anew: others may spend the token before it is used.
const RENEWALS: u32 = 3;
/// Seconds a signed assertion holds.
const ASSERTION_SECONDS: i64 = 300;

/// How a token is come by.
pub(super) enum Grant {
    /// The client's own id and secret.
    Client {
        /// Path of the token endpoint.
        path: String,
        /// Id and secret.
        basic: (String, String),
    },
    /// A refresh token.
    Refresh {
        /// Path of the token endpoint.
        path: String,
        /// Id and secret.
        basic: (String, String),
        /// Refresh token.
        token: String,
    },
    /// An assertion signed with the client's key.
    Assertion {
        /// Path of the token endpoint.
        path: String,
        /// Client id.
        client: String,
        /// Certificate id.
        certificate: String,
        /// Key.
        key: Box<EncodingKey>,
        /// Dates the assertion.
        clock: Arc<dyn Clock>,
    },
}

/// A request.
#[derive(Clone)]
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) headers: Vec<(&'static str, &'static str)>,
    pub(super) body: Bytes,
    pub(super) content_type: &'static str,
    /// Carrying it out twice changes nothing more.
    pub(super) repeatable: bool,
}

impl Call {
    /// A reading.
    pub(super) fn get(path: impl Into<String>) -> Self {
        Self {
            method: Method::GET,
            path: path.into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: Bytes::new(),
            content_type: "application/json",
            repeatable: true,
        }
    }

    /// A writing of JSON.
    pub(super) fn write(method: Method, path: impl Into<String>, body: &Value) -> Self {
        let repeatable = method == Method::PUT || method == Method::PATCH;
        Self {
            method,
            body: Bytes::from(body.to_string()),
            repeatable,
            ..Self::get(path)
        }
    }

    /// Adds a query parameter.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// An answer of success.
pub(super) struct Reply {
    vendor: &'static str,
    call: String,
    /// `Location` header, or empty.
    pub(super) location: String,
    /// Body.
    pub(super) body: Bytes,
}

impl Reply {
    /// The body as JSON with exact numbers.
    pub(super) fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body).map_err(|cause| self.odd(format!("readable JSON ({cause})")))
    }

    /// The answer lacks something.
    pub(super) fn odd(&self, wanted: impl Into<String>) -> Error {
        Error::Odd {
            vendor: self.vendor,
            call: self.call.clone(),
            wanted: wanted.into(),
        }
    }

    /// Last segment of the `Location` header: the id of what was made.
    pub(super) fn located_id(&self) -> Result<String> {
        match self.location.rsplit('/').next() {
            Some(id) if !id.is_empty() => Ok(id.to_owned()),
            _ => Err(self.odd("a Location")),
        }
    }
}

/// A connection to one vendor.
pub(super) struct Session {
    vendor: &'static str,
    base: String,
    http: reqwest::Client,
    grant: Grant,
    token: Mutex<Option<Arc<str>>>,
    places: Semaphore,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("vendor", &self.vendor)
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// Connects; at most `concurrency` requests are under way at once.
    pub(super) fn new(vendor: &'static str, base: &str, grant: Grant, concurrency: usize) -> Result<Self> {
        let http = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|cause| Error::Setup(format!("no HTTP client for {vendor}: {cause}")))?;
        Ok(Self {
            vendor,
            base: base.trim_end_matches('/').to_owned(),
            http,
            grant,
            token: Mutex::new(None),
            places: Semaphore::new(concurrency),
        })
    }

    /// Sends a request. Refusals for the moment are waited out; a token that ended is replaced.
    pub(super) async fn send(&self, call: &Call) -> Result<Reply> {
        let mut renewals = 0;
        let mut pause = PAUSE;
        let mut tries = 0;
        loop {
            tries += 1;
            let token = self.token().await?;
            let outcome = self.once(call, &token).await;
            match outcome {
                Err(Error::Refused { status: 401, .. }) if renewals < RENEWALS => {
                    renewals += 1;
                    self.forget(&token).await;
                    continue;
                }
                Err(refused) if tries < TRIES && (is_for_the_moment(&refused) || call.repeatable && refused.is_lost()) => {
                    tracing::debug!(vendor = self.vendor, call = %call.name(), %refused, "trying again");
                }
                outcome => return outcome,
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }

    async fn once(&self, call: &Call, token: &str) -> Result<Reply> {
        // Never closed: an error cannot come, and would only mean no limit.
        let _place = self.places.acquire().await.ok();
        let mut request = self
            .http
            .request(call.method.clone(), format!("{}{}", self.base, call.path))
            .bearer_auth(token)
            .header("content-type", call.content_type);
        for (name, value) in &call.headers {
            request = request.header(*name, *value);
        }
        if !call.query.is_empty() {
            request = request.query(&call.query);
        }
        if !call.body.is_empty() {
            request = request.body(call.body.clone());
        }
        self.answer(call.name(), request).await
    }

    async fn answer(&self, call: String, request: reqwest::RequestBuilder) -> Result<Reply> {
        let lost = |cause: reqwest::Error| {
            if cause.is_connect() {
                // Nothing was sent: as good as a refusal for the moment.
                Error::Refused {
                    vendor: self.vendor,
                    call: call.clone(),
                    status: 503,
                    body: cause.to_string(),
                }
            } else {
                Error::Lost {
                    vendor: self.vendor,
                    call: call.clone(),
                    detail: cause.to_string(),
                }
            }
        };
        let answer = request.send().await.map_err(&lost)?;
        let status = answer.status();
        let location = answer
            .headers()
            .get("location")
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default();
        let location = location.to_owned();
        let body = answer.bytes().await.map_err(&lost)?;
        if status.is_success() {
            return Ok(Reply {
                vendor: self.vendor,
                call,
                location,
                body,
            });
        }
        Err(Error::Refused {
            vendor: self.vendor,
            call,
            status: status.as_u16(),
            body: String::from_utf8_lossy(&body[..body.len().min(600)]).into_owned(),
        })
    }

    /// The token, minted when there is none. One at a time.
    async fn token(&self) -> Result<Arc<str>> {
        let mut token = self.token.lock().await;
        if let Some(token) = &*token {
            return Ok(Arc::clone(token));
        }
        let minted = self.mint_patiently().await?;
        *token = Some(Arc::clone(&minted));
        Ok(minted)
    }

    async fn forget(&self, ended: &Arc<str>) {
        let mut token = self.token.lock().await;
        if token.as_ref() == Some(ended) {
            *token = None;
        }
    }

    async fn mint_patiently(&self) -> Result<Arc<str>> {
        let mut pause = PAUSE;
        for _ in 1..TRIES {
            match self.mint().await {
                Err(failed) if failed.is_lost() || is_for_the_moment(&failed) => {}
                outcome => return outcome,
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        self.mint().await
    }

    async fn mint(&self) -> Result<Arc<str>> {
        let (path, basic, form) = self.application()?;
        let mut request = self.http.post(format!("{}{path}", self.base)).form(&form);
        if let Some((client, secret)) = basic {
            let pair = STANDARD.encode(format!("{client}:{secret}"));
            request = request.header("authorization", format!("Basic {pair}"));
        }
        let reply = self.answer(format!("POST {path}"), request).await?;
        match reply.json()?.get("access_token").and_then(Value::as_str) {
            Some(token) => Ok(Arc::from(token)),
            None => Err(reply.odd("an access_token")),
        }
    }

    fn application(&self) -> Result<Application<'_>> {
        let text = |value: &str| value.to_owned();
        Ok(match &self.grant {
            Grant::Client { path, basic } => (path, Some(basic), vec![("grant_type", text("client_credentials"))]),
            Grant::Refresh { path, basic, token } => {
                let form = vec![("grant_type", text("refresh_token")), ("refresh_token", token.clone())];
                (path, Some(basic), form)
            }
            Grant::Assertion {
                path,
                client,
                certificate,
                key,
                clock,
            } => {
                let audience = format!("{}{path}", self.base);
                let assertion = sign(client, certificate, key, clock.now().timestamp(), &audience)?;
                let form = vec![
                    ("grant_type", text("client_credentials")),
                    (
                        "client_assertion_type",
                        text("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
                    ),
                    ("client_assertion", assertion),
                ];
                (path, None, form)
            }
        })
    }
}

type Application<'a> = (&'a str, Option<&'a (String, String)>, Vec<(&'static str, String)>);

/// Claims of an assertion.
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    scope: [&'static str; 2],
    aud: &'a str,
    iat: i64,
    exp: i64,
}

fn sign(client: &str, certificate: &str, key: &EncodingKey, now: i64, audience: &str) -> Result<String> {
    let mut header = Header::new(Algorithm::PS256);
    header.kid = Some(certificate.to_owned());
    let claims = Claims {
        iss: client,
        scope: ["restlets", "rest_webservices"],
        aud: audience,
        iat: now,
        exp: now + ASSERTION_SECONDS,
    };
    jsonwebtoken::encode(&header, &claims, key).map_err(|cause| Error::Setup(format!("the assertion cannot be signed: {cause}")))
}

/// Refusals that a person waits out: limits and overload.
fn is_for_the_moment(error: &Error) -> bool {
    match error {
        Error::Refused {
            status: 429 | 502 | 503 | 504,
            ..
        } => true,
        Error::Refused { status: 403, body, .. } => body.contains("REQUEST_LIMIT_EXCEEDED"),
        Error::Refused { status: 400, body, .. } => body.contains("UNABLE_TO_LOCK_ROW"),
        _ => false,
    }
}
