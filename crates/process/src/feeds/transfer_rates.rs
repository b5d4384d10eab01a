//! Transfer rates between companies of the firm, as finance enters them in the ERP.

use std::collections::HashMap;

use strata_contract::strata::master::v1 as master;
use strata_contract::strata::system::erp::v1 as erp;
use strata_kernel::{Error, Result};
use strata_rpc::error;

use super::feed::{Feed, Page, Store, put_all, seen};
use crate::core::{Core, Systems};
use crate::engine::Problem;
use crate::exceptions::{self, Owner};
use crate::xrefs;

/// Transfer rates.
pub(super) struct TransferRates;

impl Feed for TransferRates {
    const NAME: &'static str = "erp-transfer-rates";
    type Item = erp::TransferRate;

    fn system(systems: &Systems) -> &str {
        &systems.erp
    }

    fn fitting(item: &Self::Item) -> Vec<(&'static str, &str)> {
        vec![("transfer_rate", item.id.as_str())]
    }

    async fn list(core: &Core, cursor: String) -> Result<Page<Self::Item>> {
        let request = erp::ListTransferRateChangesRequest { cursor, page_size: 500 };
        let page = core
            .clients
            .erp
            .clone()
            .list_transfer_rate_changes(request)
            .await
            .map_err(error)?
            .into_inner();
        Ok(Page {
            seen: seen(&page),
            items: page.transfer_rates,
            malformed: page.malformed,
            next_cursor: page.next_cursor,
            more: page.more,
        })
    }

    async fn take(core: &Core, items: Vec<Self::Item>) -> Result<Store> {
        let system = &core.systems().await?.erp;
        let named = items.iter().flat_map(|rate| {
            [
                rate.delivering_legal_entity_id.as_str(),
                rate.contracting_legal_entity_id.as_str(),
            ]
        });
        let codes = xrefs::resolve(core, system, xrefs::kind::LEGAL_ENTITY, named).await?;
        let (mut rates, mut refused) = (Vec::new(), Vec::new());
        for item in items {
            match rate(item, &codes) {
                Ok(rate) => rates.push(rate),
                Err(problem) => refused.push(problem),
            }
        }
        let problem =
            |refusal: &Error, rate: &master::TransferRate| Problem::of(refusal, "transfer_rate", &rate.id, Owner::Finance);
        let (created, more) = put_all(rates, |some| put(core, some), problem).await?;
        refused.extend(more);
        let now = core.now();
        Ok(Box::new(move |c| Ok(created + exceptions::open_all(c, &refused, now)?)))
    }
}

fn rate(row: erp::TransferRate, codes: &HashMap<String, String>) -> Result<master::TransferRate, Problem> {
    let code = |id: &str, field: &str| {
        codes.get(id).cloned().ok_or_else(|| {
            let text = format!(
                "transfer rate {} names legal entity {id}, which the platform does not know",
                row.id
            );
            Problem::new("UNKNOWN_REFERENCE", "transfer_rate", &row.id, Owner::Finance, text).at(field)
        })
    };
    Ok(master::TransferRate {
        delivering_entity_code: code(&row.delivering_legal_entity_id, "delivering_legal_entity_id")?,
        contracting_entity_code: code(&row.contracting_legal_entity_id, "contracting_legal_entity_id")?,
        id: row.id,
        role: row.role,
        currency_code: row.currency_code,
        hourly_rate: row.hourly_rate,
        effective_date: row.effective_date,
        effective_end_date: row.effective_end_date,
    })
}

/// Records rates, and says how many are new.
async fn put(core: &Core, transfer_rates: Vec<master::TransferRate>) -> Result<u64> {
    let request = master::PutTransferRatesRequest { transfer_rates };
    let mut to = core.clients.reference.clone();
    let answer = to.put_transfer_rates(request).await.map_err(error)?;
    Ok(u64::from(answer.into_inner().created))
}
