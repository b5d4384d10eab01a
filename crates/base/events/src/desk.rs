//! Hands one event to one consumer, and knows what to do when it does not take it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use strata_kernel::{Clock, Error, Kind, Result};
use strata_store::Db;
use tracing::{error, warn};

use crate::consumer::{Consumer, Fit, fit};
use crate::event::UNREADABLE;
use crate::letter::{self, Verdict, state};
use crate::{Event, Rules};

/// Reason of an event in a version that its consumer does not know.
const UNKNOWN_VERSION: &str = "EVENT_VERSION_UNKNOWN";

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// The consumer took it, now or before, or does not want it.
    Taken,
    /// It is a dead letter; the key goes on.
    Dead,
    /// It is tried again after this pause, and its key waits.
    Later(Duration),
}

/// The consumers of a process with the store that remembers what they could not take. Cloning shares it.
#[derive(Clone)]
pub struct Desk {
    pub(crate) db: Db,
    pub(crate) consumers: Arc<Vec<Arc<dyn Consumer>>>,
    pub(crate) rules: Rules,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Desk {
    /// The consumers.
    pub fn consumers(&self) -> &[Arc<dyn Consumer>] {
        &self.consumers
    }

    /// The rules.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    pub(crate) fn consumer(&self, name: &str) -> Option<&Arc<dyn Consumer>> {
        self.consumers.iter().find(|consumer| consumer.name() == name)
    }

    /// Hands an event to every consumer that takes its kind. The longest pause that one of them needs is the event's.
    pub async fn deliver(&self, event: &Event, again: bool) -> Delivered {
        let mut worst = Delivered::Taken;
        for consumer in self.consumers.iter() {
            worst = match (worst, self.hand(consumer.as_ref(), event, again).await) {
                (Delivered::Later(one), Delivered::Later(other)) => Delivered::Later(one.max(other)),
                (later @ Delivered::Later(_), _) | (_, later @ Delivered::Later(_)) => later,
                (_, one) => one,
            };
        }
        worst
    }

    /// Hands an event to one consumer. `again`: it was tried before, so it is noted in the store that a try begins. An event
    /// that ends its process each time becomes a dead letter like any other.
    pub async fn hand(&self, consumer: &dyn Consumer, event: &Event, again: bool) -> Delivered {
        match fit(consumer, event) {
            Fit::None => return Delivered::Taken,
            Fit::UnknownVersion => {
                let text = format!("{} does not know this version of {}", consumer.name(), event.kind);
                let error = Error::new(Kind::Unsupported, UNKNOWN_VERSION, text);
                return self.failed(consumer.name(), event, error, true, false).await;
            }
            Fit::Takes => {}
        }
        if again {
            match self.begin(consumer.name(), event).await {
                Ok(None) => {}
                Ok(Some(delivered)) => return delivered,
                Err(cause) => return self.not_now(event, &cause),
            }
        }
        match handle(consumer, event).await {
            // A note that stays would say for ever that the event is tried again. A repeat finds it in the inbox.
            Ok(()) if again => match self.taken(consumer.name(), event).await {
                Ok(()) => Delivered::Taken,
                Err(cause) => self.not_now(event, &cause),
            },
            Ok(()) => Delivered::Taken,
            Err(error) => {
                let for_ever = error.reason == UNREADABLE;
                self.failed(consumer.name(), event, error, for_ever, again).await
            }
        }
    }

    /// Keeps what nobody can read as a dead letter of a consumer.
    pub async fn bury(&self, consumer: &dyn Consumer, event: &Event, error: Error) -> Delivered {
        self.failed(consumer.name(), event, error, true, false).await
    }

    /// Notes that a try begins. Some: there is nothing to try any more.
    async fn begin(&self, consumer: &'static str, event: &Event) -> Result<Option<Delivered>> {
        let (own, rules, now) = (event.clone(), self.rules.clone(), self.clock.now());
        let row = self.db.write(move |c| letter::begin(c, consumer, &own, &rules, now)).await?;
        Ok(match row.state.as_str() {
            state::RETRYING => None,
            state::REDRIVEN => Some(Delivered::Taken),
            _ => {
                error!(event.id = %event.id, event.kind = %event.kind, consumer, "event is a dead letter");
                Some(Delivered::Dead)
            }
        })
    }

    async fn taken(&self, consumer: &'static str, event: &Event) -> Result<()> {
        let id = event.id.clone();
        self.db.write(move |c| letter::taken(c, consumer, &id)).await
    }

    async fn failed(&self, consumer: &'static str, event: &Event, error: Error, for_ever: bool, begun: bool) -> Delivered {
        let (own, rules, now, cause) = (event.clone(), self.rules.clone(), self.clock.now(), error.clone());
        let stored = self
            .db
            .write(move |c| letter::fail(c, consumer, &own, (&cause, for_ever, begun), &rules, now))
            .await;
        match stored {
            Ok(Verdict::Dead) => {
                error!(event.id = %event.id, event.kind = %event.kind, consumer, %error, "event is a dead letter");
                Delivered::Dead
            }
            Ok(Verdict::Again(failed)) => {
                warn!(event.id = %event.id, event.kind = %event.kind, consumer, failed, %error, "event was not taken; it is tried again");
                Delivered::Later(self.rules.pause_after(failed))
            }
            Err(cause) => self.not_now(event, &cause),
        }
    }

    /// The store does not answer: that is nobody's try.
    fn not_now(&self, event: &Event, cause: &Error) -> Delivered {
        warn!(event.id = %event.id, error = %cause, "the store cannot be used; the event is tried again");
        Delivered::Later(self.rules.pause_after(2))
    }
}

/// A consumer that panics has failed, and nothing else has.
pub(crate) async fn handle(consumer: &dyn Consumer, event: &Event) -> Result<()> {
    let handled = AssertUnwindSafe(consumer.handle(event)).catch_unwind().await;
    handled.unwrap_or_else(|_| Err(Error::internal(format!("{} panicked", consumer.name()))))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::atomic::{AtomicU32, Ordering};

    use async_trait::async_trait;
    use strata_kernel::{Instant, SystemClock};
    use strata_store::{Moment, both, migrate};

    use super::*;
    use crate::Taken;
    use crate::letter::id_of;
    use crate::store::{lite, pg};

    struct Willing;

    #[async_trait]
    impl Consumer for Willing {
        fn name(&self) -> &'static str {
            "willing"
        }

        fn takes(&self) -> &'static [Taken] {
            &[Taken {
                name: "a",
                versions: &[1],
            }]
        }

        async fn handle(&self, _: &Event) -> Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_note_that_cannot_be_removed_is_removed_by_the_next_try() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.db");
        let db = Db::inline(path.to_str().unwrap(), Arc::new(SystemClock)).unwrap();
        migrate::run(&db).unwrap();
        let begun = Arc::new(AtomicU32::new(0));
        // The first transaction notes that a try begins, the second removes the note.
        let busy = db.paced(Arc::new(move |moment| {
            let fails = moment == Moment::Begin && begun.fetch_add(1, Ordering::Relaxed) == 1;
            Box::pin(async move {
                match fails {
                    true => Err(Error::new(Kind::Unavailable, "INTERNAL", "the database is busy; try again")),
                    false => Ok(()),
                }
            })
        }));
        let desk = Desk {
            db: busy,
            consumers: Arc::new(vec![Arc::new(Willing)]),
            rules: Rules::default(),
            clock: Arc::new(SystemClock),
        };
        let event = Event::new("a.v1", "s", "1", &1, "c", Instant::default()).unwrap();
        let id = id_of(&event.id, "willing");
        let notes = |id: String| db.read(move |c| both!(c, dead::get(&id)).map(|row| row.is_some()));
        assert!(matches!(desk.deliver(&event, true).await, Delivered::Later(_)));
        assert!(notes(id.clone()).await.unwrap());
        assert_eq!(desk.deliver(&event, true).await, Delivered::Taken);
        assert!(!notes(id).await.unwrap());
    }
}
