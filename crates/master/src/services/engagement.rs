//! Engagements with their customer, contract and projects.

use std::collections::HashMap;

use strata_contract::strata::common::v1::Money;
use strata_contract::strata::master::v1 as pb;
use strata_contract::{behavior, pb_instant};
use strata_kernel::{Error, Instant, Kind, Result};
use strata_rpc::{page::Page, status};
use strata_store::{Conn, both};
use tonic::{Request, Response, Status};

use super::{Master, require_entity};
use crate::convert::{contract, contract_row, customer, customer_row, engagement_row, project, project_rows};
use crate::store::rows::{ContractRow, CustomerRow, EngagementRow, ProjectRow, TaskRow};
use crate::store::{lite, pg};

#[tonic::async_trait]
impl pb::engagement_service_server::EngagementService for Master {
    async fn put_engagement(
        &self,
        request: Request<pb::PutEngagementRequest>,
    ) -> Result<Response<pb::PutEngagementResponse>, Status> {
        let now = self.clock.now();
        let new = request.into_inner().engagement.unwrap_or_default();
        let held = self.change(move |c| put(c, &new, now)).await.map_err(status)?;
        Ok(Response::new(pb::PutEngagementResponse { engagement: Some(held) }))
    }

    async fn get_engagement(
        &self,
        request: Request<pb::GetEngagementRequest>,
    ) -> Result<Response<pb::GetEngagementResponse>, Status> {
        let id = request.into_inner().engagement_id;
        let held = self.db.read(move |c| get(c, &id)).await.map_err(status)?;
        Ok(Response::new(pb::GetEngagementResponse { engagement: Some(held) }))
    }

    async fn list_engagements(
        &self,
        request: Request<pb::ListEngagementsRequest>,
    ) -> Result<Response<pb::ListEngagementsResponse>, Status> {
        let q = request.into_inner();
        let filter = match (q.customer_id.as_str(), q.legal_entity_codes.join(",")) {
            ("", entities) if entities.is_empty() => String::new(),
            (customer, entities) => format!("{customer}|{entities}"),
        };
        let page = Page::ask(q.page_size, &q.page_token, &filter).map_err(status)?;
        let (after, limit) = (page.after().to_owned(), page.limit());
        let mut engagements = self
            .db
            .read(move |c| {
                let rows = both!(c, engagements::list(&q.customer_id, &q.legal_entity_codes, &after, limit))?;
                assemble(c, rows)
            })
            .await
            .map_err(status)?;
        let next_page_token = page.cut(&mut engagements, |e| e.id.clone());
        Ok(Response::new(pb::ListEngagementsResponse {
            engagements,
            next_page_token,
        }))
    }

    async fn put_internal_project(
        &self,
        request: Request<pb::PutInternalProjectRequest>,
    ) -> Result<Response<pb::PutInternalProjectResponse>, Status> {
        let new = request.into_inner().project.unwrap_or_default();
        self.change(move |c| put_internal(c, &new)).await.map_err(status)?;
        Ok(Response::new(pb::PutInternalProjectResponse {}))
    }

    async fn batch_get_projects(
        &self,
        request: Request<pb::BatchGetProjectsRequest>,
    ) -> Result<Response<pb::BatchGetProjectsResponse>, Status> {
        let ids = request.into_inner().project_ids;
        let projects = self
            .db
            .read(move |c| {
                let rows = both!(c, engagements::projects(&ids))?;
                with_tasks(c, rows)
            })
            .await
            .map_err(status)?;
        Ok(Response::new(pb::BatchGetProjectsResponse { projects }))
    }
}

fn put(conn: &mut Conn<'_>, new: &pb::Engagement, now: Instant) -> Result<pb::Engagement> {
    let who = new
        .customer
        .as_ref()
        .ok_or_else(|| Error::invalid("engagement.customer", "is required"))?;
    let terms = new
        .contract
        .as_ref()
        .ok_or_else(|| Error::invalid("engagement.contract", "is required"))?;
    for (field, names, is) in [
        ("engagement_id", &terms.engagement_id, &new.id),
        ("customer_id", &terms.customer_id, &who.id),
    ] {
        if names != is {
            return Err(Error::invalid(
                format!("engagement.contract.{field}"),
                "is not the engagement's own",
            ));
        }
    }
    if let Some(held) = both!(conn, engagements::get(&new.id))? {
        let held = assemble(conn, vec![held])?.pop().unwrap_or_default();
        refuse_changes(&held, new)?;
    }
    let contract = contract_row(terms)?;
    require_entity(
        conn,
        &contract.legal_entity_code,
        "engagement.contract.terms.legal_entity_code",
    )?;
    both!(
        conn,
        engagements::put(&customer_row(who), &engagement_row(new, &who.id, now), &contract)
    )?;
    for (i, p) in new.projects.iter().enumerate() {
        if p.contract_id != contract.id {
            return Err(Error::invalid(
                format!("engagement.projects[{i}].contract_id"),
                "is not the engagement's contract",
            ));
        }
        let (row, tasks) = project_rows(p, &format!("engagement.projects[{i}]"))?;
        require_own_code(conn, &row, &format!("engagement.projects[{i}].code"))?;
        both!(conn, engagements::put_project(&row, &tasks))?;
    }
    get(conn, &new.id)
}

/// What the contract calls immutable stays as it was recorded.
fn refuse_changes(held: &pb::Engagement, new: &pb::Engagement) -> Result<()> {
    match behavior::changed(held, new).into_iter().next() {
        Some(changed) => Err(Error::invalid(format!("engagement.{}", changed.field), changed.message)),
        None => Ok(()),
    }
}

fn put_internal(conn: &mut Conn<'_>, new: &pb::Project) -> Result<()> {
    if !new.contract_id.is_empty() {
        return Err(Error::invalid("project.contract_id", "must be empty for internal work"));
    }
    require_entity(conn, &new.legal_entity_code, "project.legal_entity_code")?;
    let (row, tasks) = project_rows(new, "project")?;
    require_own_code(conn, &row, "project.code")?;
    both!(conn, engagements::put_project(&row, &tasks))
}

/// People call a project by its code: two projects never share one.
fn require_own_code(conn: &mut Conn<'_>, row: &ProjectRow, field: &str) -> Result<()> {
    match both!(conn, engagements::id_of_code(&row.code))? {
        Some(held) if held != row.id => {
            let text = format!(
                "project code {} belongs to another project already; give this one its own",
                row.code
            );
            Err(Error::new(Kind::AlreadyExists, "IDEMPOTENCY_CONFLICT", text).at(field))
        }
        _ => Ok(()),
    }
}

fn get(conn: &mut Conn<'_>, id: &str) -> Result<pb::Engagement> {
    let row = both!(conn, engagements::get(id))?.ok_or_else(|| Error::not_found("engagement", id))?;
    assemble(conn, vec![row])?
        .pop()
        .ok_or_else(|| Error::not_found("engagement", id))
}

fn assemble(conn: &mut Conn<'_>, rows: Vec<(EngagementRow, CustomerRow, ContractRow)>) -> Result<Vec<pb::Engagement>> {
    let ids: Vec<String> = rows.iter().map(|(_, _, c)| c.id.clone()).collect();
    let projects = both!(conn, engagements::projects_of(&ids))?;
    let mut by_contract: HashMap<String, Vec<pb::Project>> = HashMap::new();
    for p in with_tasks(conn, projects)? {
        by_contract.entry(p.contract_id.clone()).or_default().push(p);
    }
    rows.into_iter()
        .map(|(e, who, terms)| {
            Ok(pb::Engagement {
                projects: by_contract.remove(&terms.id).unwrap_or_default(),
                customer: Some(customer(who)),
                contract: Some(contract(terms)?),
                id: e.id,
                crm_opportunity_id: e.crm_opportunity_id,
                name: e.name,
                sold_value: e.sold_currency.zip(e.sold_minor).map(|(currency_code, minor_units)| Money {
                    currency_code,
                    minor_units,
                }),
                create_time: Some(pb_instant(e.created_at.and_utc())),
            })
        })
        .collect()
}

fn with_tasks(conn: &mut Conn<'_>, rows: Vec<ProjectRow>) -> Result<Vec<pb::Project>> {
    let ids: Vec<String> = rows.iter().map(|p| p.id.clone()).collect();
    let mut tasks: HashMap<String, Vec<TaskRow>> = HashMap::new();
    for t in both!(conn, engagements::tasks_of(&ids))? {
        tasks.entry(t.project_id.clone()).or_default().push(t);
    }
    let contract_ids: Vec<String> = rows.iter().filter_map(|p| p.contract_id.clone()).collect();
    let engagements: HashMap<String, String> = both!(conn, contracts::engagements_of(&contract_ids))?.into_iter().collect();
    Ok(rows
        .into_iter()
        .map(|p| {
            let own = tasks.remove(&p.id).unwrap_or_default();
            let engagement_id = p.contract_id.as_ref().and_then(|id| engagements.get(id)).cloned();
            project(p, own, engagement_id.unwrap_or_default())
        })
        .collect())
}
