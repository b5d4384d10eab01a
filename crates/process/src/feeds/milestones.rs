//! Milestones, as sales records them in the CRM. A milestone is never changed.

use strata_contract::strata::common::v1::Milestone;
use strata_contract::strata::master::v1 as master;
use strata_contract::strata::system::crm::v1 as crm;
use strata_kernel::Result;
use strata_rpc::error;

use super::feed::{Feed, Page, Store, seen};
use crate::core::{Core, Systems};
use crate::engine::Problem;
use crate::exceptions::{self, Owner};
use crate::masters;
use crate::milestones::Begin;

/// Milestones of contracts.
pub(super) struct Milestones;

impl Feed for Milestones {
    const NAME: &'static str = "crm-milestones";
    type Item = Milestone;

    fn system(systems: &Systems) -> &str {
        &systems.crm
    }

    fn fitting(_: &Self::Item) -> Vec<(&'static str, &str)> {
        Vec::new()
    }

    async fn list(core: &Core, cursor: String) -> Result<Page<Self::Item>> {
        let request = crm::ListMilestoneChangesRequest { cursor, page_size: 500 };
        let page = core
            .clients
            .crm
            .clone()
            .list_milestone_changes(request)
            .await
            .map_err(error)?
            .into_inner();
        Ok(Page {
            seen: seen(&page),
            items: page.milestones,
            malformed: page.malformed,
            next_cursor: page.next_cursor,
            more: page.more,
        })
    }

    async fn take(core: &Core, items: Vec<Self::Item>) -> Result<Store> {
        let (created, refused) = put(core, &items).await?;
        // Those whose contract or amendment is not known yet begin when it is.
        let codes: Vec<String> = items.into_iter().map(|milestone| milestone.code).collect();
        let (begun, now) = (Begin::of(&masters::milestones(core, &codes, &[]).await?)?, core.now());
        Ok(Box::new(move |c| {
            Ok(created + begun.store(c, now)? + exceptions::open_all(c, &refused, now)?)
        }))
    }
}

/// Records all milestones, and says how many are new and which are refused. One refused milestone must not hold back the
/// others.
async fn put(core: &Core, milestones: &[Milestone]) -> Result<(u64, Vec<Problem>)> {
    if milestones.is_empty() {
        return Ok((0, Vec::new()));
    }
    if let Ok(created) = put_some(core, milestones).await? {
        return Ok((created, Vec::new()));
    }
    let (mut created, mut refused) = (0, Vec::new());
    for milestone in milestones {
        match put_some(core, std::slice::from_ref(milestone)).await? {
            Ok(new) => created += new,
            Err(problem) => refused.push(problem),
        }
    }
    Ok((created, refused))
}

async fn put_some(core: &Core, milestones: &[Milestone]) -> Result<Result<u64, Problem>> {
    let request = master::PutMilestonesRequest {
        milestones: milestones.to_vec(),
    };
    match core.clients.contracts.clone().put_milestones(request).await.map_err(error) {
        Ok(answer) => Ok(Ok(u64::from(answer.into_inner().created))),
        Err(refusal) if refusal.is_temporary() => Err(refusal),
        Err(refusal) => {
            let code = milestones.first().map_or("", |milestone| milestone.code.as_str());
            Ok(Err(Problem::of(&refusal, "milestone", code, Owner::Sales)))
        }
    }
}
