//! So many calls in flight, and no more.

use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use strata_kernel::{Error, Kind};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::body::Body;

use crate::next::Next;
use crate::status::status;
use crate::{answer, reason};

/// The places of one connection. Travels with each of its requests.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    places: Arc<Semaphore>,
    wait: Duration,
}

impl Gate {
    /// `places` calls at a time; one more waits for `wait`.
    pub(crate) fn new(places: usize, wait: Duration) -> Self {
        Self {
            places: Arc::new(Semaphore::new(places)),
            wait,
        }
    }

    /// A place, at once where there is one. None: none came free in time.
    async fn enter(self) -> Option<OwnedSemaphorePermit> {
        if let Ok(place) = self.places.clone().try_acquire_owned() {
            return Some(place);
        }
        tokio::time::timeout(self.wait, self.places.acquire_owned()).await.ok()?.ok()
    }

    /// How long a call of this connection waits for a place.
    pub(crate) fn wait(&self) -> Duration {
        self.wait
    }
}

/// Waits for a place, for a while; then refuses with UNAVAILABLE.
pub(crate) async fn take_place(request: Request<Body>, next: Next) -> Response<Body> {
    let Some(gate) = request.extensions().get::<Gate>().cloned() else {
        return next.run(request).await;
    };
    match gate.enter().await {
        Some(place) => answer::holding(next.run(request).await, place),
        None => {
            let text = "too many calls at once over this connection; try again in a moment";
            status(Error::new(Kind::Unavailable, reason::OVERLOADED, text)).into_http()
        }
    }
}
