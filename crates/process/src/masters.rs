//! Questions to master data that more than one flow asks.

use std::collections::HashMap;

use strata_contract::date;
use strata_contract::strata::master::v1::{
    BatchGetEmployeesRequest, BatchGetMilestonesRequest, BatchGetProjectsRequest, Contract, ContractMilestone, Employee,
    Employment, Engagement, GetEngagementRequest, GetReferenceDataRequest, GetReferenceDataResponse, ListContractsRequest,
    ListEmployeesRequest, Project,
};
use strata_kernel::{Date, Error, Result};
use strata_rpc::error;

use crate::core::Core;

/// Most ids in one question, as the contracts have it.
const MOST: usize = 1000;
/// Records on a page, the most that is given.
const PAGE: i32 = 1000;
/// Most contracts in one question, as the contract has it.
const MOST_CONTRACTS: usize = 200;

/// What finance keeps.
pub(crate) async fn reference(core: &Core) -> Result<GetReferenceDataResponse> {
    let mut to = core.clients.reference.clone();
    let answer = to.get_reference_data(GetReferenceDataRequest {}).await.map_err(error)?;
    Ok(answer.into_inner())
}

/// Every contract.
pub(crate) async fn contracts(core: &Core) -> Result<Vec<Contract>> {
    let mut found = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListContractsRequest {
            page_size: PAGE,
            page_token,
            ..ListContractsRequest::default()
        };
        let mut to = core.clients.contracts.clone();
        let answer = to.list_contracts(request).await.map_err(error)?.into_inner();
        found.extend(answer.contracts);
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            return Ok(found);
        }
    }
}

/// The contract with a number. `NOT_FOUND` when there is none.
pub(crate) async fn contract_with(core: &Core, number: &str) -> Result<Contract> {
    let request = ListContractsRequest {
        contract_number: number.to_owned(),
        ..ListContractsRequest::default()
    };
    let answer = core.clients.contracts.clone().list_contracts(request).await.map_err(error)?;
    let found = answer.into_inner().contracts.into_iter().next();
    found.ok_or_else(|| Error::not_found("contract", number))
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

/// Everybody who works or worked for the firm.
pub(crate) async fn everybody(core: &Core) -> Result<Vec<Employee>> {
    let mut found = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListEmployeesRequest {
            page_size: PAGE,
            page_token,
            ..ListEmployeesRequest::default()
        };
        let mut to = core.clients.workforce.clone();
        let answer = to.list_employees(request).await.map_err(error)?.into_inner();
        found.extend(answer.employees);
        page_token = answer.next_page_token;
        if page_token.is_empty() {
            return Ok(found);
        }
    }
}

/// Who has an employee number. None: nobody.
pub(crate) async fn person_with(core: &Core, number: &str) -> Result<Option<Employee>> {
    let request = ListEmployeesRequest {
        number: number.to_owned(),
        ..ListEmployeesRequest::default()
    };
    let answer = core.clients.workforce.clone().list_employees(request).await.map_err(error)?;
    Ok(answer.into_inner().employees.into_iter().next())
}

/// The job that a person has on a day: entity and share of full time. None: nobody employs the person then.
pub(crate) fn job_on(person: &Employee, day: Date) -> Option<&Employment> {
    let since = |job: &Employment| job.effective_date.as_ref().and_then(|from| date(from).ok());
    let begun = person
        .employments
        .iter()
        .filter(|job| since(job).is_some_and(|from| from <= day));
    begun.max_by_key(|job| since(job))
}

fn chunks(ids: impl IntoIterator<Item = String>) -> Vec<Vec<String>> {
    let mut ids: Vec<String> = ids.into_iter().collect();
    ids.sort();
    ids.dedup();
    ids.chunks(MOST).map(<[String]>::to_vec).collect()
}
