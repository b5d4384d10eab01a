//! What finance keeps in the ERP: legal entities, cost centers, tax codes, receipt limits.

use strata_contract::strata::common::v1::TaxCategory;
use strata_contract::strata::master::v1 as master;
use strata_contract::strata::system::erp::v1 as erp;
use strata_kernel::Result;
use strata_rpc::error;

use super::place::{Place, quarantine};
use crate::core::Core;
use crate::xrefs;

const FEED: &str = "erp-reference";

/// Brings master data up to date. Reference data has no cursor: the whole of it is compared.
pub(super) async fn pull(core: &Core) -> Result<u64> {
    let place = Place::load(core, FEED).await?;
    let answer = core
        .clients
        .erp
        .clone()
        .get_reference_data(erp::GetReferenceDataRequest {})
        .await
        .map_err(error)?;
    let page = answer.into_inner();
    let Some(next) = place.after(&page, "") else { return Ok(0) };
    let systems = core.systems().await?;
    let request = master::PutReferenceDataRequest {
        legal_entities: page
            .legal_entities
            .iter()
            .map(|entity| legal_entity(entity, &page.tax_codes))
            .collect(),
        cost_centers: page.cost_centers.iter().map(cost_center).collect(),
        receipt_limits: page.receipt_limits.iter().filter_map(|row| row.limit.clone()).collect(),
    };
    core.clients
        .reference
        .clone()
        .put_reference_data(request)
        .await
        .map_err(error)?;
    // Codes are our ids of entities and cost centers: finance chose them to be stable.
    let entities = page.legal_entities.iter().map(|row| (row.code.clone(), row.id.clone()));
    xrefs::put(core, &systems.erp, xrefs::kind::LEGAL_ENTITY, entities).await?;
    let centers = page.cost_centers.iter().map(|row| (row.code.clone(), row.id.clone()));
    xrefs::put(core, &systems.erp, xrefs::kind::COST_CENTER, centers).await?;
    let count = page.legal_entities.len() + page.cost_centers.len() + page.receipt_limits.len();
    let (system, now) = (systems.erp.clone(), core.now());
    core.db
        .write(move |c| {
            quarantine(c, &system, &page.malformed, now)?;
            next.store(c)
        })
        .await?;
    Ok(count as u64)
}

fn legal_entity(entity: &erp::LegalEntity, codes: &[erp::TaxCode]) -> master::LegalEntity {
    let own: Vec<&erp::TaxCode> = codes.iter().filter(|code| code.legal_entity_code == entity.code).collect();
    let standard = own.iter().find(|code| code.category() == TaxCategory::Standard);
    master::LegalEntity {
        code: entity.code.clone(),
        country_code: entity.country_code.clone(),
        functional_currency_code: entity.functional_currency_code.clone(),
        fx_max_age_days: entity.fx_max_age_days,
        eu_member: entity.eu_member,
        // No standard code: the country has no such tax on services.
        standard_tax_percent: standard.map_or_else(|| "0".to_owned(), |code| code.percent.clone()),
        tax_codes: own
            .into_iter()
            .map(|code| master::EntityTaxCode {
                category: code.category,
                erp_id: code.id.clone(),
                percent: code.percent.clone(),
            })
            .collect(),
    }
}

fn cost_center(row: &erp::CostCenter) -> master::CostCenter {
    master::CostCenter {
        code: row.code.clone(),
        legal_entity_code: row.legal_entity_code.clone(),
    }
}
