//! Two clocks, both standing on the runtime's paused time: nothing here asks the machine.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::TimeDelta;
use strata_kernel::{Clock, Instant};

/// What the machines' clocks and the database's say: leases, claims and deadlines are measured with it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Machine {
    begin: tokio::time::Instant,
    epoch: Instant,
}

impl Machine {
    /// A clock that shows `epoch` now.
    pub(crate) fn new(epoch: Instant) -> Self {
        Self {
            begin: tokio::time::Instant::now(),
            epoch,
        }
    }

    /// Milliseconds since it began.
    pub(crate) fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.begin.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl Clock for Machine {
    fn now(&self) -> Instant {
        self.epoch + TimeDelta::from_std(self.begin.elapsed()).unwrap_or(TimeDelta::MAX)
    }
}

/// What day it is for the firm: the machine's time, and the nights that were skipped.
#[derive(Debug)]
pub(crate) struct FirmClock {
    machine: Machine,
    skipped_us: AtomicI64,
}

impl FirmClock {
    /// A clock that shows what the machine's does.
    pub(crate) fn new(machine: Machine) -> Self {
        Self {
            machine,
            skipped_us: AtomicI64::new(0),
        }
    }

    /// Goes on to an instant. One that has passed changes nothing.
    pub(crate) fn skip_to(&self, to: Instant) {
        let ahead = (to - self.now()).num_microseconds().unwrap_or_default();
        self.skipped_us.fetch_add(ahead.max(0), Ordering::SeqCst);
    }

    /// Goes on by a span.
    pub(crate) fn skip(&self, by: TimeDelta) {
        self.skip_to(self.now() + by);
    }
}

impl Clock for FirmClock {
    fn now(&self) -> Instant {
        self.machine.now() + TimeDelta::microseconds(self.skipped_us.load(Ordering::SeqCst))
    }
}
