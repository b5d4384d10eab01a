//! Port of every PSA behind Strata. Speaks the contract's own messages.

use async_trait::async_trait;
use strata_contract::strata::common::v1::Capabilities;
use strata_contract::strata::system::psa::v1 as pb;
use strata_kernel::Result;

/// A PSA: projects, people on projects, time and expense. An adapter implements what its vendor can do, and says so in its capabilities; the
/// rest answers `UNSUPPORTED_OPERATION` by default.
#[async_trait]
pub trait PsaSystem: Send + Sync + 'static {
    /// What the adapter can do.
    fn capabilities(&self) -> Capabilities;

    /// Creates a client once per key, or returns the one that has it.
    async fn put_client(&self, request: pb::PutClientRequest) -> Result<pb::PutClientResponse> {
        let _ = request;
        Err(crate::unsupported("PutClient"))
    }

    /// Creates a project once per key, or returns the one that has it.
    async fn create_project(&self, request: pb::CreateProjectRequest) -> Result<pb::CreateProjectResponse> {
        let _ = request;
        Err(crate::unsupported("CreateProject"))
    }

    /// Creates tasks of a project, each once per key. One outcome per task.
    async fn create_tasks(&self, request: pb::CreateTasksRequest) -> Result<pb::CreateTasksResponse> {
        let _ = request;
        Err(crate::unsupported("CreateTasks"))
    }

    /// Creates a milestone of a project once per key, or returns the one that has it.
    async fn create_milestone(&self, request: pb::CreateMilestoneRequest) -> Result<pb::CreateMilestoneResponse> {
        let _ = request;
        Err(crate::unsupported("CreateMilestone"))
    }

    /// Sets the prices per role that the people who staff a project see.
    async fn put_rate_card(&self, request: pb::PutRateCardRequest) -> Result<pb::PutRateCardResponse> {
        let _ = request;
        Err(crate::unsupported("PutRateCard"))
    }

    /// Asks for a person in a role on a project, once per key.
    async fn create_staffing_demand(&self, request: pb::CreateStaffingDemandRequest) -> Result<pb::CreateStaffingDemandResponse> {
        let _ = request;
        Err(crate::unsupported("CreateStaffingDemand"))
    }

    /// Creates a person once per key, or brings the one that has it up to date.
    async fn put_resource(&self, request: pb::PutResourceRequest) -> Result<pb::PutResourceResponse> {
        let _ = request;
        Err(crate::unsupported("PutResource"))
    }

    /// Sets what an hour of a person costs from a day on.
    async fn put_cost_rate(&self, request: pb::PutCostRateRequest) -> Result<pb::PutCostRateResponse> {
        let _ = request;
        Err(crate::unsupported("PutCostRate"))
    }

    /// Ends a person: no new time after the last day. Repeating it changes nothing.
    async fn end_resource(&self, request: pb::EndResourceRequest) -> Result<pb::EndResourceResponse> {
        let _ = request;
        Err(crate::unsupported("EndResource"))
    }

    /// Reads projects changed since a cursor, with their tasks.
    async fn list_project_changes(&self, request: pb::ListProjectChangesRequest) -> Result<pb::ListProjectChangesResponse> {
        let _ = request;
        Err(crate::unsupported("ListProjectChanges"))
    }

    /// Reads milestones of contracts changed since a cursor, in every state.
    async fn list_milestone_changes(&self, request: pb::ListMilestoneChangesRequest) -> Result<pb::ListMilestoneChangesResponse> {
        let _ = request;
        Err(crate::unsupported("ListMilestoneChanges"))
    }

    /// Reads time entries changed since a cursor, in every state.
    async fn list_time_entry_changes(
        &self,
        request: pb::ListTimeEntryChangesRequest,
    ) -> Result<pb::ListTimeEntryChangesResponse> {
        let _ = request;
        Err(crate::unsupported("ListTimeEntryChanges"))
    }

    /// Lists the approved time of a range of work dates, as it stands now, page by page.
    async fn list_approved_time(&self, request: pb::ListApprovedTimeRequest) -> Result<pb::ListApprovedTimeResponse> {
        let _ = request;
        Err(crate::unsupported("ListApprovedTime"))
    }

    /// Reads expenses changed since a cursor, in every state.
    async fn list_expense_changes(&self, request: pb::ListExpenseChangesRequest) -> Result<pb::ListExpenseChangesResponse> {
        let _ = request;
        Err(crate::unsupported("ListExpenseChanges"))
    }

    /// Records a document and its state on the project, and marks its time and expense as billed.
    async fn put_invoice(&self, request: pb::PutInvoiceRequest) -> Result<pb::PutInvoiceResponse> {
        let _ = request;
        Err(crate::unsupported("PutInvoice"))
    }

    /// Finds a record by our key. An absent record is an empty vendor id, not an error.
    async fn lookup_by_key(&self, request: pb::LookupByKeyRequest) -> Result<pb::LookupByKeyResponse> {
        let _ = request;
        Err(crate::unsupported("LookupByKey"))
    }
}
