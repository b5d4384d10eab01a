//! Parts of a request that all services read the same way.

use std::collections::HashMap;

use axum::http::HeaderMap;
use axum::http::header::{CONTENT_TYPE, HOST};
use serde_json::{Value, json};
use strata_sandbox::Body;

use crate::errors::{Answer, NsError};

/// Most rows of a page, and how many come without a limit.
const PAGE_MAX: usize = 1000;

/// The text of a header.
pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Scheme and authority as the client addressed the server.
pub(crate) fn host(headers: &HeaderMap) -> String {
    let authority = headers.get(HOST).and_then(|host| host.to_str().ok());
    format!("http://{}", authority.unwrap_or("127.0.0.1"))
}

/// Whether a `Prefer` header names `preference`.
pub(crate) fn prefers(headers: &HeaderMap, preference: &str) -> bool {
    let named = |list: &str| {
        list.split([',', ';'])
            .any(|part| part.trim().eq_ignore_ascii_case(preference))
    };
    headers
        .get_all("prefer")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(named)
}

/// Whether the client wants an asynchronous job.
pub(crate) fn is_async(headers: &HeaderMap) -> bool {
    prefers(headers, "respond-async")
}

/// Whether the body is a list of records.
pub(crate) fn is_collection(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut parts = kind.split(';').map(|part| part.trim().to_ascii_lowercase());
    parts
        .next()
        .is_some_and(|kind| kind == "application/vnd.oracle.resource+json")
        && parts.any(|part| part == "type=collection")
}

/// The body as a JSON object.
pub(crate) fn object(body: &[u8]) -> Answer<Body> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(NsError::content(
            "",
            "Invalid content in the request body: an object is expected.",
        )),
        Err(error) => Err(NsError::content("", format!("Invalid content in the request body: {error}."))),
    }
}

/// Query parameters by name. One that is not `known` is refused rather than ignored.
pub(crate) fn parameters(query: Option<&str>, known: &[&str]) -> Answer<HashMap<String, String>> {
    let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).into_owned();
    let pairs: HashMap<String, String> = pairs.collect();
    match pairs.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(NsError::parameter(format!("Invalid query parameter name: {name}."))),
        None => Ok(pairs),
    }
}

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    /// Most rows.
    pub(crate) limit: usize,
    /// Rows before it; a multiple of `limit`.
    pub(crate) offset: usize,
}

impl Page {
    /// Reads `limit` and `offset`.
    pub(crate) fn of(parameters: &HashMap<String, String>) -> Answer<Self> {
        let read = |name: &str, default: usize| match parameters.get(name) {
            None => Ok(default),
            Some(text) => text
                .parse::<usize>()
                .map_err(|_| NsError::parameter(format!("Invalid value for the query parameter {name}: {text}."))),
        };
        let page = Self {
            limit: read("limit", PAGE_MAX)?,
            offset: read("offset", 0)?,
        };
        if !(1..=PAGE_MAX).contains(&page.limit) {
            return Err(NsError::parameter(format!("The limit must be between 1 and {PAGE_MAX}.")));
        }
        if !page.offset.is_multiple_of(page.limit) {
            return Err(NsError::parameter("The offset must be divisible by the limit."));
        }
        Ok(page)
    }

    /// The envelope around a page of `total` rows.
    pub(crate) fn envelope(self, address: &str, items: Vec<Value>, total: usize) -> Value {
        let link =
            |rel: &str, offset: usize| json!({"rel": rel, "href": format!("{address}?limit={}&offset={offset}", self.limit)});
        let more = self.offset.saturating_add(items.len()) < total;
        let mut links = vec![link("self", self.offset)];
        if self.offset > 0 {
            links.push(link("first", 0));
            links.push(link("previous", self.offset - self.limit));
        }
        if more {
            links.push(link("next", self.offset + self.limit));
            links.push(link("last", (total - 1) / self.limit * self.limit));
        }
        json!({
            "links": links,
            "count": items.len(),
            "hasMore": more,
            "items": items,
            "offset": self.offset,
            "totalResults": total,
        })
    }
}
