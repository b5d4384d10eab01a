//! A small firm to tell stories about.

use serde_json::{Value, json};

use crate::harness::Server;

/// Ids of the firm's records.
pub(crate) struct Firm {
    /// US01, dollars.
    pub(crate) us: String,
    /// JP01, yen.
    pub(crate) jp: String,
    /// 7.25 % in US01.
    pub(crate) us_tax: String,
    /// 10 % in JP01.
    pub(crate) jp_tax: String,
    /// Customer of US01, pays in dollars after 30 days.
    pub(crate) customer: String,
    /// Project of the customer.
    pub(crate) job: String,
    /// Works for US01.
    pub(crate) employee: String,
}

pub(crate) async fn firm(server: &Server) -> Firm {
    let us = server
        .create(
            "subsidiary",
            json!({"name": "US01", "country": "US", "currency": {"refName": "USD"}}),
        )
        .await;
    let jp = server
        .create(
            "subsidiary",
            json!({"name": "JP01", "country": "JP", "currency": {"refName": "JPY"}}),
        )
        .await;
    let tax = |entity: &str, rate: Value| json!({"itemId": "tax", "subsidiary": {"id": entity}, "rate": rate, "custrecord_tax_category": "S"});
    let us_tax = server.create("salesTaxItem", tax(&us, json!(number("7.25")))).await;
    let jp_tax = server.create("salesTaxItem", tax(&jp, json!(10))).await;
    let customer = json!({
        "externalId": "cust-1", "companyName": "Northwind", "subsidiary": {"id": us}, "currency": {"refName": "USD"},
        "custentity_country": "US", "custentity_terms_days": 30,
    });
    let customer = server.create("customer", customer).await;
    let job = json!({"externalId": "prj-1", "entityId": "NW-1", "companyName": "ERP rollout", "parent": {"id": customer}, "subsidiary": {"id": us}});
    let job = server.create("job", job).await;
    let employee =
        json!({"externalId": "emp-1", "entityId": "E1", "firstName": "Ada", "lastName": "Lovelace", "subsidiary": {"id": us}});
    let employee = server.create("employee", employee).await;
    Firm {
        us,
        jp,
        us_tax,
        jp_tax,
        customer,
        job,
        employee,
    }
}

impl Firm {
    /// An invoice or credit memo of these amounts, in dollars, on the first day of the stories.
    pub(crate) fn document(&self, key: &str, amounts: &[&str]) -> Value {
        let line = |amount: &&str| {
            json!({
                "description": "work", "job": {"id": self.job}, "amount": number(amount), "taxCode": {"id": self.us_tax},
                "custcol_line_kind": "time", "custcol_source": format!("time:{key}"),
            })
        };
        let items: Vec<Value> = amounts.iter().map(line).collect();
        json!({
            "externalId": key, "entity": {"id": self.customer}, "subsidiary": {"id": self.us}, "tranDate": "2026-03-02",
            "currency": {"refName": "USD"}, "otherRefNum": "C-1", "custbody_period": "2026-02", "item": {"items": items},
        })
    }
}

/// A JSON number with exactly these digits.
pub(crate) fn number(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}
