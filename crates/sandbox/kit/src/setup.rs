//! What a sandbox is started with.

use std::path::PathBuf;

use chrono::{DateTime, Utc};

use crate::{Faults, SandboxClock};

/// What a vendor sandbox is started with. Clones share the clock and the faults.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The simulated time all sandboxes of a firm share.
    pub clock: SandboxClock,
    /// Folder of the log file; `None` keeps everything in memory only.
    pub dir: Option<PathBuf>,
    /// Faults a test may arm while the sandbox runs.
    pub faults: Faults,
}

impl Setup {
    /// A sandbox in memory whose clock stands at `start`, with no fault armed.
    #[must_use]
    pub fn in_memory(start: DateTime<Utc>) -> Self {
        Self {
            clock: SandboxClock::new(start),
            dir: None,
            faults: Faults::default(),
        }
    }
}
