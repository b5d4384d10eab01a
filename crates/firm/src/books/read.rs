//! Reading the books through the ERP's public API, and the platform through its contracts.

use std::collections::{BTreeMap, HashMap};

use futures::FutureExt;
use futures::stream::{self, StreamExt, TryStreamExt};
use rust_decimal::Decimal;
use serde_json::Value;
use strata_contract::google::r#type::Date;
use strata_contract::strata::common::v1::{BillingTiming, Money};
use strata_contract::strata::error::v1::Reason;
use strata_contract::strata::process::billing::v1::{
    Document, DocumentState, ListDocumentsRequest, ListMilestonesRequest, ListProjectEstimatesRequest,
};
use strata_contract::strata::process::exception::v1::{ExceptionState, ListExceptionsRequest};
use strata_contract::{date, money};
use strata_kernel::parse_decimal;

use super::evidence::{Booked, PlatformDocument, RaisedException, ShownMilestone, Worked};
use crate::director::Stage;
use crate::people::Erp;
use crate::{Error, Result};

/// Records read at the same time.
const CONCURRENCY: usize = 4;
/// Records on a page of the platform, the most it gives.
pub(super) const PAGE: i32 = 1_000;

/// Every invoice and credit memo.
pub(super) async fn documents(erp: &Erp) -> Result<Vec<Booked>> {
    let subsidiaries = erp.all("subsidiary").await?;
    let taxes = erp.all("salesTaxItem").await?;
    let mut documents = Vec::new();
    for (kind, credit_memo) in [("invoice", false), ("creditMemo", true)] {
        let ids = erp.ids(kind).await?;
        let read: Vec<Booked> = stream::iter(ids)
            .map(|id| async move { erp.record(kind, &id).await })
            .buffered(CONCURRENCY)
            .and_then(|record| std::future::ready(booked(&record, credit_memo, &subsidiaries, &taxes)))
            .try_collect()
            .await?;
        documents.extend(read);
    }
    Ok(documents)
}

fn booked(
    record: &Value,
    credit_memo: bool,
    subsidiaries: &HashMap<String, Value>,
    taxes: &HashMap<String, Value>,
) -> Result<Booked> {
    // A credit memo carries positive amounts; here what the firm owes is negative.
    let sign = if credit_memo { -Decimal::ONE } else { Decimal::ONE };
    let amount = |name: &str| decimal(record.get(name)).map(|amount| amount * sign);
    let subsidiary = subsidiaries.get(&text(record, "/subsidiary/id"));
    let mut booked = Booked {
        number: text(record, "/tranId"),
        credit_memo,
        contract: text(record, "/otherRefNum"),
        period: text(record, "/custbody_period"),
        timing: text(record, "/custbody_billing_timing"),
        legal_entity: subsidiary.map(|row| text(row, "/name")).unwrap_or_default(),
        customer: text(record, "/entity/refName"),
        issue_date: text(record, "/tranDate"),
        due_date: text(record, "/dueDate"),
        currency: text(record, "/currency/refName"),
        net: amount("subtotal")?,
        tax: amount("taxTotal")?,
        gross: amount("total")?,
        open: amount("amountRemaining")?,
        functional_currency: subsidiary.map(|row| text(row, "/currency/refName")).unwrap_or_default(),
        fx_rate: decimal(record.get("exchangeRate"))?,
        gross_functional: amount("custbody_total_functional")?,
        ..Booked::default()
    };
    for line in record.pointer("/item/items").and_then(Value::as_array).into_iter().flatten() {
        let (kind, amount) = (text(line, "/custcol_line_kind"), decimal(line.get("amount"))? * sign);
        if kind == "time_credit" || kind == "time_rebill" {
            let (credit, rebill) = booked.adjusted.entry(text(line, "/custcol_source")).or_default();
            *if kind == "time_credit" { credit } else { rebill } += amount;
        }
        *booked.lines.entry(kind).or_default() += amount;
        if let Some(code) = taxes.get(&text(line, "/taxCode/id")) {
            let percent = decimal(code.get("rate"))?;
            booked.taxes.insert((text(code, "/custrecord_tax_category"), percent));
        }
    }
    Ok(booked)
}

/// Time posted, summed by project code. Read project by project: a query reaches only so many rows.
pub(super) async fn projects(erp: &Erp) -> Result<BTreeMap<String, Worked>> {
    let jobs = erp.query("SELECT id, entityid FROM job ORDER BY id").await?;
    stream::iter(jobs)
        .map(|job| async move {
            let query = format!(
                "SELECT id, hours, custcol_billable_minutes, custcol_cost_amount, custcol_cost_currency FROM timebill \
                 WHERE customer = {} ORDER BY id",
                text(&job, "/id")
            );
            let rows = erp.query(&query).await?;
            Ok((text(&job, "/entityid"), worked(&rows)?))
        })
        .buffered(CONCURRENCY)
        .try_collect()
        .await
}

fn worked(rows: &[Value]) -> Result<Worked> {
    let mut worked = Worked::default();
    for row in rows {
        worked.rows += 1;
        worked.minutes += minutes(&text(row, "/hours"))?;
        let billable = decimal(row.get("custcol_billable_minutes"))?;
        worked.billable_minutes += strata_kernel::round_half_away(billable).map_err(|cause| Error::Setup(cause.to_string()))?;
        let cost = decimal(row.get("custcol_cost_amount"))?;
        if !cost.is_zero() {
            *worked.cost.entry(text(row, "/custcol_cost_currency")).or_default() += cost;
        }
    }
    Ok(worked)
}

/// Minutes of a duration: "7:30" is 450, "-0:45" is -45.
fn minutes(hours: &str) -> Result<i64> {
    let (sign, rest) = hours.strip_prefix('-').map_or((1, hours), |rest| (-1, rest));
    let parts = rest
        .split_once(':')
        .and_then(|(hours, minutes)| Some((hours.parse::<i64>().ok()?, minutes.parse::<i64>().ok()?)));
    let (hours, minutes) = parts.ok_or_else(|| Error::Setup(format!("netsuite shows hours \"{hours}\"")))?;
    Ok(sign * (hours * 60 + minutes))
}

/// Every document the platform shows.
pub(super) async fn platform_documents(stage: &Stage) -> Result<Vec<PlatformDocument>> {
    let mut client = stage.billing.clone();
    let mut documents = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListDocumentsRequest {
            page_size: PAGE,
            page_token,
            ..Default::default()
        };
        let answer = client
            .list_documents(request)
            .boxed()
            .await
            .map_err(Error::platform("ListDocuments"))?
            .into_inner();
        for document in &answer.documents {
            documents.push(shown(document)?);
        }
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            return Ok(documents);
        }
    }
}

fn shown(document: &Document) -> Result<PlatformDocument> {
    let amount = |value: Option<&Money>| {
        let value = value.map(money).transpose();
        let value = value.map_err(|cause| Error::Setup(format!("ListDocuments, {}: {cause}", document.key)));
        value.map(|value| value.map(strata_kernel::Money::major).unwrap_or_default())
    };
    Ok(PlatformDocument {
        contract: document.contract_number.clone(),
        period: document.period.clone(),
        timing: match document.timing() {
            BillingTiming::Unspecified => "unspecified",
            BillingTiming::Arrears => "arrears",
            BillingTiming::Advance => "advance",
        }
        .to_owned(),
        number: document.number.clone(),
        state: match document.state() {
            DocumentState::Unspecified => "unspecified",
            DocumentState::Released => "released",
            DocumentState::Posted => "posted",
            DocumentState::PartPaid => "part_paid",
            DocumentState::Paid => "paid",
            DocumentState::Voided => "voided",
        }
        .to_owned(),
        gross: amount(document.gross.as_ref())?,
        open: amount(document.open.as_ref())?,
    })
}

/// Every exception, in any state.
pub(super) async fn exceptions(stage: &Stage) -> Result<Vec<RaisedException>> {
    let mut client = stage.exceptions.clone();
    let mut exceptions = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListExceptionsRequest {
            page_size: PAGE,
            page_token,
            ..Default::default()
        };
        let answer = client
            .list_exceptions(request)
            .boxed()
            .await
            .map_err(Error::platform("ListExceptions"))?
            .into_inner();
        for exception in &answer.exceptions {
            exceptions.push(RaisedException {
                cause: cause(exception.cause()),
                object: exception.object_id.clone(),
                open: exception.state() == ExceptionState::Open,
            });
        }
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            return Ok(exceptions);
        }
    }
}

/// Every milestone the platform shows.
pub(super) async fn milestones(stage: &Stage) -> Result<BTreeMap<String, ShownMilestone>> {
    let mut client = stage.billing.clone();
    let mut milestones = BTreeMap::new();
    let mut page_token = String::new();
    loop {
        let request = ListMilestonesRequest {
            page_size: PAGE,
            page_token,
            ..Default::default()
        };
        let answer = client
            .list_milestones(request)
            .boxed()
            .await
            .map_err(Error::platform("ListMilestones"))?
            .into_inner();
        for milestone in answer.milestones {
            let amount = milestone.amount.as_ref().map(money).transpose();
            let amount = amount.map_err(|cause| Error::Setup(format!("ListMilestones, {}: {cause}", milestone.code)))?;
            let shown = ShownMilestone {
                contract: milestone.contract_number,
                amount: amount.map(strata_kernel::Money::major).unwrap_or_default(),
                currency: amount.map(|amount| amount.currency.to_string()).unwrap_or_default(),
                accepted_on: day(milestone.accepted_date.as_ref()),
                approved_on: day(milestone.approved_date.as_ref()),
            };
            milestones.insert(milestone.code, shown);
        }
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            return Ok(milestones);
        }
    }
}

/// Every version of every estimate the platform shows, by project code.
pub(super) async fn estimates(stage: &Stage) -> Result<BTreeMap<String, Vec<(String, u32)>>> {
    let mut client = stage.billing.clone();
    let mut estimates: BTreeMap<String, Vec<(String, u32)>> = BTreeMap::new();
    let mut page_token = String::new();
    loop {
        let request = ListProjectEstimatesRequest {
            page_size: PAGE,
            page_token,
            ..Default::default()
        };
        let answer = client
            .list_project_estimates(request)
            .boxed()
            .await
            .map_err(Error::platform("ListProjectEstimates"))?
            .into_inner();
        for estimate in answer.estimates {
            let said = (day(estimate.recorded_date.as_ref()), estimate.eac_minutes);
            estimates.entry(estimate.project_code).or_default().push(said);
        }
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            return Ok(estimates);
        }
    }
}

/// A day as text; one that is no day reads as nothing, and then differs.
fn day(day: Option<&Date>) -> String {
    let day = day.and_then(|day| date(day).ok());
    day.map(|day| day.to_string()).unwrap_or_default()
}

fn cause(reason: Reason) -> String {
    let name = reason.as_str_name();
    name.strip_prefix("REASON_").unwrap_or(name).to_owned()
}

pub(super) fn text(value: &Value, pointer: &str) -> String {
    match value.pointer(pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    }
}

/// A number, or a text that holds one; nothing is zero.
pub(super) fn decimal(value: Option<&Value>) -> Result<Decimal> {
    let text = match value {
        None | Some(Value::Null) => return Ok(Decimal::ZERO),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    parse_decimal(&text).map_err(|cause| Error::Setup(format!("netsuite shows an amount \"{text}\": {cause}")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn durations_are_signed() {
        assert_eq!(minutes("7:30").unwrap(), 450);
        assert_eq!(minutes("-0:45").unwrap(), -45);
        assert!(minutes("7.5").is_err());
    }

    #[test]
    fn a_credit_memo_is_read_with_its_sign_turned() {
        let record: Value = serde_json::from_str(
            r#"{"tranId":"CM-US01-00001","otherRefNum":"CT-1","custbody_period":"2025-03","subsidiary":{"id":"1"},
                "entity":{"id":"7","refName":"Northwind"},"currency":{"refName":"USD"},"exchangeRate":1,
                "subtotal":10.10,"taxTotal":2.02,"total":12.12,"amountRemaining":12.12,"custbody_total_functional":12.12,
                "item":{"items":[{"amount":10.10,"taxCode":{"id":"3"},"custcol_line_kind":"time_credit"}]}}"#,
        )
        .unwrap();
        let subsidiary: Value = serde_json::from_str(r#"{"name":"US01","currency":{"refName":"USD"}}"#).unwrap();
        let tax: Value = serde_json::from_str(r#"{"rate":20,"custrecord_tax_category":"S"}"#).unwrap();
        let read = booked(
            &record,
            true,
            &HashMap::from([("1".to_owned(), subsidiary)]),
            &HashMap::from([("3".to_owned(), tax)]),
        )
        .unwrap();
        assert_eq!(read.gross, Decimal::new(-1212, 2));
        assert_eq!(read.lines["time_credit"], Decimal::new(-1010, 2));
        assert_eq!(read.taxes.iter().next().unwrap(), &("S".to_owned(), Decimal::from(20)));
    }
}
