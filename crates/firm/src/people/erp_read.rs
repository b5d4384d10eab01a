//! What an auditor reads in NetSuite.

use std::collections::HashMap;

use reqwest::Method;
use serde_json::{Value, json};

use super::erp::{Erp, RECORD};
use super::numbers::text;
use super::session::Call;
use crate::{Error, Result};

/// Path of the query service.
const SUITEQL: &str = "/services/rest/query/v1/suiteql";
/// Rows on a page, the most the vendor gives.
const PAGE: usize = 1_000;
/// Rows a query reaches, however it is paged.
const MOST_ROWS: usize = 100_000;

impl Erp {
    /// The invoice of a contract and period, in advance or in arrears: the row `id`, `entity`.
    pub(super) async fn invoice_of(&self, contract: &str, period: &str, timing: &str) -> Result<Option<Value>> {
        let query = format!(
            "SELECT id, entity FROM transaction WHERE type = 'CustInvc' AND otherrefnum = '{}' AND custbody_period = '{}' \
             AND custbody_billing_timing = '{}' ORDER BY id",
            quoted(contract),
            quoted(period),
            quoted(timing)
        );
        Ok(self.query(&query).await?.into_iter().next())
    }

    /// Every row of a query.
    pub(crate) async fn query(&self, query: &str) -> Result<Vec<Value>> {
        let mut call = Call::write(Method::POST, SUITEQL, &json!({"q": query}));
        call.headers.push(("prefer", "transient"));
        call.repeatable = true;
        self.pages(&call, query).await
    }

    /// Ids of every record of a type.
    pub(crate) async fn ids(&self, kind: &str) -> Result<Vec<String>> {
        let rows = self.pages(&Call::get(format!("{RECORD}/{kind}")), kind).await?;
        Ok(rows.iter().map(|row| text(row.get("id"))).collect())
    }

    /// A record with its lines.
    pub(crate) async fn record(&self, kind: &str, id: &str) -> Result<Value> {
        let call = Call::get(format!("{RECORD}/{kind}/{id}")).with("expandSubResources", "true");
        self.session.send(&call).await?.json()
    }

    /// Every record of a type that there are few of, by id.
    pub(crate) async fn all(&self, kind: &str) -> Result<HashMap<String, Value>> {
        let mut records = HashMap::new();
        for id in self.ids(kind).await? {
            let record = self.record(kind, &id).await?;
            records.insert(id, record);
        }
        Ok(records)
    }

    async fn pages(&self, call: &Call, what: &str) -> Result<Vec<Value>> {
        let mut rows = Vec::new();
        loop {
            let page = call
                .clone()
                .with("limit", PAGE.to_string())
                .with("offset", rows.len().to_string());
            let reply = self.session.send(&page).await?;
            let mut answer = reply.json()?;
            let Some(Value::Array(items)) = answer.get_mut("items").map(Value::take) else {
                return Err(reply.odd("items"));
            };
            let more = answer.get("hasMore") == Some(&Value::Bool(true));
            let whole = items.len() == PAGE;
            rows.extend(items);
            if !more {
                break;
            }
            if !whole || rows.len() >= MOST_ROWS {
                return Err(Error::Setup(format!("netsuite holds more than a query reaches: {what}")));
            }
        }
        if rows.len() >= MOST_ROWS {
            return Err(Error::Setup(format!("netsuite may hold more than a query reaches: {what}")));
        }
        Ok(rows)
    }
}

/// A text between single quotes.
pub(super) fn quoted(text: &str) -> String {
    text.replace('\'', "''")
}
