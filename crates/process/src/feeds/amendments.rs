//! Signed amendments, as the CRM has them.

use std::collections::BTreeSet;

use strata_contract::strata::common::v1::Amendment;
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

/// Amendments.
pub(super) struct Amendments;

impl Feed for Amendments {
    const NAME: &'static str = "crm-amendments";
    type Item = Amendment;

    fn system(systems: &Systems) -> &str {
        &systems.crm
    }

    fn fitting(_: &Self::Item) -> Vec<(&'static str, &str)> {
        Vec::new()
    }

    async fn list(core: &Core, cursor: String) -> Result<Page<Self::Item>> {
        let request = crm::ListAmendmentChangesRequest { cursor, page_size: 0 };
        let page = core
            .clients
            .crm
            .clone()
            .list_amendment_changes(request)
            .await
            .map_err(error)?
            .into_inner();
        Ok(Page {
            seen: seen(&page),
            items: page.amendments,
            malformed: page.malformed,
            next_cursor: page.next_cursor,
            more: page.more,
        })
    }

    async fn take(core: &Core, items: Vec<Self::Item>) -> Result<Store> {
        let (mut created, mut refused) = (0, Vec::new());
        let contracts: BTreeSet<String> = items.iter().map(|amendment| amendment.contract_number.clone()).collect();
        for amendment in items {
            let number = amendment.number.clone();
            let request = master::PutAmendmentRequest {
                amendment: Some(amendment),
            };
            match core.clients.contracts.clone().put_amendment(request).await.map_err(error) {
                Ok(answer) => created += u64::from(answer.into_inner().created),
                Err(refusal) if refusal.is_temporary() => return Err(refusal),
                Err(refusal) => refused.push(Problem::of(&refusal, "amendment", &number, Owner::Sales)),
            }
        }
        // Milestones of a change order that were recorded before it was signed have waited for it.
        let contracts: Vec<String> = contracts.into_iter().collect();
        let (begun, now) = (Begin::of(&masters::milestones(core, &[], &contracts).await?)?, core.now());
        Ok(Box::new(move |c| {
            Ok(created + begun.store(c, now)? + exceptions::open_all(c, &refused, now)?)
        }))
    }
}
