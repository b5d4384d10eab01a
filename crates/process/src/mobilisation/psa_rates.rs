//! The prices per role that the people who staff the project see. Billing never reads them back.

use strata_contract::strata::system::psa::v1::{ProjectRate, PutRateCardRequest};
use strata_contract::{pb_money, require_date};
use strata_finance::rates::{RateQuestion, resolve};
use strata_kernel::{Error, Money};
use strata_rpc::error;

use super::Sold;
use crate::billing::read_pricing;
use crate::engine::{Done, Job, Stop, written};
use crate::exceptions::Owner;
use crate::hand_offs::HandOff;

pub(super) async fn put(job: &Job<'_>) -> Result<Done, Stop> {
    let (core, sold) = (job.core, Sold::of(job).await?);
    let project = sold.project(job)?;
    let pricing = read_pricing(core, vec![sold.contract.id.clone()])
        .await?
        .remove(&sold.contract.id);
    let pricing = pricing.ok_or_else(|| Error::not_found("contract", &sold.contract.id))?;
    if !pricing.is_by_the_hour() {
        return Ok(Done::note("not priced by the hour"));
    }
    let work_date = require_date(project.start_date.as_ref(), "start_date")?;
    let (mut rates, mut without) = (Vec::new(), Vec::new());
    for role in &project.roles {
        let question = RateQuestion {
            contract: &pricing.terms.contract,
            project: &project.code,
            customer: &pricing.terms.customer,
            entity: &pricing.terms.entity,
            role,
            org_unit: None,
            currency: pricing.terms.currency,
            work_date,
            known_on: core.today(),
            cards_known_on: None,
        };
        match resolve(&question, &pricing.rates) {
            Ok(held) => rates.push(ProjectRate {
                role: role.clone(),
                hourly_rate: Some(pb_money(Money::round(held.rate, pricing.terms.currency)?)),
            }),
            // The hour that needs it will ask again, and say so where it matters.
            Err(_) => without.push(role.clone()),
        }
    }
    if rates.is_empty() {
        return Ok(Done::note(&format!("no rate is known yet for {}", without.join(", "))));
    }
    let project_id = job.vendor_id(&format!("psa-project:{}", project.code)).await?;
    let count = rates.len();
    let request = PutRateCardRequest {
        key: format!("{}:rates", project.id),
        project_id,
        effective_date: project.start_date,
        rates,
    };
    let answer = core
        .clients
        .psa
        .clone()
        .put_rate_card(request)
        .await
        .map_err(error)?
        .into_inner();
    let id = written(answer.outcome, "project", &project.code, Owner::Pmo)?;
    let system = &core.systems().await?.psa;
    let told =
        HandOff::done("rates set", system, "rate_card", &project.id, &id).saying(format!("{}: {count} roles", project.code));
    Ok(Done::vendor(&id).with(told))
}
