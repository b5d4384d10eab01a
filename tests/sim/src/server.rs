//! One process server of the simulation: the product's own, on a seat that can be cut short.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use strata_contract::Transport;
use strata_process::{Process, ProcessSettings};
use strata_store::Db;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinHandle;

use crate::seat::{Doom, Seat, Signal};
use crate::vendor::Vendors;
use crate::wire::wire;
use crate::world::World;

/// Seconds after which a server that is silent loses its place.
pub(crate) const LEASE: u64 = 5;

/// What servers stand on.
#[derive(Clone)]
pub(crate) struct Ground {
    /// The seed's world.
    pub(crate) world: Arc<World>,
    /// The database that they share.
    pub(crate) db: Db,
    /// The vendors.
    pub(crate) vendors: Vendors,
    /// The server of master data.
    pub(crate) master: Transport,
}

/// A process server, whichever incarnation of it is there.
pub(crate) struct Server {
    ground: Ground,
    number: usize,
    incarnation: u32,
    signals: UnboundedSender<Signal>,
    seat: Arc<Seat>,
    /// What the incarnation has become, once it has started.
    process: Arc<Mutex<Option<Process>>>,
    turn: Option<JoinHandle<()>>,
}

impl Server {
    /// A server that has not started yet.
    pub(crate) fn new(ground: &Ground, number: usize, signals: &UnboundedSender<Signal>) -> Self {
        Self {
            seat: Seat::new(&ground.world, number, signals.clone()),
            ground: ground.clone(),
            number,
            incarnation: 0,
            signals: signals.clone(),
            process: Arc::default(),
            turn: None,
        }
    }

    /// Begins a turn: passes until one finds nothing to do. `doom`: it is cut short after so many points.
    pub(crate) fn begin(&mut self, doom: Option<(u64, Doom)>) {
        self.seat.doom(doom);
        self.turn = Some(tokio::spawn(turn(
            self.ground.clone(),
            Arc::clone(&self.seat),
            Arc::clone(&self.process),
            format!("server-{}-{}", self.number, self.incarnation),
            (self.number, self.signals.clone()),
        )));
    }

    /// True while a turn is under way.
    pub(crate) fn is_busy(&self) -> bool {
        self.turn.as_ref().is_some_and(|turn| !turn.is_finished())
    }

    /// True while it stands still.
    pub(crate) fn is_still(&self) -> bool {
        self.seat.is_still()
    }

    /// No more doom in this turn.
    pub(crate) fn spare(&self) {
        self.seat.doom(None);
    }

    /// Goes on after standing still.
    pub(crate) fn wake(&self) {
        self.seat.wake();
    }

    /// Ends the server where it is. The next turn is another incarnation's.
    pub(crate) async fn end(&mut self) {
        self.seat.kill();
        if let Some(turn) = self.turn.take() {
            turn.abort();
            // Cut short, or over: both are the end of it.
            turn.await.ok();
        }
        self.process = Arc::default();
        // What the incarnation had spawned ends with it.
        tokio::task::yield_now().await;
        self.incarnation += 1;
        self.seat = Seat::new(&self.ground.world, self.number, self.signals.clone());
    }

    /// True when others took this server's place while it stood still.
    pub(crate) fn is_lost(&self) -> bool {
        let process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        process
            .as_ref()
            .is_some_and(|process| process.lost().now_or_never().is_some())
    }
}

async fn turn(
    ground: Ground,
    seat: Arc<Seat>,
    slot: Arc<Mutex<Option<Process>>>,
    incarnation: String,
    (number, signals): (usize, UnboundedSender<Signal>),
) {
    let held = slot.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let process = match held {
        Some(process) => Some(process),
        None => start(&ground, &seat, &incarnation, number).await,
    };
    if let Some(process) = process {
        seat.started();
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(process.clone());
        process.run(std::future::ready(())).await;
    }
    // Nobody listens any more when the seed is over.
    signals.send(Signal::Idle).ok();
}

async fn start(ground: &Ground, seat: &Arc<Seat>, incarnation: &str, number: usize) -> Option<Process> {
    let settings = ProcessSettings {
        node: format!("node-{number}"),
        lease_seconds: LEASE,
        ..ProcessSettings::default()
    };
    let db = ground.db.paced(seat.pace());
    let to = ground.vendors.transports(&ground.master, seat);
    let clock = Arc::clone(&ground.world.firm) as _;
    let started = Process::start(db, to, clock, settings, wire(seat), incarnation).await;
    match started {
        Ok(process) => Some(process),
        Err(error) => {
            ground.world.say(format_args!("{incarnation} does not start: {error}"));
            // Whoever starts a server that refuses waits a little before the next try.
            tokio::time::sleep(Duration::from_secs(1)).await;
            None
        }
    }
}
