//! The vendor's endpoints, one method each.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use strata_kernel::{Clock, Result};
use strata_vendor_http::{
    Client, Effect, Failure, Gate, Method, Reply, Request, Session, Token, error_of, segment, throttled, unavailable, with_query,
};

use crate::auth::Grant;
use crate::budget::Budget;
use crate::config::Config;
use crate::errors::Refusal;
use crate::soql::Query;
use crate::wire::{Composite, QueryPage};

/// Labels our writes, so that the vendor's change events can name their origin.
const CALLER: (&str, &str) = ("Sforce-Call-Options", "client=strata");
/// Pages of one query, so that an answer that points to itself ends.
const MOST_PAGES: usize = 100;

/// The org, behind its token.
pub(crate) struct Org {
    session: Session<Grant>,
    base: String,
    version: String,
    budget: Budget,
    clock: Arc<dyn Clock>,
}

impl Org {
    pub(crate) fn new(config: &Config, clock: Arc<dyn Clock>) -> Result<Self> {
        let base = config.checked()?;
        let client = Client::new("salesforce", config.limits)?;
        let grant = Grant {
            client: client.clone(),
            base: base.clone(),
            client_id: config.client_id.clone(),
            client_secret: config.client_secret.clone(),
        };
        Ok(Self {
            session: Session::new(client, grant, Arc::clone(&clock)),
            base: base.at(""),
            version: config.api_version.clone(),
            budget: Budget::default(),
            clock,
        })
    }

    /// What admits its requests.
    pub(crate) fn gate(&self) -> Gate {
        self.session.gate()
    }

    /// `GET /query`, every page of it.
    pub(crate) async fn query(&self, query: &Query) -> Result<Vec<Value>> {
        let first = with_query(&self.path("/query"), &[("q", &query.text())]);
        let reply = self.ask(Request::get, &first).await?;
        let page = answer(&reply)?;
        self.rest(page).await
    }

    /// `GET /query`, the first page, of what a write has left.
    pub(crate) async fn written(&self, query: &Query) -> Result<Vec<Value>> {
        let url = with_query(&self.path("/query"), &[("q", &query.text())]);
        let reply = self.insist(Request::get, &url).await.map_err(error_of)?;
        let page: QueryPage = answer(&reply)?;
        Ok(page.records)
    }

    /// `POST /composite` with up to five queries: one call of the org's budget. Answers in the order asked.
    pub(crate) async fn queries(&self, queries: &[(&str, Query)]) -> Result<Vec<Vec<Value>>> {
        let parts: Vec<Value> = queries
            .iter()
            .map(|(name, query)| {
                let url = with_query(&self.path("/query"), &[("q", &query.text())]);
                json!({"method": "GET", "url": url, "referenceId": name})
            })
            .collect();
        let body = json!({"allOrNone": false, "compositeRequest": parts});
        let make = |url: String| Request::json(Method::POST, url, &body, Effect::Read);
        let reply = self.ask(make, &self.path("/composite")).await?;
        let mut answered: Composite = answer(&reply)?;
        let mut found = Vec::with_capacity(queries.len());
        for (name, _) in queries {
            let at = answered.parts.iter().position(|part| part.reference == *name);
            let part = answered
                .parts
                .swap_remove(at.ok_or_else(|| unavailable(format!("composite answer lacks {name}")))?);
            if part.status != 200 {
                let refusal = Refusal::of_part(part.status, &part.body);
                if !refusal.is_foreign_id() {
                    return Err(refusal.error());
                }
                found.push(Vec::new());
                continue;
            }
            let page = serde_json::from_value(part.body).map_err(|cause| unavailable(format!("composite {name}: {cause}")))?;
            found.push(self.rest(page).await?);
        }
        Ok(found)
    }

    /// `PATCH /sobjects/{object}/{id}`.
    pub(crate) async fn update(&self, object: &str, id: &str, body: &Value) -> Result<Reply, Failure> {
        let path = self.path(&format!("/sobjects/{object}/{}", segment(id)));
        self.insist(|url| Request::json(Method::PATCH, url, body, Effect::Idempotent), &path)
            .await
    }

    /// `PATCH /sobjects/{object}/{external id field}/{key}`: creates the record or updates the one that has the key.
    pub(crate) async fn upsert(&self, object: &str, field: &str, key: &str, body: &Value) -> Result<Reply, Failure> {
        let path = self.path(&format!("/sobjects/{object}/{field}/{}", segment(key)));
        self.insist(|url| Request::json(Method::PATCH, url, body, Effect::Idempotent), &path)
            .await
    }

    /// Follows the pages of a query to its end.
    async fn rest(&self, first: QueryPage) -> Result<Vec<Value>> {
        let QueryPage {
            mut records,
            mut done,
            total,
            mut next,
        } = first;
        let mut pages = 1;
        while !done {
            pages += 1;
            let Some(path) = next.take() else {
                return Err(unavailable("a page that is not the last names no next one"));
            };
            if pages > MOST_PAGES || !path.starts_with("/services/data/") {
                return Err(unavailable(format!("nextRecordsUrl {path} after {pages} pages")));
            }
            let reply = self.ask(Request::get, &path).await?;
            let page: QueryPage = answer(&reply)?;
            records.extend(page.records);
            (done, next) = (page.done, page.next);
        }
        if total.is_some_and(|total| total != records.len()) {
            return Err(unavailable(format!("{} records of {total:?}", records.len())));
        }
        Ok(records)
    }

    fn path(&self, rest: &str) -> String {
        format!("/services/data/v{}{rest}", self.version)
    }

    /// Sends a read, which can wait for another day, unless the day's calls come to their end.
    async fn ask(&self, make: impl Fn(String) -> Request + Send + Sync, path: &str) -> Result<Reply> {
        let under_way = self.budget.take_if_left(self.clock.now());
        let _under_way = under_way.ok_or_else(|| throttled("the org's daily API calls are used up but for what writes need"))?;
        self.send(make, path).await.map_err(error_of)
    }

    /// Sends a write, or what belongs to one. It is not held back: Salesforce itself says when it has enough.
    async fn insist(&self, make: impl Fn(String) -> Request + Send + Sync, path: &str) -> Result<Reply, Failure> {
        let _under_way = self.budget.take();
        self.send(make, path).await
    }

    /// Sends a request to a path on the host that the token belongs to.
    async fn send(&self, make: impl Fn(String) -> Request + Send + Sync, path: &str) -> Result<Reply, Failure> {
        let make = |token: &Token| {
            let host = token.instance_url.as_deref().unwrap_or(&self.base);
            make(format!("{}{path}", host.trim_end_matches('/')))
                .header(CALLER.0, CALLER.1)
                .bearer(token.secret.expose())
        };
        let reply = self.session.send(make).await?;
        self.budget.learn(&reply, self.clock.now());
        Ok(reply)
    }
}

fn answer<T: DeserializeOwned>(reply: &Reply) -> Result<T> {
    if !reply.is_success() {
        return Err(Refusal::of(reply).error());
    }
    serde_json::from_value(reply.json()?).map_err(|cause| unavailable(format!("an answer of another shape: {cause}")))
}
