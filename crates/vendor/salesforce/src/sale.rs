//! Everything a deal says, in two calls of the org's budget: the second one asks for what the first one points to.

use std::collections::HashMap;

use serde_json::Value;
use strata_contract::strata::common::v1::ContractTerms;
use strata_contract::strata::system::crm::v1 as pb;
use strata_kernel::{Error, Kind, Result};
use strata_vendor_http::Misfit;

use crate::client::Org;
use crate::fields as f;
use crate::map::{self, by_parent};
use crate::soql::Query;

/// Reads a deal by its id. What the CRM does not say, or says in a way that does not fit, is unset.
pub(crate) async fn get(org: &Org, id: &str) -> Result<pb::Sale> {
    let absent = || Error::not_found("opportunity", id);
    if !map::is_id(id) {
        return Err(absent());
    }
    let first = [
        ("deal", Query::new(f::OPPORTUNITY, f::OPPORTUNITY_COLUMNS).is(f::ID, id)),
        (
            "contracts",
            Query::new(f::CONTRACT, f::CONTRACT_COLUMNS)
                .is(f::OF_OPPORTUNITY, id)
                .by(&[f::CREATED, f::ID]),
        ),
        (
            "projects",
            Query::new(f::SOW_PROJECT, f::PROJECT_COLUMNS)
                .is(f::OF_OPPORTUNITY, id)
                .by(&[f::SEQUENCE, f::ID]),
        ),
    ];
    let mut found = org.queries(&first).await?.into_iter();
    let mut next = || found.next().unwrap_or_default();
    let (deals, contracts, projects) = (next(), next(), next());
    let deal = map::forgiving(deals.first().ok_or_else(absent)?, map::opportunity).map_err(|misfit| unreadable(&misfit))?;
    let (account, tasks) = account_and_tasks(org, &deal.account_id, &projects).await?;
    Ok(pb::Sale {
        terms: agreed(&contracts, id),
        projects: planned(&projects, &tasks)?,
        account,
        opportunity: Some(deal),
    })
}

/// What the first answer of a sale points to: the customer, and the tasks of its projects.
async fn account_and_tasks(org: &Org, account_id: &str, projects: &[Value]) -> Result<(Option<pb::Account>, Vec<Value>)> {
    let ids: Vec<String> = projects.iter().map(map::row_id).filter(|id| map::is_id(id)).collect();
    let mut second = Vec::new();
    if map::is_id(account_id) {
        second.push(("account", Query::new(f::ACCOUNT, f::ACCOUNT_COLUMNS).is(f::ID, account_id)));
    }
    if !ids.is_empty() {
        let tasks = Query::new(f::SOW_TASK, f::TASK_COLUMNS).one_of(f::OF_PROJECT, ids.iter().map(String::as_str));
        second.push(("tasks", tasks.by(&[f::SEQUENCE, f::ID])));
    }
    if second.is_empty() {
        return Ok((None, Vec::new()));
    }
    let found = org.queries(&second).await?;
    let mut found: HashMap<&str, Vec<Value>> = second.iter().map(|(name, _)| *name).zip(found).collect();
    let account = found.remove("account").unwrap_or_default();
    let account = account.first().and_then(|row| map::forgiving(row, map::account).ok());
    Ok((account, found.remove("tasks").unwrap_or_default()))
}

fn unreadable(misfit: &Misfit) -> Error {
    let message = format!("the deal cannot be read: {misfit}; mend it in the CRM");
    Error::new(Kind::FailedPrecondition, "VENDOR_RECORD_MALFORMED", message).at(misfit.field.clone())
}

/// The terms of a deal. When several contracts could be meant, none is: the adapter does not choose what was agreed.
fn agreed(contracts: &[Value], deal: &str) -> Option<ContractTerms> {
    let activated = |row: &&Value| row.get("Status").and_then(Value::as_str) == Some(f::ACTIVATED);
    let signed: Vec<&Value> = contracts.iter().filter(activated).collect();
    let row = match (signed.as_slice(), contracts) {
        ([one], _) => one,
        ([], [one]) => one,
        ([], []) => return None,
        _ => {
            tracing::warn!(
                deal,
                contracts = contracts.len(),
                "several contracts could be meant; none is taken"
            );
            return None;
        }
    };
    map::forgiving(row, map::terms).ok()
}

/// Projects with their tasks, each in its order. A task that does not say whether it is billable is an error: leaving it out,
/// or taking it as free, would lose money without a word.
fn planned(projects: &[Value], tasks: &[Value]) -> Result<Vec<pb::PlannedProject>> {
    let tasks = by_parent(tasks, f::OF_PROJECT);
    let read = |row: &Value| {
        let mut project = map::forgiving(row, map::project)?;
        let rows = tasks.get(&map::row_id(row)).map(Vec::as_slice).unwrap_or_default();
        project.tasks = rows
            .iter()
            .map(|row| map::forgiving(row, map::task))
            .collect::<Result<_, Misfit>>()?;
        Ok(project)
    };
    projects
        .iter()
        .map(read)
        .collect::<Result<_, Misfit>>()
        .map_err(|misfit| unreadable(&misfit))
}
