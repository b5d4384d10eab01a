//! The ERP's side of the contract.

use async_trait::async_trait;
use strata_contract::strata::common::v1::{Capabilities, TaxCategory};
use strata_contract::strata::system::erp::v1 as pb;
use strata_contract::{date, pb_date};
use strata_kernel::{Date, Result, month_of};
use strata_port::ErpSystem;

use super::books::{Posting, TAX_PERCENT};
use super::erp::{Asked, COST_CENTER, CURRENCY, ENTITY, Erp};
use super::{busy, capabilities};
use crate::fault::Fault;

/// Months whose periods the ERP has.
const MONTHS: [&str; 5] = ["2024-12", "2025-01", "2025-02", "2025-03", "2025-04"];

/// Records in one answer.
fn size(asked: u32, most: usize) -> usize {
    let asked = usize::try_from(asked).unwrap_or(most);
    if asked == 0 { most } else { asked.min(most) }
}

fn period(month: &str, entity: &str, closed: bool) -> Option<pb::AccountingPeriod> {
    let first: Date = format!("{month}-01").parse().ok()?;
    let (first, last) = month_of(first);
    Some(pb::AccountingPeriod {
        id: format!("period-{month}"),
        legal_entity_id: entity.to_owned(),
        name: month.to_owned(),
        first_date: Some(pb_date(first)),
        last_date: Some(pb_date(last)),
        state: if closed {
            pb::PeriodState::Closed
        } else {
            pb::PeriodState::Open
        }
        .into(),
    })
}

#[async_trait]
impl ErpSystem for Erp {
    fn capabilities(&self) -> Capabilities {
        capabilities("sim-erp")
    }

    async fn get_reference_data(&self, _: pb::GetReferenceDataRequest) -> Result<pb::GetReferenceDataResponse> {
        busy(&self.world)?;
        Ok(pb::GetReferenceDataResponse {
            legal_entities: vec![pb::LegalEntity {
                id: "le1".to_owned(),
                code: ENTITY.to_owned(),
                country_code: "DE".to_owned(),
                functional_currency_code: CURRENCY.to_owned(),
                fx_max_age_days: 40,
                eu_member: true,
            }],
            cost_centers: vec![pb::CostCenter {
                id: "cc1".to_owned(),
                code: COST_CENTER.to_owned(),
                name: "delivery".to_owned(),
                legal_entity_code: ENTITY.to_owned(),
            }],
            tax_codes: vec![pb::TaxCode {
                id: "tax1".to_owned(),
                legal_entity_code: ENTITY.to_owned(),
                category: TaxCategory::Standard.into(),
                percent: TAX_PERCENT.to_string(),
            }],
            receipt_limits: Vec::new(),
            malformed: Vec::new(),
        })
    }

    async fn list_exchange_rate_changes(
        &self,
        _: pb::ListExchangeRateChangesRequest,
    ) -> Result<pb::ListExchangeRateChangesResponse> {
        busy(&self.world)?;
        Ok(pb::ListExchangeRateChangesResponse::default())
    }

    async fn list_transfer_rate_changes(
        &self,
        _: pb::ListTransferRateChangesRequest,
    ) -> Result<pb::ListTransferRateChangesResponse> {
        busy(&self.world)?;
        Ok(pb::ListTransferRateChangesResponse::default())
    }

    async fn list_accounting_periods(
        &self,
        request: pb::ListAccountingPeriodsRequest,
    ) -> Result<pb::ListAccountingPeriodsResponse> {
        busy(&self.world)?;
        let state = self.state();
        let own = |entity: &String| {
            let rows = MONTHS.iter();
            rows.filter_map(|month| period(month, entity, state.books.closed.contains(*month)))
                .collect::<Vec<_>>()
        };
        Ok(pb::ListAccountingPeriodsResponse {
            accounting_periods: request.legal_entity_ids.iter().flat_map(own).collect(),
            malformed: Vec::new(),
        })
    }

    async fn put_customer(&self, request: pb::PutCustomerRequest) -> Result<pb::PutCustomerResponse> {
        busy(&self.world)?;
        let outcome = Some(self.put("customer", &request.key));
        Ok(pb::PutCustomerResponse { outcome })
    }

    async fn put_contract(&self, request: pb::PutContractRequest) -> Result<pb::PutContractResponse> {
        busy(&self.world)?;
        let outcome = Some(self.put("contract", &request.key));
        Ok(pb::PutContractResponse { outcome })
    }

    async fn put_project(&self, request: pb::PutProjectRequest) -> Result<pb::PutProjectResponse> {
        busy(&self.world)?;
        let outcome = Some(self.put("project", &request.key));
        Ok(pb::PutProjectResponse { outcome })
    }

    async fn put_employee(&self, request: pb::PutEmployeeRequest) -> Result<pb::PutEmployeeResponse> {
        busy(&self.world)?;
        let outcome = Some(self.put("employee", &request.key));
        Ok(pb::PutEmployeeResponse { outcome })
    }

    async fn post_time(&self, request: pb::PostTimeRequest) -> Result<pb::PostTimeResponse> {
        busy(&self.world)?;
        let postings = request.postings.into_iter();
        let outcomes = postings.map(|posting| self.take(&Posting::Time(posting))).collect();
        Ok(pb::PostTimeResponse { outcomes })
    }

    async fn list_time_postings(&self, request: pb::ListTimePostingsRequest) -> Result<pb::ListTimePostingsResponse> {
        busy(&self.world)?;
        let day = |day: Option<&_>| day.and_then(|day| date(day).ok());
        let (from, to) = (day(request.from_date.as_ref()), day(request.to_date.as_ref()));
        let state = self.state();
        let rows = state.books.time.iter().filter(|row| row.id > request.after_id);
        let rows = rows.filter(|row| {
            let worked = day(row.body.work_date.as_ref());
            worked >= from && worked <= to
        });
        let size = size(request.page_size, 1000);
        let time_postings: Vec<pb::BookedTime> = rows
            .take(size)
            .map(|row| pb::BookedTime {
                id: row.id.clone(),
                key: row.key.clone(),
                employee_id: row.body.employee_id.clone(),
                project_id: row.body.project_id.clone(),
                work_date: row.body.work_date,
                minutes: row.body.minutes,
                bill_amount: row.body.bill_amount.clone(),
                cost_amount: row.body.cost_amount.clone(),
                memo: row.body.memo.clone(),
                posting_date: row.body.posting_date.or(row.body.work_date),
                original_period: row.body.original_period.clone(),
            })
            .collect();
        let full = time_postings.len() == size;
        let last = time_postings.last().filter(|_| full).map(|row| row.id.clone());
        Ok(pb::ListTimePostingsResponse {
            time_postings,
            malformed: Vec::new(),
            next_after_id: last.unwrap_or_default(),
        })
    }

    async fn post_document(&self, request: pb::PostDocumentRequest) -> Result<pb::PostDocumentResponse> {
        busy(&self.world)?;
        let document = request.document.unwrap_or_default();
        let outcome = self.take(&Posting::Document(request.key, document));
        let posted = self.state().books.standing.get(&outcome.vendor_id).cloned();
        Ok(pb::PostDocumentResponse {
            outcome: Some(outcome),
            posted,
        })
    }

    async fn post_journal(&self, request: pb::PostJournalRequest) -> Result<pb::PostJournalResponse> {
        busy(&self.world)?;
        let outcome = self.take(&Posting::Journal(request.key, request.journal.unwrap_or_default()));
        Ok(pb::PostJournalResponse { outcome: Some(outcome) })
    }

    async fn list_document_changes(&self, request: pb::ListDocumentChangesRequest) -> Result<pb::ListDocumentChangesResponse> {
        busy(&self.world)?;
        let state = self.state();
        let page = state.changed.page(&self.world, &request.cursor);
        let standing = page.ids.iter().filter_map(|id| state.books.standing.get(id).cloned());
        Ok(pb::ListDocumentChangesResponse {
            documents: standing.collect(),
            malformed: Vec::new(),
            next_cursor: page.next_cursor,
            more: page.more,
        })
    }

    async fn list_postings(&self, request: pb::ListPostingsRequest) -> Result<pb::ListPostingsResponse> {
        busy(&self.world)?;
        let day = |day: Option<&_>| day.and_then(|day| date(day).ok());
        let (from, to) = (day(request.from_date.as_ref()), day(request.to_date.as_ref()));
        let shown = self.state().books.shown().into_iter();
        let shown = shown.filter(|row| row.kind == request.kind && row.id > request.after_id);
        let shown = shown.filter(|row| {
            let posted = day(row.posting_date.as_ref());
            posted >= from && posted <= to
        });
        let size = size(request.page_size, 500);
        let postings: Vec<pb::BookedPosting> = shown.take(size).collect();
        let last = postings.last().filter(|_| postings.len() == size).map(|row| row.id.clone());
        Ok(pb::ListPostingsResponse {
            postings,
            malformed: Vec::new(),
            next_after_id: last.unwrap_or_default(),
        })
    }

    async fn lookup_by_key(&self, request: pb::LookupByKeyRequest) -> Result<pb::LookupByKeyResponse> {
        busy(&self.world)?;
        let mut state = self.state();
        let mut found = Vec::new();
        for key in request.keys {
            state.asked.insert(key.clone(), Asked::LookedUp);
            let held = state.books.find(&key);
            let blind = held.is_some() && self.world.strikes(Fault::LookUpBlind);
            self.world
                .say(format_args!("look up {key}: {}", if blind { "blind" } else { "shown" }));
            if let Some((vendor_id, vendor_number)) = held.filter(|_| !blind) {
                let held = state.books.shown().into_iter().find(|row| row.id == vendor_id);
                found.push(pb::FoundRecord {
                    key,
                    vendor_id,
                    vendor_number,
                    held,
                });
            }
        }
        Ok(pb::LookupByKeyResponse { found })
    }
}
