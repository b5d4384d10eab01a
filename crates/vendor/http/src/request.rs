//! A request and its answer.

use bytes::Bytes;
use http::{HeaderMap, Method};
use serde_json::Value;
use strata_kernel::Result;

use crate::failure::unavailable;

/// What sending a request twice would do. It decides whether the client may try again by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Changes nothing. Tried again after any refusal that time can mend, and after a cut.
    Read,
    /// The vendor ends up the same however often it arrives (an upsert by our key, a PUT of whole content).
    Idempotent,
    /// A repeat may double it. Sent once, whatever happens.
    Write,
}

/// A request to a vendor.
#[derive(Debug, Clone)]
pub struct Request {
    /// HTTP method.
    pub method: Method,
    /// Absolute URL with its query.
    pub url: String,
    /// Headers beside `Content-Type`.
    pub headers: Vec<(String, String)>,
    /// Body, if any.
    pub body: Option<Bytes>,
    /// Media type of the body. Empty when there is no body.
    pub content_type: String,
    /// What a repeat would do.
    pub kind: Effect,
}

impl Request {
    /// A request without a body.
    pub fn new(method: Method, url: impl Into<String>, kind: Effect) -> Self {
        Self {
            method,
            url: url.into(),
            headers: Vec::new(),
            body: None,
            content_type: String::new(),
            kind,
        }
    }

    /// A GET, which only reads.
    pub fn get(url: impl Into<String>) -> Self {
        Self::new(Method::GET, url, Effect::Read)
    }

    /// A request with a JSON body.
    pub fn json(method: Method, url: impl Into<String>, body: &Value, kind: Effect) -> Self {
        Self::new(method, url, kind).body("application/json", body.to_string())
    }

    /// A form, as token endpoints take it. Asking for a token twice does no harm.
    pub fn form(url: impl Into<String>, pairs: &[(&str, &str)]) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        Self::new(Method::POST, url, Effect::Idempotent).body("application/x-www-form-urlencoded", body)
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<Bytes>) -> Self {
        content_type.clone_into(&mut self.content_type);
        self.body = Some(body.into());
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Adds a bearer token.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", format!("Bearer {token}"))
    }

    /// Adds HTTP Basic credentials.
    #[must_use]
    pub fn basic(self, user: &str, password: &str) -> Self {
        use base64::Engine as _;
        let text = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
        self.header("Authorization", format!("Basic {text}"))
    }
}

/// A vendor's answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body, already decompressed.
    pub body: Bytes,
}

impl Reply {
    /// True for 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body as JSON, numbers exactly as they were sent. A body that is not JSON is `VENDOR_UNAVAILABLE`: what answers
    /// so is a proxy or a maintenance page, not the API.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body)
            .map_err(|cause| unavailable(format!("status {} with a body that is not JSON: {cause}", self.status)))
    }

    /// The start of the body as text, for the log.
    pub fn excerpt(&self) -> String {
        String::from_utf8_lossy(&self.body).chars().take(500).collect()
    }
}
