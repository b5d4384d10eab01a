//! Calls wait in a bounded queue; whoever is free takes all that wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use strata_audit::Done;
use strata_contract::strata::process::time::v1::TimeAcceptance;
use strata_contract::strata::system::psa::v1 as psa;
use strata_kernel::{Error, Kind, Result};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Mutex, Notify, mpsc, oneshot};

use super::take::take;
use crate::core::Core;

/// Calls that may wait. One more is refused, and told to come again.
const WAITING: usize = 1024;
/// Transactions at a time.
const HANDS: usize = 2;
/// Entries with which a second transaction begins beside another. Fewer wait for its end: what a transaction costs is shared by more.
const ENOUGH: usize = 32;
/// Longest time that those who came first wait for the others. Callers that were answered together come again together: the first of
/// them would otherwise have a transaction of its own, and the rest would wait for its end.
const LINGER: Duration = Duration::from_millis(2);

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

/// What the hands share.
struct Shared {
    queue: Mutex<mpsc::Receiver<Waiting>>,
    /// Hands at work.
    working: AtomicUsize,
    /// Calls of the transaction before.
    before: AtomicUsize,
    /// A hand has done its work.
    done: Notify,
}

impl Intake {
    /// Starts taking calls. Call it inside the runtime.
    pub(crate) fn start(core: &Core) -> Self {
        let (queue, waiting) = mpsc::channel(WAITING);
        let shared = Arc::new(Shared {
            queue: Mutex::new(waiting),
            working: AtomicUsize::new(0),
            before: AtomicUsize::new(0),
            done: Notify::new(),
        });
        for _ in 0..HANDS {
            tokio::spawn(serve(core.clone(), Arc::clone(&shared)));
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
async fn serve(core: Core, shared: Arc<Shared>) {
    let together = core.settings.intake_together;
    loop {
        let (_at_work, some) = {
            let mut queue = shared.queue.lock().await;
            let Some(some) = wait(&mut queue, &shared, together).await else {
                return;
            };
            (AtWork::new(&shared), some)
        };
        answer(&core, some).await;
    }
}

/// A hand at work, however its work ends.
struct AtWork<'a>(&'a Shared);

impl<'a> AtWork<'a> {
    fn new(shared: &'a Shared) -> Self {
        shared.working.fetch_add(1, Ordering::SeqCst);
        Self(shared)
    }
}

impl Drop for AtWork<'_> {
    fn drop(&mut self) {
        self.0.working.fetch_sub(1, Ordering::SeqCst);
        self.0.done.notify_one();
    }
}

/// Calls to take in one transaction. None: nobody can hand in any more.
async fn wait(queue: &mut mpsc::Receiver<Waiting>, shared: &Shared, together: usize) -> Option<Vec<Waiting>> {
    let first = queue.recv().await?;
    let mut entries = first.call.entries.len();
    let mut some = vec![first];
    let (expected, linger) = (shared.before.load(Ordering::Relaxed), tokio::time::sleep(LINGER));
    tokio::pin!(linger);
    while entries < together {
        let next = match queue.try_recv() {
            Ok(next) => next,
            Err(_) if entries >= ENOUGH => break,
            Err(_) => {
                let is_alone = shared.working.load(Ordering::SeqCst) == 0;
                if is_alone && (some.len() >= expected || linger.is_elapsed()) {
                    break;
                }
                tokio::select! {
                    biased;
                    next = queue.recv() => match next {
                        Some(next) => next,
                        None => break,
                    },
                    () = shared.done.notified(), if !is_alone => continue,
                    () = &mut linger, if is_alone => break,
                }
            }
        };
        entries += next.call.entries.len();
        some.push(next);
    }
    shared.before.store(some.len(), Ordering::Relaxed);
    Some(some)
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
