//! Answers that are not records: refusals in the vendor's words, and the number every answer carries.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// One thing wrong with a request, about one field (`base`: about the whole).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) field: String,
    pub(crate) message: String,
}

/// Why a request was not carried out.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// 422: what was sent breaks a rule.
    Invalid(Vec<Violation>),
    /// 404: no such record, or one the default filters hide.
    NotFound,
    /// 400: the request cannot be understood.
    Unreadable(String),
    /// 503: the records could not be written.
    Broken(std::io::Error),
}

impl Refusal {
    /// A refusal over a single field.
    pub(crate) fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![Violation {
            field: field.to_owned(),
            message: message.into(),
        }])
    }
}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        Self::Broken(error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Invalid(violations) => {
                let errors = violations.into_iter();
                let errors: Vec<_> = errors
                    .map(|v| json!({"type": "validation", "message": v.message, "field": v.field}))
                    .collect();
                (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "errors": errors }))).into_response()
            }
            Self::NotFound => refused(StatusCode::NOT_FOUND),
            Self::Unreadable(message) => error(StatusCode::BAD_REQUEST, "system", &message),
            Self::Broken(cause) => {
                tracing::error!(%cause, "records could not be written");
                refused(StatusCode::SERVICE_UNAVAILABLE)
            }
        }
    }
}

/// The vendor's answer for a bare status. None carries `Retry-After` or rate headers.
pub(crate) fn refused(status: StatusCode) -> Response {
    match status {
        StatusCode::UNAUTHORIZED => error(status, "oauth", "Invalid OAuth 2 Request"),
        StatusCode::NOT_FOUND => error(status, "system", "Not found"),
        StatusCode::TOO_MANY_REQUESTS => error(status, "system", "Too many requests"),
        _ => error(status, "system", status.canonical_reason().unwrap_or("Unknown error")),
    }
}

fn error(status: StatusCode, kind: &str, message: &str) -> Response {
    (status, Json(json!({"errors": [{"type": kind, "message": message}]}))).into_response()
}

pub(crate) async fn no_route() -> Response {
    refused(StatusCode::NOT_FOUND)
}

/// Puts `x-request-id` on every answer.
pub(crate) async fn number_requests(State(served): State<Arc<AtomicU64>>, request: Request, next: Next) -> Response {
    let number = served.fetch_add(1, Ordering::Relaxed) + 1;
    let mut response = next.run(request).await;
    if let Ok(id) = HeaderValue::from_str(&format!("{number:032x}")) {
        response.headers_mut().insert("x-request-id", id);
    }
    response
}
