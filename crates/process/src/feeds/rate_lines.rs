//! Rate lines, as sales records them in the CRM. A line is never changed.

use strata_contract::strata::common::v1::RateLine;
use strata_contract::strata::master::v1 as master;
use strata_contract::strata::system::crm::v1 as crm;
use strata_kernel::Result;
use strata_rpc::error;

use super::feed::{Feed, Page, Store, seen};
use crate::core::{Core, Systems};
use crate::engine::Problem;
use crate::exceptions::{self, Owner};

/// Rate lines.
pub(super) struct RateLines;

impl Feed for RateLines {
    const NAME: &'static str = "crm-rate-lines";
    type Item = RateLine;

    fn system(systems: &Systems) -> &str {
        &systems.crm
    }

    fn fitting(_: &Self::Item) -> Vec<(&'static str, &str)> {
        Vec::new()
    }

    async fn list(core: &Core, cursor: String) -> Result<Page<Self::Item>> {
        let request = crm::ListRateLineChangesRequest { cursor, page_size: 500 };
        let page = core
            .clients
            .crm
            .clone()
            .list_rate_line_changes(request)
            .await
            .map_err(error)?
            .into_inner();
        Ok(Page {
            seen: seen(&page),
            items: page.rate_lines,
            malformed: page.malformed,
            next_cursor: page.next_cursor,
            more: page.more,
        })
    }

    async fn take(core: &Core, items: Vec<Self::Item>) -> Result<Store> {
        let (created, refused) = put(core, &items).await?;
        let now = core.now();
        Ok(Box::new(move |c| Ok(created + exceptions::open_all(c, &refused, now)?)))
    }
}

/// Records all lines, and says how many are new and which are refused. One refused line must not hold back
/// the others.
async fn put(core: &Core, lines: &[RateLine]) -> Result<(u64, Vec<Problem>)> {
    if lines.is_empty() {
        return Ok((0, Vec::new()));
    }
    if let Ok(created) = put_some(core, lines).await? {
        return Ok((created, Vec::new()));
    }
    let (mut created, mut refused) = (0, Vec::new());
    for line in lines {
        match put_some(core, std::slice::from_ref(line)).await? {
            Ok(new) => created += new,
            Err(problem) => refused.push(problem),
        }
    }
    Ok((created, refused))
}

async fn put_some(core: &Core, lines: &[RateLine]) -> Result<Result<u64, Problem>> {
    let request = master::PutRateLinesRequest {
        rate_lines: lines.to_vec(),
    };
    match core.clients.contracts.clone().put_rate_lines(request).await.map_err(error) {
        Ok(answer) => Ok(Ok(u64::from(answer.into_inner().created))),
        Err(refusal) if refusal.is_temporary() => Err(refusal),
        Err(refusal) => {
            let id = lines.first().map_or("", |line| line.id.as_str());
            Ok(Err(Problem::of(&refusal, "rate_line", id, Owner::Sales)))
        }
    }
}
