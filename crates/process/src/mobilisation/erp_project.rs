//! The project in the ERP, with the dimensions its books need.

use strata_contract::strata::master::v1::{Engagement, Project, PutEngagementRequest};
use strata_contract::strata::system::erp::v1::PutProjectRequest;
use strata_kernel::Result;
use strata_rpc::error;
use strata_store::both;

use super::{Sold, legal_entity_id, validate};
use crate::core::Core;
use crate::engine::{Done, Job, Problem, Stop, written};
use crate::exceptions::Owner;
use crate::hand_offs::HandOff;
use crate::masters;
use crate::store::{lite, pg};
use crate::xrefs;

pub(super) async fn put(job: &Job<'_>) -> Result<Done, Stop> {
    let (core, mut sold) = (job.core, Sold::of(job).await?);
    if !is_cost_center(core, sold.project(job)?).await? {
        // Somebody may have mended the sale since it was read.
        sold.whole = read_again(job, sold.whole.clone()).await?;
    }
    let project = sold.project(job)?.clone();
    let customer_id = job.vendor_id("erp-customer").await?;
    let id = put_project(core, &project, &customer_id).await?;
    let system = &core.systems().await?.erp;
    let (waits_for, now) = (project.id.clone(), core.now().naive_utc());
    let told = HandOff::done("project created", system, "project", &format!("erp:{}", project.id), &id).saying(&project.code);
    // Postings of the project's hours may have waited for this.
    Ok(Done::vendor(&id)
        .with(told)
        .also(move |c| both!(c, postings::release(&waits_for, now)).map(|_| ())))
}

/// Writes a project with its dimensions, and records what the ERP calls it. `customer_id` empty: internal work.
pub(super) async fn put_project(core: &Core, project: &Project, customer_id: &str) -> Result<String, Stop> {
    let system = &core.systems().await?.erp;
    let center = &project.cost_center_code;
    let centers = xrefs::find(core, system, xrefs::kind::COST_CENTER, [center.as_str()]).await?;
    let Some(cost_center_id) = centers.get(center).filter(|_| !center.is_empty()) else {
        let what = if center.is_empty() {
            "no cost center".to_owned()
        } else {
            format!("cost center {center}, which the ERP does not have")
        };
        let text = format!(
            "project {} says {what}; its hours wait until the sale names one that exists",
            project.code
        );
        let problem = Problem::new("PROJECT_MISSING_ERP_STRUCTURE", "project", &project.code, Owner::Pmo, text);
        return Err(problem.at("cost_center_code").into());
    };
    let request = PutProjectRequest {
        key: project.id.clone(),
        code: project.code.clone(),
        name: if project.name.is_empty() {
            project.code.clone()
        } else {
            project.name.clone()
        },
        customer_id: customer_id.to_owned(),
        legal_entity_id: legal_entity_id(core, &project.legal_entity_code).await?,
        cost_center_id: cost_center_id.clone(),
        start_date: project.start_date,
    };
    let answer = core
        .clients
        .erp
        .clone()
        .put_project(request)
        .await
        .map_err(error)?
        .into_inner();
    let id = written(answer.outcome, "project", &project.code, Owner::Finance)?;
    xrefs::put(core, system, xrefs::kind::PROJECT, [(project.id.clone(), id.clone())]).await?;
    Ok(id)
}

async fn is_cost_center(core: &Core, project: &Project) -> Result<bool> {
    let centers = masters::reference(core).await?.cost_centers;
    Ok(centers.iter().any(|center| center.code == project.cost_center_code))
}

/// Takes the cost centers from the sale as it is now.
async fn read_again(job: &Job<'_>, mut held: Engagement) -> Result<Engagement> {
    let sale = validate::read(job.core, &job.run.subject).await?;
    let mut changed = false;
    for project in &mut held.projects {
        let sold = sale.projects.iter().find(|sold| sold.code == project.code);
        if let Some(code) = sold
            .map(|sold| &sold.cost_center_code)
            .filter(|code| **code != project.cost_center_code)
        {
            project.cost_center_code.clone_from(code);
            changed = true;
        }
    }
    if changed {
        let request = PutEngagementRequest {
            engagement: Some(held.clone()),
        };
        job.core
            .clients
            .engagements
            .clone()
            .put_engagement(request)
            .await
            .map_err(error)?;
    }
    Ok(held)
}
