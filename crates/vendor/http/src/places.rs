//! Places of a gate, whose number can be changed while some are taken.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Places of a gate that has no limit. Far below what a semaphore can count, far above what any vendor allows.
pub(crate) const NO_LIMIT: usize = 1 << 30;

/// So many places, and how many there shall be.
#[derive(Debug)]
pub(crate) struct Places {
    semaphore: Arc<Semaphore>,
    size: Mutex<Size>,
}

#[derive(Debug, Clone, Copy)]
struct Size {
    /// How many there shall be.
    capacity: usize,
    /// How many there are, free or taken. More than the capacity while places are taken that shall be gone.
    there: usize,
}

impl Places {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            semaphore: Arc::new(Semaphore::new(capacity)),
            size: Mutex::new(Size {
                capacity,
                there: capacity,
            }),
        }
    }

    fn size(&self) -> MutexGuard<'_, Size> {
        self.size.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn capacity(&self) -> usize {
        self.size().capacity
    }

    pub(crate) fn set(&self, capacity: usize) {
        let mut size = self.size();
        size.capacity = capacity;
        if capacity > size.there {
            self.semaphore.add_permits(capacity - size.there);
            size.there = capacity;
        }
        self.trim(&mut size);
    }

    /// Forgets free places that shall be gone. Somebody who stopped waiting may have left one behind.
    fn trim(&self, size: &mut Size) {
        size.there -= self.semaphore.forget_permits(size.there - size.capacity);
    }

    pub(crate) fn there(&self) -> usize {
        let mut size = self.size();
        self.trim(&mut size);
        size.there
    }

    pub(crate) fn taken(&self) -> usize {
        let size = self.size();
        size.there.saturating_sub(self.semaphore.available_permits())
    }

    pub(crate) fn try_take(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.semaphore).try_acquire_owned().ok()
    }

    /// Waits for a place. The semaphore is never closed, so there is one some day.
    pub(crate) async fn take(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.semaphore).acquire_owned().await.ok()
    }

    pub(crate) async fn take_if_limited(&self) -> Option<OwnedSemaphorePermit> {
        if self.capacity() == NO_LIMIT {
            return None;
        }
        self.take().await
    }

    pub(crate) fn give_back(&self, permit: OwnedSemaphorePermit) {
        let mut size = self.size();
        if size.there > size.capacity {
            permit.forget();
            size.there -= 1;
        }
    }
}
