//! What everything in one seed shares: chance, time, the trace, and what was found wrong.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use strata_kernel::{Clock, Instant};

use crate::chance::Chance;
use crate::fault::{Fault, Plan};
use crate::time::{FirmClock, Machine};
use crate::trace::Trace;

/// One seed's world.
pub(crate) struct World {
    /// The machines' clock.
    pub(crate) machine: Machine,
    /// The firm's clock.
    pub(crate) firm: Arc<FirmClock>,
    /// What goes wrong how often.
    pub(crate) plan: Plan,
    inner: Mutex<Inner>,
}

struct Inner {
    chance: Chance,
    trace: Trace,
    calm: bool,
    wrong: Vec<String>,
}

/// How a vendor takes a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is done, and said so.
    Done,
    /// It is done, said so, and done again after this many milliseconds.
    Twice(u64),
    /// It is not done, and nobody says so.
    Lost,
    /// It is done, and nobody says so.
    Unsaid,
    /// It is done after this many milliseconds, and nobody says so.
    Later(u64),
}

impl World {
    /// The world of a seed that begins at an instant. Call it inside a runtime whose time is paused.
    pub(crate) fn new(seed: u64, begin: Instant, keep: bool) -> Arc<Self> {
        let machine = Machine::new(begin);
        let mut chance = Chance::new(seed);
        Arc::new(Self {
            machine,
            firm: Arc::new(FirmClock::new(machine)),
            plan: Plan::new(&mut chance),
            inner: Mutex::new(Inner {
                chance,
                trace: Trace::new(keep),
                calm: false,
                wrong: Vec::new(),
            }),
        })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Draws from the seed's chance.
    pub(crate) fn draw<T>(&self, from: impl FnOnce(&mut Chance) -> T) -> T {
        from(&mut self.inner().chance)
    }

    /// From now on nothing goes wrong (true), or things do again.
    pub(crate) fn calm(&self, calm: bool) {
        self.inner().calm = calm;
    }

    /// True while nothing goes wrong.
    pub(crate) fn is_calm(&self) -> bool {
        self.inner().calm
    }

    /// Whether a fault strikes now. It is counted when it does.
    pub(crate) fn strikes(&self, fault: Fault) -> bool {
        let rate = self.plan.rate(fault);
        let mut inner = self.inner();
        if rate == 0 || inner.calm || inner.chance.below(1000) >= rate {
            return false;
        }
        inner.trace.struck(fault);
        true
    }

    /// Counts a fault that was brought about.
    pub(crate) fn struck(&self, fault: Fault) {
        self.inner().trace.struck(fault);
    }

    /// How a vendor takes a write.
    pub(crate) fn fate(&self) -> Fate {
        let later = || self.draw(|chance| chance.between(200, 25_000));
        if self.strikes(Fault::UnknownNotDone) {
            return Fate::Lost;
        }
        if self.strikes(Fault::UnknownDone) {
            return Fate::Unsaid;
        }
        if self.strikes(Fault::DoneLater) {
            return Fate::Later(later());
        }
        if self.strikes(Fault::DoneTwice) {
            return Fate::Twice(later());
        }
        Fate::Done
    }

    /// Adds a line to the trace.
    pub(crate) fn say(&self, line: fmt::Arguments<'_>) {
        let line = format!(
            "{:>9} {} {line}",
            self.machine.elapsed_ms(),
            self.firm.now().format("%m-%d %H:%M:%S%.3f")
        );
        self.inner().trace.say(&line);
    }

    /// Notes that a promise was broken.
    pub(crate) fn wrong(&self, what: String) {
        self.say(format_args!("WRONG {what}"));
        self.inner().wrong.push(what);
    }

    /// Every promise that was broken so far.
    pub(crate) fn all_wrong(&self) -> Vec<String> {
        self.inner().wrong.clone()
    }

    /// Reads the trace.
    pub(crate) fn trace<T>(&self, read: impl FnOnce(&Trace) -> T) -> T {
        read(&self.inner().trace)
    }
}
