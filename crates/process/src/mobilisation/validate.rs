//! Is the sale whole? Then it becomes an engagement of master data, and the other systems follow.

use strata_contract::strata::master::v1::PutEngagementRequest;
use strata_contract::strata::system::crm::v1::{GetSaleRequest, Sale};
use strata_kernel::Result;
use strata_rpc::error;

use super::{sale, steps};
use crate::billing;
use crate::core::Core;
use crate::engine::{self, Done, Job, Problem, Stop};
use crate::exceptions::Owner;
use crate::hand_offs::{HandOff, PLATFORM};
use crate::masters;
use crate::milestones::Begin;
use crate::xrefs::{self, kind};

pub(super) async fn validate(job: &Job<'_>) -> Result<Done, Stop> {
    let (core, opportunity_id) = (job.core, &job.run.subject);
    let sale = read(core, opportunity_id).await?;
    if !sale.opportunity.as_ref().is_some_and(|deal| deal.won) {
        let text = "the deal is no longer won; win it again to go on";
        return Err(Problem::new("OPPORTUNITY_REOPENED", "opportunity", opportunity_id, Owner::Sales, text).into());
    }
    let reference = masters::reference(core).await?;
    let crm = &core.systems().await?.crm;
    let engagement = sale::engagement(crm, &sale, &reference.legal_entities).map_err(|faults| {
        let words: Vec<String> = faults.iter().map(|(field, what)| format!("{field}: {what}")).collect();
        let text = format!("the sale cannot be mobilised; mend in the CRM: {}", words.join("; "));
        incomplete(opportunity_id, text).at(faults.first().map_or("", |(field, _)| field))
    })?;
    let request = PutEngagementRequest {
        engagement: Some(engagement),
    };
    let held = core.clients.engagements.clone().put_engagement(request).await.map_err(error);
    let held = held.map_err(|refusal| match refusal.is_temporary() {
        true => Stop::Later(refusal),
        false => incomplete(opportunity_id, refusal.message).at(&refusal.field).into(),
    })?;
    let held = held.into_inner().engagement.unwrap_or_default();
    xrefs::put(core, crm, kind::ENGAGEMENT, [(held.id.clone(), opportunity_id.clone())]).await?;
    if let Some(customer) = &held.customer {
        xrefs::put(
            core,
            crm,
            kind::CUSTOMER,
            [(customer.id.clone(), customer.crm_account_id.clone())],
        )
        .await?;
    }
    let fees = held
        .contract
        .as_ref()
        .map(|contract| billing::advance_runs(&core.settings, contract));
    let fees = fees.transpose()?.unwrap_or_default();
    let contract = held.contract.as_ref().and_then(|contract| contract.terms.as_ref());
    let number = contract.map(|terms| terms.contract_number.clone()).unwrap_or_default();
    let told = HandOff::done("sale validated", PLATFORM, "engagement", &held.id, &held.id).saying(&number);
    // Milestones that were recorded before the contract was known have waited for it.
    let (begun, now) = (Begin::of(&masters::milestones(core, &[], &[number]).await?)?, core.now());
    Ok(Done {
        steps: steps(&held),
        ..Done::note("whole")
    }
    .with(told)
    .also(move |c| {
        fees.iter().try_for_each(|run| engine::insert(c, run, now).map(|_| ()))?;
        begun.store(c, now).map(|_| ())
    }))
}

/// Everything the CRM says about a deal now.
pub(super) async fn read(core: &Core, opportunity_id: &str) -> Result<Sale> {
    let request = GetSaleRequest {
        opportunity_id: opportunity_id.to_owned(),
    };
    let answer = core.clients.crm.clone().get_sale(request).await.map_err(error)?;
    Ok(answer.into_inner().sale.unwrap_or_default())
}

fn incomplete(opportunity_id: &str, text: String) -> Problem {
    Problem::new("SALE_INCOMPLETE", "opportunity", opportunity_id, Owner::Sales, text)
}
