//! NetSuite's error answers: HTTP status and an `nsError` body.

use axum::Json;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// Error code of a broken business rule: closed period, duplicate key, posted document. UNVERIFIED code.
const USER_ERROR: &str = "USER_ERROR";
/// Error code of an id or key that names nothing. UNVERIFIED code.
const NONEXISTENT_ID: &str = "NONEXISTENT_ID";
/// Error code above the account's concurrency limit. UNVERIFIED code.
const CONCURRENCY_LIMIT_EXCEEDED: &str = "CONCURRENCY_LIMIT_EXCEEDED";

/// A refused request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NsError {
    status: StatusCode,
    code: &'static str,
    detail: String,
    path: Option<String>,
    location: Option<String>,
}

/// What a fallible step of a request answers.
pub(crate) type Answer<T> = Result<T, NsError>;

impl NsError {
    fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            path: None,
            location: None,
        }
    }

    /// A field holds what it may not hold. `path` is its place in the body: `item.items[0].taxCode`.
    pub(crate) fn content(path: &str, detail: impl Into<String>) -> Self {
        let mut error = Self::new(StatusCode::BAD_REQUEST, "INVALID_CONTENT", detail);
        error.path = (!path.is_empty()).then(|| path.to_owned());
        error
    }

    /// A query parameter, header or SuiteQL text that is not understood.
    pub(crate) fn parameter(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "INVALID_PARAMETER", detail)
    }

    /// A business rule says no.
    pub(crate) fn rule(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, USER_ERROR, detail)
    }

    /// No token, or one that is not good any more.
    pub(crate) fn login(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "INVALID_LOGIN", detail)
    }

    /// The record is not there.
    pub(crate) fn missing(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, NONEXISTENT_ID, detail)
    }

    /// The address is not there.
    pub(crate) fn no_such_resource() -> Self {
        Self::new(StatusCode::NOT_FOUND, "INVALID_URL", "The requested resource does not exist.")
    }

    /// The address is there, the method is not.
    pub(crate) fn no_such_method() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "METHOD_NOT_ALLOWED",
            "The method is not allowed here.",
        )
    }

    /// Too many requests of the account are under way.
    pub(crate) fn too_many() -> Self {
        let detail = "The request could not be processed: the account's concurrent request limit is exceeded.";
        Self::new(StatusCode::TOO_MANY_REQUESTS, CONCURRENCY_LIMIT_EXCEEDED, detail)
    }

    /// The idempotency key was used before, by the job at `location`.
    pub(crate) fn repeated(location: String) -> Self {
        let detail = "A request with this idempotency key was already accepted.";
        let mut error = Self::new(StatusCode::BAD_REQUEST, "IDEMPOTENCY_ERROR", detail);
        error.location = Some(location);
        error
    }

    /// An answer with any status, as an armed fault asks for it.
    pub(crate) fn refused(status: StatusCode) -> Self {
        let code = match status {
            StatusCode::UNAUTHORIZED => "INVALID_LOGIN",
            StatusCode::TOO_MANY_REQUESTS => CONCURRENCY_LIMIT_EXCEEDED,
            StatusCode::BAD_REQUEST => USER_ERROR,
            StatusCode::NOT_FOUND => NONEXISTENT_ID,
            _ => "UNEXPECTED_ERROR",
        };
        Self::new(status, code, "An error occurred while processing the request.")
    }

    /// HTTP status of the answer.
    pub(crate) fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// The `nsError` body.
    pub(crate) fn body(&self) -> Value {
        let mut detail = json!({"detail": self.detail, "o:errorCode": self.code});
        if let Some(path) = &self.path {
            detail["o:errorPath"] = json!(path);
        }
        json!({
            "type": manual(self.status),
            "title": self.status.canonical_reason().unwrap_or("Error"),
            "status": self.status.as_u16(),
            "o:errorDetails": [detail],
        })
    }
}

/// Page that explains the status.
fn manual(status: StatusCode) -> &'static str {
    match status.as_u16() {
        400 => "https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html#sec10.4.1",
        401 => "https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html#sec10.4.2",
        404 => "https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html#sec10.4.5",
        405 => "https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html#sec10.4.6",
        429 => "https://www.rfc-editor.org/rfc/rfc6585#section-4",
        500.. => "https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html#sec10.5",
        _ => "https://www.w3.org/Protocols/rfc2616/rfc2616-sec10.html",
    }
}

impl From<std::io::Error> for NsError {
    fn from(error: std::io::Error) -> Self {
        tracing::error!(%error, "the store could not be written");
        Self::refused(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for NsError {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body())).into_response();
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/vnd.oracle.resource+json; type=error"),
        );
        if let Some(location) = self.location.and_then(|text| HeaderValue::from_str(&text).ok()) {
            headers.insert(LOCATION, location);
        }
        response
    }
}
