//! What finance keeps in the ERP: legal entities, cost centers, tax codes, receipt limits.

use strata_contract::strata::common::v1::TaxCategory;
use strata_contract::strata::master::v1 as master;
use strata_contract::strata::system::erp::v1 as erp;
use strata_kernel::Result;
use strata_rpc::error;

use super::feed::{Feed, Page, Store, seen};
use crate::core::{Core, Systems};
use crate::xrefs;

/// Reference data. It has no cursor: the whole of it is one record, compared with what it was.
pub(super) struct Reference;

impl Feed for Reference {
    const NAME: &'static str = "erp-reference";
    type Item = erp::GetReferenceDataResponse;

    fn system(systems: &Systems) -> &str {
        &systems.erp
    }

    fn fitting(_: &Self::Item) -> Vec<(&'static str, &str)> {
        Vec::new()
    }

    async fn list(core: &Core, _: String) -> Result<Page<Self::Item>> {
        let mut to = core.clients.erp.clone();
        let mut whole = to
            .get_reference_data(erp::GetReferenceDataRequest {})
            .await
            .map_err(error)?
            .into_inner();
        Ok(Page {
            seen: seen(&whole),
            malformed: std::mem::take(&mut whole.malformed),
            items: vec![whole],
            next_cursor: String::new(),
            more: false,
        })
    }

    async fn take(core: &Core, items: Vec<Self::Item>) -> Result<Store> {
        let mut count = 0;
        for whole in &items {
            put(core, whole).await?;
            count += (whole.legal_entities.len() + whole.cost_centers.len() + whole.receipt_limits.len()) as u64;
        }
        Ok(Box::new(move |_| Ok(count)))
    }
}

async fn put(core: &Core, whole: &erp::GetReferenceDataResponse) -> Result<()> {
    let request = master::PutReferenceDataRequest {
        legal_entities: whole
            .legal_entities
            .iter()
            .map(|entity| legal_entity(entity, &whole.tax_codes))
            .collect(),
        cost_centers: whole.cost_centers.iter().map(cost_center).collect(),
        receipt_limits: whole.receipt_limits.iter().filter_map(|row| row.limit.clone()).collect(),
    };
    core.clients
        .reference
        .clone()
        .put_reference_data(request)
        .await
        .map_err(error)?;
    // Codes are our ids of entities and cost centers: finance chose them to be stable.
    let system = &core.systems().await?.erp;
    let entities = whole.legal_entities.iter().map(|row| (row.code.clone(), row.id.clone()));
    xrefs::put(core, system, xrefs::kind::LEGAL_ENTITY, entities).await?;
    let centers = whole.cost_centers.iter().map(|row| (row.code.clone(), row.id.clone()));
    xrefs::put(core, system, xrefs::kind::COST_CENTER, centers).await
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
