//! Contracts and what they are priced by.

use std::collections::HashMap;

use strata_contract::strata::common::v1 as common;
use strata_contract::strata::master::v1 as pb;
use strata_kernel::{Error, Result};
use strata_rpc::{page::Page, status};
use strata_store::{Conn, both};
use tonic::{Request, Response, Status};

use super::{Master, milestones};
use crate::convert::{amendment_row, contract, customer, rate_line_row, stored};
use crate::store::rows::{ContractRow, CustomerRow, RateLineRow};
use crate::store::{lite, pg};

#[tonic::async_trait]
impl pb::contract_service_server::ContractService for Master {
    async fn list_contracts(
        &self,
        request: Request<pb::ListContractsRequest>,
    ) -> Result<Response<pb::ListContractsResponse>, Status> {
        let q = request.into_inner();
        let page = Page::ask(q.page_size, &q.page_token, &q.contract_number).map_err(status)?;
        let (after, limit) = (page.after().to_owned(), page.limit());
        let rows = self
            .db
            .read(move |c| both!(c, contracts::list(&q.contract_number, &after, limit)))
            .await
            .map_err(status)?;
        let mut contracts = rows.into_iter().map(contract).collect::<Result<Vec<_>>>().map_err(status)?;
        let next_page_token = page.cut(&mut contracts, |c| number(c).to_owned());
        Ok(Response::new(pb::ListContractsResponse {
            contracts,
            next_page_token,
        }))
    }

    async fn batch_get_pricing(
        &self,
        request: Request<pb::BatchGetPricingRequest>,
    ) -> Result<Response<pb::BatchGetPricingResponse>, Status> {
        let ids = request.into_inner().contract_ids;
        let pricings = self.db.read(move |c| pricings(c, &ids)).await.map_err(status)?;
        Ok(Response::new(pb::BatchGetPricingResponse { pricings }))
    }

    async fn put_amendment(
        &self,
        request: Request<pb::PutAmendmentRequest>,
    ) -> Result<Response<pb::PutAmendmentResponse>, Status> {
        let amendment = request.into_inner().amendment.unwrap_or_default();
        self.change(move |c| put_amendment(c, &amendment))
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn put_milestones(
        &self,
        request: Request<pb::PutMilestonesRequest>,
    ) -> Result<Response<pb::PutMilestonesResponse>, Status> {
        let asked = request.into_inner().milestones;
        let created = self.change(move |c| milestones::put(c, &asked)).await.map_err(status)?;
        Ok(Response::new(pb::PutMilestonesResponse { created }))
    }

    async fn batch_get_milestones(
        &self,
        request: Request<pb::BatchGetMilestonesRequest>,
    ) -> Result<Response<pb::BatchGetMilestonesResponse>, Status> {
        let q = request.into_inner();
        let held = self
            .db
            .read(move |c| milestones::get(c, &q.codes, &q.contract_numbers))
            .await
            .map_err(status)?;
        Ok(Response::new(pb::BatchGetMilestonesResponse { milestones: held }))
    }

    async fn put_rate_lines(
        &self,
        request: Request<pb::PutRateLinesRequest>,
    ) -> Result<Response<pb::PutRateLinesResponse>, Status> {
        let lines = request.into_inner().rate_lines;
        let created = self.change(move |c| put_lines(c, &lines)).await.map_err(status)?;
        Ok(Response::new(pb::PutRateLinesResponse { created }))
    }
}

fn number(c: &pb::Contract) -> &str {
    c.terms.as_ref().map_or("", |t| t.contract_number.as_str())
}

/// A line is immutable: a repeat is welcome, another price under the same id is refused.
fn put_lines(conn: &mut Conn<'_>, lines: &[common::RateLine]) -> Result<u32> {
    let rows = lines
        .iter()
        .enumerate()
        .map(|(i, l)| rate_line_row(l, i))
        .collect::<Result<Vec<_>>>()?;
    let created = both!(conn, contracts::add_lines(&rows))?;
    let ids: Vec<String> = rows.iter().map(|r| r.id.clone()).collect();
    let held: HashMap<String, String> = both!(conn, contracts::lines(&ids))?
        .into_iter()
        .map(|r| (r.id, r.digest))
        .collect();
    match rows.iter().position(|r| held.get(&r.id) != Some(&r.digest)) {
        None => Ok(u32::try_from(created).unwrap_or(u32::MAX)),
        Some(i) => Err(Error::conflict(
            held.get(&rows[i].id).map_or("", String::as_str),
            &rows[i].digest,
            format!(
                "rate line {} is recorded with another content; lines are never changed, record a new one",
                rows[i].id
            ),
        )
        .at(format!("rate_lines[{i}]"))),
    }
}

fn put_amendment(conn: &mut Conn<'_>, amendment: &common::Amendment) -> Result<pb::PutAmendmentResponse> {
    let row = amendment_row(amendment)?;
    let created = both!(conn, contracts::add_amendment(&row))? == 1;
    if !created && let Some(held) = both!(conn, contracts::amendment(&row.number))?.filter(|held| held.digest != row.digest) {
        let text = format!("amendment {} is recorded with another content; sign a new one", row.number);
        return Err(Error::conflict(&held.digest, &row.digest, text).at("amendment"));
    }
    let contract_id = both!(conn, contracts::id_of(&row.contract_number))?.unwrap_or_default();
    Ok(pb::PutAmendmentResponse { created, contract_id })
}

fn pricings(conn: &mut Conn<'_>, ids: &[String]) -> Result<Vec<pb::ContractPricing>> {
    let held = both!(conn, contracts::get(ids))?;
    let numbers: Vec<String> = held.iter().map(|(c, _)| c.number.clone()).collect();
    let projects = both!(conn, engagements::projects_of(ids))?;
    let codes: Vec<String> = projects.iter().map(|p| p.code.clone()).collect();
    let accounts: Vec<String> = held.iter().map(|(_, who)| who.crm_account_id.clone()).collect();
    let entity_codes: Vec<String> = held.iter().map(|(c, _)| c.legal_entity_code.clone()).collect();
    let mut lines = Vec::new();
    for (level, keys) in [
        (common::RateLevel::Contract, &numbers),
        (common::RateLevel::Project, &codes),
        (common::RateLevel::Customer, &accounts),
        (common::RateLevel::Standard, &entity_codes),
    ] {
        lines.extend(both!(conn, contracts::lines_of(level.into(), keys))?);
    }
    let mut amendments: HashMap<String, Vec<common::Amendment>> = HashMap::new();
    for a in both!(conn, contracts::amendments_of(&numbers))? {
        amendments.entry(a.contract_number).or_default().push(stored(&a.body)?);
    }
    let mut agreed = milestones::in_force(conn, &numbers)?;
    let mut entities: HashMap<String, pb::LegalEntity> = HashMap::new();
    for e in both!(conn, reference::legal_entities())? {
        entities.insert(e.code, stored(&e.body)?);
    }
    held.into_iter()
        .map(|(row, who)| {
            let own: Vec<&str> = projects
                .iter()
                .filter(|p| p.contract_id.as_ref() == Some(&row.id))
                .map(|p| p.code.as_str())
                .collect();
            let rate_lines = lines
                .iter()
                .filter(|l| prices(l, &row, &who, &own))
                .map(|l| stored(&l.body))
                .collect::<Result<_>>()?;
            let entity = entities.get(&row.legal_entity_code).cloned().unwrap_or_default();
            let lead = projects.iter().filter(|p| p.contract_id.as_ref() == Some(&row.id));
            let lead = lead.min_by(|left, right| left.code.cmp(&right.code));
            Ok(pb::ContractPricing {
                lead_project_id: lead.map(|p| p.id.clone()).unwrap_or_default(),
                amendments: amendments.remove(&row.number).unwrap_or_default(),
                milestones: agreed.remove(&row.number).unwrap_or_default(),
                rate_lines,
                contract: Some(contract(row)?),
                customer: Some(customer(who)),
                functional_currency_code: entity.functional_currency_code,
                fx_max_age_days: entity.fx_max_age_days,
            })
        })
        .collect()
}

fn prices(line: &RateLineRow, row: &ContractRow, who: &CustomerRow, projects: &[&str]) -> bool {
    match common::RateLevel::try_from(line.level) {
        Ok(common::RateLevel::Contract) => line.level_key == row.number,
        Ok(common::RateLevel::Project) => projects.contains(&line.level_key.as_str()),
        Ok(common::RateLevel::Customer) => line.level_key == who.crm_account_id,
        Ok(common::RateLevel::Standard) => line.level_key == row.legal_entity_code,
        _ => false,
    }
}
