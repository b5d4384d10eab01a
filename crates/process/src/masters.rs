//! Questions to master data that more than one flow asks.

use std::collections::HashMap;

use strata_contract::strata::master::v1::{
    BatchGetEmployeesRequest, BatchGetMilestonesRequest, BatchGetProjectsRequest, ContractMilestone, Employee, Engagement,
    GetEngagementRequest, GetReferenceDataRequest, GetReferenceDataResponse, Project,
};
use strata_kernel::Result;
use strata_rpc::error;

use crate::core::Core;

/// Most ids in one question, as the contracts have it.
const MOST: usize = 1000;
/// Most contracts in one question, as the contract has it.
const MOST_CONTRACTS: usize = 200;

/// What finance keeps.
pub(crate) async fn reference(core: &Core) -> Result<GetReferenceDataResponse> {
    let mut to = core.clients.reference.clone();
    let answer = to.get_reference_data(GetReferenceDataRequest {}).await.map_err(error)?;
    Ok(answer.into_inner())
}

/// An engagement with its parts. `NOT_FOUND` when there is none.
pub(crate) async fn engagement(core: &Core, id: &str) -> Result<Engagement> {
    let request = GetEngagementRequest {
        engagement_id: id.to_owned(),
    };
    let answer = core
        .clients
        .engagements
        .clone()
        .get_engagement(request)
        .await
        .map_err(error)?;
    Ok(answer.into_inner().engagement.unwrap_or_default())
}

/// Projects by our id. What is not known is left out.
pub(crate) async fn projects(core: &Core, ids: impl IntoIterator<Item = String>) -> Result<HashMap<String, Project>> {
    let mut found = HashMap::new();
    for project_ids in chunks(ids) {
        let request = BatchGetProjectsRequest { project_ids };
        let answer = core
            .clients
            .engagements
            .clone()
            .batch_get_projects(request)
            .await
            .map_err(error)?;
        found.extend(
            answer
                .into_inner()
                .projects
                .into_iter()
                .map(|project| (project.id.clone(), project)),
        );
    }
    Ok(found)
}

/// Milestones of these codes, and those of these contracts. What is not known is left out.
pub(crate) async fn milestones(core: &Core, codes: &[String], contract_numbers: &[String]) -> Result<Vec<ContractMilestone>> {
    let by_code = codes.chunks(MOST).map(|codes| BatchGetMilestonesRequest {
        codes: codes.to_vec(),
        contract_numbers: Vec::new(),
    });
    let by_contract = contract_numbers
        .chunks(MOST_CONTRACTS)
        .map(|contract_numbers| BatchGetMilestonesRequest {
            codes: Vec::new(),
            contract_numbers: contract_numbers.to_vec(),
        });
    let mut found = Vec::new();
    for request in by_code.chain(by_contract) {
        let answer = core
            .clients
            .contracts
            .clone()
            .batch_get_milestones(request)
            .await
            .map_err(error)?;
        found.extend(answer.into_inner().milestones);
    }
    Ok(found)
}

/// People with the history of job and cost, by our id. Who is not known is left out.
pub(crate) async fn people(core: &Core, ids: impl IntoIterator<Item = String>) -> Result<HashMap<String, Employee>> {
    let mut found = HashMap::new();
    for employee_ids in chunks(ids) {
        let request = BatchGetEmployeesRequest { employee_ids };
        let answer = core
            .clients
            .workforce
            .clone()
            .batch_get_employees(request)
            .await
            .map_err(error)?;
        found.extend(
            answer
                .into_inner()
                .employees
                .into_iter()
                .map(|person| (person.id.clone(), person)),
        );
    }
    Ok(found)
}

fn chunks(ids: impl IntoIterator<Item = String>) -> Vec<Vec<String>> {
    let mut ids: Vec<String> = ids.into_iter().collect();
    ids.sort();
    ids.dedup();
    ids.chunks(MOST).map(<[String]>::to_vec).collect()
}
