//! NetSuite's endpoints, one method each. Statuses become refusals here; meaning is given elsewhere.

use std::sync::Arc;

use reqwest::Method;
use serde_json::{Value, json};
use strata_kernel::{Clock, Error, Result};
use strata_vendor_http::{Base, Client as Http, Effect, Failure, Gate, Reply, Request, Session, error_of, segment, with_query};

use crate::auth::{Signer, TOKEN_PATH};
use crate::config::Config;
use crate::errors::{Meaning, Refusal};
use crate::wire::{Job, Page, Tasks};

/// Most rows of one SuiteQL answer (Oracle: section_156414087576).
pub(crate) const MOST_ROWS: usize = 1000;

/// Why a call brought nothing.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// No answer.
    Failed(Failure),
    /// Answered with a status of 400 or above.
    Refused(Refusal),
}

impl Trouble {
    /// The trouble of a read.
    pub(crate) fn error(self) -> Error {
        match self {
            Self::Failed(failure) => error_of(failure),
            Self::Refused(refusal) => refusal.error(),
        }
    }
}

/// How an asynchronous request was taken.
#[derive(Debug)]
pub(crate) enum Taken {
    /// A new job does it.
    Job(String),
    /// A job that was started with the same idempotency key did or does it.
    Before(String),
}

/// NetSuite's REST services of one account.
pub(crate) struct Client {
    session: Session<Signer>,
    base: Base,
}

impl Client {
    pub(crate) fn new(config: &Config, clock: Arc<dyn Clock>) -> Result<Self> {
        let base = Base::parse("base_url", &config.base_url)?;
        let http = Http::new(crate::VENDOR, config.limits)?;
        let signer = Signer::new(config, http.clone(), base.at(TOKEN_PATH))?;
        Ok(Self {
            session: Session::new(http, signer, clock),
            base,
        })
    }

    /// What admits its requests.
    pub(crate) fn gate(&self) -> Gate {
        self.session.gate()
    }

    /// One page of a SuiteQL query. Oracle: section_157909186990.
    pub(crate) async fn query(&self, sql: &str, limit: usize, offset: usize) -> Result<Page> {
        let (limit, offset) = (limit.to_string(), offset.to_string());
        let url = with_query(
            &self.base.at("/services/rest/query/v1/suiteql"),
            &[("limit", &limit), ("offset", &offset)],
        );
        let request = Request::json(Method::POST, url, &json!({ "q": sql }), Effect::Read).header("Prefer", "transient");
        let reply = self.call(request).await.map_err(Trouble::error)?;
        Page::read(&reply)
    }

    /// Every row of a SuiteQL query, for tables that stay small.
    pub(crate) async fn query_all(&self, sql: &str) -> Result<Vec<Value>> {
        let mut rows = Vec::new();
        loop {
            let page = self.query(sql, MOST_ROWS, rows.len()).await?;
            let full = page.items.len() == MOST_ROWS;
            rows.extend(page.items);
            // An offset has to be a multiple of the limit, so a short page is the last one whatever else is said.
            if !(full && page.has_more) {
                return Ok(rows);
            }
        }
    }

    /// Creates or updates the record that has our key. Returns its id when the answer names it.
    pub(crate) async fn upsert(&self, record: &str, key: &str, body: &Value) -> Result<Option<String>, Trouble> {
        let url = self.record(record, &format!("/eid:{}", segment(key)));
        self.write(Request::json(Method::PUT, url, body, Effect::Idempotent)).await
    }

    /// Creates a record, once. Returns its id when the answer names it.
    pub(crate) async fn create(&self, record: &str, body: &Value) -> Result<Option<String>, Trouble> {
        self.write(Request::json(Method::POST, self.record(record, ""), body, Effect::Write))
            .await
    }

    /// Reads some fields of the record that has our key. None: there is none.
    pub(crate) async fn read(&self, record: &str, key: &str, fields: &[&str]) -> Result<Option<Value>> {
        let url = self.record(record, &format!("/eid:{}", segment(key)));
        let url = with_query(&url, &[("fields", &fields.join(","))]);
        match self.call(Request::get(url)).await {
            Ok(reply) => reply.json().map(Some),
            Err(Trouble::Refused(refusal)) if refusal.meaning == Meaning::NotFound => Ok(None),
            Err(trouble) => Err(trouble.error()),
        }
    }

    /// Hands in up to 100 new records of one type as one asynchronous job. Oracle: article_0127092747. The idempotency key
    /// makes a repeat harmless.
    pub(crate) async fn create_batch(&self, record: &str, items: Vec<Value>, once: &str) -> Result<Taken, Trouble> {
        let mut request = Request::json(
            Method::POST,
            self.record(record, ""),
            &json!({ "items": items }),
            Effect::Idempotent,
        )
        .header("Prefer", "respond-async")
        .header("X-NetSuite-Idempotency-Key", once);
        "application/vnd.oracle.resource+json; type=collection".clone_into(&mut request.content_type);
        let reply = self.send(request).await.map_err(Trouble::Failed)?;
        let job = reply.header("location").and_then(last_segment).map(str::to_owned);
        if reply.is_success() {
            return job
                .map(Taken::Job)
                .ok_or_else(|| Trouble::Failed(Failure::Lost(format!("status {} names no job", reply.status))));
        }
        let refusal = Refusal::read(reply.status, &reply.body);
        match job {
            Some(job) if refusal.meaning == Meaning::SentBefore => Ok(Taken::Before(job)),
            _ => Err(Trouble::Refused(refusal)),
        }
    }

    /// State of a job. Oracle: subsect_161278579295.
    pub(crate) async fn job(&self, id: &str) -> Result<Job> {
        Job::read(&self.get(&self.async_path(id, "")).await?)
    }

    /// Tasks of a job: one per record, in the order they were sent. UNVERIFIED shape.
    pub(crate) async fn tasks(&self, job: &str) -> Result<Tasks> {
        Tasks::read(&self.get(&self.async_path(job, "/task")).await?)
    }

    /// The answer that the write of one task would have had by itself. UNVERIFIED path.
    pub(crate) async fn task_result(&self, job: &str, task: &str) -> Result<(), Trouble> {
        let path = self.async_path(job, &format!("/task/{}/result", segment(task)));
        self.call(Request::get(self.base.at(&path))).await.map(|_| ())
    }

    async fn get(&self, path: &str) -> Result<Reply> {
        self.call(Request::get(self.base.at(path))).await.map_err(Trouble::error)
    }

    fn async_path(&self, job: &str, rest: &str) -> String {
        format!("/services/rest/async/v1/job/{}{rest}", segment(job))
    }

    fn record(&self, record: &str, rest: &str) -> String {
        self.base.at(&format!("/services/rest/record/v1/{record}{rest}"))
    }

    async fn call(&self, request: Request) -> Result<Reply, Trouble> {
        let reply = self.send(request).await.map_err(Trouble::Failed)?;
        match reply.status {
            200..300 => Ok(reply),
            400.. => Err(Trouble::Refused(Refusal::read(reply.status, &reply.body))),
            // A gateway sends elsewhere: to a page for signing in, or one about maintenance.
            other => Err(Trouble::Failed(Failure::Lost(format!("status {other} is no answer")))),
        }
    }

    /// A write. NetSuite's own answer to one is empty; whoever says more is somebody else, and the write may have come to nothing.
    async fn write(&self, request: Request) -> Result<Option<String>, Trouble> {
        let reply = self.call(request).await?;
        if reply.body.is_empty() {
            return Ok(id_at(&reply));
        }
        let text = format!("status {} with a body to a write", reply.status);
        Err(Trouble::Failed(Failure::Lost(text)))
    }

    async fn send(&self, request: Request) -> Result<Reply, Failure> {
        // By default a misspelled field is dropped without a word.
        let request = request.header("X-NetSuite-PropertyNameValidation", "Error");
        self.session.send(|token| request.clone().bearer(token.secret.expose())).await
    }
}

/// Id of the record an empty answer speaks of: it stands in the `Location` header and nowhere else.
fn id_at(reply: &Reply) -> Option<String> {
    let id = reply.header("location").and_then(last_segment)?;
    (!id.starts_with("eid:")).then(|| id.to_owned())
}

fn last_segment(location: &str) -> Option<&str> {
    location
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_from_the_end_of_the_location() {
        assert_eq!(last_segment("https://h/services/rest/record/v1/customer/647"), Some("647"));
        assert_eq!(last_segment("/services/rest/async/v1/job/12/"), Some("12"));
        assert_eq!(last_segment(""), None);
    }
}
