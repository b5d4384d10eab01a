//! The exceptions desk.

use prost::Message;
use strata_contract::strata::process::exception::v1 as pb;
use strata_contract::strata::process::exception::v1::exception_service_server::ExceptionService;
use strata_kernel::{Result, derive_id, digest};
use strata_rpc::status;
use strata_telemetry::CorrelationId;
use tonic::{Request, Response, Status};

use super::Services;
use super::audit::touching;
use crate::exceptions::{self, Act, Command};

#[tonic::async_trait]
impl ExceptionService for Services {
    async fn list_exceptions(
        &self,
        request: Request<pb::ListExceptionsRequest>,
    ) -> Result<Response<pb::ListExceptionsResponse>, Status> {
        let answer = exceptions::list(&self.0, request.into_inner()).await;
        answer.map(Response::new).map_err(status)
    }

    async fn group_exceptions(
        &self,
        request: Request<pb::GroupExceptionsRequest>,
    ) -> Result<Response<pb::GroupExceptionsResponse>, Status> {
        let (asked, now) = (request.into_inner(), self.0.now());
        let filter = pb::ExceptionFilter {
            state: match asked.state() {
                pb::ExceptionState::Unspecified => pb::ExceptionState::Open.into(),
                state => state.into(),
            },
            engagement_id: asked.engagement_id,
            owner_role: asked.owner_role,
            assignee: asked.assignee,
            ..pb::ExceptionFilter::default()
        };
        let filter = exceptions::filter(&filter, now);
        let groups = self.0.db.read(move |c| exceptions::group(c, &filter, now)).await;
        let groups = groups.map_err(status)?;
        Ok(Response::new(pb::GroupExceptionsResponse { groups }))
    }

    async fn get_exception(
        &self,
        request: Request<pb::GetExceptionRequest>,
    ) -> Result<Response<pb::GetExceptionResponse>, Status> {
        let id = request.into_inner().exception_id;
        let shown = self.0.db.read(move |c| exceptions::show(c, &id)).await;
        shown.map(Response::new).map_err(status)
    }

    async fn retry_exception(
        &self,
        request: Request<pb::RetryExceptionRequest>,
    ) -> Result<Response<pb::RetryExceptionResponse>, Status> {
        let mut asked = request.into_inner();
        let validate_only = std::mem::take(&mut asked.validate_only);
        let command = Command {
            body_hash: hash("retry", &asked),
            act: Act::Retry,
            exception_id: asked.exception_id,
            actor: asked.actor,
            reason: asked.reason,
            correlation_id: correlation(&asked.request_id),
            request_id: asked.request_id,
            etag: asked.etag,
            bulk_token: String::new(),
        };
        self.act(command, validate_only).await
    }

    async fn edit_and_retry_exception(
        &self,
        request: Request<pb::EditAndRetryExceptionRequest>,
    ) -> Result<Response<pb::EditAndRetryExceptionResponse>, Status> {
        let mut asked = request.into_inner();
        let validate_only = std::mem::take(&mut asked.validate_only);
        let body_hash = hash("edit", &asked);
        let edit = exceptions::resolve_edit(&self.0, asked.edit).await.map_err(status)?;
        let command = Command {
            body_hash,
            act: Act::Edit(edit),
            exception_id: asked.exception_id,
            actor: asked.actor,
            reason: asked.reason,
            correlation_id: correlation(&asked.request_id),
            request_id: asked.request_id,
            etag: asked.etag,
            bulk_token: String::new(),
        };
        let done = self.act(command, validate_only).await?;
        Ok(
            done.map(
                |pb::RetryExceptionResponse { exception, effects }| pb::EditAndRetryExceptionResponse { exception, effects },
            ),
        )
    }

    async fn skip_exception(
        &self,
        request: Request<pb::SkipExceptionRequest>,
    ) -> Result<Response<pb::SkipExceptionResponse>, Status> {
        let mut asked = request.into_inner();
        let validate_only = std::mem::take(&mut asked.validate_only);
        let command = Command {
            body_hash: hash("skip", &asked),
            act: Act::Skip,
            exception_id: asked.exception_id,
            actor: asked.actor,
            reason: asked.reason,
            correlation_id: correlation(&asked.request_id),
            request_id: asked.request_id,
            etag: asked.etag,
            bulk_token: String::new(),
        };
        let done = self.act(command, validate_only).await?;
        Ok(done.map(|pb::RetryExceptionResponse { exception, effects }| pb::SkipExceptionResponse { exception, effects }))
    }

    async fn assign_exception(
        &self,
        request: Request<pb::AssignExceptionRequest>,
    ) -> Result<Response<pb::AssignExceptionResponse>, Status> {
        let mut asked = request.into_inner();
        let validate_only = std::mem::take(&mut asked.validate_only);
        let command = Command {
            body_hash: hash("assign", &asked),
            act: Act::Assign(asked.assignee),
            exception_id: asked.exception_id,
            actor: asked.actor,
            reason: asked.reason,
            correlation_id: correlation(&asked.request_id),
            request_id: asked.request_id,
            etag: asked.etag,
            bulk_token: String::new(),
        };
        let done = self.act(command, validate_only).await?;
        Ok(done.map(|pb::RetryExceptionResponse { exception, effects }| pb::AssignExceptionResponse { exception, effects }))
    }

    async fn cancel_exception(
        &self,
        request: Request<pb::CancelExceptionRequest>,
    ) -> Result<Response<pb::CancelExceptionResponse>, Status> {
        let mut asked = request.into_inner();
        let validate_only = std::mem::take(&mut asked.validate_only);
        let command = Command {
            body_hash: hash("cancel", &asked),
            act: Act::Cancel,
            exception_id: asked.exception_id,
            actor: asked.actor,
            reason: asked.reason,
            correlation_id: correlation(&asked.request_id),
            request_id: asked.request_id,
            etag: asked.etag,
            bulk_token: String::new(),
        };
        let done = self.act(command, validate_only).await?;
        Ok(done.map(|pb::RetryExceptionResponse { exception, effects }| pb::CancelExceptionResponse { exception, effects }))
    }

    async fn preview_bulk_action(
        &self,
        request: Request<pb::PreviewBulkActionRequest>,
    ) -> Result<Response<pb::PreviewBulkActionResponse>, Status> {
        let (asked, now) = (request.into_inner(), self.0.now());
        let previewed = self.0.db.write(move |c| exceptions::preview_bulk(c, &asked, now)).await;
        previewed.map(Response::new).map_err(status)
    }

    async fn apply_bulk_action(
        &self,
        request: Request<pb::ApplyBulkActionRequest>,
    ) -> Result<Response<pb::ApplyBulkActionResponse>, Status> {
        let asked = request.into_inner();
        let correlation_id = correlation(&asked.request_id);
        let applied = exceptions::apply(&self.0, &asked.token, &asked.request_id, &correlation_id).await;
        applied.map(Response::new).map_err(status)
    }
}

impl Services {
    /// Does an action, or says what it would do.
    async fn act(&self, command: Command, validate_only: bool) -> Result<Response<exceptions::Answer>, Status> {
        let now = self.0.now();
        if validate_only {
            let previewed = self.0.db.read(move |c| exceptions::preview(c, &command, now)).await;
            return previewed.map(Response::new).map_err(status);
        }
        let object = format!("exception/{}", command.exception_id);
        let (before, done) = self
            .0
            .db
            .write(move |c| {
                let before = exceptions::etag_of(c, &command.exception_id)?;
                Ok((before, exceptions::act(c, &command, now)?))
            })
            .await
            .map_err(status)?;
        self.0.tell();
        let after = done.exception.as_ref().map(|held| held.etag.clone()).unwrap_or_default();
        Ok(touching(done, object, before, after))
    }
}

/// What "the same body" means: everything a command says.
fn hash(action: &str, asked: &impl Message) -> String {
    digest(&[action.as_bytes(), b":", asked.encode_to_vec().as_slice()].concat())
}

/// The call's own id, or one that follows from the command.
fn correlation(request_id: &str) -> String {
    CorrelationId::current().map_or_else(|| derive_id("cor", &["desk", request_id]), |id| id.as_str().to_owned())
}
