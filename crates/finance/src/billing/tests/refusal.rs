//! What is held, and what refuses a run.
use super::*;

#[test]
fn what_cannot_be_priced_is_held_and_the_rest_is_billed() {
    let mut world = world();
    world.time = vec![
        entry("good", "2025-02-10", 60),
        entry("partner", "2025-02-10", 60),
        entry("old", "2024-12-31", 60),
    ];
    world.time[1].versions[0].role = "partner".to_owned();
    let dollars = Money::new(100, Currency::parse("USD").unwrap());
    world.expenses = vec![spent("usd", dollars, "2025-02-10")];
    let outcome = world.post("2025-03-05", "2025-02-28");
    assert_eq!(lines(&outcome), [("time", "good", "150.00".into())]);
    let held: Vec<_> = outcome
        .held
        .iter()
        .map(|held| (held.source_id.as_str(), held.error.reason))
        .collect();
    assert_eq!(
        held,
        [
            ("old", reason::RATE_NOT_FOUND),
            ("partner", reason::RATE_NOT_FOUND),
            ("usd", reason::FX_RATE_MISSING),
        ]
    );
}

#[test]
fn refuses_a_run_that_makes_no_sense() {
    let mut world = world();
    world.time = vec![entry("a", "2025-02-10", 60), entry("a", "2025-02-11", 60)];
    assert_eq!(world.run("2025-03-05", "2025-02-28").unwrap_err().field, "id");
    world.time.pop();
    world.billed_before = TimeBilledBefore::nothing(Currency::parse("USD").unwrap());
    assert_eq!(world.run("2025-03-05", "2025-02-28").unwrap_err().field, "currency");
}

#[test]
fn a_total_that_leaves_its_range_is_an_error() {
    let mut world = world();
    world.time = vec![entry("a", "2025-02-10", 60), entry("b", "2025-02-10", i64::MAX / 300)];
    world.terms.cap = Some(Cap {
        signed: money("1.00"),
        amended: BTreeMap::new(),
    });
    world.billed_before.gross = Money::new(i64::MAX, eur());
    assert_eq!(
        world.run("2025-03-05", "2025-02-28").unwrap_err().reason,
        reason::AMOUNT_OVERFLOW
    );
    world.billed_before.gross = Money::zero(eur());
    world.time[1].versions[0].minutes = i64::MAX;
    let outcome = world.run("2025-03-05", "2025-02-28").unwrap();
    assert_eq!(outcome.held[0].error.reason, reason::AMOUNT_OVERFLOW);
}
