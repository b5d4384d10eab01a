//! Approved work on its way to invoice and cash.

use strata_contract::strata::common::v1::{BillingTiming, Money};
use strata_contract::strata::process::billing::v1 as pb;
use strata_contract::strata::process::billing::v1::billing_service_server::BillingService;
use strata_contract::{pb_date, pb_instant};
use strata_kernel::{Error, Result};
use strata_rpc::{page::Page, status};
use strata_store::both;
use tonic::{Request, Response, Status};

use super::Services;
use crate::store::rows::{DocumentRow, EstimateRow};
use crate::store::{lite, pg};
use crate::{billing, milestones};

#[tonic::async_trait]
impl BillingService for Services {
    async fn list_documents(
        &self,
        request: Request<pb::ListDocumentsRequest>,
    ) -> Result<Response<pb::ListDocumentsResponse>, Status> {
        self.documents(request.into_inner()).await.map(Response::new).map_err(status)
    }

    async fn list_unbilled_time(
        &self,
        request: Request<pb::ListUnbilledTimeRequest>,
    ) -> Result<Response<pb::ListUnbilledTimeResponse>, Status> {
        let asked = request.into_inner();
        let day = self.day(asked.as_of_date.as_ref(), "as_of_date").map_err(status)?;
        let unbilled = billing::unbilled_time(&self.0, day, &asked.engagement_id)
            .await
            .map_err(status)?;
        Ok(Response::new(pb::ListUnbilledTimeResponse { unbilled }))
    }

    async fn list_project_actuals(
        &self,
        request: Request<pb::ListProjectActualsRequest>,
    ) -> Result<Response<pb::ListProjectActualsResponse>, Status> {
        let day = self
            .day(request.into_inner().as_of_date.as_ref(), "as_of_date")
            .map_err(status)?;
        let projects = billing::project_actuals(&self.0, day).await.map_err(status)?;
        Ok(Response::new(pb::ListProjectActualsResponse { projects }))
    }

    async fn list_milestones(
        &self,
        request: Request<pb::ListMilestonesRequest>,
    ) -> Result<Response<pb::ListMilestonesResponse>, Status> {
        let listed = milestones::list(&self.0, request.into_inner()).await;
        listed.map(Response::new).map_err(status)
    }

    async fn approve_milestone(
        &self,
        request: Request<pb::ApproveMilestoneRequest>,
    ) -> Result<Response<pb::ApproveMilestoneResponse>, Status> {
        let milestone = Some(self.approve(request.into_inner()).await.map_err(status)?);
        Ok(Response::new(pb::ApproveMilestoneResponse { milestone }))
    }

    async fn list_project_estimates(
        &self,
        request: Request<pb::ListProjectEstimatesRequest>,
    ) -> Result<Response<pb::ListProjectEstimatesResponse>, Status> {
        self.estimates(request.into_inner()).await.map(Response::new).map_err(status)
    }

    async fn list_receivables(
        &self,
        request: Request<pb::ListReceivablesRequest>,
    ) -> Result<Response<pb::ListReceivablesResponse>, Status> {
        let day = self
            .day(request.into_inner().as_of_date.as_ref(), "as_of_date")
            .map_err(status)?;
        let receivables = billing::receivables(&self.0, day).await.map_err(status)?;
        Ok(Response::new(pb::ListReceivablesResponse { receivables }))
    }

    async fn list_adjustments(
        &self,
        request: Request<pb::ListAdjustmentsRequest>,
    ) -> Result<Response<pb::ListAdjustmentsResponse>, Status> {
        billing::adjustments(&self.0, request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn get_posting_summary(
        &self,
        _: Request<pb::GetPostingSummaryRequest>,
    ) -> Result<Response<pb::GetPostingSummaryResponse>, Status> {
        let counts = self.0.db.read(|c| both!(c, postings::summary())).await.map_err(status)?;
        let count = |(kind, state, count): (String, String, i64)| pb::PostingCount {
            kind,
            state,
            count: u64::try_from(count).unwrap_or_default(),
        };
        Ok(Response::new(pb::GetPostingSummaryResponse {
            counts: counts.into_iter().map(count).collect(),
        }))
    }
}

impl Services {
    async fn approve(&self, asked: pb::ApproveMilestoneRequest) -> Result<pb::Milestone> {
        let now = self.0.now();
        let approval = milestones::Approval::of_caller(&self.0, asked).await?;
        let row = self.0.db.write(move |c| milestones::approve(c, &approval, now)).await?;
        self.0.tell();
        milestones::one(&self.0, row).await
    }

    async fn estimates(&self, asked: pb::ListProjectEstimatesRequest) -> Result<pb::ListProjectEstimatesResponse> {
        let page = Page::ask(asked.page_size, &asked.page_token, &asked.engagement_id)?;
        // The version stands behind the last bar: a code may have bars of its own.
        let (code, version) = page.after().rsplit_once('|').unwrap_or(("", "0"));
        let version: i32 = version.parse().map_err(|_| Error::invalid("page_token", "is no position"))?;
        let (code, limit, engagement) = (code.to_owned(), page.limit(), asked.engagement_id);
        let mut rows = self
            .0
            .db
            .read(move |c| both!(c, estimates::list(&engagement, (&code, version), limit)))
            .await?;
        let next_page_token = page.cut(&mut rows, |row| format!("{}|{}", row.project_code, row.version));
        Ok(pb::ListProjectEstimatesResponse {
            estimates: rows.into_iter().map(estimate).collect(),
            next_page_token,
        })
    }

    async fn documents(&self, asked: pb::ListDocumentsRequest) -> Result<pb::ListDocumentsResponse> {
        let entities = billing::entities(asked.legal_entity_codes);
        let filter = format!("{}|{}|{}", asked.contract_number, asked.engagement_id, entities.join(","));
        let page = Page::ask(asked.page_size, &asked.page_token, &filter)?;
        let (after, limit) = (page.after().to_owned(), page.limit());
        let (contract, engagement) = (asked.contract_number, asked.engagement_id);
        let mut rows = self
            .0
            .db
            .read(move |c| both!(c, documents::list(&contract, &engagement, &entities, &after, limit)))
            .await?;
        let next_page_token = page.cut(&mut rows, |row| row.key.clone());
        Ok(pb::ListDocumentsResponse {
            documents: rows.into_iter().map(document).collect(),
            next_page_token,
        })
    }
}

fn estimate(row: EstimateRow) -> pb::ProjectEstimate {
    pb::ProjectEstimate {
        project_code: row.project_code,
        engagement_id: row.engagement_id,
        recorded_date: Some(pb_date(row.recorded_on)),
        eac_minutes: u32::try_from(row.minutes).unwrap_or_default(),
        known_time: Some(pb_instant(row.known_at.and_utc())),
    }
}

fn document(row: DocumentRow) -> pb::Document {
    let state = match row.state.as_str() {
        "RELEASED" => pb::DocumentState::Released,
        "PART_PAID" => pb::DocumentState::PartPaid,
        "PAID" => pb::DocumentState::Paid,
        "VOIDED" => pb::DocumentState::Voided,
        _ => pb::DocumentState::Posted,
    };
    let timing = match row.timing.as_str() {
        "ADVANCE" => BillingTiming::Advance,
        _ => BillingTiming::Arrears,
    };
    let amount = |minor_units| {
        Some(Money {
            currency_code: row.currency_code.clone(),
            minor_units,
        })
    };
    pb::Document {
        state: state.into(),
        net: amount(row.net),
        tax: amount(row.tax),
        gross: amount(row.gross),
        open: amount(row.open),
        issue_date: Some(pb_date(row.issue_date)),
        due_date: Some(pb_date(row.due_date)),
        line_count: u32::try_from(row.line_count).unwrap_or_default(),
        key: row.key,
        engagement_id: row.engagement_id,
        contract_number: row.contract_number,
        period: row.period,
        credit_memo: row.credit_memo,
        number: row.number,
        erp_id: row.erp_id,
        timing: timing.into(),
        customer_id: row.customer_id,
        legal_entity_code: row.legal_entity_code,
    }
}
