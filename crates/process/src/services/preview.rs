//! What something would cost or bill.

use strata_contract::strata::process::billing::v1 as pb;
use strata_contract::strata::process::billing::v1::preview_service_server::PreviewService;
use strata_kernel::Result;
use strata_rpc::status;
use tonic::{Request, Response, Status};

use super::Services;
use crate::billing::preview;

#[tonic::async_trait]
impl PreviewService for Services {
    async fn preview_price(
        &self,
        request: Request<pb::PreviewPriceRequest>,
    ) -> Result<Response<pb::PreviewPriceResponse>, Status> {
        let asked = request.into_inner();
        let known_on = self.day(asked.known_date.as_ref(), "known_date").map_err(status)?;
        let priced = preview::price(&self.0, asked, known_on).await;
        priced.map(Response::new).map_err(status)
    }

    async fn preview_invoice(
        &self,
        request: Request<pb::PreviewInvoiceRequest>,
    ) -> Result<Response<pb::PreviewInvoiceResponse>, Status> {
        let asked = request.into_inner();
        let run_date = self.day(asked.run_date.as_ref(), "run_date").map_err(status)?;
        let billed = preview::invoice(&self.0, &asked.contract_number, &asked.period, run_date).await;
        billed.map(Response::new).map_err(status)
    }

    async fn preview_amendment(
        &self,
        request: Request<pb::PreviewAmendmentRequest>,
    ) -> Result<Response<pb::PreviewAmendmentResponse>, Status> {
        let asked = request.into_inner();
        let run_date = match asked.run_date.as_ref() {
            Some(day) => Some(self.day(Some(day), "run_date").map_err(status)?),
            None => None,
        };
        let amendment = asked.amendment.unwrap_or_default();
        let effect = preview::amendment(&self.0, amendment, &asked.period, run_date).await;
        effect.map(Response::new).map_err(status)
    }
}
