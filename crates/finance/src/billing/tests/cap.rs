//! Capped contracts.
use super::*;

#[test]
fn a_cap_takes_off_and_gives_back() {
    let mut world = world();
    world.terms.cap = Some(Cap {
        signed: money("1000.00"),
        amended: BTreeMap::from([(day("2025-05-01"), money("1200.00"))]),
    });
    world.time = vec![
        entry("a", "2025-02-10", 300),
        entry("b", "2025-03-10", 240),
        entry("c", "2025-03-11", 60),
    ];
    assert_eq!(world.post("2025-03-05", "2025-02-28").document.unwrap().net, money("750.00"));
    let april = world.post("2025-04-05", "2025-03-31");
    assert_eq!(lines(&april)[2], ("cap_adjustment", "CT-1", "-500.00".into()));
    assert_eq!(
        (april.document.unwrap().net, april.over_cap),
        (money("250.00"), money("500.00"))
    );
    // A raised cap frees what stood above the old one, without any new time.
    let may = world.post("2025-05-05", "2025-04-30");
    assert_eq!(lines(&may), [("cap_adjustment", "CT-1", "200.00".into())]);
    assert_eq!(may.over_cap, money("300.00"));
    // A credit gives room back: gross 1500 - 750 + 150 is 900, below the cap.
    world.time[0].versions.push(version(60, "2025-05-20"));
    let june = world.post("2025-06-05", "2025-05-31");
    assert_eq!(
        lines(&june),
        [
            ("time_credit", "a", "-750.00".into()),
            ("time_rebill", "a", "150.00".into()),
            ("cap_adjustment", "CT-1", "300.00".into()),
        ]
    );
    assert_eq!((june.document.unwrap().net, june.over_cap), (money("-300.00"), money("0.00")));
}

#[test]
fn a_lowered_cap_bills_nothing_more_and_credits_nothing_by_itself() {
    let mut world = world();
    world.terms.cap = Some(Cap {
        signed: money("1000.00"),
        amended: BTreeMap::from([(day("2025-04-10"), money("500.00"))]),
    });
    world.time = vec![entry("a", "2025-02-10", 300), entry("b", "2025-04-11", 60)];
    assert_eq!(world.post("2025-03-05", "2025-02-28").document.unwrap().net, money("750.00"));
    let may = world.post("2025-05-05", "2025-04-30");
    assert_eq!((may.document.unwrap().net, may.over_cap), (money("0.00"), money("165.00")));
    let warned: Vec<_> = may.warnings.iter().map(|warning| warning.reason).collect();
    assert_eq!(warned, [reason::CAP_BELOW_BILLED]);
    // A correction gives back what it takes, and none of it is room for what is above the cap.
    world.time[0].versions.push(version(240, "2025-05-20"));
    assert_eq!(world.post("2025-06-05", "2025-05-31").document.unwrap().net, money("-150.00"));
}

#[test]
fn all_above_the_cap_is_a_document_of_zero() {
    let mut world = world();
    world.terms.cap = Some(Cap {
        signed: money("0.00"),
        amended: BTreeMap::new(),
    });
    world.time = vec![entry("a", "2025-02-10", 60)];
    let outcome = world.post("2025-03-05", "2025-02-28");
    assert_eq!(
        outcome.lines.len(),
        2,
        "the time is on paper, so that no later run bills it again"
    );
    assert_eq!(outcome.document.unwrap().net, money("0.00"));
    assert!(world.run("2025-04-05", "2025-03-31").unwrap().document.is_none());
}
