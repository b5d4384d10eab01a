//! A project that people made in the PSA for work that no customer pays for.

use strata_contract::pb_date;
use strata_contract::strata::master::v1::{Project, PutInternalProjectRequest, Task};
use strata_contract::strata::system::psa::v1 as psa;
use strata_kernel::{Error, Result, derive_id};
use strata_rpc::error;
use strata_store::both;

use super::erp_project::put_project;
use crate::engine::{Done, Job, Problem, Stop, unknown};
use crate::exceptions::Owner;
use crate::store::{lite, pg};
use crate::xrefs::{self, kind};
use crate::{json, masters};

pub(crate) async fn step(job: &Job<'_>) -> Result<Done, Stop> {
    match job.step.name.as_str() {
        "master" => record(job).await,
        "erp-project" => erp_project(job).await,
        _ => Err(unknown(job.run, job.step)),
    }
}

/// Records the project and its tasks as master data.
async fn record(job: &Job<'_>) -> Result<Done, Stop> {
    let (core, held) = (job.core, json::message::<psa::Project>(&job.run.input)?);
    let system = &core.systems().await?.psa;
    let id = derive_id("prj", &[system, &held.id]);
    let code = if held.code.is_empty() { &held.id } else { &held.code };
    if held.legal_entity_code.is_empty() {
        let text = format!("internal project {code} says no legal entity; set it on the project in the PSA");
        let problem = Problem::new("PROJECT_MISSING_ERP_STRUCTURE", "project", code, Owner::Pmo, text);
        return Err(problem.at("legal_entity_code").into());
    }
    let tasks = held.tasks.iter().map(|task| Task {
        id: derive_id("tsk", &[system, &task.id]),
        code: task.id.clone(),
        name: task.title.clone(),
        billable: task.billable,
    });
    let known = masters::projects(core, [id.clone()]).await?.remove(&id);
    let project = Project {
        id: id.clone(),
        code: code.clone(),
        name: held.title.clone(),
        legal_entity_code: held.legal_entity_code.clone(),
        cost_center_code: held.cost_center_code.clone(),
        // The PSA asks no first day of internal work: it begins when the platform learns of it.
        start_date: known.and_then(|known| known.start_date).or(Some(pb_date(core.today()))),
        tasks: tasks.collect(),
        ..Project::default()
    };
    let names: Vec<(String, String)> = project
        .tasks
        .iter()
        .map(|task| (task.id.clone(), task.code.clone()))
        .collect();
    let request = PutInternalProjectRequest { project: Some(project) };
    let put = core
        .clients
        .engagements
        .clone()
        .put_internal_project(request)
        .await
        .map_err(error);
    put.map_err(|refusal| match refusal.is_temporary() {
        true => Stop::Later(refusal),
        false => Problem::of(&refusal, "project", code, Owner::Pmo).into(),
    })?;
    xrefs::put(core, system, kind::PROJECT, [(id, held.id.clone())]).await?;
    xrefs::put(core, system, kind::TASK, names).await?;
    Ok(Done::note("recorded"))
}

async fn erp_project(job: &Job<'_>) -> Result<Done, Stop> {
    let (core, held) = (job.core, json::message::<psa::Project>(&job.run.input)?);
    let id = derive_id("prj", &[&core.systems().await?.psa, &held.id]);
    let project = masters::projects(core, [id.clone()])
        .await?
        .remove(&id)
        .ok_or_else(|| Error::not_found("project", &id))?;
    let vendor_id = put_project(core, &project, "").await?;
    let now = core.now().naive_utc();
    Ok(Done::vendor(&vendor_id).also(move |c| both!(c, postings::release(&id, now)).map(|_| ())))
}
