//! Processes that stop, or seem to.

use std::time::Duration;

use strata_events::{NO_ANSWER, State, Which};

use crate::bed::Bed;
use crate::probe::{Act, Probe};

pub(crate) async fn killed_before_the_answer(bed: &Bed) {
    let probe = Probe::new(&bed.db);
    let first = bed.tell_event("a", 1).await;
    let second = bed.tell_event("a", 2).await;
    probe.script(|_, time| if time == 1 { Act::TakeAndHang } else { Act::Take });
    let killed = bed.relay(&probe).await;
    let killed = tokio::spawn(async move { killed.relay().await });
    while probe.effects().await.is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    killed.abort();
    killed.await.unwrap_err();
    probe.script(|_, _| Act::Take);
    let again = bed.relay(&probe).await;
    bed.rest(&again).await;
    assert_eq!(probe.effects().await, [first.id.clone(), second.id]);
    assert_eq!(probe.times(&first.id), 2);
    assert_eq!(again.dead_letters(&Which::default(), "", 10).await.unwrap(), []);
}

pub(crate) async fn an_event_that_kills(bed: &Bed) {
    let probe = Probe::new(&bed.db);
    let bad = bed.tell_event("a", 1).await;
    let behind = bed.tell_event("a", 2).await;
    let id = bad.id.clone();
    probe.script(move |event, _| if event.id == id { Act::Hang } else { Act::Take });
    let mut kills = 0;
    let relay = loop {
        let relay = bed.relay(&probe).await;
        let (own, came) = (relay.clone(), probe.times(&bad.id));
        let task = tokio::spawn(async move { own.rest(Duration::from_secs(20)).await });
        while probe.times(&bad.id) == came && !task.is_finished() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        if task.is_finished() {
            break relay;
        }
        // It has to be noted that a try begins before the process stops in it.
        tokio::time::sleep(Duration::from_millis(50)).await;
        task.abort();
        kills += 1;
        assert!(kills < 8, "the event kills for ever");
    };
    bed.rest(&relay).await;
    assert_eq!(probe.effects().await, [behind.id]);
    let letters = relay.dead_letters(&Which::default(), "", 10).await.unwrap();
    assert_eq!(
        (letters.len(), letters[0].state, letters[0].reason.as_str()),
        (1, State::Dead, NO_ANSWER)
    );
}

/// Longer than a claim lasts that is not renewed.
pub(crate) async fn a_slow_handler_keeps_its_event(bed: &Bed) {
    let probe = Probe::new(&bed.db);
    let slow = bed.tell_event("a", 1).await;
    probe.script(|_, _| Act::Slow(Duration::from_millis(4000)));
    let (one, other) = (bed.relay(&probe).await, bed.relay(&probe).await);
    tokio::join!(bed.rest(&one), bed.rest(&other));
    assert_eq!(probe.effects().await, std::slice::from_ref(&slow.id));
    assert_eq!(probe.times(&slow.id), 1);
}
