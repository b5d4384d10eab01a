//! Port of every ERP behind Strata. Speaks the contract's own messages.

use async_trait::async_trait;
use strata_contract::strata::common::v1::Capabilities;
use strata_contract::strata::system::erp::v1 as pb;
use strata_kernel::Result;

/// An ERP: reference data, customers, documents, payments. An adapter implements what its vendor can do, and says so in its capabilities; the
/// rest answers `UNSUPPORTED_OPERATION` by default.
#[async_trait]
pub trait ErpSystem: Send + Sync + 'static {
    /// What the adapter can do.
    fn capabilities(&self) -> Capabilities;

    /// Reads what finance keeps: legal entities, cost centers, tax codes, receipt limits, service items.
    async fn get_reference_data(&self, request: pb::GetReferenceDataRequest) -> Result<pb::GetReferenceDataResponse> {
        let _ = request;
        Err(crate::unsupported("GetReferenceData"))
    }

    /// Reads exchange rates recorded since a cursor.
    async fn list_exchange_rate_changes(
        &self,
        request: pb::ListExchangeRateChangesRequest,
    ) -> Result<pb::ListExchangeRateChangesResponse> {
        let _ = request;
        Err(crate::unsupported("ListExchangeRateChanges"))
    }

    /// Reads transfer rates recorded or changed since a cursor.
    async fn list_transfer_rate_changes(
        &self,
        request: pb::ListTransferRateChangesRequest,
    ) -> Result<pb::ListTransferRateChangesResponse> {
        let _ = request;
        Err(crate::unsupported("ListTransferRateChanges"))
    }

    /// Reads the accounting periods of legal entities, as they are now.
    async fn list_accounting_periods(
        &self,
        request: pb::ListAccountingPeriodsRequest,
    ) -> Result<pb::ListAccountingPeriodsResponse> {
        let _ = request;
        Err(crate::unsupported("ListAccountingPeriods"))
    }

    /// Upserts a customer by our key.
    async fn put_customer(&self, request: pb::PutCustomerRequest) -> Result<pb::PutCustomerResponse> {
        let _ = request;
        Err(crate::unsupported("PutCustomer"))
    }

    /// Upserts a contract by our key.
    async fn put_contract(&self, request: pb::PutContractRequest) -> Result<pb::PutContractResponse> {
        let _ = request;
        Err(crate::unsupported("PutContract"))
    }

    /// Upserts a project by our key, with the dimensions that books need.
    async fn put_project(&self, request: pb::PutProjectRequest) -> Result<pb::PutProjectResponse> {
        let _ = request;
        Err(crate::unsupported("PutProject"))
    }

    /// Upserts an employee by our key, at the cost that holds now.
    async fn put_employee(&self, request: pb::PutEmployeeRequest) -> Result<pb::PutEmployeeResponse> {
        let _ = request;
        Err(crate::unsupported("PutEmployee"))
    }

    /// Posts approved time as cost and billable actuals. One outcome per posting; the call is never refused for one of them.
    async fn post_time(&self, request: pb::PostTimeRequest) -> Result<pb::PostTimeResponse> {
        let _ = request;
        Err(crate::unsupported("PostTime"))
    }

    /// Lists the time that stands in the books for work dates, by vendor's id, whoever put it there.
    async fn list_time_postings(&self, request: pb::ListTimePostingsRequest) -> Result<pb::ListTimePostingsResponse> {
        let _ = request;
        Err(crate::unsupported("ListTimePostings"))
    }

    /// Posts an invoice or credit memo once per key.
    async fn post_document(&self, request: pb::PostDocumentRequest) -> Result<pb::PostDocumentResponse> {
        let _ = request;
        Err(crate::unsupported("PostDocument"))
    }

    /// Posts a journal once per key. The caller has checked it with [`crate::journal::check`].
    async fn post_journal(&self, request: pb::PostJournalRequest) -> Result<pb::PostJournalResponse> {
        let _ = request;
        Err(crate::unsupported("PostJournal"))
    }

    /// Reads invoices and credit memos changed since a cursor, as after a payment.
    async fn list_document_changes(&self, request: pb::ListDocumentChangesRequest) -> Result<pb::ListDocumentChangesResponse> {
        let _ = request;
        Err(crate::unsupported("ListDocumentChanges"))
    }

    /// Lists invoices, credit memos or journals that stand in the books on days of posting, by vendor's id, whoever put them there.
    async fn list_postings(&self, request: pb::ListPostingsRequest) -> Result<pb::ListPostingsResponse> {
        let _ = request;
        Err(crate::unsupported("ListPostings"))
    }

    /// Finds records by our keys, and says what the books hold of postings. A key without a record is left out of the answer.
    async fn lookup_by_key(&self, request: pb::LookupByKeyRequest) -> Result<pb::LookupByKeyResponse> {
        let _ = request;
        Err(crate::unsupported("LookupByKey"))
    }
}
