//! Events that come twice, on purpose or not.

use std::collections::HashSet;

use strata_events::{Asked, Outcome};
use strata_kernel::Instant;

use crate::bed::{Bed, now};
use crate::probe::Probe;

pub(crate) async fn published_twice(bed: &Bed) {
    let probe = Probe::new(&bed.db);
    let relay = bed.relay(&probe).await;
    for n in 0..5 {
        bed.tell_event("a", n).await;
    }
    bed.rest(&relay).await;
    let before = probe.effects().await;
    // The answer of the broker, or what was to be marked, got lost.
    assert_eq!(bed.tell("UPDATE outbox SET published_at = NULL").await, 5);
    bed.rest(&relay).await;
    assert_eq!(probe.effects().await, before);
    assert_eq!(before.len(), 5);
}

fn all(forced: bool) -> Asked {
    Asked {
        consumer: "probe".to_owned(),
        from: Instant::UNIX_EPOCH,
        to: now() + chrono::Duration::days(1),
        kinds: Vec::new(),
        forced,
        after: 0,
    }
}

pub(crate) async fn a_replay_changes_nothing_but_what_was_lost(bed: &Bed) {
    let probe = Probe::new(&bed.db);
    let relay = bed.relay(&probe).await;
    let mut told = Vec::new();
    for n in 0..6 {
        told.push(bed.tell_event(if n % 2 == 0 { "a" } else { "b" }, n).await.id);
    }
    bed.rest(&relay).await;
    let deliveries = probe.deliveries();
    let plan = relay.plan_replay("r1", &all(false)).await.unwrap();
    assert_eq!(plan.items.iter().map(|item| item.event_id.clone()).collect::<Vec<_>>(), told);
    // Told after the plan: not in it.
    bed.tell_event("a", 99).await;
    bed.rest(&relay).await;
    let done = relay.replay(&plan.id, "r1").await.unwrap();
    assert!(done.items.iter().all(|item| item.outcome == Some(Outcome::Known)));
    assert_eq!(done.items.len(), 6);
    assert_eq!(probe.deliveries(), deliveries + 1);

    // What a consumer never saw, it sees now.
    bed.tell(&format!("DELETE FROM inbox WHERE event_id = '{}'", told[2])).await;
    bed.tell(&format!("DELETE FROM effect WHERE event_id = '{}'", told[2])).await;
    let plan = relay.plan_replay("r2", &all(false)).await.unwrap();
    let done = relay.replay(&plan.id, "r2").await.unwrap();
    let taken = done.items.iter().filter(|item| item.outcome == Some(Outcome::Taken));
    assert_eq!(
        taken.map(|item| item.event_id.as_str()).collect::<Vec<_>>(),
        [told[2].as_str()]
    );
    assert_eq!(probe.effects().await.iter().collect::<HashSet<_>>().len(), 7);

    // Forced, it sees everything.
    let plan = relay.plan_replay("r3", &all(true)).await.unwrap();
    let done = relay.replay(&plan.id, "r3").await.unwrap();
    assert!(done.items.iter().all(|item| item.outcome == Some(Outcome::Taken)));
    assert_eq!(done.items.len(), 7);
    let stranger = Asked {
        consumer: "nobody".to_owned(),
        ..all(false)
    };
    assert_eq!(relay.plan_replay("r4", &stranger).await.unwrap_err().field, "consumer");
    assert_eq!(
        relay.plan_replay("r3", &all(false)).await.unwrap_err().reason,
        "IDEMPOTENCY_CONFLICT"
    );
}

pub(crate) async fn sweep(bed: &Bed) {
    let probe = Probe::new(&bed.db);
    let relay = bed.relay(&probe).await;
    let old = bed.tell_event("a", 1).await;
    bed.tell_event("a", 2).await;
    bed.rest(&relay).await;
    bed.tell("UPDATE inbox SET handled_at = '2001-01-01 00:00:00'").await;
    assert_eq!(relay.sweep().await.unwrap(), 0, "nothing is old");
    let long_ago = format!(
        "UPDATE outbox SET published_at = '2001-01-01 00:00:00' WHERE id = '{}'",
        old.id
    );
    assert_eq!(bed.tell(&long_ago).await, 1);
    bed.tell_event("a", 3).await;
    assert_eq!(relay.sweep().await.unwrap(), 2, "an event, and its place in the inbox");
    let kept: Vec<String> = bed.outbox().await.into_iter().map(|(id, _)| id).collect();
    assert_eq!(kept.len(), 2);
    assert!(!kept.contains(&old.id));
}
