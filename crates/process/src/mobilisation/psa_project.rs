//! The project in the PSA, where people book their hours.

use strata_contract::strata::system::psa::v1::CreateProjectRequest;
use strata_rpc::error;
use strata_store::both;

use super::Sold;
use crate::engine::{Done, Job, Stop, kind, written};
use crate::exceptions::Owner;
use crate::hand_offs::HandOff;
use crate::store::{lite, pg};
use crate::xrefs;

pub(super) async fn create(job: &Job<'_>) -> Result<Done, Stop> {
    let (core, sold) = (job.core, Sold::of(job).await?);
    let (project, terms) = (sold.project(job)?, sold.terms());
    let request = CreateProjectRequest {
        key: project.id.clone(),
        title: project.name.clone(),
        code: project.code.clone(),
        client_id: job.vendor_id("psa-client").await?,
        currency_code: terms.currency_code,
        start_date: project.start_date,
        end_date: terms.end_date,
        legal_entity_code: project.legal_entity_code.clone(),
        cost_center_code: project.cost_center_code.clone(),
    };
    let answer = core
        .clients
        .psa
        .clone()
        .create_project(request)
        .await
        .map_err(error)?
        .into_inner();
    let id = written(answer.outcome, "project", &project.code, Owner::Pmo)?;
    let system = &core.systems().await?.psa;
    xrefs::put(core, system, xrefs::kind::PROJECT, [(project.id.clone(), id.clone())]).await?;
    let told = HandOff::done("project created", system, "project", &format!("psa:{}", project.id), &id).saying(&project.code);
    let (engagement, now) = (sold.whole.id.clone(), core.now().naive_utc());
    // Milestones may have waited for this.
    Ok(Done::vendor(&id)
        .with(told)
        .also(move |c| both!(c, runs::wake_pending(kind::MILESTONE, &engagement, now)).map(|_| ())))
}
