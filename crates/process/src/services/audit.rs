//! Who did what.

use strata_audit::{Audit, Entry, Filter};
use strata_contract::pb_instant;
use strata_contract::strata::process::operations::v1 as pb;
use strata_contract::strata::process::operations::v1::audit_service_server::{AuditService, AuditServiceServer};
use strata_kernel::{Error, Result};
use strata_rpc::page::Page;
use strata_rpc::{ServerBuilder, Touched, status};
use tonic::{Request, Response, Status};

/// Answers for the audit log. Cloning shares it.
#[derive(Clone)]
pub(crate) struct AuditDesk(pub(crate) Audit);

impl AuditDesk {
    /// Adds the service, and writes down what the server's audited methods are called for.
    pub(crate) fn add_to(&self, server: ServerBuilder) -> ServerBuilder {
        server
            .audited(self.0.log())
            .add_service(AuditServiceServer::new(self.clone()))
    }
}

#[tonic::async_trait]
impl AuditService for AuditDesk {
    async fn list_audit_events(
        &self,
        request: Request<pb::ListAuditEventsRequest>,
    ) -> Result<Response<pb::ListAuditEventsResponse>, Status> {
        self.list(request.into_inner()).await.map(Response::new).map_err(status)
    }
}

impl AuditDesk {
    async fn list(&self, asked: pb::ListAuditEventsRequest) -> Result<pb::ListAuditEventsResponse> {
        let filter = Filter {
            subject: asked.subject,
            method: asked.method,
            object: asked.object,
            correlation_id: asked.correlation_id,
        };
        let page = Page::ask(asked.page_size, &asked.page_token, &format!("{filter:?}"))?;
        let before = match page.after() {
            "" => None,
            place => Some(place.parse().map_err(|_| Error::invalid("page_token", "is no position"))?),
        };
        let mut rows = self.0.list(&filter, before, page.limit()).await?;
        let next_page_token = page.cut(&mut rows, |row| row.sequence.to_string());
        Ok(pb::ListAuditEventsResponse {
            audit_events: rows.into_iter().map(message).collect(),
            next_page_token,
        })
    }
}

fn message(row: Entry) -> pb::AuditEvent {
    pb::AuditEvent {
        sequence: row.sequence,
        time: Some(pb_instant(row.at)),
        begun_sequence: row.begun,
        subject: row.subject,
        method: row.method,
        correlation_id: row.correlation_id,
        request_digest: row.request_digest,
        code: row.code,
        answer_digest: row.answer_digest,
        object: row.object,
        before_etag: row.before_digest,
        after_etag: row.after_digest,
        hash: row.hash,
    }
}

/// An answer that says what was changed, with its etag before and after.
pub(super) fn touching<T>(answer: T, object: String, before: String, after: String) -> Response<T> {
    let mut response = Response::new(answer);
    response.extensions_mut().insert(Touched { object, before, after });
    response
}
