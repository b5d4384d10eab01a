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
        count += page.rate_lines.len() as u64;
        let refused = put(core, &page.rate_lines).await?;
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

/// Records all lines, and says which are refused. One refused line must not hold back the others.
async fn put(core: &Core, lines: &[RateLine]) -> Result<Vec<Problem>> {
    if lines.is_empty() || put_some(core, lines).await?.is_none() {
        return Ok(Vec::new());
    }
    let mut refused = Vec::new();
    for line in lines {
        refused.extend(put_some(core, std::slice::from_ref(line)).await?);
    }
    Ok(refused)
}

async fn put_some(core: &Core, lines: &[RateLine]) -> Result<Option<Problem>> {
    let request = master::PutRateLinesRequest {
        rate_lines: lines.to_vec(),
    };
    match core.clients.contracts.clone().put_rate_lines(request).await.map_err(error) {
        Ok(_) => Ok(None),
        Err(refusal) if refusal.is_temporary() => Err(refusal),
        Err(refusal) => {
            let id = lines.first().map_or("", |line| line.id.as_str());
            Ok(Some(Problem::of(&refusal, "rate_line", id, Owner::Sales)))
        }
    }
}
