//! The process tier: mobilisations, hand-offs, documents, unbilled time and exceptions.

use futures::stream::BoxStream;
use strata_contract::strata::process::{billing::v1::*, exception::v1::*, mobilisation::v1::*};
use strata_kernel::Error;
use strata_rpc::status;
use tonic::{Request, Response, Status};

use super::{Below, page};

#[tonic::async_trait]
impl mobilisation_service_server::MobilisationService for Below {
    async fn list_mobilisations(
        &self,
        request: Request<ListMobilisationsRequest>,
    ) -> Result<Response<ListMobilisationsResponse>, Status> {
        self.call("ListMobilisations")?;
        let q = request.into_inner();
        let mut rows = self.held().mobilisations.clone();
        rows.retain(|one| q.engagement_ids.is_empty() || q.engagement_ids.contains(&one.engagement_id));
        let (mobilisations, next_page_token) = page(rows, |m| m.engagement_id.clone(), q.page_size, &q.page_token, "")?;
        Ok(Response::new(ListMobilisationsResponse {
            mobilisations,
            next_page_token,
        }))
    }

    async fn get_mobilisation(
        &self,
        request: Request<GetMobilisationRequest>,
    ) -> Result<Response<GetMobilisationResponse>, Status> {
        self.call("GetMobilisation")?;
        let id = request.into_inner().engagement_id;
        let held = self.held().mobilisations.iter().find(|m| m.engagement_id == id).cloned();
        let mobilisation = held.ok_or_else(|| status(Error::not_found("mobilisation", &id)))?;
        Ok(Response::new(GetMobilisationResponse {
            mobilisation: Some(mobilisation),
        }))
    }

    async fn list_hand_offs(&self, request: Request<ListHandOffsRequest>) -> Result<Response<ListHandOffsResponse>, Status> {
        self.call("ListHandOffs")?;
        let q = request.into_inner();
        let mut rows = self.held().hand_offs.clone();
        rows.retain(|h| h.engagement_id == q.engagement_id);
        let key = |h: &HandOff| format!("{:020}", h.sequence);
        let (hand_offs, next_page_token) = page(rows, key, q.page_size, &q.page_token, &q.engagement_id)?;
        Ok(Response::new(ListHandOffsResponse {
            hand_offs,
            next_page_token,
        }))
    }

    type WatchHandOffsStream = BoxStream<'static, Result<WatchHandOffsResponse, Status>>;

    async fn watch_hand_offs(
        &self,
        request: Request<WatchHandOffsRequest>,
    ) -> Result<Response<Self::WatchHandOffsStream>, Status> {
        self.call("WatchHandOffs")?;
        Ok(Response::new(self.watch(request.into_inner())))
    }
}

#[tonic::async_trait]
impl billing_service_server::BillingService for Below {
    async fn list_documents(&self, request: Request<ListDocumentsRequest>) -> Result<Response<ListDocumentsResponse>, Status> {
        self.call("ListDocuments")?;
        let q = request.into_inner();
        let mut rows = self.held().documents.clone();
        rows.retain(|d| q.engagement_id.is_empty() || d.engagement_id == q.engagement_id);
        let (documents, next_page_token) = page(rows, |d| d.key.clone(), q.page_size, &q.page_token, &q.engagement_id)?;
        Ok(Response::new(ListDocumentsResponse {
            documents,
            next_page_token,
        }))
    }

    async fn list_unbilled_time(
        &self,
        request: Request<ListUnbilledTimeRequest>,
    ) -> Result<Response<ListUnbilledTimeResponse>, Status> {
        self.call("ListUnbilledTime")?;
        let mut held = self.held();
        held.asked = Some(request.into_inner());
        Ok(Response::new(ListUnbilledTimeResponse {
            unbilled: held.unbilled.clone(),
        }))
    }

    async fn list_project_actuals(
        &self,
        _: Request<ListProjectActualsRequest>,
    ) -> Result<Response<ListProjectActualsResponse>, Status> {
        Err(Status::unimplemented("not asked for"))
    }

    async fn list_milestones(&self, _: Request<ListMilestonesRequest>) -> Result<Response<ListMilestonesResponse>, Status> {
        Err(Status::unimplemented("not asked for"))
    }

    async fn approve_milestone(&self, _: Request<ApproveMilestoneRequest>) -> Result<Response<ApproveMilestoneResponse>, Status> {
        Err(Status::unimplemented("not asked for"))
    }

    async fn list_project_estimates(
        &self,
        _: Request<ListProjectEstimatesRequest>,
    ) -> Result<Response<ListProjectEstimatesResponse>, Status> {
        Err(Status::unimplemented("not asked for"))
    }

    async fn list_receivables(&self, _: Request<ListReceivablesRequest>) -> Result<Response<ListReceivablesResponse>, Status> {
        Err(Status::unimplemented("not asked for"))
    }

    async fn list_adjustments(&self, _: Request<ListAdjustmentsRequest>) -> Result<Response<ListAdjustmentsResponse>, Status> {
        Err(Status::unimplemented("not asked for"))
    }

    async fn get_posting_summary(
        &self,
        _: Request<GetPostingSummaryRequest>,
    ) -> Result<Response<GetPostingSummaryResponse>, Status> {
        Err(Status::unimplemented("not asked for"))
    }
}

#[tonic::async_trait]
impl exception_service_server::ExceptionService for Below {
    async fn list_exceptions(&self, request: Request<ListExceptionsRequest>) -> Result<Response<ListExceptionsResponse>, Status> {
        self.call("ListExceptions")?;
        let q = request.into_inner();
        let mut rows = self.held().exceptions.clone();
        rows.retain(|e| q.state == 0 || e.state == q.state);
        rows.retain(|e| q.engagement_id.is_empty() || e.engagement_id == q.engagement_id);
        let (exceptions, next_page_token) = page(rows, |e| e.id.clone(), q.page_size, &q.page_token, &q.state.to_string())?;
        Ok(Response::new(ListExceptionsResponse {
            exceptions,
            next_page_token,
        }))
    }

    async fn retry_exception(&self, _: Request<RetryExceptionRequest>) -> Result<Response<RetryExceptionResponse>, Status> {
        Err(Status::unimplemented("not asked for"))
    }

    async fn group_exceptions(&self, _: Request<GroupExceptionsRequest>) -> Result<Response<GroupExceptionsResponse>, Status> {
        Err(Status::unimplemented("not asked for"))
    }

    async fn get_exception(&self, _: Request<GetExceptionRequest>) -> Result<Response<GetExceptionResponse>, Status> {
        Err(Status::unimplemented("not asked for"))
    }

    async fn edit_and_retry_exception(
        &self,
        _: Request<EditAndRetryExceptionRequest>,
    ) -> Result<Response<EditAndRetryExceptionResponse>, Status> {
        Err(Status::unimplemented("not asked for"))
    }

    async fn skip_exception(&self, _: Request<SkipExceptionRequest>) -> Result<Response<SkipExceptionResponse>, Status> {
        Err(Status::unimplemented("not asked for"))
    }

    async fn assign_exception(&self, _: Request<AssignExceptionRequest>) -> Result<Response<AssignExceptionResponse>, Status> {
        Err(Status::unimplemented("not asked for"))
    }

    async fn cancel_exception(&self, _: Request<CancelExceptionRequest>) -> Result<Response<CancelExceptionResponse>, Status> {
        Err(Status::unimplemented("not asked for"))
    }

    async fn preview_bulk_action(
        &self,
        _: Request<PreviewBulkActionRequest>,
    ) -> Result<Response<PreviewBulkActionResponse>, Status> {
        Err(Status::unimplemented("not asked for"))
    }

    async fn apply_bulk_action(&self, _: Request<ApplyBulkActionRequest>) -> Result<Response<ApplyBulkActionResponse>, Status> {
        Err(Status::unimplemented("not asked for"))
    }
}
