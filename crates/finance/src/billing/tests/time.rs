//! First bills, amendments, corrections.
use super::*;

#[test]
fn bills_what_is_approved_and_in_the_month_once() {
    let mut world = world();
    let mut late = entry("late", "2025-02-20", 60);
    late.versions[0].approved_on = day("2025-03-06");
    world.time = vec![
        entry("b", "2025-02-10", 50),
        entry("a", "2025-02-10", 60),
        entry("march", "2025-03-01", 60),
        late,
    ];
    let first = world.post("2025-03-05", "2025-02-28");
    assert_eq!(
        lines(&first),
        [("time", "a", "150.00".into()), ("time", "b", "150.00".into())]
    );
    assert_eq!(first.lines[1].minutes, 60);
    assert_eq!(first.lines[1].rate.as_ref().unwrap().line_id, "R150");
    let document = first.document.unwrap();
    assert_eq!(
        (document.kind, document.net, document.gross),
        (DocumentKind::Invoice, money("300.00"), money("357.00"))
    );
    assert_eq!(
        (document.issue_date, document.due_date),
        (day("2025-03-05"), day("2025-04-04"))
    );
    let again = world.run("2025-03-05", "2025-02-28").unwrap();
    assert_eq!((again.lines.len(), again.document, again.priced.len()), (0, None, 0));
    let april = world.post("2025-04-05", "2025-03-31");
    assert_eq!(
        lines(&april),
        [("time", "late", "150.00".into()), ("time", "march", "150.00".into())]
    );
}

#[test]
fn an_amendment_credits_and_rebills_what_it_reaches() {
    let mut world = world();
    world.time = vec![
        entry("t1", "2025-03-10", 480),
        entry("t2", "2025-03-15", 360),
        entry("t3", "2025-03-16", 240),
        entry("t4", "2025-04-02", 480),
    ];
    assert_eq!(world.post("2025-04-05", "2025-03-31").document.unwrap().net, money("2700.00"));
    let may = world.post("2025-05-05", "2025-04-30");
    assert_eq!(
        lines(&may),
        [
            ("time_credit", "t3", "-600.00".into()),
            ("time_rebill", "t3", "660.00".into()),
            ("time", "t4", "1320.00".into()),
        ]
    );
    assert_eq!(may.lines[1].rate.as_ref().unwrap().line_id, "R165");
    assert!(world.run("2025-06-05", "2025-05-31").unwrap().document.is_none());
}

#[test]
fn a_later_card_does_not_reach_what_is_billed() {
    let mut world = world();
    world.time = vec![entry("billed", "2025-02-10", 60)];
    world.post("2025-03-05", "2025-02-28");
    let later = RateLine {
        overrides: true,
        ..contract_rate(120, "2025-01-01", "2025-03-20", None)
    };
    let base = contract_rate(150, "2025-01-01", "2024-12-20", None);
    world.rates = RateBook::try_new([base, later]).unwrap();
    world.time.push(entry("open", "2025-02-11", 60));
    assert_eq!(
        lines(&world.post("2025-04-05", "2025-03-31")),
        [("time", "open", "120.00".into())]
    );
    // Not even when it is corrected: its hours change, its price does not.
    world.time[0].versions.push(version(120, "2025-04-20"));
    let may = world.post("2025-05-05", "2025-04-30");
    assert_eq!(lines(&may)[1], ("time_rebill", "billed", "300.00".into()));
    world.time[0].versions.push(version(60, "2025-05-20"));
    let june = world.post("2025-06-05", "2025-05-31");
    assert_eq!(lines(&june)[1], ("time_rebill", "billed", "150.00".into()));
}

#[test]
fn a_correction_is_rounded_anew_and_drops_the_write_down() {
    let mut world = world();
    world.time = vec![entry("t", "2025-02-10", 480)];
    world.time[0].versions[0].write_down_minutes = 60;
    assert_eq!(world.post("2025-03-05", "2025-02-28").document.unwrap().net, money("1050.00"));
    world.time[0].versions.push(version(382, "2025-03-20"));
    let before = world.run("2025-03-19", "2025-02-28").unwrap();
    assert!(before.lines.is_empty(), "not known yet");
    let april = world.post("2025-04-05", "2025-03-31");
    // 382 minutes are 390 by the quarter: 975.00.
    assert_eq!(
        lines(&april),
        [("time_credit", "t", "-1050.00".into()), ("time_rebill", "t", "975.00".into())]
    );
    let document = april.document.unwrap();
    assert_eq!((document.kind, document.net), (DocumentKind::CreditMemo, money("-75.00")));
    assert_eq!((document.tax.tax, document.gross), (money("-14.25"), money("-89.25")));
    // A void is a credit with no rebill; a later correction bills again, as a rebill.
    world.time[0].versions.push(version(0, "2025-04-20"));
    assert_eq!(
        lines(&world.post("2025-05-05", "2025-04-30")),
        [("time_credit", "t", "-975.00".into())]
    );
    world.time[0].versions.push(version(60, "2025-05-20"));
    assert_eq!(
        lines(&world.post("2025-06-05", "2025-05-31")),
        [("time_rebill", "t", "150.00".into())]
    );
}

#[test]
fn a_correction_waits_for_its_original_and_may_stop_billing() {
    let mut world = world();
    world.time = vec![entry("t", "2025-02-10", 480)];
    world.time[0].versions[0].approved_on = day("2025-03-20");
    world.time[0].versions.push(version(60, "2025-03-01"));
    assert!(world.run("2025-03-05", "2025-02-28").unwrap().lines.is_empty());
    assert_eq!(
        lines(&world.post("2025-04-05", "2025-03-31")),
        [("time", "t", "150.00".into())]
    );
    let not_billable = EntryVersion {
        billable: false,
        ..version(60, "2025-04-20")
    };
    world.time[0].versions.push(not_billable);
    assert_eq!(
        lines(&world.run("2025-05-05", "2025-04-30").unwrap()),
        [("time_credit", "t", "-150.00".into())]
    );
}

#[test]
fn zero_is_considered_but_makes_no_line() {
    let mut world = world();
    world.time = vec![entry("t", "2025-02-10", 60)];
    world.time[0].versions[0].write_down_minutes = 60;
    let first = world.post("2025-03-05", "2025-02-28");
    assert_eq!((first.lines.len(), first.document, first.priced.len()), (0, None, 1));
    world.time[0].versions.push(version(60, "2025-03-20"));
    assert_eq!(
        lines(&world.post("2025-04-05", "2025-03-31")),
        [("time_rebill", "t", "150.00".into())]
    );
}

#[test]
fn overtime_multiplies_and_what_is_not_billable_is_not_asked_for() {
    let mut world = world();
    world.time = vec![entry("over", "2025-02-10", 20), entry("free", "2025-02-10", 60)];
    world.time[0].versions[0].overtime = true;
    world.time[1].versions[0].billable = false;
    let outcome = world.post("2025-03-05", "2025-02-28");
    assert_eq!(lines(&outcome), [("time", "over", "112.50".into())]);
    assert_eq!(outcome.priced.len(), 1);
}
