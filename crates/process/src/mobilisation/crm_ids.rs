//! Our ids back on the deal, so that sales finds the contract, the customer number and the projects.

use strata_contract::strata::system::crm::v1::RecordEngagementRequest;
use strata_rpc::error;

use super::Sold;
use crate::engine::{Done, Job, Stop, written};
use crate::exceptions::Owner;
use crate::hand_offs::HandOff;

pub(super) async fn record(job: &Job<'_>) -> Result<Done, Stop> {
    let (core, sold) = (job.core, Sold::of(job).await?);
    let results = job.results().await?;
    let id = |step: &str| {
        results
            .get(step)
            .and_then(|result| result["vendor_id"].as_str())
            .unwrap_or_default()
            .to_owned()
    };
    let request = RecordEngagementRequest {
        opportunity_id: sold.whole.crm_opportunity_id.clone(),
        engagement_id: sold.whole.id.clone(),
        erp_customer_id: id("erp-customer"),
        erp_contract_id: id("erp-contract"),
        psa_project_ids: sold
            .whole
            .projects
            .iter()
            .map(|project| id(&format!("psa-project:{}", project.code)))
            .collect(),
    };
    let answer = core
        .clients
        .crm
        .clone()
        .record_engagement(request)
        .await
        .map_err(error)?
        .into_inner();
    let vendor_id = written(answer.outcome, "opportunity", &sold.whole.crm_opportunity_id, Owner::Sales)?;
    let system = &core.systems().await?.crm;
    Ok(Done::vendor(&vendor_id).with(HandOff::done(
        "ids recorded",
        system,
        "opportunity",
        &sold.whole.id,
        &vendor_id,
    )))
}
