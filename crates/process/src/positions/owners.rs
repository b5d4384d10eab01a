//! Whose contracts and internal projects are: asked of master data once, and kept beside the sums. Terms of a contract that is signed
//! do not change customer or company.

use std::collections::BTreeSet;

use strata_kernel::{Error, Result};
use strata_store::both;

use super::facts::Asked;
use crate::billing::read_pricing;
use crate::core::Core;
use crate::masters;
use crate::store::rows_positions::OwnerRow;
use crate::store::{lite, pg};

/// Asks for those who are not known, and keeps them. Returns how many there were.
pub(super) async fn introduce(core: &Core, missing: BTreeSet<Asked>) -> Result<u64> {
    if missing.is_empty() {
        return Ok(0);
    }
    let rows = learn(core, &missing).await?;
    let added = core.db.write(move |c| both!(c, positions::add_owners(&rows))).await?;
    Ok(added as u64)
}

/// `NOT_FOUND` when master data does not have one: its facts cannot be added up.
async fn learn(core: &Core, missing: &BTreeSet<Asked>) -> Result<Vec<OwnerRow>> {
    let contracts = missing.iter().map(|asked| asked.contract_id.clone());
    let contracts: Vec<String> = contracts.filter(|id| !id.is_empty()).collect();
    let internal = missing.iter().map(|asked| asked.project_id.clone());
    let internal: Vec<String> = internal.filter(|id| !id.is_empty()).collect();
    let pricing = read_pricing(core, contracts.clone()).await?;
    let leads = pricing.values().map(|held| held.lead_project_id.clone());
    let wanted = leads.filter(|id| !id.is_empty()).chain(internal.iter().cloned());
    let projects = masters::projects(core, wanted).await?;
    let mut rows = Vec::new();
    for id in contracts {
        let held = pricing.get(&id).ok_or_else(|| Error::not_found("contract", &id))?;
        let lead = projects.get(&held.lead_project_id);
        rows.push(OwnerRow {
            contract_number: held.terms.contract.clone(),
            engagement_id: held.engagement_id.clone(),
            customer_id: held.customer_id.clone(),
            legal_entity_code: held.terms.entity.clone(),
            lead_project_code: lead.map(|project| project.code.clone()).unwrap_or_default(),
            id,
        });
    }
    for id in internal {
        let project = projects.get(&id).ok_or_else(|| Error::not_found("project", &id))?;
        rows.push(OwnerRow {
            contract_number: String::new(),
            engagement_id: String::new(),
            customer_id: String::new(),
            legal_entity_code: project.legal_entity_code.clone(),
            lead_project_code: project.code.clone(),
            id,
        });
    }
    Ok(rows)
}
