//! What an entry would cost, and why.

use strata_contract::strata::common::v1 as common;
use strata_contract::strata::process::billing::v1 as pb;
use strata_contract::{pb_date, pb_money, require_date};
use strata_finance::billing::{EntryVersion, TimeEntry, explain_time};
use strata_finance::rates::RateLevel;
use strata_kernel::{Date, Error, Result};

use super::contract;
use crate::billing::Pricing;
use crate::core::Core;

pub(crate) async fn price(core: &Core, asked: pb::PreviewPriceRequest, known_on: Date) -> Result<pb::PreviewPriceResponse> {
    let pricing = Pricing::of(&contract(core, &asked.contract_number).await?)?;
    if !pricing.is_by_the_hour() {
        let text = format!("{} does not bill its hours one by one", asked.contract_number);
        return Err(Error::invalid("contract_number", text));
    }
    let entry = TimeEntry {
        id: String::new(),
        project: asked.project_code,
        work_date: require_date(asked.work_date.as_ref(), "work_date")?,
        versions: vec![EntryVersion {
            minutes: asked.minutes.into(),
            write_down_minutes: u32::try_from(asked.write_down_minutes).unwrap_or_default(),
            approved_on: known_on,
            role: asked.role,
            overtime: asked.overtime,
            billable: true,
        }],
        billed: None,
    };
    let explained = explain_time(&pricing.terms, &pricing.rates, &entry, known_on)?;
    let explained = explained.ok_or_else(|| Error::internal("an approved entry has no price"))?;
    let answer = pb::PreviewPriceResponse {
        billable_minutes: i32::try_from(explained.price.minutes).map_err(Error::internal)?,
        amount: Some(pb_money(explained.price.amount)),
        explanation: explained.in_words(),
        ..pb::PreviewPriceResponse::default()
    };
    let Some(rate) = explained.rate else { return Ok(answer) };
    Ok(pb::PreviewPriceResponse {
        hourly_rate: rate.resolved.rate.normalize().to_string(),
        rate_line_id: rate.resolved.line_id.clone(),
        level: level(rate.resolved.level).into(),
        effective_date: Some(pb_date(rate.from)),
        effective_end_date: rate.to.map(pb_date),
        recorded_date: Some(pb_date(rate.known_from)),
        ..answer
    })
}

fn level(level: RateLevel) -> common::RateLevel {
    match level {
        RateLevel::Contract => common::RateLevel::Contract,
        RateLevel::Project => common::RateLevel::Project,
        RateLevel::Customer => common::RateLevel::Customer,
        RateLevel::Standard => common::RateLevel::Standard,
    }
}
