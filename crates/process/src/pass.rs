//! One pass over everything there is to do, and passes until nothing is left.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use strata_events::{Bus, Rest};
use strata_kernel::{Error, Result};
use strata_rpc::SettleReport;
use tokio::sync::Mutex;
use tracing::{error, info};

use crate::core::Core;
use crate::guard::guarded;
use crate::{billing, engine, feeds, intercompany, revenue};

/// Passes in one settling. The caller asks again; a process that never rests shows in the number.
const MOST: u32 = 50;
/// Longest wait for events that are on their way, in real time. Then the report says that there was work left.
const PATIENCE: Duration = Duration::from_secs(30);

/// Works passes, one at a time.
pub(crate) struct Worker {
    core: Core,
    bus: Bus,
    turn: Mutex<()>,
}

impl Worker {
    pub(crate) fn new(core: Core, bus: Bus) -> Self {
        Self {
            core,
            bus,
            turn: Mutex::new(()),
        }
    }

    /// Passes until one finds nothing to do. They go on when the caller stops waiting: a pass that ended between
    /// a call and what is stored of its answer would leave postings behind that nobody looks up before a restart.
    pub(crate) async fn settle(self: &Arc<Self>) -> Result<SettleReport> {
        let own = Arc::clone(self);
        tokio::spawn(async move { own.passes().await })
            .await
            .map_err(Error::internal)?
    }

    async fn passes(&self) -> Result<SettleReport> {
        let mut report = SettleReport::default();
        while report.passes < MOST {
            let work = self.pass().await?;
            report.passes += 1;
            report.work += work;
            if work > 0 {
                continue;
            }
            // Nothing to do, but an event may still be on its way to somebody who then has.
            match self.bus.rest(PATIENCE).await? {
                Rest::Yes => break,
                Rest::Moved(events) => report.work += events,
                Rest::No => {
                    report.work += 1;
                    break;
                }
            }
        }
        Ok(report)
    }

    /// A pass, a pause, and again, until `shutdown` is done. A pass under way is finished.
    pub(crate) async fn run(&self, shutdown: impl Future<Output = ()>) {
        tokio::pin!(shutdown);
        let pause = Duration::from_secs(self.core.settings.poll_seconds);
        loop {
            match self.pass().await {
                Ok(0) => {}
                Ok(work) => {
                    info!(work, "pass");
                    continue;
                }
                Err(cause) => error!(error = %cause, "a pass failed; what it had not stored is done again"),
            }
            tokio::select! {
                () = &mut shutdown => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// What is read first is what the rest stands on: a project is known before the hours on it.
    async fn pass(&self) -> Result<u64> {
        let _turn = self.turn.lock().await;
        let core = &self.core;
        let mut work = feeds::pull_foundations(core).await?;
        work += engine::work_due(core).await?;
        work += feeds::pull_work(core).await?;
        work += engine::work_due(core).await?;
        work += billing::prepare(core).await?;
        work += guarded(core, "erp-look-up", billing::look_up_unknown(core)).await?;
        work += guarded(core, "erp-time-postings", billing::send(core)).await?;
        work += billing::schedule(core).await?;
        work += revenue::schedule(core).await?;
        work += intercompany::schedule(core).await?;
        work += engine::work_due(core).await?;
        work += guarded(core, "event-bus", self.bus.relay()).await?;
        work += engine::work_due(core).await?;
        Ok(work)
    }
}
