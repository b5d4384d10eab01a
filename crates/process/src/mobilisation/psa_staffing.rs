//! Staffing demand: a seat for each role that was sold, waiting for a person.

use strata_contract::strata::system::psa::v1::CreateStaffingDemandRequest;
use strata_rpc::error;

use super::Sold;
use crate::engine::{Done, Job, Stop, written};
use crate::exceptions::Owner;
use crate::hand_offs::HandOff;

pub(super) async fn create(job: &Job<'_>) -> Result<Done, Stop> {
    let (core, sold) = (job.core, Sold::of(job).await?);
    let project = sold.project(job)?;
    let project_id = job.vendor_id(&format!("psa-project:{}", project.code)).await?;
    let system = &core.systems().await?.psa;
    let mut done = Done::note(&format!("{} seats", project.roles.len()));
    for role in &project.roles {
        let key = format!("{}:{role}", project.id);
        let request = CreateStaffingDemandRequest {
            key: key.clone(),
            project_id: project_id.clone(),
            role: role.clone(),
            start_date: project.start_date,
            end_date: sold.terms().end_date,
        };
        let answer = core
            .clients
            .psa
            .clone()
            .create_staffing_demand(request)
            .await
            .map_err(error)?
            .into_inner();
        let id = written(answer.outcome, "project", &project.code, Owner::Pmo)?;
        done = done.with(
            HandOff::done("staffing asked for", system, "staffing_demand", &key, &id).saying(format!("{}: {role}", project.code)),
        );
    }
    Ok(done)
}
