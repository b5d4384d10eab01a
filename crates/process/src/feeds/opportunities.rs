//! Deals: a won one is mobilised, once for ever.

use strata_contract::strata::system::crm::v1 as crm;
use strata_kernel::{Instant, Result, derive_id};
use strata_rpc::error;
use strata_store::{Conn, both};

use super::feed::{Feed, Page, Store, seen};
use crate::core::{Core, Systems};
use crate::engine::{self, NewRun, NewStep, Problem, kind};
use crate::exceptions::{self, Owner};
use crate::hand_offs::{self, HandOff};
use crate::json;
use crate::store::{lite, pg};

/// Deals.
pub(super) struct Opportunities;

impl Feed for Opportunities {
    const NAME: &'static str = "crm-opportunities";
    type Item = crm::Opportunity;

    fn system(systems: &Systems) -> &str {
        &systems.crm
    }

    fn fitting(item: &Self::Item) -> Vec<(&'static str, &str)> {
        vec![("opportunity", item.id.as_str())]
    }

    async fn list(core: &Core, cursor: String) -> Result<Page<Self::Item>> {
        let request = crm::ListOpportunityChangesRequest { cursor, page_size: 0 };
        let page = core
            .clients
            .crm
            .clone()
            .list_opportunity_changes(request)
            .await
            .map_err(error)?
            .into_inner();
        Ok(Page {
            seen: seen(&page),
            items: page.opportunities,
            malformed: page.malformed,
            next_cursor: page.next_cursor,
            more: page.more,
        })
    }

    async fn take(core: &Core, items: Vec<Self::Item>) -> Result<Store> {
        let (system, now) = (core.systems().await?.crm.clone(), core.now());
        Ok(Box::new(move |c| {
            let mut changed = 0;
            for deal in &items {
                changed += u64::from(take(c, &system, deal, now)?);
            }
            Ok(changed)
        }))
    }
}

/// True: it is news.
fn take(conn: &mut Conn<'_>, system: &str, deal: &crm::Opportunity, now: Instant) -> Result<bool> {
    let engagement_id = derive_id("eng", &[system, &deal.id]);
    let reopened = reopened(&deal.id);
    if !deal.won {
        let Some(run) = both!(conn, runs::get(kind::MOBILISE, &deal.id))? else {
            return Ok(false);
        };
        let (_, news, story) = exceptions::open(conn, &reopened, &engagement_id, now)?;
        hand_offs::record(conn, &engagement_id, &run.correlation_id, story.as_slice(), now)?;
        return Ok(news);
    }
    let run = NewRun {
        kind: kind::MOBILISE,
        subject: deal.id.clone(),
        ordering_key: engagement_id.clone(),
        engagement_id: engagement_id.clone(),
        input: json::text(deal)?,
        steps: vec![NewStep::new("validate")],
    };
    if engine::insert(conn, &run, now)? {
        let won = HandOff::done("deal won", system, "opportunity", &engagement_id, &deal.id).saying(&deal.name);
        let correlation_id = derive_id("cor", &[kind::MOBILISE, &deal.id]);
        hand_offs::record(conn, &engagement_id, &correlation_id, &[won], now)?;
        return Ok(true);
    }
    let held = both!(conn, runs::get(kind::MOBILISE, &deal.id))?;
    let Some(held) = held.filter(|held| held.input != run.input) else {
        return Ok(false);
    };
    // Somebody touched the deal: what waits for a fact of it is looked at now.
    both!(conn, runs::set_input(&held.id, &run.input, now.naive_utc()))?;
    both!(conn, runs::wake_exceptions(&held.id, now.naive_utc()))?;
    let story = exceptions::resolve(conn, &reopened.exception_id(), now)?;
    hand_offs::record(conn, &engagement_id, &held.correlation_id, story.as_slice(), now)?;
    Ok(true)
}

fn reopened(opportunity_id: &str) -> Problem {
    let text = "the deal is no longer won although its project runs; win it again, or end the project in each system";
    Problem::new("OPPORTUNITY_REOPENED", "opportunity", opportunity_id, Owner::Sales, text)
}
