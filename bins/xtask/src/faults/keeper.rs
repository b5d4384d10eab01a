//! Starts a server again whenever it ends, as a machine's own keeper of services would.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::Result;

/// Pause between two looks, and before a server that ended is started again.
const LOOK: Duration = Duration::from_millis(1500);
/// Pause between two looks at whether the keeper itself is to end.
const STEP: Duration = Duration::from_millis(50);

/// Keeps a server running until this is dropped, which ends the server, too.
pub(super) struct Keeper {
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    pub(super) fn of<S: Send + 'static>(server: S, revive: fn(&mut S) -> Result<bool>) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let (over, mut server) = (Arc::clone(&is_over), server);
        let thread = thread::spawn(move || {
            let mut waited = Duration::ZERO;
            while !over.load(Ordering::Relaxed) {
                thread::sleep(STEP);
                waited += STEP;
                if waited < LOOK {
                    continue;
                }
                waited = Duration::ZERO;
                if let Err(error) = revive(&mut server) {
                    eprintln!("a server cannot be started again: {error:#}");
                }
            }
        });
        Self {
            is_over,
            thread: Some(thread),
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}
