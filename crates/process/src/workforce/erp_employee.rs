//! The person as an employee of the ERP, with the entity and the cost that hold today.

use strata_contract::date;
use strata_contract::strata::master::v1::Employee;
use strata_contract::strata::system::erp::v1::PutEmployeeRequest;
use strata_rpc::error;
use strata_store::both;

use super::holding;
use crate::core::Core;
use crate::engine::{Done, Problem, Stop, written};
use crate::exceptions::Owner;
use crate::store::{lite, pg};
use crate::xrefs;

pub(super) async fn put(core: &Core, employee: &Employee) -> Result<Done, Stop> {
    let (today, number) = (core.today(), &employee.number);
    let job = holding(&employee.employments, today, |job| {
        job.effective_date.as_ref().and_then(|day| date(day).ok())
    });
    let job = job.ok_or_else(|| {
        let text = format!("HR says no employing legal entity of {number}; enter it there");
        Problem::new("INVALID_FIELD", "employee", number, Owner::Integration, text).at("legal_entity_code")
    })?;
    let cost = holding(&employee.cost_rates, today, |rate| {
        rate.effective_date.as_ref().and_then(|day| date(day).ok())
    });
    // Pay is entered after the hire, as a version of its own with a run of its own. Hours wait for it, and say so.
    let Some(cost) = cost else {
        return Ok(Done::note("no pay is entered yet"));
    };
    let system = &core.systems().await?.erp;
    let entities = xrefs::find(core, system, xrefs::kind::LEGAL_ENTITY, [job.legal_entity_code.as_str()]).await?;
    let Some(legal_entity_id) = entities.get(&job.legal_entity_code) else {
        let text = format!(
            "{number} works for {}, which is no legal entity of the ERP",
            job.legal_entity_code
        );
        return Err(Problem::new("UNKNOWN_REFERENCE", "employee", number, Owner::Finance, text)
            .at("legal_entity_code")
            .into());
    };
    let request = PutEmployeeRequest {
        key: employee.id.clone(),
        employee_number: number.clone(),
        name: employee.name.clone(),
        email: employee.email.clone(),
        legal_entity_id: legal_entity_id.clone(),
        hire_date: employee.hire_date,
        termination_date: employee.termination_date,
        hourly_cost: cost.hourly_cost.clone(),
    };
    let answer = core
        .clients
        .erp
        .clone()
        .put_employee(request)
        .await
        .map_err(error)?
        .into_inner();
    let id = written(answer.outcome, "employee", number, Owner::Finance)?;
    xrefs::put(core, system, xrefs::kind::EMPLOYEE, [(employee.id.clone(), id.clone())]).await?;
    // Postings of the person's hours may have waited for this.
    let (waits_for, now) = (employee.id.clone(), core.now().naive_utc());
    Ok(Done::vendor(&id).also(move |c| both!(c, postings::release(&waits_for, now)).map(|_| ())))
}
