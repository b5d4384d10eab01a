//! The project's tasks in the PSA.

use strata_contract::strata::system::psa::v1::{CreateTasksRequest, NewTask};
use strata_kernel::Error;
use strata_rpc::error;

use super::Sold;
use crate::engine::{Done, Job, Stop, written};
use crate::exceptions::Owner;
use crate::hand_offs::HandOff;
use crate::xrefs;

/// Most tasks in one call, as the contract has it.
const MOST: usize = 100;

pub(super) async fn create(job: &Job<'_>) -> Result<Done, Stop> {
    let (core, sold) = (job.core, Sold::of(job).await?);
    let project = sold.project(job)?;
    let project_id = job.vendor_id(&format!("psa-project:{}", project.code)).await?;
    let system = &core.systems().await?.psa;
    let mut done = Done::note(&format!("{} tasks", project.tasks.len()));
    for tasks in project.tasks.chunks(MOST) {
        let new = tasks.iter().map(|task| NewTask {
            key: task.id.clone(),
            title: task.name.clone(),
            billable: task.billable,
        });
        let request = CreateTasksRequest {
            project_id: project_id.clone(),
            tasks: new.collect(),
        };
        let mut outcomes = core
            .clients
            .psa
            .clone()
            .create_tasks(request)
            .await
            .map_err(error)?
            .into_inner()
            .outcomes;
        for task in tasks {
            let at = outcomes.iter().position(|outcome| outcome.key == task.id);
            let outcome = at
                .map(|at| outcomes.swap_remove(at))
                .ok_or_else(|| Error::internal("no outcome for a task"))?;
            let id = written(Some(outcome), "task", &task.code, Owner::Pmo)?;
            xrefs::put(core, system, xrefs::kind::TASK, [(task.id.clone(), id.clone())]).await?;
            done = done.with(HandOff::done("task created", system, "task", &task.id, &id).saying(&task.code));
        }
    }
    Ok(done)
}
