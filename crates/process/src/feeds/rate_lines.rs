//! Rate lines, as sales records them in the CRM. A line is never changed.

use strata_contract::strata::common::v1::RateLine;
use strata_contract::strata::master::v1 as master;
use strata_contract::strata::system::crm::v1 as crm;
use strata_kernel::Result;
use strata_rpc::error;

use super::place::{Place, quarantine, release};
use crate::core::Core;
use crate::engine::Problem;
use crate::exceptions::{self, Owner};

const FEED: &str = "crm-rate-lines";

pub(super) async fn pull(core: &Core) -> Result<u64> {
    let mut count = 0;
    loop {
        let place = Place::load(core, FEED).await?;
        let request = crm::ListRateLineChangesRequest {
            cursor: place.cursor.clone(),
            page_size: 500,
        };
        let page = core
            .clients
            .crm
            .clone()
            .list_rate_line_changes(request)
            .await
            .map_err(error)?
            .into_inner();
        let Some(next) = place.after(&page, &page.next_cursor) else {
            return Ok(count);
        };
        let (created, refused) = put(core, &page.rate_lines).await?;
        count += created;
        let (system, now, more) = (core.systems().await?.crm.clone(), core.now(), page.more);
        core.db
            .write(move |c| {
                quarantine(c, &system, &page.malformed, now)?;
                release(c, "rate_line", page.rate_lines.iter().map(|line| &line.id), now)?;
                for problem in &refused {
                    exceptions::open(c, problem, "", now)?;
                }
                next.store(c)
            })
            .await?;
        if !more {
            return Ok(count);
        }
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
