//! The project runs: everything it needs is in every system.

use serde_json::json;
use strata_events::Event;

use super::Sold;
use crate::engine::{Done, Job, Stop};
use crate::hand_offs::{HandOff, PLATFORM};

/// Kind of the event that tells it.
const PROJECT_ACTIVATED: &str = "strata.mobilisation.project.activated.v1";

pub(super) async fn activate(job: &Job<'_>) -> Result<Done, Stop> {
    let sold = Sold::of(job).await?;
    let project = sold.project(job)?;
    let body = json!({
        "project_id": project.id,
        "project_code": project.code,
        "engagement_id": sold.whole.id,
        "contract_id": sold.contract.id,
    });
    let event = Event::new(
        PROJECT_ACTIVATED,
        &project.id,
        "",
        &body,
        &job.run.correlation_id,
        job.core.now(),
    )?;
    let told = HandOff::done("project activated", PLATFORM, "project", &project.id, &project.id).saying(&project.code);
    let mut done = Done::note("active").with(told);
    done.events.push(event);
    Ok(done)
}
