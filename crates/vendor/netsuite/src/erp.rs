//! The port.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use strata_contract::strata::common::v1::{Capabilities, ChangeFeed, WriteStrategy};
use strata_contract::strata::system::erp::v1 as pb;
use strata_kernel::{Clock, Instant, Result};
use strata_port::ErpSystem;
use strata_vendor_http::Gate;

use crate::client::Client;
use crate::config::Config;
use crate::lookup::{self, Table};
use crate::time::Pace;
use crate::{booked, changes, document, journal, masters, periods, reference, time};

/// Operations that work: all of them.
const OPERATIONS: [&str; 15] = [
    "GetReferenceData",
    "ListExchangeRateChanges",
    "ListTransferRateChanges",
    "ListAccountingPeriods",
    "PutCustomer",
    "PutContract",
    "PutProject",
    "PutEmployee",
    "PostTime",
    "ListTimePostings",
    "PostDocument",
    "PostJournal",
    "ListDocumentChanges",
    "ListPostings",
    "LookupByKey",
];

/// NetSuite as an ERP.
pub struct NetSuite {
    client: Client,
    clock: Arc<dyn Clock>,
    overlap: TimeDelta,
    pace: Pace,
    accounts: journal::Accounts,
}

/// Connects to NetSuite. Refuses settings that cannot work, naming the field; asks NetSuite nothing yet.
pub fn new(config: Config, clock: Arc<dyn Clock>) -> Result<NetSuite> {
    config.check()?;
    Ok(NetSuite {
        client: Client::new(&config, Arc::clone(&clock))?,
        clock,
        overlap: TimeDelta::seconds(i64::from(config.overlap_seconds)),
        pace: Pace::new(&config),
        accounts: journal::Accounts::default(),
    })
}

impl NetSuite {
    /// What admits its requests to the vendor.
    pub fn gate(&self) -> Gate {
        self.client.gate()
    }

    fn feed_clock(&self) -> (Instant, TimeDelta) {
        (self.clock.now(), self.overlap)
    }
}

#[async_trait]
impl ErpSystem for NetSuite {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            vendor: crate::VENDOR.to_owned(),
            operations: OPERATIONS.map(str::to_owned).to_vec(),
            write_strategy: WriteStrategy::UpsertByExternalId.into(),
            batch_size: time::MOST_ITEMS,
            change_feed: ChangeFeed::ModifiedStamp.into(),
        }
    }

    async fn get_reference_data(&self, _: pb::GetReferenceDataRequest) -> Result<pb::GetReferenceDataResponse> {
        reference::read(&self.client).await
    }

    async fn list_exchange_rate_changes(
        &self,
        request: pb::ListExchangeRateChangesRequest,
    ) -> Result<pb::ListExchangeRateChangesResponse> {
        changes::exchange_rates(&self.client, &request, self.feed_clock()).await
    }

    async fn list_transfer_rate_changes(
        &self,
        request: pb::ListTransferRateChangesRequest,
    ) -> Result<pb::ListTransferRateChangesResponse> {
        changes::transfer_rates(&self.client, &request, self.feed_clock()).await
    }

    async fn list_accounting_periods(
        &self,
        request: pb::ListAccountingPeriodsRequest,
    ) -> Result<pb::ListAccountingPeriodsResponse> {
        periods::list(&self.client, &request).await
    }

    async fn put_customer(&self, request: pb::PutCustomerRequest) -> Result<pb::PutCustomerResponse> {
        let outcome = masters::put(&self.client, Table::Customer, &request.key, &masters::customer(&request)).await?;
        Ok(pb::PutCustomerResponse { outcome: Some(outcome) })
    }

    async fn put_contract(&self, request: pb::PutContractRequest) -> Result<pb::PutContractResponse> {
        let body = masters::contract(&request)?;
        let outcome = masters::put(&self.client, Table::SalesOrder, &request.key, &body).await?;
        Ok(pb::PutContractResponse { outcome: Some(outcome) })
    }

    async fn put_project(&self, request: pb::PutProjectRequest) -> Result<pb::PutProjectResponse> {
        let body = masters::project(&request)?;
        let outcome = masters::put(&self.client, Table::Job, &request.key, &body).await?;
        Ok(pb::PutProjectResponse { outcome: Some(outcome) })
    }

    async fn put_employee(&self, request: pb::PutEmployeeRequest) -> Result<pb::PutEmployeeResponse> {
        let body = masters::employee(&request)?;
        let outcome = masters::put(&self.client, Table::Employee, &request.key, &body).await?;
        Ok(pb::PutEmployeeResponse { outcome: Some(outcome) })
    }

    async fn post_time(&self, request: pb::PostTimeRequest) -> Result<pb::PostTimeResponse> {
        let outcomes = time::post(&self.client, &request.postings, self.clock.now(), &self.pace).await?;
        Ok(pb::PostTimeResponse { outcomes })
    }

    async fn list_time_postings(&self, request: pb::ListTimePostingsRequest) -> Result<pb::ListTimePostingsResponse> {
        time::list(&self.client, &request).await
    }

    async fn post_document(&self, request: pb::PostDocumentRequest) -> Result<pb::PostDocumentResponse> {
        document::post(&self.client, &request).await
    }

    async fn post_journal(&self, request: pb::PostJournalRequest) -> Result<pb::PostJournalResponse> {
        journal::post(&self.client, &self.accounts, &request).await
    }

    async fn list_document_changes(&self, request: pb::ListDocumentChangesRequest) -> Result<pb::ListDocumentChangesResponse> {
        changes::documents(&self.client, &request, self.feed_clock()).await
    }

    async fn list_postings(&self, request: pb::ListPostingsRequest) -> Result<pb::ListPostingsResponse> {
        booked::list(&self.client, &request).await
    }

    async fn lookup_by_key(&self, request: pb::LookupByKeyRequest) -> Result<pb::LookupByKeyResponse> {
        let table = Table::of(request.kind())?;
        let keys: Vec<&str> = request.keys.iter().map(String::as_str).collect();
        if keys.is_empty() {
            return Ok(pb::LookupByKeyResponse::default());
        }
        let found = lookup::find(&self.client, table, &keys).await?;
        Ok(pb::LookupByKeyResponse { found })
    }
}
