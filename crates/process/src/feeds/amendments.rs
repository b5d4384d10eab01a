//! Signed amendments, as the CRM has them.

use strata_contract::strata::master::v1 as master;
use strata_contract::strata::system::crm::v1 as crm;
use strata_kernel::Result;
use strata_rpc::error;

use super::place::{Place, quarantine, release};
use crate::core::Core;
use crate::engine::Problem;
use crate::exceptions::{self, Owner};

const FEED: &str = "crm-amendments";

pub(super) async fn pull(core: &Core) -> Result<u64> {
    let mut count = 0;
    loop {
        let place = Place::load(core, FEED).await?;
        let request = crm::ListAmendmentChangesRequest {
            cursor: place.cursor.clone(),
            page_size: 0,
        };
        let page = core
            .clients
            .crm
            .clone()
            .list_amendment_changes(request)
            .await
            .map_err(error)?
            .into_inner();
        let Some(next) = place.after(&page, &page.next_cursor) else {
            return Ok(count);
        };
        let mut refused = Vec::new();
        for amendment in &page.amendments {
            let request = master::PutAmendmentRequest {
                amendment: Some(amendment.clone()),
            };
            match core.clients.contracts.clone().put_amendment(request).await.map_err(error) {
                Ok(answer) => count += u64::from(answer.into_inner().created),
                Err(refusal) if refusal.is_temporary() => return Err(refusal),
                Err(refusal) => refused.push(Problem::of(&refusal, "amendment", &amendment.number, Owner::Sales)),
            }
        }
        let (system, now, more) = (core.systems().await?.crm.clone(), core.now(), page.more);
        core.db
            .write(move |c| {
                quarantine(c, &system, &page.malformed, now)?;
                release(c, "amendment", page.amendments.iter().map(|row| &row.number), now)?;
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
