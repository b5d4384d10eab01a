//! The port.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{Days, TimeDelta};
use strata_contract::strata::common::v1::{Capabilities, ChangeFeed, WriteStrategy};
use strata_contract::strata::system::hr::v1 as pb;
use strata_kernel::{Clock, Error, Result};
use strata_port::HrSystem;
use strata_vendor_http::Gate;

use crate::client::{Client, Question, Who};
use crate::config::Config;
use crate::cursor::Pass;
use crate::fields::COUNT;
use crate::versions;

/// Records per page when the caller does not say.
const PAGE: u32 = 100;
/// Most records per page.
const MOST: u32 = 500;

/// Workday as an HR system.
pub struct Workday {
    client: Arc<Client>,
    clock: Arc<dyn Clock>,
    overlap: TimeDelta,
    horizon: Days,
}

/// Connects to Workday. Refuses settings that cannot work, naming the field; asks Workday nothing yet.
pub fn new(config: Config, clock: Arc<dyn Clock>) -> Result<Workday> {
    config.check()?;
    Ok(Workday {
        client: Arc::new(Client::new(&config, Arc::clone(&clock))?),
        clock,
        overlap: TimeDelta::seconds(i64::from(config.overlap_seconds)),
        horizon: Days::new(u64::from(config.horizon_days)),
    })
}

impl Workday {
    /// What admits its requests to the vendor.
    pub fn gate(&self) -> Gate {
        self.client.gate()
    }
}

#[async_trait]
impl HrSystem for Workday {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            vendor: crate::VENDOR.to_owned(),
            operations: vec!["ListWorkerChanges".to_owned()],
            write_strategy: WriteStrategy::ReadOnly.into(),
            batch_size: 1,
            change_feed: ChangeFeed::TransactionLog.into(),
        }
    }

    /// A worker with an entry in the window comes with every version, oldest first: see the module `versions`.
    async fn list_worker_changes(&self, request: pb::ListWorkerChangesRequest) -> Result<pb::ListWorkerChangesResponse> {
        let size = if request.page_size == 0 {
            PAGE
        } else {
            request.page_size.min(MOST)
        };
        let pass = Pass::of(&request.cursor, self.clock.now(), self.overlap, size.min(COUNT))?;
        // The day of the pass, not of the call: each page has to ask for the same one.
        let horizon = pass
            .through
            .date_naive()
            .checked_add_days(self.horizon)
            .ok_or_else(|| Error::internal("the horizon is beyond the calendar"))?;
        let question = Question {
            who: pass.from.map_or(Who::All, |from| Who::Entered(from, pass.through)),
            on: horizon,
            known_by: pass.through,
            page: pass.page,
            count: pass.count,
        };
        let page = self.client.workers(&question).await?;
        let rows = versions::all(&self.client, &page.workers, horizon, pass.through).await?;
        let size = usize::try_from(size).unwrap_or(1);
        let left = rows.workers.len().saturating_sub(pass.skip);
        let next = if left > size {
            Some(Pass {
                skip: pass.skip + size,
                ..pass
            })
        } else {
            (pass.page < page.pages).then_some(Pass {
                page: pass.page + 1,
                skip: 0,
                ..pass
            })
        };
        Ok(pb::ListWorkerChangesResponse {
            workers: rows.workers.into_iter().skip(pass.skip).take(size).collect(),
            malformed: if pass.skip == 0 { rows.malformed } else { Vec::new() },
            next_cursor: next.map_or_else(|| pass.ended(), Pass::text),
            more: next.is_some(),
        })
    }
}
