//! The HR system: who works here.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use strata_contract::strata::common::v1::{Capabilities, Money};
use strata_contract::strata::system::hr::v1 as pb;
use strata_contract::{pb_date, pb_instant};
use strata_kernel::{Clock, Date, Result};
use strata_port::HrSystem;

use super::feed::Feed;
use super::{busy, capabilities};
use crate::world::World;

/// The system.
pub(crate) struct Hr {
    world: Arc<World>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    workers: BTreeMap<String, pb::Worker>,
    feed: Feed,
}

impl Hr {
    pub(super) fn new(world: &Arc<World>) -> Self {
        Self {
            world: Arc::clone(world),
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody is hired, at what an hour costs in cents.
    pub(crate) fn hire(&self, number: &str, role: &str, entity: &str, currency: &str, since: Date, hourly_cost: i64) {
        let id = format!("hr-{number}");
        let worker = pb::Worker {
            id: id.clone(),
            employee_number: number.to_owned(),
            name: format!("Worker {number}"),
            email: format!("{}@firm.example", number.to_lowercase()),
            role: role.to_owned(),
            legal_entity_code: entity.to_owned(),
            employment_effective_date: Some(pb_date(since)),
            fte_percent: 100,
            hire_date: Some(pb_date(since)),
            hourly_cost: Some(Money {
                currency_code: currency.to_owned(),
                minor_units: hourly_cost,
            }),
            cost_effective_date: Some(pb_date(since)),
            modified_time: Some(pb_instant(self.world.firm.now())),
            ..pb::Worker::default()
        };
        let mut state = self.state();
        state.workers.insert(id.clone(), worker);
        state.feed.changed(&id);
    }
}

#[async_trait]
impl HrSystem for Hr {
    fn capabilities(&self) -> Capabilities {
        capabilities("sim-hr")
    }

    async fn list_worker_changes(&self, request: pb::ListWorkerChangesRequest) -> Result<pb::ListWorkerChangesResponse> {
        busy(&self.world)?;
        let state = self.state();
        let page = state.feed.page(&self.world, &request.cursor);
        Ok(pb::ListWorkerChangesResponse {
            workers: page.ids.iter().filter_map(|id| state.workers.get(id).cloned()).collect(),
            malformed: Vec::new(),
            next_cursor: page.next_cursor,
            more: page.more,
        })
    }
}
