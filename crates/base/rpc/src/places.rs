//! How many connections one peer has: an address, or a process that showed its certificate.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The connections of every peer. Cloning shares it.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    most: usize,
    taken: Arc<Mutex<HashMap<Holder, usize>>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Holder {
    Address(IpAddr),
    Process(Arc<str>),
}

/// A connection of a peer. It counts until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    places: Places,
    holder: Holder,
}

impl Places {
    /// Room for so many connections of each peer.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            taken: Arc::default(),
        }
    }

    /// A connection from an address. None: it has as many as it may.
    pub(crate) fn of_address(&self, address: IpAddr) -> Option<Place> {
        // An IPv4 address is the same peer whichever way it is written.
        self.take(Holder::Address(address.to_canonical()))
    }

    /// A connection of a process, wherever it comes from.
    pub(crate) fn of_process(&self, uri: &str) -> Option<Place> {
        self.take(Holder::Process(uri.into()))
    }

    fn take(&self, holder: Holder) -> Option<Place> {
        let mut taken = self.lock();
        let count = taken.entry(holder.clone()).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Place {
            places: self.clone(),
            holder,
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Holder, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        if let Some(count) = taken.get_mut(&self.holder) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.holder);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn each_peer_has_places_of_its_own_and_leaves_nothing_behind() {
        let places = Places::new(2);
        let (here, mapped) = ("127.0.0.1".parse().unwrap(), "::ffff:127.0.0.1".parse().unwrap());
        let held = [places.of_address(here).unwrap(), places.of_address(mapped).unwrap()];
        assert!(places.of_address(here).is_none());
        let other = places.of_address("127.0.0.2".parse().unwrap()).unwrap();
        let process = places.of_process("spiffe://strata/process").unwrap();
        drop(held);
        assert!(places.of_address(here).is_some());
        drop((other, process));
        assert!(places.lock().is_empty());
    }
}
