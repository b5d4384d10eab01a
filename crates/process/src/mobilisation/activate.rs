//! The project runs: everything it needs is in every system.

use strata_contract::strata::process::mobilisation::v1::ProjectActivated;
use strata_events::Event;

use super::Sold;
use crate::engine::{Done, Job, Stop};
use crate::hand_offs::{HandOff, PLATFORM};

pub(super) async fn activate(job: &Job<'_>) -> Result<Done, Stop> {
    let sold = Sold::of(job).await?;
    let project = sold.project(job)?;
    let activated = ProjectActivated {
        project_id: project.id.clone(),
        project_code: project.code.clone(),
        engagement_id: sold.whole.id.clone(),
        contract_id: sold.contract.id.clone(),
    };
    let event = Event::told(&activated, "", &job.run.correlation_id, job.core.now())?;
    let told = HandOff::done("project activated", PLATFORM, "project", &project.id, &project.id).saying(&project.code);
    let mut done = Done::note("active").with(told);
    done.events.push(event);
    Ok(done)
}
