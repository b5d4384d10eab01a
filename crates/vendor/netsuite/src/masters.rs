//! Customers, contracts, projects, employees: upserts by our key.

use serde_json::{Value, json};
use strata_contract::strata::common::v1::WriteOutcome;
use strata_contract::strata::system::erp::v1 as pb;
use strata_contract::{date, require_date, require_money};
use strata_kernel::{Result, derive_id};
use strata_port::outcome;
use strata_vendor_http::{number, outcome_of};

use crate::client::{Client, Trouble};
use crate::fields::{COUNTRY, SOLD_VALUE, TERMS_DAYS};
use crate::lookup::{self, Table};

/// Upserts one record. A repeat changes nothing, so a lost answer may be asked for again under the same key.
pub(crate) async fn put(client: &Client, table: Table, key: &str, body: &Value) -> Result<WriteOutcome> {
    match client.upsert(table.record(), key, body).await {
        Ok(Some(id)) => Ok(outcome::confirmed(key, id)),
        // An empty answer without an address: the record is there, only its id is not said.
        Ok(None) => Ok(match lookup::find(client, table, &[key]).await {
            Ok(found) => found
                .into_iter()
                .next()
                .map_or_else(|| outcome::unknown(key), |record| outcome::confirmed(key, record.vendor_id)),
            Err(error) => {
                tracing::warn!(vendor.name = crate::VENDOR, key, %error, "written, but its id not found");
                outcome::unknown(key)
            }
        }),
        Err(Trouble::Failed(failure)) => outcome_of(failure, key),
        Err(Trouble::Refused(refusal)) => refusal.outcome(key),
    }
}

pub(crate) fn customer(request: &pb::PutCustomerRequest) -> Value {
    json!({
        "companyName": request.name,
        "subsidiary": {"id": request.legal_entity_id},
        "currency": {"refName": request.currency_code},
        COUNTRY: request.country_code,
        TERMS_DAYS: request.payment_terms_days,
    })
}

pub(crate) fn contract(request: &pb::PutContractRequest) -> Result<Value> {
    let total = request.total.as_ref();
    let sold = match total {
        Some(_) => number(require_money(total, "total")?.major()),
        None => Value::Null,
    };
    Ok(json!({
        "otherRefNum": request.contract_number,
        "entity": {"id": request.customer_id},
        "subsidiary": {"id": request.legal_entity_id},
        "currency": {"refName": request.currency_code},
        "startDate": require_date(request.start_date.as_ref(), "start_date")?.to_string(),
        "endDate": request.end_date.as_ref().map(date).transpose()?.map(|day| day.to_string()),
        SOLD_VALUE: sold,
    }))
}

pub(crate) fn project(request: &pb::PutProjectRequest) -> Result<Value> {
    let parent = match request.customer_id.as_str() {
        "" => Value::Null,
        id => json!({ "id": id }),
    };
    Ok(json!({
        "entityId": request.code,
        "companyName": request.name,
        "parent": parent,
        "subsidiary": {"id": request.legal_entity_id},
        "department": {"id": request.cost_center_id},
        "startDate": require_date(request.start_date.as_ref(), "start_date")?.to_string(),
    }))
}

/// `isInactive` is left alone: NetSuite refuses time of an inactive employee, and the last week's time comes in after the last
/// day. `releasedate` says when the work ends.
pub(crate) fn employee(request: &pb::PutEmployeeRequest) -> Result<Value> {
    let (first, last) = split_name(&request.name);
    let cost = require_money(request.hourly_cost.as_ref(), "hourly_cost")?;
    Ok(json!({
        "entityId": request.employee_number,
        "firstName": first,
        "lastName": last,
        "email": request.email,
        "subsidiary": {"id": request.legal_entity_id},
        "hireDate": require_date(request.hire_date.as_ref(), "hire_date")?.to_string(),
        "releasedate": request.termination_date.as_ref().map(date).transpose()?.map(|day| day.to_string()),
        "laborCost": number(cost.major()),
        "currency": {"refName": cost.currency.code()},
    }))
}

/// First and last name, divided at the last space. Who has one name only has no first name.
fn split_name(name: &str) -> (Option<&str>, &str) {
    match name.trim().rsplit_once(' ') {
        Some((first, last)) => (Some(first.trim_end()), last),
        None => (None, name.trim()),
    }
}

/// A key in the form that NetSuite asks of idempotency keys (RFC 4122), following from `parts`.
pub(crate) fn uuid_of(parts: &[&str]) -> String {
    let digest = strata_kernel::digest(derive_id("once", parts).as_bytes());
    // Version 5 (from a name) and the variant of RFC 4122 stand in fixed places.
    format!(
        "{}-{}-5{}-8{}-{}",
        &digest[0..8],
        &digest[8..12],
        &digest[13..16],
        &digest[17..20],
        &digest[20..32]
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use strata_contract::google::r#type::Date;
    use strata_contract::strata::common::v1::Money;

    #[test]
    fn names_are_divided_at_the_last_space() {
        for (name, first, last) in [
            ("Ada King Lovelace", Some("Ada King"), "Lovelace"),
            ("Ada Lovelace ", Some("Ada"), "Lovelace"),
            ("Plato", None, "Plato"),
        ] {
            assert_eq!(split_name(name), (first, last));
        }
    }

    fn day(year: i32, month: i32, day: i32) -> Option<Date> {
        Some(Date { year, month, day })
    }

    #[test]
    fn an_employee_keeps_its_cost_to_the_digit() {
        let request = pb::PutEmployeeRequest {
            key: "emp_1".into(),
            employee_number: "EM-1".into(),
            name: "Ada Lovelace".into(),
            email: "ada@example.com".into(),
            legal_entity_id: "3".into(),
            hire_date: day(2025, 1, 6),
            hourly_cost: Some(Money {
                currency_code: "KWD".into(),
                minor_units: 25_125,
            }),
            ..Default::default()
        };
        let body = employee(&request).unwrap();
        assert_eq!(body["laborCost"].to_string(), "25.125");
        assert_eq!(body["currency"]["refName"], "KWD");
        assert_eq!(body["hireDate"], "2025-01-06");
        // No end is known: said as such, so that a rehire clears the end of before.
        assert!(body.as_object().unwrap().contains_key("releasedate") && body["releasedate"].is_null());
        assert!(body.get("isInactive").is_none());
    }

    #[test]
    fn internal_work_has_no_customer_and_a_missing_day_is_named() {
        let request = pb::PutProjectRequest {
            start_date: day(2025, 1, 1),
            ..Default::default()
        };
        assert!(project(&request).unwrap()["parent"].is_null());
        let missing = project(&pb::PutProjectRequest::default()).unwrap_err();
        assert_eq!(missing.field, "start_date");
        let contract = contract(&pb::PutContractRequest {
            start_date: day(2025, 2, 30),
            ..Default::default()
        });
        assert_eq!(contract.unwrap_err().field, "start_date");
    }

    #[test]
    fn idempotency_keys_look_like_uuids() {
        let key = uuid_of(&["a", "b"]);
        assert_eq!(key.len(), 36);
        assert_eq!(key.as_bytes()[14], b'5');
        assert_eq!(key, uuid_of(&["a", "b"]));
        assert_ne!(key, uuid_of(&["ab"]));
    }
}
