//! People, with the history of job and cost.

use strata_contract::strata::master::v1 as pb;
use strata_kernel::{Error, Instant, Result};
use strata_rpc::{page::Page, status};
use strata_store::{Conn, both};
use tonic::{Request, Response, Status};

use super::{Master, require_entity};
use crate::convert::{cost_row, employee, employee_row, employment_row};
use crate::store::rows::EmployeeRow;
use crate::store::{lite, pg};

#[tonic::async_trait]
impl pb::workforce_service_server::WorkforceService for Master {
    async fn put_employee(&self, request: Request<pb::PutEmployeeRequest>) -> Result<Response<pb::PutEmployeeResponse>, Status> {
        let now = self.clock.now();
        let person = request.into_inner().employee.unwrap_or_default();
        let held = self.change(move |c| put(c, &person, now)).await.map_err(status)?;
        Ok(Response::new(pb::PutEmployeeResponse { employee: Some(held) }))
    }

    async fn batch_get_employees(
        &self,
        request: Request<pb::BatchGetEmployeesRequest>,
    ) -> Result<Response<pb::BatchGetEmployeesResponse>, Status> {
        let ids = request.into_inner().employee_ids;
        let employees = self.db.read(move |c| get(c, &ids)).await.map_err(status)?;
        Ok(Response::new(pb::BatchGetEmployeesResponse { employees }))
    }

    async fn list_employees(
        &self,
        request: Request<pb::ListEmployeesRequest>,
    ) -> Result<Response<pb::ListEmployeesResponse>, Status> {
        let asked = request.into_inner();
        let page = Page::ask(asked.page_size, &asked.page_token, &asked.number).map_err(status)?;
        let (after, limit) = (page.after().to_owned(), page.limit());
        let rows = self
            .db
            .read(move |c| both!(c, workforce::list(&asked.number, &after, limit)))
            .await;
        let mut rows = rows.map_err(status)?;
        let next_page_token = page.cut(&mut rows, |row| row.id.clone());
        let employees = self.db.read(move |c| whole(c, &rows)).await.map_err(status)?;
        Ok(Response::new(pb::ListEmployeesResponse {
            employees,
            next_page_token,
        }))
    }
}

fn put(conn: &mut Conn<'_>, person: &pb::Employee, now: Instant) -> Result<pb::Employee> {
    let row = employee_row(person)?;
    for (i, job) in person.employments.iter().enumerate() {
        let field = format!("employee.employments[{i}].legal_entity_code");
        require_entity(conn, &job.legal_entity_code, &field)?;
    }
    both!(conn, workforce::put(&row))?;
    let held = get(conn, std::slice::from_ref(&person.id))?.pop().unwrap_or_default();
    // Only what differs from what is known becomes a version: the vendor repeats itself.
    for job in person.employments.iter().filter(|job| !held.employments.contains(job)) {
        both!(conn, workforce::add_employment(&employment_row(&person.id, job, now)?))?;
    }
    for cost in person.cost_rates.iter().filter(|cost| !held.cost_rates.contains(cost)) {
        both!(conn, workforce::add_cost(&cost_row(&person.id, cost, now)?))?;
    }
    get(conn, std::slice::from_ref(&person.id))?
        .pop()
        .ok_or_else(|| Error::internal("a person vanished"))
}

fn get(conn: &mut Conn<'_>, ids: &[String]) -> Result<Vec<pb::Employee>> {
    let rows = both!(conn, workforce::employees(ids))?;
    whole(conn, &rows)
}

/// People with their histories.
fn whole(conn: &mut Conn<'_>, rows: &[EmployeeRow]) -> Result<Vec<pb::Employee>> {
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let jobs = both!(conn, workforce::employments(&ids))?;
    let costs = both!(conn, workforce::costs(&ids))?;
    Ok(rows.iter().map(|row| employee(row.clone(), &jobs, &costs)).collect())
}
