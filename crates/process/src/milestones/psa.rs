//! The milestone in the PSA, on the first project of its contract, where people say how far it is.

use strata_contract::strata::common::v1::Milestone;
use strata_contract::strata::system::psa::v1::CreateMilestoneRequest;
use strata_kernel::{Error, Kind};
use strata_rpc::error;
use strata_store::both;

use crate::engine::{Done, Job, Stop, unknown, written};
use crate::exceptions::Owner;
use crate::hand_offs::HandOff;
use crate::store::{lite, pg};
use crate::xrefs::{self, kind};
use crate::{json, masters};

pub(crate) async fn step(job: &Job<'_>) -> Result<Done, Stop> {
    match job.step.name.as_str() {
        "psa-milestone" => create(job).await,
        _ => Err(unknown(job.run, job.step)),
    }
}

async fn create(job: &Job<'_>) -> Result<Done, Stop> {
    let (core, milestone) = (job.core, json::message::<Milestone>(&job.run.input)?);
    let engagement = masters::engagement(core, &job.run.engagement_id).await?;
    let project = engagement
        .projects
        .first()
        .ok_or_else(|| Error::internal("an engagement without project"))?;
    let system = &core.systems().await?.psa;
    let found = xrefs::find(core, system, kind::PROJECT, [project.id.as_str()]).await?;
    let Some(project_id) = found.get(&project.id) else {
        // The step that makes the project wakes this one.
        let text = format!("project {} is not in the PSA yet", project.code);
        return Err(Stop::Later(Error::new(Kind::Unavailable, "NOT_FOUND", text)));
    };
    let title = if milestone.name.is_empty() {
        &milestone.code
    } else {
        &milestone.name
    };
    let request = CreateMilestoneRequest {
        key: milestone.code.clone(),
        project_id: project_id.clone(),
        title: title.clone(),
        planned_date: milestone.planned_date,
    };
    let answer = core
        .clients
        .psa
        .clone()
        .create_milestone(request)
        .await
        .map_err(error)?
        .into_inner();
    let id = written(answer.outcome, "milestone", &milestone.code, Owner::Pmo)?;
    xrefs::put(core, system, kind::MILESTONE, [(milestone.code.clone(), id.clone())]).await?;
    let told = HandOff::done("milestone created", system, "milestone", &milestone.code, &id).saying(&milestone.code);
    let (code, psa_id) = (milestone.code, id.clone());
    Ok(Done::vendor(&id)
        .with(told)
        .also(move |c| both!(c, milestones::set_psa_id(&code, &psa_id)).map(|_| ())))
}
