//! What an hour of the person costs, in the PSA, from each effective date on.

use strata_contract::strata::master::v1::Employee;
use strata_contract::strata::system::psa::v1::PutCostRateRequest;
use strata_kernel::Error;
use strata_rpc::error;

use crate::core::Core;
use crate::engine::{Done, Stop, written};
use crate::exceptions::Owner;
use crate::xrefs;

pub(super) async fn put(core: &Core, employee: &Employee) -> Result<Done, Stop> {
    let system = &core.systems().await?.psa;
    let found = xrefs::find(core, system, xrefs::kind::EMPLOYEE, [employee.id.as_str()]).await?;
    let resource_id = found
        .get(&employee.id)
        .ok_or_else(|| Error::internal("the user was just made, and is not known"))?;
    for rate in &employee.cost_rates {
        let request = PutCostRateRequest {
            resource_id: resource_id.clone(),
            effective_date: rate.effective_date,
            hourly_cost: rate.hourly_cost.clone(),
        };
        let answer = core
            .clients
            .psa
            .clone()
            .put_cost_rate(request)
            .await
            .map_err(error)?
            .into_inner();
        written(answer.outcome, "employee", &employee.number, Owner::Integration)?;
    }
    Ok(Done::note(&format!("{} cost rates", employee.cost_rates.len())))
}
