//! What our ids are called at the vendors, asked of master data in bulk.

use std::collections::{BTreeSet, HashMap};

use strata_contract::strata::master::v1::{
    CrossReference, FindExternalIdsRequest, PutCrossReferencesRequest, ResolveCrossReferencesRequest,
};
use strata_kernel::Result;
use strata_rpc::error;

use crate::core::Core;

/// Kinds of object that have references.
pub(crate) mod kind {
    pub(crate) const CUSTOMER: &str = "customer";
    pub(crate) const CONTRACT: &str = "contract";
    pub(crate) const PROJECT: &str = "project";
    pub(crate) const TASK: &str = "task";
    pub(crate) const EMPLOYEE: &str = "employee";
    pub(crate) const LEGAL_ENTITY: &str = "legal_entity";
    pub(crate) const COST_CENTER: &str = "cost_center";
    pub(crate) const ENGAGEMENT: &str = "engagement";
    pub(crate) const MILESTONE: &str = "milestone";
}

/// Most ids in one question, as the contract has it.
const MOST: usize = 1000;

/// Our ids by the vendor's. What is not known is left out.
pub(crate) async fn resolve(
    core: &Core,
    system: &str,
    kind: &str,
    vendor_ids: impl IntoIterator<Item = &str>,
) -> Result<HashMap<String, String>> {
    let mut found = HashMap::new();
    for external_ids in chunks(vendor_ids) {
        let request = ResolveCrossReferencesRequest {
            system: system.to_owned(),
            kind: kind.to_owned(),
            external_ids,
        };
        let answer = core
            .clients
            .xrefs
            .clone()
            .resolve_cross_references(request)
            .await
            .map_err(error)?;
        found.extend(answer.into_inner().references.into_iter().map(|r| (r.external_id, r.id)));
    }
    Ok(found)
}

/// The vendor's ids by ours. What is not known is left out.
pub(crate) async fn find(
    core: &Core,
    system: &str,
    kind: &str,
    our_ids: impl IntoIterator<Item = &str>,
) -> Result<HashMap<String, String>> {
    let mut found = HashMap::new();
    for ids in chunks(our_ids) {
        let request = FindExternalIdsRequest {
            system: system.to_owned(),
            kind: kind.to_owned(),
            ids,
        };
        let answer = core.clients.xrefs.clone().find_external_ids(request).await.map_err(error)?;
        found.extend(answer.into_inner().references.into_iter().map(|r| (r.id, r.external_id)));
    }
    Ok(found)
}

/// Records what objects are called in one system.
pub(crate) async fn put(core: &Core, system: &str, kind: &str, names: impl IntoIterator<Item = (String, String)>) -> Result<()> {
    let references: Vec<CrossReference> = names
        .into_iter()
        .map(|(id, external_id)| CrossReference {
            system: system.to_owned(),
            kind: kind.to_owned(),
            external_id,
            id,
        })
        .collect();
    for chunk in references.chunks(MOST) {
        let request = PutCrossReferencesRequest {
            references: chunk.to_vec(),
        };
        core.clients
            .xrefs
            .clone()
            .put_cross_references(request)
            .await
            .map_err(error)?;
    }
    Ok(())
}

fn chunks<'a>(ids: impl IntoIterator<Item = &'a str>) -> Vec<Vec<String>> {
    let distinct: BTreeSet<&str> = ids.into_iter().filter(|id| !id.is_empty()).collect();
    let distinct: Vec<String> = distinct.into_iter().map(str::to_owned).collect();
    distinct.chunks(MOST).map(<[String]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_distinct_and_bounded() {
        let ids: Vec<String> = (0..2500).map(|n| format!("{}", n % 1200)).collect();
        let asked = chunks(ids.iter().map(String::as_str).chain([""]));
        assert_eq!(asked.iter().map(Vec::len).collect::<Vec<_>>(), [1000, 200]);
    }
}
