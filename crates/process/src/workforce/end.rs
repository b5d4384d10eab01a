//! The last day is over: no new time.

use strata_contract::date;
use strata_contract::strata::master::v1::Employee;
use strata_contract::strata::system::psa::v1::EndResourceRequest;
use strata_kernel::{Error, Result};
use strata_rpc::error;

use crate::core::Core;
use crate::engine::{Done, Stop, written};
use crate::exceptions::Owner;
use crate::xrefs;

/// Ends the user. What HR says now counts: a termination that was taken back, or moved, ends nobody here.
pub(super) async fn end(core: &Core, employee: &Employee) -> Result<Done, Stop> {
    let last = employee.termination_date.as_ref().map(date).transpose()?;
    if last.is_none_or(|day| day >= core.today()) {
        return Ok(Done::note("the person works on"));
    }
    let system = &core.systems().await?.psa;
    let found = xrefs::find(core, system, xrefs::kind::EMPLOYEE, [employee.id.as_str()]).await?;
    let resource_id = found
        .get(&employee.id)
        .ok_or_else(|| Error::not_found("user of", &employee.number))?;
    let request = EndResourceRequest {
        resource_id: resource_id.clone(),
        last_date: employee.termination_date,
    };
    let answer = core
        .clients
        .psa
        .clone()
        .end_resource(request)
        .await
        .map_err(error)?
        .into_inner();
    let id = written(answer.outcome, "employee", &employee.number, Owner::Integration)?;
    Ok(Done::vendor(&id))
}
