//! The ERP: reference data, customers, projects, people, and the books.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use strata_contract::strata::common::v1::{Capabilities, TaxCategory, WriteOutcome};
use strata_contract::strata::system::erp::v1 as pb;
use strata_contract::{date, pb_date};
use strata_kernel::{Date, Result, month_of};
use strata_port::{ErpSystem, outcome};

use super::books::{Books, Posting, TAX_PERCENT};
use super::feed::Feed;
use super::{busy, capabilities, write};
use crate::fault::Fault;
use crate::world::{Fate, World};

/// The company of the firm.
pub(crate) const ENTITY: &str = "DE01";
/// Its cost center.
pub(crate) const COST_CENTER: &str = "CC-DE01";
/// Its currency.
pub(crate) const CURRENCY: &str = "EUR";
/// Months whose periods the ERP has.
const MONTHS: [&str; 5] = ["2024-12", "2025-01", "2025-02", "2025-03", "2025-04"];

/// The system.
pub(crate) struct Erp {
    world: Arc<World>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    books: Books,
    made: BTreeMap<(&'static str, String), String>,
    changed: Feed,
    /// What is carried out later, by the machine's time.
    later: Vec<(u64, Posting)>,
    /// What was last asked about a key.
    asked: BTreeMap<String, Asked>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Posted,
    Refused,
    LookedUp,
}

impl Erp {
    pub(super) fn new(world: &Arc<World>) -> Self {
        let books = Books {
            unique_keys: world.plan.unique_keys,
            ..Books::default()
        };
        Self {
            world: Arc::clone(world),
            state: Mutex::new(State {
                books,
                ..State::default()
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.work_off(&self.world);
        state
    }

    fn put(&self, kind: &'static str, key: &str) -> WriteOutcome {
        write(&self.world, kind, key, || {
            let mut state = self.state();
            let next = state.made.len() + 1;
            let id = state.made.entry((kind, key.to_owned()));
            id.or_insert_with(|| format!("{}{next}", &kind[..2])).clone()
        })
    }

    /// Reads the books.
    pub(crate) fn books<T>(&self, read: impl FnOnce(&Books) -> T) -> T {
        read(&self.state().books)
    }

    /// How many records of a kind there are, beside the books.
    pub(crate) fn made(&self, kind: &str) -> usize {
        self.state().made.keys().filter(|(of, _)| *of == kind).count()
    }

    /// Finance closes a month.
    pub(crate) fn close(&self, month: &str) {
        self.state().books.closed.insert(month.to_owned());
    }

    /// A customer pays the oldest invoice that is open, in part or in full. False: none is.
    pub(crate) fn pay(&self, percent: i64) -> bool {
        let mut state = self.state();
        let open = |document: &&mut pb::PostedDocument| document.open.as_ref().is_some_and(|open| open.minor_units > 0);
        let Some(document) = state.books.standing.values_mut().find(open) else {
            return false;
        };
        let Some(open) = &mut document.open else { return false };
        open.minor_units -= (open.minor_units * percent / 100).max(1);
        let left = open.minor_units;
        document.set_state(if left == 0 {
            pb::DocumentState::Paid
        } else {
            pb::DocumentState::PartPaid
        });
        let id = document.id.clone();
        state.changed.changed(&id);
        true
    }

    /// Takes a posting: refused in a closed month, else whatever fate will have.
    fn take(&self, posting: &Posting) -> WriteOutcome {
        let key = posting.key();
        let mut state = self.state();
        // What stood still may go on with what it had decided before: others have looked since.
        let asked = state.asked.get(key);
        if asked == Some(&Asked::Posted) && self.world.plan.stands == 0 {
            self.world.wrong(format!("{key} was sent again, and nobody had looked it up"));
        }
        state.asked.insert(key.to_owned(), Asked::Posted);
        if state.books.find(key).is_none() && state.books.closed.contains(&posting.month()) {
            state.asked.insert(key.to_owned(), Asked::Refused);
            self.world.struck(Fault::PeriodClosed);
            self.world.say(format_args!("post {key}: {} is closed", posting.month()));
            return outcome::rejected(key, "PERIOD_CLOSED", "the period is closed");
        }
        drop(state);
        let fate = self.world.fate();
        self.world.say(format_args!("post {key} in {} {fate:?}", posting.month()));
        let mut state = self.state();
        match fate {
            Fate::Lost => return outcome::unknown(key),
            Fate::Unsaid => {
                state.book(posting);
                return outcome::unknown(key);
            }
            Fate::Later(ms) | Fate::Twice(ms) => {
                let at = self.world.machine.elapsed_ms() + ms;
                state.later.push((at, posting.clone()));
            }
            Fate::Done => {}
        }
        match fate {
            Fate::Later(_) => outcome::unknown(key),
            _ => outcome::confirmed(key, state.book(posting).unwrap_or_default()),
        }
    }
}

impl State {
    fn book(&mut self, posting: &Posting) -> Option<String> {
        let known = self.books.find(posting.key()).is_some();
        let id = self.books.book(posting)?;
        if matches!(posting, Posting::Document(..)) && !known {
            self.changed.changed(&id);
        }
        Some(id)
    }

    /// Carries out what is due by now.
    fn work_off(&mut self, world: &World) {
        let now = world.machine.elapsed_ms();
        while let Some(at) = self.later.iter().position(|(due, _)| *due <= now) {
            let (_, posting) = self.later.remove(at);
            world.say(format_args!("carried out late: {}", posting.key()));
            self.book(&posting);
        }
    }
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
        let size = if request.page_size == 0 {
            1000
        } else {
            request.page_size as usize
        };
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
                found.push(pb::FoundRecord {
                    key,
                    vendor_id,
                    vendor_number,
                    // This ERP does not say what it holds.
                    held: None,
                });
            }
        }
        Ok(pb::LookupByKeyResponse { found })
    }
}
