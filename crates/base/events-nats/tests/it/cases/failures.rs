//! Consumers that fail and recover.

use strata_events::{State, Which};

use crate::bed::Bed;
use crate::probe::{Act, Probe};

pub(crate) async fn a_failing_event_comes_again_in_its_order(bed: &Bed) {
    let probe = Probe::new(&bed.db);
    let relay = bed.relay(&probe).await;
    let bad = bed.tell_event("a", 1).await;
    let other = bed.tell_event("DOC-1", 1).await;
    let behind = bed.tell_event("a", 2).await;
    let id = bad.id.clone();
    probe.script(move |event, time| if event.id == id && time < 3 { Act::Refuse } else { Act::Take });
    relay.relay().await.unwrap();
    let held = relay.dead_letters(&Which::default(), "", 10).await.unwrap();
    assert_eq!(held.len(), 1);
    assert_eq!(
        (held[0].state, held[0].event.id.as_str(), held[0].tries),
        (State::Retrying, bad.id.as_str(), 1)
    );
    // The other key is not held back. On JetStream the two are in different partitions.
    assert_ne!(bad.partition(bed.options.partitions), other.partition(bed.options.partitions));
    assert_eq!(probe.effects().await, std::slice::from_ref(&other.id));
    bed.rest(&relay).await;
    assert_eq!(probe.effects().await, [other.id, bad.id.clone(), behind.id]);
    assert_eq!(probe.times(&bad.id), 3);
    // What was taken in the end is no dead letter.
    assert_eq!(relay.dead_letters(&Which::default(), "", 10).await.unwrap(), []);
}

pub(crate) async fn what_passes_is_tried_until_it_has_passed(bed: &Bed) {
    let probe = Probe::new(&bed.db);
    let relay = bed.relay(&probe).await;
    let bad = bed.tell_event("a", 1).await;
    let behind = bed.tell_event("a", 2).await;
    let id = bad.id.clone();
    // More often than an event is tried that fails for good.
    probe.script(move |event, time| if event.id == id && time < 8 { Act::Wait } else { Act::Take });
    bed.rest(&relay).await;
    assert_eq!(probe.effects().await, [bad.id.clone(), behind.id]);
    assert_eq!(probe.times(&bad.id), 8);
    assert_eq!(relay.dead_letters(&Which::default(), "", 10).await.unwrap(), []);
}
