//! Requests to the vendor's resources.

use std::sync::Arc;

use serde_json::{Value, json};
use strata_kernel::{Clock, Result};
use strata_vendor_http::{Client, Effect, Failure, Gate, Method, Reply, Request, Session, error_of, unavailable, with_query};

use crate::auth::Grant;
use crate::config::Config;
use crate::errors::Refusal;
use crate::wire::Envelope;

/// Most records on a page (developer.kantata.com, pagination).
pub(crate) const PAGE: usize = 200;
/// Pages of a list that is read whole, so that a list without end ends.
const MOST_PAGES: usize = 100;

/// The account, behind its token.
pub(crate) struct Api {
    session: Session<Grant>,
    base: String,
}

impl Api {
    pub(crate) fn new(config: &Config, clock: Arc<dyn Clock>) -> Result<Self> {
        let base = config.checked()?;
        let client = Client::new("kantata-ox", config.limits)?;
        let grant = Grant {
            client: client.clone(),
            base: base.clone(),
            client_id: config.client_id.clone(),
            client_secret: config.client_secret.clone(),
            fixed: config.access_token.clone(),
        };
        Ok(Self {
            session: Session::new(client, grant, clock),
            base: base.at("/api/v1"),
        })
    }

    /// What admits its requests.
    pub(crate) fn gate(&self) -> Gate {
        self.session.gate()
    }

    /// `GET /{collection}`: one page.
    pub(crate) async fn list(&self, collection: &str, query: &[(&str, &str)]) -> Result<Envelope> {
        let url = with_query(&format!("{}/{collection}", self.base), query);
        let make = |token: &strata_vendor_http::Token| Request::get(url.clone()).bearer(token.secret.expose());
        let reply = self.session.send(make).await.map_err(error_of)?;
        if !reply.is_success() {
            return Err(Refusal::of(&reply).error());
        }
        let page = Envelope::read(reply.json()?, collection)?;
        // Behind the last record a page is empty, whatever is counted. The first one is not.
        let is_first = !query.iter().any(|(name, value)| match *name {
            "page" => *value != "1",
            "offset" => *value != "0",
            _ => false,
        });
        if is_first && page.ids().is_empty() && page.total().is_some_and(|total| total > 0) {
            return Err(unavailable(format!(
                "an answer about {collection} counts records and shows none"
            )));
        }
        Ok(page)
    }

    /// `GET /{collection}`: every page. For lists that stay short.
    pub(crate) async fn whole(&self, collection: &str, query: &[(&str, &str)]) -> Result<Vec<Envelope>> {
        let mut pages = Vec::new();
        let size = PAGE.to_string();
        for number in 1..=MOST_PAGES {
            let number = number.to_string();
            let mut query = query.to_vec();
            query.extend([("per_page", size.as_str()), ("page", number.as_str())]);
            let page = self.list(collection, &query).await?;
            let last = page.ids().len() < PAGE;
            pages.push(page);
            if last {
                break;
            }
        }
        Ok(pages)
    }

    /// `POST /{collection}`. A repeat makes a second record: sent once.
    pub(crate) async fn create(&self, collection: &str, singular: &str, fields: Value, include: &str) -> Result<Reply, Failure> {
        let path = if include.is_empty() {
            collection.to_owned()
        } else {
            with_query(collection, &[("include", include)])
        };
        self.write(Method::POST, &path, &json!({ singular: fields }), Effect::Write)
            .await
    }

    /// `PUT /{collection}/{id}`. A repeat changes nothing.
    pub(crate) async fn update(&self, collection: &str, id: &str, singular: &str, fields: Value) -> Result<Reply, Failure> {
        self.write(
            Method::PUT,
            &format!("{collection}/{id}"),
            &json!({ singular: fields }),
            Effect::Idempotent,
        )
        .await
    }

    /// `PUT /{collection}/{id}/{action}`.
    pub(crate) async fn act(&self, collection: &str, id: &str, action: &str) -> Result<Reply, Failure> {
        self.write(
            Method::PUT,
            &format!("{collection}/{id}/{action}"),
            &json!({}),
            Effect::Idempotent,
        )
        .await
    }

    async fn write(&self, method: Method, path: &str, body: &Value, effect: Effect) -> Result<Reply, Failure> {
        let url = format!("{}/{path}", self.base);
        let make = |token: &strata_vendor_http::Token| {
            Request::json(method.clone(), url.clone(), body, effect).bearer(token.secret.expose())
        };
        self.session.send(make).await
    }
}
