//! One pass over everything there is to do, and passes until nothing is left.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use strata_audit::Audit;
use strata_events::{Bus, Rest};
use strata_kernel::{Date, Error, Result};
use strata_rpc::SettleReport;
use tokio::sync::Mutex;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout};
use tracing::{error, info};

use crate::core::Core;
use crate::guard::guarded;
use crate::instances::claims;
use crate::{billing, engine, feeds, intercompany, positions, reconciliation, revenue};

/// Pause of an instance that waits for the lead.
const HELP: Duration = Duration::from_millis(20);
/// Passes in one settling. The caller asks again; a process that never rests shows in the number.
const MOST: u32 = 50;
/// Longest wait for events that are on their way, in real time. Then the report says that there was work left.
const PATIENCE: Duration = Duration::from_secs(30);

/// Pause of an instance that does not lead between two looks for steps.
const IDLE: Duration = Duration::from_secs(1);
/// How long the rest of a pass waits until time is sent.
const AHEAD: Duration = Duration::from_secs(2);
/// Pause between two rounds of everything else while time is being sent.
const ROUND: Duration = Duration::from_millis(500);

/// What an instance did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Led,
    Helped,
}

/// Works passes, one at a time.
pub(crate) struct Worker {
    core: Core,
    bus: Bus,
    audit: Audit,
    /// The day on which the audit log was sealed last. One pass at a time.
    turn: Mutex<Option<Date>>,
    beating: AbortHandle,
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.beating.abort();
    }
}

impl Worker {
    /// `beating` says that this instance is alive, for as long as the worker is there.
    pub(crate) fn new(core: Core, bus: Bus, audit: Audit, beating: AbortHandle) -> Self {
        Self {
            core,
            bus,
            audit,
            turn: Mutex::default(),
            beating,
        }
    }

    pub(crate) fn end_beat(&self) {
        self.beating.abort();
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
            let work = self
                .pass_or_help()
                .await
                .inspect_err(|cause| error!(error = ?cause, "a pass failed; what it had not stored is done again"))?;
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

    /// A pass, a pause, and again, until `shutdown` is done or this instance lost its place. A pass under way is
    /// finished. Who does not lead looks more often for steps to execute. Sums are kept fresh beside it.
    pub(crate) async fn run(&self, shutdown: impl Future<Output = ()>) {
        tokio::select! {
            // In this order, and not in a random one: a life is the same each time it is simulated.
            biased;
            () = self.rounds(shutdown) => {}
            () = positions::keep_fresh(&self.core) => {}
        }
    }

    async fn rounds(&self, shutdown: impl Future<Output = ()>) {
        tokio::pin!(shutdown);
        let own_pause = Duration::from_secs(self.core.settings.poll_seconds);
        loop {
            let pause = match self.lead_or_help().await {
                Ok((Part::Led, 0)) => own_pause,
                Ok((Part::Helped, 0)) => own_pause.min(IDLE),
                Ok((_, work)) => {
                    info!(work, "pass");
                    if !self.core.is_ending() {
                        continue;
                    }
                    own_pause
                }
                Err(cause) => {
                    error!(error = %cause, "a pass failed; what it had not stored is done again");
                    own_pause
                }
            };
            tokio::select! {
                biased;
                () = &mut shutdown => return,
                () = self.core.instance.lost() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// A pass by this instance, which waits for the lead and executes steps for the leader meanwhile.
    async fn pass_or_help(&self) -> Result<u64> {
        let mut turn = self.turn.lock().await;
        let mut helped = 0;
        while !claims::lead(&self.core).await? {
            helped += engine::help(&self.core).await?;
            tokio::time::sleep(HELP).await;
        }
        Ok(helped + self.lead(&mut turn).await?)
    }

    /// A pass, or help with the steps when another instance leads.
    async fn lead_or_help(&self) -> Result<(Part, u64)> {
        let mut turn = self.turn.lock().await;
        if claims::lead(&self.core).await? {
            Ok((Part::Led, self.lead(&mut turn).await?))
        } else {
            Ok((Part::Helped, engine::help(&self.core).await?))
        }
    }

    async fn lead(&self, sealed: &mut Option<Date>) -> Result<u64> {
        let passed = self.pass(sealed).await;
        claims::end_lead(&self.core).await?;
        passed
    }

    async fn pass(&self, sealed: &mut Option<Date>) -> Result<u64> {
        let core = &self.core;
        if *sealed != Some(core.today()) {
            self.audit.seal().await?;
            *sealed = Some(core.today());
        }
        let mut work = self.read().await?;
        work += guarded(core, "erp-look-up", billing::look_up_unknown(core)).await?;
        work += guarded(core, "erp-held", billing::look_up_held(core)).await?;
        let sending = guarded(core, "erp-time-postings", billing::send(core));
        tokio::pin!(sending);
        match timeout(AHEAD, &mut sending).await {
            Ok(sent) => work += sent? + self.go_on(false).await?,
            Err(_) => work += self.beside(sending).await?,
        }
        Ok(work)
    }

    /// What the vendors say. What is read first is what the rest stands on: a project is known before the hours on it.
    async fn read(&self) -> Result<u64> {
        let core = &self.core;
        let mut work = feeds::pull_foundations(core).await?;
        work += engine::work_due(core).await?;
        work += feeds::pull_work(core).await?;
        work += engine::work_due(core).await?;
        work += billing::prepare(core).await?;
        Ok(work)
    }

    /// What follows from what was read. While time is being sent, the books are not compared: what is on its way would differ.
    async fn go_on(&self, is_sending: bool) -> Result<u64> {
        let core = &self.core;
        let mut work = billing::schedule(core).await?;
        work += revenue::schedule(core).await?;
        work += intercompany::schedule(core).await?;
        if !is_sending {
            work += guarded(core, "time-reconciliation", reconciliation::schedule(core)).await?;
            work += guarded(core, "books-reconciliation", reconciliation::keep_up(core)).await?;
        }
        work += engine::work_due(core).await?;
        work += guarded(core, "event-bus", self.bus.relay()).await?;
        work += engine::work_due(core).await?;
        work += guarded(core, "positions", positions::fold(core)).await?;
        Ok(work)
    }

    /// A burst of time takes the ERP minutes: invoices, revenue and news do not wait for its end. Everything else goes on in rounds
    /// until it is over. The vendors are asked no more often than without a burst: that takes of what their accounts allow.
    async fn beside(&self, sending: impl Future<Output = Result<u64>>) -> Result<u64> {
        let is_over = AtomicBool::new(false);
        let sending = async {
            let sent = sending.await;
            is_over.store(true, Ordering::Relaxed);
            sent
        };
        let others = async {
            let (mut work, mut read) = (0, Instant::now());
            let own_pause = Duration::from_secs(self.core.settings.poll_seconds);
            loop {
                let is_time = read.elapsed() >= own_pause;
                let ended = self.round(is_time).await;
                if is_time {
                    read = Instant::now();
                }
                match ended {
                    Ok(done) => work += done,
                    Err(cause) if is_over.load(Ordering::Relaxed) => return Err(cause),
                    Err(cause) => error!(error = %cause, "a round failed; what it had not stored is done again"),
                }
                if is_over.load(Ordering::Relaxed) {
                    return Ok(work);
                }
                tokio::time::sleep(ROUND).await;
            }
        };
        let (sent, others) = tokio::join!(sending, others);
        Ok(sent? + others?)
    }

    /// Everything but the sending of time, once.
    async fn round(&self, asks_vendors: bool) -> Result<u64> {
        let done = self.go_on(true).await?;
        Ok(if asks_vendors { done + self.read().await? } else { done })
    }
}
