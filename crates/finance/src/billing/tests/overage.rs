//! Hours beyond a monthly fee.
use super::*;
use crate::retainer::Rollover;

fn retainer() -> World {
    let mut world = world();
    world.terms.hours = HoursBasis::Overage(RetainerTerms {
        fee: money("500.00"),
        included_minutes: 600,
        overage_rate: Decimal::from(90),
        rollover: Rollover::None,
    });
    world
}

#[test]
fn only_what_is_beyond_the_included_minutes_is_billed() {
    let mut world = retainer();
    world.time = vec![
        entry("t1", "2025-03-03", 480),
        entry("t2", "2025-03-04", 170),
        entry("t3", "2025-04-01", 900),
    ];
    // 480 + 180 of 600: an hour over. April is not over yet.
    assert_eq!(
        lines(&world.post("2025-04-05", "2025-03-31")),
        [("overage", "2025-03", "90.00".into())]
    );
    assert_eq!(
        lines(&world.post("2025-05-05", "2025-04-30")),
        [("overage", "2025-04", "450.00".into())]
    );
    assert!(
        world.post("2025-06-05", "2025-05-31").document.is_none(),
        "a run that is repeated bills nothing"
    );
}

#[test]
fn late_time_and_corrections_change_the_month_they_were_worked_in() {
    let mut world = retainer();
    world.time = vec![entry("t1", "2025-03-03", 660)];
    world.post("2025-04-05", "2025-03-31");
    world.time.push(TimeEntry {
        versions: vec![version(60, "2025-04-20")],
        ..entry("late", "2025-03-20", 0)
    });
    assert_eq!(
        lines(&world.post("2025-05-05", "2025-04-30")),
        [("overage", "2025-03", "90.00".into())]
    );
    // Voided: nothing is over any more, and everything billed of the month comes back.
    world.time[0].versions.push(version(0, "2025-05-20"));
    let outcome = world.post("2025-06-05", "2025-05-31");
    assert_eq!(lines(&outcome), [("overage", "2025-03", "-180.00".into())]);
    assert_eq!(outcome.document.unwrap().kind, DocumentKind::CreditMemo);
}
