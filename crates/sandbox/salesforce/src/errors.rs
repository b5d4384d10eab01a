//! Refusals in the vendor's words: an array of `{message, errorCode, fields}`.

use std::io;

use axum::http::StatusCode;
use serde_json::{Value, json};

/// A refused request, or one refused row of a collection.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    /// HTTP status of the answer when the refusal is the whole answer.
    pub(crate) status: StatusCode,
    /// `errorCode`, or `statusCode` in a row of a collection.
    pub(crate) code: &'static str,
    /// Text for people.
    pub(crate) message: String,
    /// Fields that caused it.
    pub(crate) fields: Vec<String>,
    /// Addresses of the records that an external id fits, when it fits more than one (HTTP 300).
    choices: Vec<String>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            fields: Vec::new(),
            choices: Vec::new(),
        }
    }

    /// A refusal with status 400.
    pub(crate) fn bad(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// The same refusal, blamed on `field`.
    pub(crate) fn on(mut self, field: impl Into<String>) -> Self {
        self.fields.push(field.into());
        self
    }

    /// There is nothing at this address.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "NOT_FOUND", "The requested resource does not exist")
    }

    /// The record was deleted.
    pub(crate) fn deleted() -> Self {
        Self::new(StatusCode::NOT_FOUND, "ENTITY_IS_DELETED", "entity is deleted")
    }

    /// The path exists, not with this method.
    pub(crate) fn method() -> Self {
        let text = "HTTP Method not allowed for this resource.";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", text)
    }

    /// Another part of the same transaction failed.
    pub(crate) fn halted(message: impl Into<String>) -> Self {
        Self::bad("PROCESSING_HALTED", message)
    }

    /// An external id fits more than one record.
    pub(crate) fn several(choices: Vec<String>) -> Self {
        let mut error = Self::new(
            StatusCode::MULTIPLE_CHOICES,
            "DUPLICATE_EXTERNAL_ID",
            "more than one record found",
        );
        error.choices = choices;
        error
    }

    /// The body of an answer that is this refusal.
    pub(crate) fn body(&self) -> Value {
        if !self.choices.is_empty() {
            return json!(self.choices);
        }
        let mut row = json!({ "message": self.message, "errorCode": self.code });
        if !self.fields.is_empty() {
            row["fields"] = json!(self.fields);
        }
        json!([row])
    }

    /// The refusal as one entry of a row's `errors`.
    pub(crate) fn row(&self) -> Value {
        json!({ "statusCode": self.code, "message": self.message, "fields": self.fields })
    }
}

impl From<io::Error> for ApiError {
    fn from(error: io::Error) -> Self {
        tracing::error!(%error, "store refused a write");
        let text = "An unexpected error occurred. Please include this ErrorId if you contact support";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "UNKNOWN_EXCEPTION", text)
    }
}

/// The code the vendor uses with a status that a test forces.
pub(crate) fn forced(status: StatusCode) -> ApiError {
    match status.as_u16() {
        400 => ApiError::new(
            status,
            "UNABLE_TO_LOCK_ROW",
            "unable to obtain exclusive access to this record",
        ),
        401 => ApiError::new(status, "INVALID_SESSION_ID", "Session expired or invalid"),
        403 | 429 => ApiError::new(status, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
        404 => ApiError::not_found(),
        500 => ApiError::new(status, "UNKNOWN_EXCEPTION", "An unexpected error occurred."),
        _ => ApiError::new(
            status,
            "SERVER_UNAVAILABLE",
            "We are down for maintenance. Sorry for the inconvenience.",
        ),
    }
}
