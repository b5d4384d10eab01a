//! The CRM: deals, their terms, prices, and what sales sees of the invoices.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use strata_contract::strata::common::v1::{Capabilities, ContractTerms, ContractType, RateLevel, RateLine, RoundingMode};
use strata_contract::strata::system::crm::v1 as pb;
use strata_contract::{pb_date, pb_instant};
use strata_kernel::{Clock, Date, Error, Result};
use strata_port::CrmSystem;

use super::feed::Feed;
use super::{busy, capabilities, write};
use crate::world::World;

/// A deal as sales makes it.
#[derive(Debug, Clone)]
pub(crate) struct Deal {
    /// Number of its contract.
    pub(crate) contract: String,
    /// Code of its only project.
    pub(crate) project: String,
    /// The customer: deals may share one.
    pub(crate) customer: String,
    /// Company that signs.
    pub(crate) entity: String,
    /// Its cost center.
    pub(crate) cost_center: String,
    /// Currency.
    pub(crate) currency: String,
    /// First day.
    pub(crate) start: Date,
    /// Last day. None: it runs until somebody ends it.
    pub(crate) end: Option<Date>,
}

/// The system.
pub(crate) struct Crm {
    world: Arc<World>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    sales: BTreeMap<String, pb::Sale>,
    deals: Feed,
    lines: BTreeMap<String, RateLine>,
    prices: Feed,
    /// Our ids, by deal.
    recorded: BTreeMap<String, pb::RecordEngagementRequest>,
    /// What sales sees, by key of the document.
    shown: BTreeMap<String, pb::InvoiceStatus>,
}

impl Crm {
    pub(super) fn new(world: &Arc<World>) -> Self {
        Self {
            world: Arc::clone(world),
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sales agrees on a price per hour for a role in a company.
    pub(crate) fn price(&self, role: &str, entity: &str, currency: &str, hourly_rate: &str, since: Date) {
        let id = format!("RL-{entity}-{role}");
        let line = RateLine {
            id: id.clone(),
            level: RateLevel::Standard.into(),
            level_key: entity.to_owned(),
            role: role.to_owned(),
            currency_code: currency.to_owned(),
            hourly_rate: hourly_rate.to_owned(),
            effective_date: Some(pb_date(since)),
            recorded_time: Some(pb_instant(self.world.firm.now())),
            ..RateLine::default()
        };
        let mut state = self.state();
        state.lines.insert(id.clone(), line);
        state.prices.changed(&id);
    }

    /// A deal is won.
    pub(crate) fn win(&self, deal: &Deal) {
        let id = format!("opp-{}", deal.contract);
        let task = |number: u32, billable: bool| pb::PlannedTask {
            code: format!("{}-T{number}", deal.project),
            name: format!("task {number}"),
            billable,
        };
        let sale = pb::Sale {
            opportunity: Some(pb::Opportunity {
                id: id.clone(),
                name: deal.contract.clone(),
                account_id: deal.customer.clone(),
                won: true,
                closed: true,
                stage: "Closed Won".to_owned(),
                close_date: Some(pb_date(deal.start)),
                modified_time: Some(pb_instant(self.world.firm.now())),
                ..pb::Opportunity::default()
            }),
            account: Some(pb::Account {
                id: deal.customer.clone(),
                name: format!("Customer {}", deal.customer),
                country_code: "DE".to_owned(),
                currency_code: deal.currency.clone(),
                vat_id_valid: Some(true),
                payment_terms_days: Some(30),
            }),
            terms: Some(ContractTerms {
                contract_number: deal.contract.clone(),
                legal_entity_code: deal.entity.clone(),
                r#type: ContractType::Time.into(),
                currency_code: deal.currency.clone(),
                start_date: Some(pb_date(deal.start)),
                end_date: deal.end.map(pb_date),
                signed_date: Some(pb_date(deal.start)),
                increment_minutes: 15,
                rounding_mode: RoundingMode::Up.into(),
                overtime_multiplier_percent: 150,
                ..ContractTerms::default()
            }),
            projects: vec![pb::PlannedProject {
                code: deal.project.clone(),
                name: deal.project.clone(),
                start_date: Some(pb_date(deal.start)),
                cost_center_code: deal.cost_center.clone(),
                roles: vec!["consultant".to_owned()],
                tasks: vec![task(1, true), task(2, false)],
            }],
        };
        let mut state = self.state();
        state.sales.insert(id.clone(), sale);
        state.deals.changed(&id);
    }

    /// What sales sees of the invoices, by key.
    pub(crate) fn shown(&self) -> BTreeMap<String, pb::InvoiceStatus> {
        self.state().shown.clone()
    }

    /// Our ids on the deals, by contract number.
    pub(crate) fn recorded(&self) -> BTreeMap<String, pb::RecordEngagementRequest> {
        let state = self.state();
        let own = state.recorded.iter();
        own.map(|(id, said)| (id.trim_start_matches("opp-").to_owned(), said.clone()))
            .collect()
    }
}

#[async_trait]
impl CrmSystem for Crm {
    fn capabilities(&self) -> Capabilities {
        capabilities("sim-crm")
    }

    async fn list_opportunity_changes(
        &self,
        request: pb::ListOpportunityChangesRequest,
    ) -> Result<pb::ListOpportunityChangesResponse> {
        busy(&self.world)?;
        let state = self.state();
        let page = state.deals.page(&self.world, &request.cursor);
        let deal = |id: &String| state.sales.get(id).and_then(|sale| sale.opportunity.clone());
        Ok(pb::ListOpportunityChangesResponse {
            opportunities: page.ids.iter().filter_map(deal).collect(),
            malformed: Vec::new(),
            next_cursor: page.next_cursor,
            more: page.more,
        })
    }

    async fn get_sale(&self, request: pb::GetSaleRequest) -> Result<pb::GetSaleResponse> {
        busy(&self.world)?;
        let sale = self.state().sales.get(&request.opportunity_id).cloned();
        let sale = sale.ok_or_else(|| Error::not_found("opportunity", &request.opportunity_id))?;
        Ok(pb::GetSaleResponse { sale: Some(sale) })
    }

    async fn list_rate_line_changes(&self, request: pb::ListRateLineChangesRequest) -> Result<pb::ListRateLineChangesResponse> {
        busy(&self.world)?;
        let state = self.state();
        let page = state.prices.page(&self.world, &request.cursor);
        Ok(pb::ListRateLineChangesResponse {
            rate_lines: page.ids.iter().filter_map(|id| state.lines.get(id).cloned()).collect(),
            malformed: Vec::new(),
            next_cursor: page.next_cursor,
            more: page.more,
        })
    }

    async fn list_amendment_changes(&self, _: pb::ListAmendmentChangesRequest) -> Result<pb::ListAmendmentChangesResponse> {
        busy(&self.world)?;
        Ok(pb::ListAmendmentChangesResponse::default())
    }

    async fn list_milestone_changes(&self, _: pb::ListMilestoneChangesRequest) -> Result<pb::ListMilestoneChangesResponse> {
        busy(&self.world)?;
        Ok(pb::ListMilestoneChangesResponse::default())
    }

    async fn record_engagement(&self, request: pb::RecordEngagementRequest) -> Result<pb::RecordEngagementResponse> {
        busy(&self.world)?;
        let id = request.opportunity_id.clone();
        let outcome = write(&self.world, "engagement", &request.engagement_id, || {
            self.state().recorded.insert(id.clone(), request.clone());
            id.clone()
        });
        Ok(pb::RecordEngagementResponse { outcome: Some(outcome) })
    }

    async fn put_invoice_status(&self, request: pb::PutInvoiceStatusRequest) -> Result<pb::PutInvoiceStatusResponse> {
        busy(&self.world)?;
        let status = request.status.unwrap_or_default();
        let what = format!("status {}", status.status);
        let outcome = write(&self.world, &what, &status.key, || {
            let id = format!("status-{}", status.key);
            self.state().shown.insert(status.key.clone(), status.clone());
            id
        });
        Ok(pb::PutInvoiceStatusResponse { outcome: Some(outcome) })
    }
}
