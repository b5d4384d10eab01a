//! The person as a user of the PSA.

use strata_contract::strata::master::v1::Employee;
use strata_contract::strata::system::psa::v1::PutResourceRequest;
use strata_rpc::error;

use crate::core::Core;
use crate::engine::{Done, Stop, written};
use crate::exceptions::Owner;
use crate::xrefs;

pub(super) async fn put(core: &Core, employee: &Employee) -> Result<Done, Stop> {
    let request = PutResourceRequest {
        key: employee.id.clone(),
        name: employee.name.clone(),
        email: employee.email.clone(),
        role: employee.role.clone(),
    };
    let answer = core
        .clients
        .psa
        .clone()
        .put_resource(request)
        .await
        .map_err(error)?
        .into_inner();
    let id = written(answer.outcome, "employee", &employee.number, Owner::Integration)?;
    let system = &core.systems().await?.psa;
    xrefs::put(core, system, xrefs::kind::EMPLOYEE, [(employee.id.clone(), id.clone())]).await?;
    Ok(Done::vendor(&id))
}
