//! Port of every CRM behind Strata. Speaks the contract's own messages.

use async_trait::async_trait;
use strata_contract::strata::common::v1::Capabilities;
use strata_contract::strata::system::crm::v1 as pb;
use strata_kernel::Result;

/// A CRM: deals, customers, intended terms. An adapter implements what its vendor can do, and says so in its capabilities; the
/// rest answers `UNSUPPORTED_OPERATION` by default.
#[async_trait]
pub trait CrmSystem: Send + Sync + 'static {
    /// What the adapter can do.
    fn capabilities(&self) -> Capabilities;

    /// Reads deals changed since a cursor, oldest first. A record may come again; none is left out.
    async fn list_opportunity_changes(
        &self,
        request: pb::ListOpportunityChangesRequest,
    ) -> Result<pb::ListOpportunityChangesResponse> {
        let _ = request;
        Err(crate::unsupported("ListOpportunityChanges"))
    }

    /// Reads everything a deal says. NOT_FOUND when there is none.
    async fn get_sale(&self, request: pb::GetSaleRequest) -> Result<pb::GetSaleResponse> {
        let _ = request;
        Err(crate::unsupported("GetSale"))
    }

    /// Reads rate lines recorded since a cursor.
    async fn list_rate_line_changes(&self, request: pb::ListRateLineChangesRequest) -> Result<pb::ListRateLineChangesResponse> {
        let _ = request;
        Err(crate::unsupported("ListRateLineChanges"))
    }

    /// Reads signed amendments changed since a cursor. Drafts are left out.
    async fn list_amendment_changes(&self, request: pb::ListAmendmentChangesRequest) -> Result<pb::ListAmendmentChangesResponse> {
        let _ = request;
        Err(crate::unsupported("ListAmendmentChanges"))
    }

    /// Reads milestones recorded since a cursor, of contracts that are signed or not.
    async fn list_milestone_changes(&self, request: pb::ListMilestoneChangesRequest) -> Result<pb::ListMilestoneChangesResponse> {
        let _ = request;
        Err(crate::unsupported("ListMilestoneChanges"))
    }

    /// Writes our ids on a deal. Repeating it changes nothing.
    async fn record_engagement(&self, request: pb::RecordEngagementRequest) -> Result<pb::RecordEngagementResponse> {
        let _ = request;
        Err(crate::unsupported("RecordEngagement"))
    }

    /// Writes the state of a document, upserted by its key.
    async fn put_invoice_status(&self, request: pb::PutInvoiceStatusRequest) -> Result<pb::PutInvoiceStatusResponse> {
        let _ = request;
        Err(crate::unsupported("PutInvoiceStatus"))
    }
}
