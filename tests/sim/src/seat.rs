//! The seat of one process server: where it can be killed, or made to stand still.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use strata_kernel::{Error, Kind};
use strata_store::{Moment, Pace};
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;

use crate::fault::Fault;
use crate::world::World;

/// What becomes of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doom {
    /// It ends at once.
    Killed,
    /// It does nothing for a while.
    Still,
}

/// What a seat tells whoever lives the year.
#[derive(Debug)]
pub(crate) enum Signal {
    /// A server found nothing more to do, or failed.
    Idle,
    /// The server of this number met its doom.
    Struck(usize, Doom),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    Awake,
    Still,
    Dead,
}

#[derive(Debug)]
struct State {
    life: Life,
    /// Points that are left, and what comes then.
    doom: Option<(u64, Doom)>,
    is_starting: bool,
}

/// One incarnation of a process server. Its calls and its units of work pass through here.
pub(crate) struct Seat {
    world: Arc<World>,
    number: usize,
    state: Mutex<State>,
    woken: Notify,
    signals: UnboundedSender<Signal>,
}

impl Seat {
    /// A seat of a server that starts.
    pub(crate) fn new(world: &Arc<World>, number: usize, signals: UnboundedSender<Signal>) -> Arc<Self> {
        Arc::new(Self {
            world: Arc::clone(world),
            number,
            state: Mutex::new(State {
                life: Life::Awake,
                doom: None,
                is_starting: true,
            }),
            woken: Notify::new(),
            signals,
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The world it is in.
    pub(crate) fn world(&self) -> &Arc<World> {
        &self.world
    }

    /// Says that this turn ends by `doom` after so many points, or that it does not.
    pub(crate) fn doom(&self, doom: Option<(u64, Doom)>) {
        if let Some((left, doom)) = doom {
            self.world
                .say(format_args!("server {} is {doom:?} after {left} points", self.number));
        }
        self.state().doom = doom;
    }

    /// The server has started.
    pub(crate) fn started(&self) {
        self.state().is_starting = false;
    }

    /// Nothing of this server goes on.
    pub(crate) fn kill(&self) {
        self.state().life = Life::Dead;
    }

    /// True while the server stands still: in its turn, or between two, when only its heart beats.
    pub(crate) fn is_still(&self) -> bool {
        self.state().life == Life::Still
    }

    /// Whoever stood still goes on.
    pub(crate) fn wake(&self) {
        self.state().life = Life::Awake;
        self.woken.notify_waiters();
    }

    /// Passes a point at which the server may stop. A dead server never comes back from it.
    pub(crate) async fn point(&self, fault: Fault) {
        if let Some(doom) = self.strike(fault) {
            // Nobody listens any more when the seed is over.
            self.signals.send(Signal::Struck(self.number, doom)).ok();
        }
        loop {
            let woken = self.woken.notified();
            tokio::pin!(woken);
            woken.as_mut().enable();
            let life = self.state().life;
            match life {
                Life::Awake => return,
                Life::Still => woken.await,
                Life::Dead => futures::future::pending().await,
            }
        }
    }

    fn strike(&self, fault: Fault) -> Option<Doom> {
        let mut state = self.state();
        let (left, doom) = state.doom?;
        if left > 0 {
            state.doom = Some((left - 1, doom));
            return None;
        }
        state.doom = None;
        let (life, fault) = match doom {
            Doom::Killed if state.is_starting => (Life::Dead, Fault::KilledStarting),
            Doom::Killed => (Life::Dead, fault),
            Doom::Still => (Life::Still, Fault::StoodStill),
        };
        state.life = life;
        self.world.struck(fault);
        self.world.say(format_args!("server {} {fault:?}", self.number));
        Some(doom)
    }

    /// What the server's units of work wait for.
    pub(crate) fn pace(self: &Arc<Self>) -> Pace {
        let own = Arc::clone(self);
        Arc::new(move |moment| {
            let own = Arc::clone(&own);
            Box::pin(async move {
                let (killed, fails) = match moment {
                    Moment::Read => (Fault::KilledAtStore, Fault::StoreBusy),
                    Moment::Begin => (Fault::KilledAtStore, Fault::StoreBusy),
                    Moment::Committed => (Fault::KilledAfterCommit, Fault::CommitUnanswered),
                };
                own.point(killed).await;
                if own.world.strikes(fails) {
                    own.world.say(format_args!("server {} {fails:?}", own.number));
                    let text = "the database does not answer, or not in time; try again";
                    return Err(Error::new(Kind::Unavailable, "STORE_UNAVAILABLE", text));
                }
                Ok(())
            })
        })
    }
}
