//! The PSA port: each method is one line into the file of its deed.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use strata_contract::strata::common::v1::{Capabilities, ChangeFeed, WriteStrategy};
use strata_contract::strata::system::psa::v1 as pb;
use strata_kernel::{Clock, Result};
use strata_port::PsaSystem;
use strata_vendor_http::Gate;

use crate::api::Api;
use crate::changes::{self, Changes};
use crate::config::Config;
use crate::once::Keyed;
use crate::{approved, invoices, people, projects, rates};

/// What works, by the names of the contract.
const OPERATIONS: [&str; 16] = [
    "PutClient",
    "CreateProject",
    "CreateTasks",
    "CreateMilestone",
    "PutRateCard",
    "CreateStaffingDemand",
    "PutResource",
    "PutCostRate",
    "EndResource",
    "ListProjectChanges",
    "ListMilestoneChanges",
    "ListTimeEntryChanges",
    "ListApprovedTime",
    "ListExpenseChanges",
    "PutInvoice",
    "LookupByKey",
];

/// One Kantata OX account.
pub struct KantataOx {
    keyed: Keyed,
    clock: Arc<dyn Clock>,
    overlap: Duration,
}

impl KantataOx {
    /// An adapter for one account. It connects at the first call. The field at fault is named when the settings do not do.
    pub fn new(config: Config, clock: Arc<dyn Clock>) -> Result<Self> {
        let api = Api::new(&config, Arc::clone(&clock))?;
        Ok(Self {
            keyed: Keyed::new(api, config.service_name),
            clock,
            overlap: Duration::from_secs(config.overlap_seconds.into()),
        })
    }

    /// What admits its requests to the vendor.
    pub fn gate(&self) -> Gate {
        self.keyed.api.gate()
    }
}

#[async_trait]
impl PsaSystem for KantataOx {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            vendor: "kantata-ox".to_owned(),
            operations: OPERATIONS.map(str::to_owned).to_vec(),
            write_strategy: WriteStrategy::LookupThenCreate.into(),
            batch_size: 1,
            change_feed: ChangeFeed::ModifiedStamp.into(),
        }
    }

    async fn put_client(&self, request: pb::PutClientRequest) -> Result<pb::PutClientResponse> {
        let outcome = Some(projects::put_client(&self.keyed, request).await?);
        Ok(pb::PutClientResponse { outcome })
    }

    async fn create_project(&self, request: pb::CreateProjectRequest) -> Result<pb::CreateProjectResponse> {
        let outcome = Some(projects::create_project(&self.keyed, request).await?);
        Ok(pb::CreateProjectResponse { outcome })
    }

    async fn create_tasks(&self, request: pb::CreateTasksRequest) -> Result<pb::CreateTasksResponse> {
        let outcomes = projects::create_tasks(&self.keyed, request).await?;
        Ok(pb::CreateTasksResponse { outcomes })
    }

    async fn create_milestone(&self, request: pb::CreateMilestoneRequest) -> Result<pb::CreateMilestoneResponse> {
        let outcome = Some(projects::create_milestone(&self.keyed, request).await?);
        Ok(pb::CreateMilestoneResponse { outcome })
    }

    async fn put_rate_card(&self, request: pb::PutRateCardRequest) -> Result<pb::PutRateCardResponse> {
        let outcome = Some(rates::put_rate_card(&self.keyed, request).await?);
        Ok(pb::PutRateCardResponse { outcome })
    }

    async fn create_staffing_demand(&self, request: pb::CreateStaffingDemandRequest) -> Result<pb::CreateStaffingDemandResponse> {
        let outcome = Some(projects::create_staffing_demand(&self.keyed, request).await?);
        Ok(pb::CreateStaffingDemandResponse { outcome })
    }

    async fn put_resource(&self, request: pb::PutResourceRequest) -> Result<pb::PutResourceResponse> {
        let outcome = Some(people::put_resource(&self.keyed, request).await?);
        Ok(pb::PutResourceResponse { outcome })
    }

    async fn put_cost_rate(&self, request: pb::PutCostRateRequest) -> Result<pb::PutCostRateResponse> {
        let outcome = Some(rates::put_cost_rate(&self.keyed, request).await?);
        Ok(pb::PutCostRateResponse { outcome })
    }

    async fn end_resource(&self, request: pb::EndResourceRequest) -> Result<pb::EndResourceResponse> {
        let outcome = Some(people::end_resource(&self.keyed, request, self.clock.now()).await?);
        Ok(pb::EndResourceResponse { outcome })
    }

    async fn list_project_changes(&self, request: pb::ListProjectChangesRequest) -> Result<pb::ListProjectChangesResponse> {
        let changes = changes::projects(&self.keyed, &request.cursor, request.page_size, self.overlap).await?;
        let Changes {
            records: projects,
            malformed,
            next_cursor,
            more,
        } = changes;
        Ok(pb::ListProjectChangesResponse {
            projects,
            malformed,
            next_cursor,
            more,
        })
    }

    async fn list_milestone_changes(&self, request: pb::ListMilestoneChangesRequest) -> Result<pb::ListMilestoneChangesResponse> {
        let changes = changes::milestones(&self.keyed, &request.cursor, request.page_size, self.overlap).await?;
        let Changes {
            records: milestones,
            malformed,
            next_cursor,
            more,
        } = changes;
        Ok(pb::ListMilestoneChangesResponse {
            milestones,
            malformed,
            next_cursor,
            more,
        })
    }

    async fn list_time_entry_changes(
        &self,
        request: pb::ListTimeEntryChangesRequest,
    ) -> Result<pb::ListTimeEntryChangesResponse> {
        let changes = changes::time_entries(&self.keyed, &request.cursor, request.page_size, self.overlap).await?;
        let Changes {
            records: time_entries,
            malformed,
            next_cursor,
            more,
        } = changes;
        Ok(pb::ListTimeEntryChangesResponse {
            time_entries,
            malformed,
            next_cursor,
            more,
        })
    }

    async fn list_approved_time(&self, request: pb::ListApprovedTimeRequest) -> Result<pb::ListApprovedTimeResponse> {
        approved::list(&self.keyed, &request).await
    }

    async fn list_expense_changes(&self, request: pb::ListExpenseChangesRequest) -> Result<pb::ListExpenseChangesResponse> {
        let changes = changes::expenses(&self.keyed, &request.cursor, request.page_size, self.overlap).await?;
        let Changes {
            records: expenses,
            malformed,
            next_cursor,
            more,
        } = changes;
        Ok(pb::ListExpenseChangesResponse {
            expenses,
            malformed,
            next_cursor,
            more,
        })
    }

    async fn put_invoice(&self, request: pb::PutInvoiceRequest) -> Result<pb::PutInvoiceResponse> {
        let outcome = Some(invoices::put_invoice(&self.keyed, request).await?);
        Ok(pb::PutInvoiceResponse { outcome })
    }

    async fn lookup_by_key(&self, request: pb::LookupByKeyRequest) -> Result<pb::LookupByKeyResponse> {
        let vendor_id = projects::lookup(&self.keyed, request).await?;
        Ok(pb::LookupByKeyResponse { vendor_id })
    }
}
