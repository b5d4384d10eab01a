//! The bus within a process, when it is not at its best.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use strata_events::{Claimed, Desk, InProcess, Rules, Sent, Transport, Wire};
use strata_kernel::Result;

use crate::fault::Fault;
use crate::seat::Seat;

/// The product's own way within a process, with faults around each event.
struct Shaky(Arc<Seat>);

/// The bus of a process server.
pub(crate) fn wire(seat: &Arc<Seat>) -> Wire {
    Wire {
        transport: Arc::new(Shaky(Arc::clone(seat))),
        rules: Rules::default(),
        clock: Arc::new(seat.world().machine),
    }
}

#[async_trait]
impl Transport for Shaky {
    async fn send(&self, desk: &Desk, rows: &[Claimed]) -> Vec<Sent> {
        let world = self.0.world();
        let mut held = HashSet::new();
        let mut sent = Vec::with_capacity(rows.len());
        for row in rows {
            let key = row.event.ordering_key.as_str();
            if held.contains(key) {
                sent.push(Sent::Untried);
                continue;
            }
            self.0.point(Fault::KilledAtCall).await;
            let mut ended = Sent::Later(Duration::from_millis(200));
            if world.strikes(Fault::EventNotHanded) {
                world.say(format_args!("event {} not taken", row.event.id));
            } else {
                world.say(format_args!("event {} handed over", row.event.id));
                let one = std::slice::from_ref(row);
                ended = InProcess.send(desk, one).await.pop().unwrap_or(Sent::Untried);
                if ended == Sent::Done && world.strikes(Fault::EventTwice) {
                    ended = InProcess.send(desk, one).await.pop().unwrap_or(Sent::Untried);
                }
                if world.strikes(Fault::EventUnheard) {
                    ended = Sent::Later(Duration::from_millis(200));
                }
            }
            if ended != Sent::Done {
                held.insert(key);
            }
            sent.push(ended);
        }
        sent
    }

    async fn receive(&self, desk: &Desk) -> Result<u64> {
        InProcess.receive(desk).await
    }

    async fn is_drained(&self, desk: &Desk) -> Result<bool> {
        InProcess.is_drained(desk).await
    }
}
