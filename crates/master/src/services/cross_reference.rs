//! What our ids are called elsewhere.

use strata_contract::strata::master::v1 as pb;
use strata_kernel::{Error, Kind, Result};
use strata_rpc::status;
use strata_store::{Conn, both};
use tonic::{Request, Response, Status};

use super::Master;
use crate::store::rows::CrossReferenceRow;
use crate::store::{lite, pg};

#[tonic::async_trait]
impl pb::cross_reference_service_server::CrossReferenceService for Master {
    async fn put_cross_references(
        &self,
        request: Request<pb::PutCrossReferencesRequest>,
    ) -> Result<Response<pb::PutCrossReferencesResponse>, Status> {
        let rows: Vec<_> = request.into_inner().references.into_iter().map(row).collect();
        self.change(move |c| put(c, &rows)).await.map_err(status)?;
        Ok(Response::new(pb::PutCrossReferencesResponse {}))
    }

    async fn resolve_cross_references(
        &self,
        request: Request<pb::ResolveCrossReferencesRequest>,
    ) -> Result<Response<pb::ResolveCrossReferencesResponse>, Status> {
        let q = request.into_inner();
        let rows = self
            .db
            .read(move |c| both!(c, xrefs::by_external(&q.system, &q.kind, &q.external_ids)))
            .await
            .map_err(status)?;
        Ok(Response::new(pb::ResolveCrossReferencesResponse {
            references: rows.into_iter().map(message).collect(),
        }))
    }

    async fn find_external_ids(
        &self,
        request: Request<pb::FindExternalIdsRequest>,
    ) -> Result<Response<pb::FindExternalIdsResponse>, Status> {
        let q = request.into_inner();
        let rows = self
            .db
            .read(move |c| both!(c, xrefs::by_id(&q.system, &q.kind, &q.ids)))
            .await
            .map_err(status)?;
        Ok(Response::new(pb::FindExternalIdsResponse {
            references: rows.into_iter().map(message).collect(),
        }))
    }
}

/// One external id has one of our ids, for ever.
fn put(conn: &mut Conn<'_>, rows: &[CrossReferenceRow]) -> Result<()> {
    both!(conn, xrefs::add(rows))?;
    for (i, r) in rows.iter().enumerate() {
        let held = both!(
            conn,
            xrefs::by_external(&r.system, &r.kind, std::slice::from_ref(&r.external_id))
        )?;
        if held.iter().any(|h| h.id != r.id) {
            let text = format!("{} {} {} belongs to another record already", r.system, r.kind, r.external_id);
            return Err(Error::new(Kind::AlreadyExists, "IDEMPOTENCY_CONFLICT", text).at(format!("references[{i}]")));
        }
    }
    Ok(())
}

fn row(x: pb::CrossReference) -> CrossReferenceRow {
    CrossReferenceRow {
        system: x.system,
        kind: x.kind,
        external_id: x.external_id,
        id: x.id,
    }
}

fn message(r: CrossReferenceRow) -> pb::CrossReference {
    pb::CrossReference {
        system: r.system,
        kind: r.kind,
        external_id: r.external_id,
        id: r.id,
    }
}
