//! A call of the data API, whether it arrived over HTTP or inside a composite request.

use axum::http::{Method, StatusCode};
use serde_json::{Map, Value};

use crate::errors::ApiError;

/// Everything below this is the data API.
const BASE: &str = "/services/data/";

/// A call.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    /// `v66.0`
    pub(crate) version: String,
    /// Decoded path segments behind the version.
    pub(crate) path: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    /// Rows a page, when the caller asked for a number.
    pub(crate) batch: Option<usize>,
    pub(crate) body: Value,
}

/// What is answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Option<Value>,
    /// Address of a record that was made.
    pub(crate) location: Option<String>,
    /// The call is answered, but what it wrote must be taken back.
    pub(crate) rollback: bool,
}

impl Answer {
    pub(crate) fn ok(body: Value) -> Self {
        Self::with(StatusCode::OK, body)
    }

    pub(crate) fn with(status: StatusCode, body: Value) -> Self {
        Self {
            status,
            body: Some(body),
            location: None,
            rollback: false,
        }
    }

    pub(crate) fn empty() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            body: None,
            location: None,
            rollback: false,
        }
    }
}

impl Call {
    /// Reads an address: path and query, below `/services/data/vNN.0`.
    pub(crate) fn new(method: Method, address: &str, body: Value) -> Result<Self, ApiError> {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let mut segments = path
            .strip_prefix(BASE)
            .ok_or_else(ApiError::not_found)?
            .trim_end_matches('/')
            .split('/');
        let version = segments
            .next()
            .filter(|v| is_version(v))
            .ok_or_else(ApiError::not_found)?
            .to_owned();
        let path = segments.map(decode).collect();
        let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Ok(Self {
            method,
            version,
            path,
            query,
            batch: None,
            body,
        })
    }

    /// The path, to be matched.
    pub(crate) fn segments(&self) -> Vec<&str> {
        self.path.iter().map(String::as_str).collect()
    }

    /// A parameter of the query part.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// The body, which must be an object.
    pub(crate) fn object(&self) -> Result<&Map<String, Value>, ApiError> {
        self.body
            .as_object()
            .ok_or_else(|| ApiError::bad("JSON_PARSER_ERROR", "The HTTP entity body must be a JSON object"))
    }
}

fn is_version(text: &str) -> bool {
    let digits = text.strip_prefix('v').and_then(|t| t.strip_suffix(".0"));
    digits.is_some_and(|d| d.len() == 2 && d.bytes().all(|b| b.is_ascii_digit()))
}

/// Decodes percent signs in a path segment, where, unlike in a form, a plus is a plus.
fn decode(segment: &str) -> String {
    let quoted = segment.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    url::form_urlencoded::parse(quoted.as_bytes())
        .map(|(name, _)| name.into_owned())
        .next()
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn get(address: &str) -> Result<Call, ApiError> {
        Call::new(Method::GET, address, Value::Null)
    }

    #[test]
    fn addresses_are_decoded_segment_by_segment() {
        let call = get("/services/data/v66.0/sobjects/X/PSG_Key__c/a%2Fb+c%20d=e?fields=Id%2CName&q=a+b").unwrap();
        assert_eq!(call.segments(), ["sobjects", "X", "PSG_Key__c", "a/b+c d=e"]);
        assert_eq!(call.parameter("fields"), Some("Id,Name"));
        assert_eq!(call.parameter("q"), Some("a b"));
    }

    #[test]
    fn an_address_without_a_version_is_not_found() {
        assert_eq!(get("/services/data/66.0/limits").unwrap_err().code, "NOT_FOUND");
        assert_eq!(get("/elsewhere").unwrap_err().code, "NOT_FOUND");
    }
}
