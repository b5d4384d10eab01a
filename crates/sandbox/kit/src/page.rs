//! Lists that are not what they should be.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes, to_bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::response::Response;
use serde_json::Value;

/// Where vendors put the records of a list: Kantata OX, Salesforce, NetSuite.
const LISTS: [&str; 3] = ["results", "records", "items"];
/// Largest list that is looked at, in bytes.
const LARGEST: usize = 64 * 1024 * 1024;

/// Pages that will be given out once more, by operation.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pages(Arc<Mutex<BTreeMap<String, Bytes>>>);

impl Pages {
    /// The page that stands in for the next answer to an operation.
    pub(crate) fn take(&self, op: &str) -> Option<Response> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let body = kept.remove(op)?;
        Some(json(body))
    }

    fn keep(&self, op: &str, body: Bytes) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(op.to_owned(), body);
    }

    /// Keeps an answer that lists something for the next request. Says whether it did.
    pub(crate) async fn repeat(&self, op: &str, answer: Response) -> (Response, bool) {
        let (answer, found) = list_of(answer).await;
        let is_list = found.is_some();
        if let Some((body, _)) = found {
            self.keep(op, body);
        }
        (answer, is_list)
    }
}

/// Leaves the last record of a list out. Says whether there was one.
pub(crate) async fn without_last(answer: Response) -> (Response, bool) {
    let (answer, found) = list_of(answer).await;
    let Some((_, mut document)) = found else {
        return (answer, false);
    };
    for name in LISTS {
        if let Some(rows) = document.get_mut(name).and_then(Value::as_array_mut) {
            rows.pop();
        }
    }
    (json(document.to_string().into()), true)
}

/// An answer with its body, when it lists at least one record. The answer is whole in any case.
async fn list_of(answer: Response) -> (Response, Option<(Bytes, Value)>) {
    let is_json = answer
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if !answer.status().is_success() || !is_json {
        return (answer, None);
    }
    let (head, body) = answer.into_parts();
    let Ok(body) = to_bytes(body, LARGEST).await else {
        return (Response::from_parts(head, Body::empty()), None);
    };
    let document = serde_json::from_slice::<Value>(&body).ok();
    let rows = |document: &Value| {
        LISTS
            .iter()
            .any(|name| document[*name].as_array().is_some_and(|rows| !rows.is_empty()))
    };
    let found = document.filter(rows).map(|document| (body.clone(), document));
    (Response::from_parts(head, Body::from(body)), found)
}

fn json(body: Bytes) -> Response {
    let mut answer = Response::new(Body::from(body));
    answer.headers_mut().remove(CONTENT_LENGTH);
    answer
        .headers_mut()
        .insert(CONTENT_TYPE, axum::http::HeaderValue::from_static("application/json"));
    answer
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn list() -> Response {
        json(r#"{"count":2,"results":[{"id":1},{"id":2}]}"#.into())
    }

    async fn text(answer: Response) -> String {
        String::from_utf8(to_bytes(answer.into_body(), LARGEST).await.unwrap().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn the_last_record_is_missing() {
        let (answer, hit) = without_last(list()).await;
        assert!(hit);
        assert_eq!(text(answer).await, r#"{"count":2,"results":[{"id":1}]}"#);
        let (answer, hit) = without_last(json(r#"{"results":[]}"#.into())).await;
        assert!(!hit);
        assert_eq!(text(answer).await, r#"{"results":[]}"#);
    }

    #[tokio::test]
    async fn a_page_comes_once_more() {
        let pages = Pages::default();
        let (answer, kept) = pages.repeat("GET /x", list()).await;
        assert!(kept && pages.take("GET /y").is_none());
        assert_eq!(text(pages.take("GET /x").unwrap()).await, text(answer).await);
        assert!(pages.take("GET /x").is_none());
    }
}
