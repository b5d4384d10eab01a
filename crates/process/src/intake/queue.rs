//! Calls wait in a bounded queue; whoever is free takes all that wait.

use std::sync::Arc;

use strata_audit::Done;
use strata_contract::strata::process::time::v1::TimeAcceptance;
use strata_contract::strata::system::psa::v1 as psa;
use strata_kernel::{Error, Kind, Result};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Mutex, mpsc, oneshot};

use super::take::take;
use crate::core::Core;

/// Calls that may wait. One more is refused, and told to come again.
const WAITING: usize = 1024;
/// Transactions at a time: while one is committed, the next is prepared.
const HANDS: usize = 2;

/// Makes the audit row of a call from what it is answered.
pub(crate) type Audited = Box<dyn Fn(&[TimeAcceptance]) -> Done + Send + Sync>;

/// Entries that one caller hands in.
pub(crate) struct Call {
    /// The entries, each id once.
    pub(crate) entries: Vec<psa::TimeEntry>,
    /// Its row in the audit log. None: it leaves none.
    pub(crate) audited: Option<Audited>,
}

/// A call, and whoever waits for its answer.
struct Waiting {
    call: Arc<Call>,
    answer: oneshot::Sender<Result<Vec<TimeAcceptance>>>,
}

/// Where calls wait. Cloning shares it; it ends with its last clone.
#[derive(Clone)]
pub(crate) struct Intake {
    queue: mpsc::Sender<Waiting>,
}

impl Intake {
    /// Starts taking calls. Call it inside the runtime.
    pub(crate) fn start(core: &Core) -> Self {
        let (queue, waiting) = mpsc::channel(WAITING);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..HANDS {
            tokio::spawn(serve(core.clone(), Arc::clone(&waiting)));
        }
        Self { queue }
    }

    /// Hands entries in, and waits until what becomes of them is durable. In their order.
    ///
    /// # Errors
    /// `OVERLOADED` when too many calls wait. `IDEMPOTENCY_CONFLICT` when an entry was handed in with another content. Otherwise when
    /// master data or the database cannot be used: nothing of the call was stored then.
    pub(crate) async fn accept(&self, call: Call) -> Result<Vec<TimeAcceptance>> {
        let (answer, answered) = oneshot::channel();
        let call = Arc::new(call);
        self.queue
            .try_send(Waiting { call, answer })
            .map_err(|refused| match refused {
                TrySendError::Full(_) => {
                    let text = format!("{WAITING} calls wait to be taken; hand the entries in again in a moment");
                    Error::new(Kind::Unavailable, "OVERLOADED", text)
                }
                TrySendError::Closed(_) => ending(),
            })?;
        answered.await.map_err(|_| ending())?
    }
}

fn ending() -> Error {
    let text = "the server ends; hand the entries in again, to another server or in a moment";
    Error::new(Kind::Unavailable, "SERVER_UNREACHABLE", text)
}

/// Takes whatever waits, until nobody can hand in any more.
async fn serve(core: Core, queue: Arc<Mutex<mpsc::Receiver<Waiting>>>) {
    let together = core.settings.intake_together;
    loop {
        let mut some = Vec::new();
        {
            let mut queue = queue.lock().await;
            let Some(first) = queue.recv().await else { return };
            let mut entries = first.call.entries.len();
            some.push(first);
            while entries < together
                && let Ok(next) = queue.try_recv()
            {
                entries += next.call.entries.len();
                some.push(next);
            }
        }
        answer(&core, some).await;
    }
}

/// Takes calls together. When that fails, each is taken alone, so that one that is refused does not refuse the others.
async fn answer(core: &Core, some: Vec<Waiting>) {
    let calls: Vec<Arc<Call>> = some.iter().map(|waiting| Arc::clone(&waiting.call)).collect();
    let alone = calls.len() == 1;
    match take(core, calls).await {
        Ok(answers) => {
            for (waiting, answered) in some.into_iter().zip(answers) {
                // Whoever asked may be gone. What was stored stays.
                waiting.answer.send(Ok(answered)).ok();
            }
        }
        Err(cause) if alone => {
            some.into_iter()
                .for_each(|waiting| drop(waiting.answer.send(Err(cause.clone()))));
        }
        Err(_) => {
            for waiting in some {
                let answered = take(core, vec![Arc::clone(&waiting.call)]).await;
                let answered = answered.map(|mut one| one.pop().unwrap_or_default());
                waiting.answer.send(answered).ok();
            }
        }
    }
}
