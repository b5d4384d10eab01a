//! Calls that stay inside a server until a test lets them go.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;

use super::*;

/// Holds calls of `Settle`. A clone is the same gate.
#[derive(Clone)]
pub(crate) struct Gate {
    came: Arc<AtomicUsize>,
    go: Arc<Semaphore>,
}

impl Gate {
    pub(crate) fn new() -> Self {
        Self {
            came: Arc::default(),
            go: Arc::new(Semaphore::new(0)),
        }
    }

    /// What `Settle` does: it comes in, and stays until it is let go.
    pub(crate) fn settle(&self) -> impl Fn() -> BoxFuture<'static, strata_kernel::Result<SettleReport>> + Send + Sync + 'static {
        let gate = self.clone();
        move || {
            let gate = gate.clone();
            Box::pin(async move {
                gate.came.fetch_add(1, Ordering::SeqCst);
                gate.go.acquire().await.unwrap().forget();
                Ok(SettleReport::default())
            })
        }
    }

    /// How many came in, those included that left.
    pub(crate) fn came(&self) -> usize {
        self.came.load(Ordering::SeqCst)
    }

    /// Waits until so many came in.
    pub(crate) async fn until(&self, count: usize) {
        while self.came() < count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// So many may go, those included that come later.
    pub(crate) fn let_go(&self, count: usize) {
        self.go.add_permits(count);
    }
}
