//! Port of every HR behind Strata. Speaks the contract's own messages.

use async_trait::async_trait;
use strata_contract::strata::common::v1::Capabilities;
use strata_contract::strata::system::hr::v1 as pb;
use strata_kernel::Result;

/// An HR system: who works here, where, since when, at what cost. An adapter implements what its vendor can do, and says so in its capabilities; the
/// rest answers `UNSUPPORTED_OPERATION` by default.
#[async_trait]
pub trait HrSystem: Send + Sync + 'static {
    /// What the adapter can do.
    fn capabilities(&self) -> Capabilities;

    /// Reads workers changed since a cursor. A worker may come again; none is left out.
    async fn list_worker_changes(&self, request: pb::ListWorkerChangesRequest) -> Result<pb::ListWorkerChangesResponse> {
        let _ = request;
        Err(crate::unsupported("ListWorkerChanges"))
    }
}
