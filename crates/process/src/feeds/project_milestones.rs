//! How far milestones are, as people say it in the PSA.

use strata_contract::strata::system::psa::v1 as psa;
use strata_kernel::{Instant, Result};
use strata_rpc::error;
use strata_store::{Conn, both};

use super::feed::{Feed, Page, Store, seen};
use crate::core::{Core, Systems};
use crate::engine::{self, NewRun, NewStep, kind};
use crate::store::{lite, pg};
use crate::{json, milestones};

/// Milestones of projects. What cannot be taken becomes a run of its own, which stops at an exception and takes it when it is
/// mended.
pub(super) struct ProjectMilestones;

impl Feed for ProjectMilestones {
    const NAME: &'static str = "psa-milestones";
    type Item = psa::ProjectMilestone;

    fn system(systems: &Systems) -> &str {
        &systems.psa
    }

    fn fitting(item: &Self::Item) -> Vec<(&'static str, &str)> {
        vec![("milestone", item.id.as_str())]
    }

    async fn list(core: &Core, cursor: String) -> Result<Page<Self::Item>> {
        let request = psa::ListMilestoneChangesRequest { cursor, page_size: 0 };
        let page = core
            .clients
            .psa
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
        let (system, now) = (core.systems().await?.psa.clone(), core.now());
        Ok(Box::new(move |c| {
            let mut news = 0;
            for item in &items {
                news += u64::from(take(c, item, &system, now)?);
            }
            Ok(news)
        }))
    }
}

/// True: it is news.
fn take(conn: &mut Conn<'_>, item: &psa::ProjectMilestone, system: &str, now: Instant) -> Result<bool> {
    let (mut news, refused) = match milestones::take(conn, item, system, now)? {
        Ok(news) => (news, false),
        Err(_) => (false, true),
    };
    if refused || !both!(conn, runs::unfinished(kind::ACCEPTANCE, std::slice::from_ref(&item.id)))?.is_empty() {
        news |= engine::restart(conn, &run(item)?, now)?;
    }
    Ok(news)
}

/// The vendor's stamp moves for reasons that change nothing.
fn run(item: &psa::ProjectMilestone) -> Result<NewRun> {
    let said = psa::ProjectMilestone {
        modified_time: None,
        ..item.clone()
    };
    Ok(NewRun {
        kind: kind::ACCEPTANCE,
        subject: item.id.clone(),
        ordering_key: format!("acceptance:{}", item.id),
        engagement_id: String::new(),
        input: json::text(&said)?,
        steps: vec![NewStep::new("take")],
    })
}
