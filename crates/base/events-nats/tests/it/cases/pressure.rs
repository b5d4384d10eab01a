//! More events than a broker takes.

use std::sync::atomic::Ordering;

use strata_events_nats::Options;

use crate::bed::{Bed, Bus};
use crate::probe::Probe;
use strata_events::Event;

const EVENTS: u32 = 300;

/// What does not fit is refused, waits in the outbox, and comes in the end: nothing is dropped for something newer.
pub(crate) async fn more_than_fits_waits(bed: &Bed) {
    let small = Bed {
        options: Options {
            max_bytes: 32 * 1024,
            ..bed.options.clone()
        },
        ..bed.same()
    };
    let probe = Probe::new(&small.db);
    let relay = small.relay(&probe).await;
    for n in 0..EVENTS {
        let long = format!("{n:0600}");
        let event = Event::new(
            "test.thing.changed.v1",
            &format!("key-{}", n % 7),
            &n.to_string(),
            &n,
            &long,
            crate::bed::now(),
        );
        small.commit(event.unwrap()).await;
    }
    small.rest(&relay).await;
    assert_eq!(probe.effects().await.len(), EVENTS as usize);
    assert_eq!(probe.deliveries(), EVENTS as usize);
    let most = if small.bus == Bus::InProcess {
        1
    } else {
        small.options.partitions
    };
    assert!(probe.most_at_work.load(Ordering::SeqCst) <= most);
}
