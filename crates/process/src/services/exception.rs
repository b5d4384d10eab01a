//! The exceptions desk.

use strata_contract::pb_instant;
use strata_contract::strata::error::v1::Reason;
use strata_contract::strata::process::exception::v1 as pb;
use strata_contract::strata::process::exception::v1::exception_service_server::ExceptionService;
use strata_kernel::{Error, Instant, Result, derive_id};
use strata_rpc::{page::Page, status};
use strata_store::{Conn, both};
use tonic::{Request, Response, Status};

use super::Services;
use crate::store::rows::{ExceptionRow, PostingRow};
use crate::store::{lite, pg};
use crate::{exceptions, hand_offs};

#[tonic::async_trait]
impl ExceptionService for Services {
    async fn list_exceptions(
        &self,
        request: Request<pb::ListExceptionsRequest>,
    ) -> Result<Response<pb::ListExceptionsResponse>, Status> {
        self.exceptions(request.into_inner()).await.map(Response::new).map_err(status)
    }

    async fn retry_exception(
        &self,
        request: Request<pb::RetryExceptionRequest>,
    ) -> Result<Response<pb::RetryExceptionResponse>, Status> {
        let (asked, now) = (request.into_inner(), self.0.now());
        let row = self.0.db.write(move |c| retry(c, &asked, now)).await.map_err(status)?;
        Ok(Response::new(pb::RetryExceptionResponse {
            exception: Some(message(row)),
        }))
    }
}

impl Services {
    async fn exceptions(&self, asked: pb::ListExceptionsRequest) -> Result<pb::ListExceptionsResponse> {
        let state = match asked.state() {
            pb::ExceptionState::Unspecified => "",
            pb::ExceptionState::Open => "OPEN",
            pb::ExceptionState::Resolved => "RESOLVED",
        };
        let page = Page::ask(
            asked.page_size,
            &asked.page_token,
            &format!("{state}|{}", asked.engagement_id),
        )?;
        let (after, limit, engagement) = (page.after().to_owned(), page.limit(), asked.engagement_id);
        let mut rows = self
            .0
            .db
            .read(move |c| both!(c, exceptions::list(state, &engagement, &after, limit)))
            .await?;
        let next_page_token = page.cut(&mut rows, |row| row.id.clone());
        Ok(pb::ListExceptionsResponse {
            exceptions: rows.into_iter().map(message).collect(),
            next_page_token,
        })
    }
}

/// Makes due what an exception stops. One that stops nothing any more is closed: somebody says it is mended, and it
/// comes back when it is not. The same command again changes nothing.
fn retry(conn: &mut Conn<'_>, asked: &pb::RetryExceptionRequest, now: Instant) -> Result<ExceptionRow> {
    let held = both!(conn, exceptions::get(&asked.exception_id))?;
    let held = held.ok_or_else(|| Error::not_found("exception", &asked.exception_id).at("exception_id"))?;
    if held.request_id == asked.request_id {
        return Ok(held);
    }
    if held.state != "OPEN" {
        let text = "the exception is resolved already; there is nothing to try";
        return Err(Error::precondition("NOT_FOUND", text).at("exception_id"));
    }
    let at = now.naive_utc();
    let stops = both!(conn, runs::wake_stopped(&held.id, at))? > 0 || send_again(conn, &held, now)?;
    let row = ExceptionRow {
        retry_at: Some(at),
        request_id: asked.request_id.clone(),
        ..held
    };
    both!(conn, exceptions::put(&row))?;
    if stops {
        return Ok(row);
    }
    let story = exceptions::resolve(conn, &row.id, now)?;
    let correlation_id = derive_id("cor", &["retry", &row.id, &asked.request_id]);
    hand_offs::record(conn, &row.engagement_id, &correlation_id, story.as_slice(), now)?;
    both!(conn, exceptions::get(&row.id))?.ok_or_else(|| Error::internal("an exception vanished"))
}

/// A posting that was refused is sent once more, after somebody mended what the books did not take. False: the
/// exception is about no such posting.
fn send_again(conn: &mut Conn<'_>, exception: &ExceptionRow, now: Instant) -> Result<bool> {
    if exception.object_kind != "posting" {
        return Ok(false);
    }
    let held = both!(conn, postings::get(&exception.object_id))?;
    let Some(held) = held.filter(|row| row.state == "REJECTED") else {
        return Ok(false);
    };
    let row = PostingRow {
        state: "INTENDED".to_owned(),
        due_at: now.naive_utc(),
        updated_at: now.naive_utc(),
        ..held
    };
    both!(conn, postings::update(std::slice::from_ref(&row)))?;
    Ok(true)
}

fn message(row: ExceptionRow) -> pb::Exception {
    let owner = match row.owner_role.as_str() {
        "FINANCE" => pb::OwnerRole::Finance,
        "PMO" => pb::OwnerRole::Pmo,
        "SALES" => pb::OwnerRole::Sales,
        _ => pb::OwnerRole::Integration,
    };
    let state = if row.state == "OPEN" {
        pb::ExceptionState::Open
    } else {
        pb::ExceptionState::Resolved
    };
    let cause = Reason::from_str_name(&format!("REASON_{}", row.cause)).unwrap_or(Reason::Internal);
    pb::Exception {
        id: row.id,
        cause: cause.into(),
        object_kind: row.object_kind,
        object_id: row.object_id,
        engagement_id: row.engagement_id,
        owner_role: owner.into(),
        state: state.into(),
        message: row.message,
        field: row.field,
        open_time: Some(pb_instant(row.opened_at.and_utc())),
        due_time: Some(pb_instant(row.due_at.and_utc())),
        resolve_time: row.resolved_at.map(|at| pb_instant(at.and_utc())),
    }
}
