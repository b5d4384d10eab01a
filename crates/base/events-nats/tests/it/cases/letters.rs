//! Dead letters.

use strata_events::{Event, NO_ANSWER, Outcome, RELAY, State, UNREADABLE, Which};

use crate::bed::{Bed, event};
use crate::probe::{Act, Probe};

fn dead() -> Which {
    Which {
        state: Some(State::Dead),
        ..Which::default()
    }
}

pub(crate) async fn a_dead_letter_lets_its_key_go_on(bed: &Bed) {
    let probe = Probe::new(&bed.db);
    let relay = bed.relay(&probe).await;
    let bad = bed.tell_event("a", 1).await;
    let behind = bed.tell_event("a", 2).await;
    let id = bad.id.clone();
    probe.script(move |event, _| if event.id == id { Act::Refuse } else { Act::Take });
    bed.rest(&relay).await;
    assert_eq!(probe.effects().await, std::slice::from_ref(&behind.id));
    assert_eq!(probe.times(&bad.id), 3);
    let letters = relay.dead_letters(&dead(), "", 10).await.unwrap();
    assert_eq!(letters.len(), 1);
    let letter = relay.dead_letter(&letters[0].id).await.unwrap();
    assert_eq!(
        (letter.consumer.as_str(), letter.reason.as_str(), letter.tries),
        ("probe", "INVALID_TRANSITION", 3)
    );
    assert_eq!(letter.history.len(), 3);
    assert!(letter.history.iter().all(|one| one.reason != NO_ANSWER && !one.temporary));
    assert_eq!((letter.event.id.as_str(), &letter.event.body), (bad.id.as_str(), &bad.body));

    // Delivered again before it is mended, it stays dead and says so.
    let plan = relay.plan_redrive("r1", &Which::default()).await.unwrap();
    assert_eq!(plan.items.len(), 1);
    assert_eq!(
        relay.plan_redrive("r1", &Which::default()).await.unwrap(),
        plan,
        "the same request, the same plan"
    );
    let refused = relay.redrive("epl_00000000000000000000", "r").await.unwrap_err();
    assert_eq!(refused.reason, "NOT_FOUND");
    let done = relay.redrive(&plan.id, "r1").await.unwrap();
    assert_eq!(done.items[0].outcome, Some(Outcome::Failed));
    assert_eq!(relay.dead_letter(&letter.id).await.unwrap().history.len(), 4);

    // Mended, it is taken, once.
    probe.script(|_, _| Act::Take);
    let plan = relay.plan_redrive("r2", &Which::default()).await.unwrap();
    let done = relay.redrive(&plan.id, "r2").await.unwrap();
    assert_eq!(done.items[0].outcome, Some(Outcome::Taken));
    assert_eq!(relay.redrive(&plan.id, "r2").await.unwrap(), done, "a repeat changes nothing");
    let other = relay.redrive(&plan.id, "r3").await.unwrap_err();
    assert_eq!(other.field, "plan_token");
    assert_eq!(probe.effects().await, [behind.id, bad.id]);
    assert_eq!(relay.dead_letter(&letter.id).await.unwrap().state, State::Redriven);
    assert_eq!(relay.plan_redrive("r4", &Which::default()).await.unwrap().items, []);
}

pub(crate) async fn what_cannot_be_read_is_dead_at_once(bed: &Bed) {
    let probe = Probe::new(&bed.db);
    let relay = bed.relay(&probe).await;
    let of_later = Event::new("test.thing.changed.v2", "a", "1", &1, "cor_1", crate::bed::now()).unwrap();
    let of_later = bed.commit(of_later).await;
    let no_number = Event {
        body: br#"{"n":1}"#.to_vec(),
        ..event("a", 1)
    };
    let no_number = bed.commit(no_number).await;
    let of_others = Event::new("test.other.changed.v1", "a", "1", &1, "cor_1", crate::bed::now()).unwrap();
    bed.commit(of_others).await;
    let good = bed.tell_event("a", 2).await;
    bed.rest(&relay).await;
    assert_eq!(probe.effects().await, [good.id]);
    let mut letters = relay.dead_letters(&dead(), "", 10).await.unwrap();
    letters.sort_by(|a, b| a.reason.cmp(&b.reason));
    let told: Vec<_> = letters
        .iter()
        .map(|l| (l.reason.as_str(), l.event.id.as_str(), l.tries))
        .collect();
    assert_eq!(
        told,
        [
            (UNREADABLE, no_number.id.as_str(), 1),
            ("EVENT_VERSION_UNKNOWN", of_later.id.as_str(), 1)
        ]
    );
}

pub(crate) async fn a_corrupted_row_stops_its_key_only(bed: &Bed) {
    let probe = Probe::new(&bed.db);
    let relay = bed.relay(&probe).await;
    let first = bed.tell_event("a", 1).await;
    let torn = bed.tell_event("a", 2).await;
    let behind = bed.tell_event("a", 3).await;
    let other = bed.tell_event("b", 1).await;
    let body = |text: &str| {
        format!(
            "UPDATE outbox SET body = CAST('{text}' AS {}) WHERE id = '{}'",
            bed.binary(),
            torn.id
        )
    };
    assert_eq!(bed.tell(&body("[1,")).await, 1);
    bed.rest(&relay).await;
    let mut effects = probe.effects().await;
    effects.sort();
    let mut expected = [first.id.clone(), other.id.clone()];
    expected.sort();
    assert_eq!(effects, expected);
    let letters = relay.dead_letters(&dead(), "", 10).await.unwrap();
    assert_eq!(
        (letters.len(), letters[0].consumer.as_str(), letters[0].reason.as_str()),
        (1, RELAY, UNREADABLE)
    );

    let plan = relay.plan_redrive("r1", &Which::default()).await.unwrap();
    assert_eq!(
        relay.redrive(&plan.id, "r1").await.unwrap().items[0].outcome,
        Some(Outcome::Failed)
    );
    bed.tell(&body("2")).await;
    let plan = relay.plan_redrive("r2", &Which::default()).await.unwrap();
    assert_eq!(
        relay.redrive(&plan.id, "r2").await.unwrap().items[0].outcome,
        Some(Outcome::Taken)
    );
    bed.rest(&relay).await;
    assert_eq!(probe.effects().await[2..], [torn.id, behind.id]);
}

pub(crate) async fn a_stopped_key_hides_nobody(bed: &Bed) {
    let probe = Probe::new(&bed.db);
    let relay = bed.relay(&probe).await;
    let first = bed.tell_event("a", 1).await;
    let torn = bed.tell_event("a", 2).await;
    let text = format!(
        "UPDATE outbox SET body = CAST('[1,' AS {}) WHERE id = '{}'",
        bed.binary(),
        torn.id
    );
    assert_eq!(bed.tell(&text).await, 1);
    // More than a relay looks at in one step.
    let behind: Vec<Event> = (3..1_200).map(|n| event("a", n)).collect();
    bed.db.write(move |c| strata_events::append_all(c, &behind)).await.unwrap();
    let other = bed.tell_event("b", 1).await;
    bed.rest(&relay).await;
    // Once more, now that the row is known to be stopped.
    let late = bed.tell_event("c", 1).await;
    bed.rest(&relay).await;
    let mut effects = probe.effects().await;
    effects.sort();
    let mut expected = [first.id, other.id, late.id];
    expected.sort();
    assert_eq!(effects, expected);
}
