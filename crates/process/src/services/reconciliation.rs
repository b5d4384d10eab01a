//! Whether systems that hold the same facts agree, and the close of months.

use prost::Message;
use strata_contract::require_date;
use strata_contract::strata::process::reconciliation::v1 as pb;
use strata_contract::strata::process::reconciliation::v1::reconciliation_service_server::ReconciliationService;
use strata_kernel::{Error, Instant, Result, derive_id, digest};
use strata_rpc::{Approver, status};
use strata_store::Conn;
use strata_telemetry::CorrelationId;
use tonic::{Request, Response, Status};

use super::Services;
use super::audit::touching;
use crate::closes::{self, Command};
use crate::{masters, reconciliation};

#[tonic::async_trait]
impl ReconciliationService for Services {
    async fn reconcile_time(
        &self,
        request: Request<pb::ReconcileTimeRequest>,
    ) -> Result<Response<pb::ReconcileTimeResponse>, Status> {
        self.reconcile(request.into_inner()).await.map(Response::new).map_err(status)
    }

    async fn list_findings(
        &self,
        request: Request<pb::ListFindingsRequest>,
    ) -> Result<Response<pb::ListFindingsResponse>, Status> {
        reconciliation::findings(&self.0, request.into_inner())
            .await
            .map(Response::new)
            .map_err(status)
    }

    async fn reconcile_books(
        &self,
        request: Request<pb::ReconcileBooksRequest>,
    ) -> Result<Response<pb::ReconcileBooksResponse>, Status> {
        let asked = request.into_inner();
        let done = reconciliation::reconcile_books(&self.0, &asked.from_period, &asked.to_period).await;
        done.map(Response::new).map_err(status)
    }

    async fn list_balances(
        &self,
        request: Request<pb::ListBalancesRequest>,
    ) -> Result<Response<pb::ListBalancesResponse>, Status> {
        let listed = reconciliation::balances(&self.0, request.into_inner()).await;
        listed.map(Response::new).map_err(status)
    }

    async fn list_balance_lines(
        &self,
        request: Request<pb::ListBalanceLinesRequest>,
    ) -> Result<Response<pb::ListBalanceLinesResponse>, Status> {
        let listed = reconciliation::lines(&self.0, request.into_inner()).await;
        listed.map(Response::new).map_err(status)
    }

    async fn apply_repair(&self, request: Request<pb::ApplyRepairRequest>) -> Result<Response<pb::ApplyRepairResponse>, Status> {
        let asked = request.into_inner();
        let wanted = reconciliation::Wanted {
            body_hash: hash("repair", &asked),
            correlation_id: correlation(&asked.request_id),
            subject: Approver::current().subject(),
            asked,
        };
        let now = self.0.now();
        let object = format!(
            "line/{}/{}/{}",
            wanted.asked.period, wanted.asked.line, wanted.asked.currency_code
        );
        let done = self.0.db.write(move |c| {
            let before = reconciliation::etag_of(c, &wanted.asked)?;
            Ok((before, reconciliation::apply(c, &wanted, now)?))
        });
        let (before, done) = done.await.map_err(status)?;
        self.0.tell();
        let after = done.line.as_ref().map(|line| line.etag.clone()).unwrap_or_default();
        Ok(touching(done, object, before, after))
    }

    async fn list_posting_events(
        &self,
        request: Request<pb::ListPostingEventsRequest>,
    ) -> Result<Response<pb::ListPostingEventsResponse>, Status> {
        let listed = reconciliation::events(&self.0, request.into_inner()).await;
        listed.map(Response::new).map_err(status)
    }

    async fn get_posting_backlog(
        &self,
        _: Request<pb::GetPostingBacklogRequest>,
    ) -> Result<Response<pb::GetPostingBacklogResponse>, Status> {
        let backlogs = reconciliation::backlogs(&self.0).await.map_err(status)?;
        Ok(Response::new(pb::GetPostingBacklogResponse { backlogs }))
    }

    async fn begin_close(&self, request: Request<pb::BeginCloseRequest>) -> Result<Response<pb::BeginCloseResponse>, Status> {
        let asked = request.into_inner();
        self.knows(&asked.legal_entity_code).await.map_err(status)?;
        let command = Command {
            body_hash: hash("begin", &asked),
            correlation_id: correlation(&asked.request_id),
            by: Approver::current(),
            request_id: asked.request_id,
            actor: asked.actor,
            reason: asked.reason,
            period: asked.period,
            legal_entity_code: asked.legal_entity_code,
            etag: asked.etag,
        };
        let done = self.close(command, closes::begin).await?;
        Ok(done.map(|close| pb::BeginCloseResponse { close: Some(close) }))
    }

    async fn get_close(&self, request: Request<pb::GetCloseRequest>) -> Result<Response<pb::GetCloseResponse>, Status> {
        let asked = request.into_inner();
        let shown = self
            .0
            .db
            .read(move |c| closes::show(c, &asked.period, &asked.legal_entity_code))
            .await;
        let close = Some(shown.map_err(status)?);
        Ok(Response::new(pb::GetCloseResponse { close }))
    }

    async fn sign_off_close(
        &self,
        request: Request<pb::SignOffCloseRequest>,
    ) -> Result<Response<pb::SignOffCloseResponse>, Status> {
        let asked = request.into_inner();
        let command = Command {
            body_hash: hash("sign-off", &asked),
            correlation_id: correlation(&asked.request_id),
            by: Approver::current(),
            request_id: asked.request_id,
            actor: asked.actor,
            reason: asked.reason,
            period: asked.period,
            legal_entity_code: asked.legal_entity_code,
            etag: asked.etag,
        };
        let done = self.close(command, closes::sign_off).await?;
        Ok(done.map(|close| pb::SignOffCloseResponse { close: Some(close) }))
    }

    async fn reopen_close(&self, request: Request<pb::ReopenCloseRequest>) -> Result<Response<pb::ReopenCloseResponse>, Status> {
        let asked = request.into_inner();
        let command = Command {
            body_hash: hash("reopen", &asked),
            correlation_id: correlation(&asked.request_id),
            by: Approver::current(),
            request_id: asked.request_id,
            actor: asked.actor,
            reason: asked.reason,
            period: asked.period,
            legal_entity_code: asked.legal_entity_code,
            etag: asked.etag,
        };
        let done = self.close(command, closes::reopen).await?;
        Ok(done.map(|close| pb::ReopenCloseResponse { close: Some(close) }))
    }
}

/// What is done about a close, in a transaction.
type Deed = fn(&mut Conn<'_>, &Command, Instant) -> Result<pb::PeriodClose>;

impl Services {
    async fn reconcile(&self, asked: pb::ReconcileTimeRequest) -> Result<pb::ReconcileTimeResponse> {
        let from = require_date(asked.from_date.as_ref(), "from_date")?;
        let to = require_date(asked.to_date.as_ref(), "to_date")?;
        reconciliation::reconcile_time(&self.0, from, to).await
    }

    async fn close(&self, command: Command, deed: Deed) -> Result<Response<pb::PeriodClose>, Status> {
        let (now, object) = (
            self.0.now(),
            format!("close/{}/{}", command.period, command.legal_entity_code),
        );
        let done = self.0.db.write(move |c| {
            let before = closes::etag_of(c, &command)?;
            Ok((before, deed(c, &command, now)?))
        });
        let (before, close) = done.await.map_err(status)?;
        let after = close.etag.clone();
        Ok(touching(close, object, before, after))
    }

    /// A legal entity that is closed has to be one of the firm's. Empty: all of them.
    async fn knows(&self, code: &str) -> Result<()> {
        if code.is_empty() {
            return Ok(());
        }
        let reference = masters::reference(&self.0).await?;
        match reference.legal_entities.iter().any(|entity| entity.code == code) {
            true => Ok(()),
            false => Err(Error::not_found("legal entity", code).at("legal_entity_code")),
        }
    }
}

/// What "the same body" means: everything a command says.
fn hash(action: &str, asked: &impl Message) -> String {
    digest(&[action.as_bytes(), b":", asked.encode_to_vec().as_slice()].concat())
}

/// The call's own id, or one that follows from the command.
fn correlation(request_id: &str) -> String {
    CorrelationId::current().map_or_else(|| derive_id("cor", &["books", request_id]), |id| id.as_str().to_owned())
}
