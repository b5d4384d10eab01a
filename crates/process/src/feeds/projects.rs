//! Projects that people made in the PSA themselves: internal work.

use strata_contract::strata::system::psa::v1 as psa;
use strata_kernel::Result;
use strata_rpc::error;

use super::place::{Place, quarantine, release};
use crate::core::Core;
use crate::engine::{self, NewRun, NewStep, kind};
use crate::json;

const FEED: &str = "psa-projects";

pub(super) async fn pull(core: &Core) -> Result<u64> {
    let mut count = 0;
    loop {
        let place = Place::load(core, FEED).await?;
        let request = psa::ListProjectChangesRequest {
            cursor: place.cursor.clone(),
            page_size: 0,
        };
        let page = core
            .clients
            .psa
            .clone()
            .list_project_changes(request)
            .await
            .map_err(error)?
            .into_inner();
        let Some(next) = place.after(&page, &page.next_cursor) else {
            return Ok(count);
        };
        // What carries a key is ours; what has a client is sold, and comes by way of the CRM.
        let internal = page
            .projects
            .iter()
            .filter(|project| project.key.is_empty() && project.client_id.is_empty());
        let runs = internal.map(run).collect::<Result<Vec<_>>>()?;
        let (system, now, more) = (core.systems().await?.psa.clone(), core.now(), page.more);
        count += core
            .db
            .write(move |c| {
                quarantine(c, &system, &page.malformed, now)?;
                release(c, "project", page.projects.iter().map(|project| &project.id), now)?;
                let mut begun = 0;
                for run in &runs {
                    begun += u64::from(engine::restart(c, run, now)?);
                }
                next.store(c)?;
                Ok(begun)
            })
            .await?;
        if !more {
            return Ok(count);
        }
    }
}

/// One run per project, begun again with each version. The vendor's stamp moves for reasons that change nothing.
fn run(project: &psa::Project) -> Result<NewRun> {
    let version = psa::Project {
        modified_time: None,
        ..project.clone()
    };
    Ok(NewRun {
        kind: kind::INTERNAL_PROJECT,
        subject: project.id.clone(),
        ordering_key: format!("psa-project:{}", project.id),
        engagement_id: String::new(),
        input: json::text(&version)?,
        steps: vec![NewStep::new("master"), NewStep::new("erp-project").after(["master"])],
    })
}
