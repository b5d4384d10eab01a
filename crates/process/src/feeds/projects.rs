//! Projects of the PSA: those that people made themselves are internal work, and those of contracts have estimates.

use strata_contract::strata::system::psa::v1 as psa;
use strata_kernel::Result;
use strata_rpc::error;

use super::estimates;
use super::feed::{Feed, Page, Store, seen};
use crate::core::{Core, Systems};
use crate::engine::{self, NewRun, NewStep, kind};
use crate::json;

/// Projects.
pub(super) struct Projects;

impl Feed for Projects {
    const NAME: &'static str = "psa-projects";
    type Item = psa::Project;

    fn system(systems: &Systems) -> &str {
        &systems.psa
    }

    fn fitting(item: &Self::Item) -> Vec<(&'static str, &str)> {
        let tasks = item.tasks.iter().map(|task| ("task", task.id.as_str()));
        tasks.chain([("project", item.id.as_str())]).collect()
    }

    async fn list(core: &Core, cursor: String) -> Result<Page<Self::Item>> {
        let request = psa::ListProjectChangesRequest { cursor, page_size: 0 };
        let page = core
            .clients
            .psa
            .clone()
            .list_project_changes(request)
            .await
            .map_err(error)?
            .into_inner();
        Ok(Page {
            seen: seen(&page),
            items: page.projects,
            malformed: page.malformed,
            next_cursor: page.next_cursor,
            more: page.more,
        })
    }

    async fn take(core: &Core, items: Vec<Self::Item>) -> Result<Store> {
        // What carries a key is ours; what has a client is sold, and comes by way of the CRM.
        let internal = items
            .iter()
            .filter(|project| project.key.is_empty() && project.client_id.is_empty());
        let (runs, now) = (internal.map(run).collect::<Result<Vec<_>>>()?, core.now());
        let estimates = estimates::news(core, &items).await?;
        Ok(Box::new(move |c| {
            let mut begun = estimates::store(c, &estimates, now)?;
            for run in &runs {
                begun += u64::from(engine::restart(c, run, now)?);
            }
            Ok(begun)
        }))
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
