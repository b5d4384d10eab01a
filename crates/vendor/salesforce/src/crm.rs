//! The CRM port.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use strata_contract::strata::common::v1::{Capabilities, ChangeFeed, WriteStrategy};
use strata_contract::strata::system::crm::v1 as pb;
use strata_kernel::{Clock, Error, Result};
use strata_port::CrmSystem;
use strata_vendor_http::Gate;

use crate::client::Org;
use crate::config::Config;
use crate::feed::{self, Ask, Page};
use crate::fields as f;
use crate::map;
use crate::soql::Query;
use crate::{sale, writes};

/// What works, by the names of the contract.
const OPERATIONS: [&str; 7] = [
    "ListOpportunityChanges",
    "GetSale",
    "ListRateLineChanges",
    "ListAmendmentChanges",
    "ListMilestoneChanges",
    "RecordEngagement",
    "PutInvoiceStatus",
];
/// Most amendments on a page: their ids go into one URL, and the vendor takes 16 KiB of it.
const MOST_AMENDMENTS: usize = 200;

/// One Salesforce org.
pub struct Salesforce {
    org: Org,
    overlap: Duration,
}

impl Salesforce {
    /// An adapter for one org. It connects at the first call. The field at fault is named when the settings do not do.
    pub fn new(config: Config, clock: Arc<dyn Clock>) -> Result<Self> {
        Ok(Self {
            org: Org::new(&config, clock)?,
            overlap: Duration::from_secs(config.overlap_seconds.into()),
        })
    }

    /// What admits its requests to the vendor.
    pub fn gate(&self) -> Gate {
        self.org.gate()
    }

    async fn page(&self, query: Query, stamp: &'static str, kind: &str, cursor: &str, limit: usize) -> Result<Page> {
        let overlap = self.overlap;
        feed::read(
            &self.org,
            Ask {
                query,
                stamp,
                kind,
                cursor,
                limit,
                overlap,
            },
        )
        .await
    }
}

#[async_trait]
impl CrmSystem for Salesforce {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            vendor: "salesforce".to_owned(),
            operations: OPERATIONS.map(str::to_owned).to_vec(),
            write_strategy: WriteStrategy::UpsertByExternalId.into(),
            batch_size: 1,
            change_feed: ChangeFeed::ModifiedStamp.into(),
        }
    }

    async fn list_opportunity_changes(
        &self,
        request: pb::ListOpportunityChangesRequest,
    ) -> Result<pb::ListOpportunityChangesResponse> {
        let query = Query::new(f::OPPORTUNITY, f::OPPORTUNITY_COLUMNS);
        let limit = feed::limit(request.page_size, feed::MOST);
        let mut page = self.page(query, f::MODIFIED, "opportunity", &request.cursor, limit).await?;
        let opportunities = feed::mapped(&mut page, "opportunity", map::opportunity);
        Ok(pb::ListOpportunityChangesResponse {
            opportunities,
            malformed: page.malformed,
            next_cursor: page.next_cursor,
            more: page.more,
        })
    }

    async fn get_sale(&self, request: pb::GetSaleRequest) -> Result<pb::GetSaleResponse> {
        let sale = Some(sale::get(&self.org, &request.opportunity_id).await?);
        Ok(pb::GetSaleResponse { sale })
    }

    async fn list_rate_line_changes(&self, request: pb::ListRateLineChangesRequest) -> Result<pb::ListRateLineChangesResponse> {
        let query = Query::new(f::RATE_LINE, f::RATE_LINE_COLUMNS);
        let limit = feed::limit(request.page_size, feed::MOST);
        // A line is never updated: when it was created is when it became known.
        let mut page = self.page(query, f::CREATED, "rate_line", &request.cursor, limit).await?;
        let rate_lines = feed::mapped(&mut page, "rate_line", map::rate_line);
        Ok(pb::ListRateLineChangesResponse {
            rate_lines,
            malformed: page.malformed,
            next_cursor: page.next_cursor,
            more: page.more,
        })
    }

    async fn list_amendment_changes(&self, request: pb::ListAmendmentChangesRequest) -> Result<pb::ListAmendmentChangesResponse> {
        let query = Query::new(f::AMENDMENT, f::AMENDMENT_COLUMNS).is(f::STATUS, f::SIGNED);
        let limit = feed::limit(request.page_size, MOST_AMENDMENTS);
        let mut page = self.page(query, f::MODIFIED, "amendment", &request.cursor, limit).await?;
        let rates = Query::new(f::AMENDED_RATE, f::AMENDED_RATE_COLUMNS);
        let rates = feed::children(&self.org, &page.rows, rates, f::OF_AMENDMENT).await?;
        let rates = map::by_parent(&rates, f::OF_AMENDMENT);
        let none = Vec::new();
        let amendments = feed::mapped(&mut page, "amendment", |row| {
            map::amendment(row, rates.get(&map::row_id(row)).unwrap_or(&none))
        });
        Ok(pb::ListAmendmentChangesResponse {
            amendments,
            malformed: page.malformed,
            next_cursor: page.next_cursor,
            more: page.more,
        })
    }

    async fn list_milestone_changes(&self, request: pb::ListMilestoneChangesRequest) -> Result<pb::ListMilestoneChangesResponse> {
        let query = Query::new(f::MILESTONE, f::MILESTONE_COLUMNS);
        let limit = feed::limit(request.page_size, feed::MOST);
        // As a rate line: never updated, and known from when it was created.
        let mut page = self.page(query, f::CREATED, "milestone", &request.cursor, limit).await?;
        let milestones = feed::mapped(&mut page, "milestone", map::milestone);
        Ok(pb::ListMilestoneChangesResponse {
            milestones,
            malformed: page.malformed,
            next_cursor: page.next_cursor,
            more: page.more,
        })
    }

    async fn record_engagement(&self, request: pb::RecordEngagementRequest) -> Result<pb::RecordEngagementResponse> {
        let outcome = Some(writes::record_engagement(&self.org, &request).await?);
        Ok(pb::RecordEngagementResponse { outcome })
    }

    async fn put_invoice_status(&self, request: pb::PutInvoiceStatusRequest) -> Result<pb::PutInvoiceStatusResponse> {
        let status = request.status.ok_or_else(|| Error::invalid("status", "is required"))?;
        let outcome = Some(writes::put_invoice_status(&self.org, &status).await?);
        Ok(pb::PutInvoiceStatusResponse { outcome })
    }
}
