//! What is known when, and what an amendment closes.

use super::*;

#[test]
fn the_rate_for_16_march_as_known_on_a_day() {
    let lines = [
        line(RateLevel::Contract, "consultant", 150, "2025-01-01", None),
        amended("consultant", 165, "2025-03-16", "2025-04-10"),
    ];
    let known = |work_date, known_on| ask(&lines, &question("consultant", work_date, known_on));
    assert_eq!(known("2025-03-16", "2025-04-08"), Ok(150));
    assert_eq!(known("2025-03-16", "2025-04-10"), Ok(165));
    assert_eq!(known("2025-03-15", "2025-04-10"), Ok(150));
    assert_eq!(known("2025-03-16", "2024-12-19"), Err(reason::RATE_NOT_FOUND));
}

#[test]
fn an_instant_is_known_on_its_utc_day() {
    let recorded = Recorded::At("2025-04-09T23:59:59.999Z".parse().unwrap());
    let lines = [RateLine {
        recorded,
        ..line(RateLevel::Contract, "consultant", 150, "2025-01-01", None)
    }];
    assert_eq!(ask(&lines, &question("consultant", "2025-02-01", "2025-04-09")), Ok(150));
    assert!(ask(&lines, &question("consultant", "2025-02-01", "2025-04-08")).is_err());
}

#[test]
fn a_moment_tells_apart_what_a_day_does_not() {
    let mut base = line(RateLevel::Standard, "dev", 100, "2025-01-01", None);
    base.recorded = Recorded::At("2025-04-08T09:00:00Z".parse().unwrap());
    let book = || RateBook::try_new([base.clone()]).unwrap();
    let asked = question("dev", "2025-03-16", "2025-04-08");
    let at = |moment: &str| resolve(&asked, &book().known_at(moment.parse().unwrap())).map_err(|error| error.reason);
    assert!(resolve(&asked, &book()).is_ok(), "the whole day counts");
    assert_eq!(at("2025-04-08T08:59:59Z").unwrap_err(), reason::RATE_NOT_FOUND);
    assert!(at("2025-04-08T09:00:00Z").is_ok());
    assert!(Recorded::On(day("2025-04-08")).is_known_at("2025-04-08T00:00:00Z".parse().unwrap()));
}

#[test]
fn an_amendment_closes_what_it_replaces() {
    let first = amended("consultant", 160, "2025-03-01", "2025-02-01");
    let second = amended("consultant", 170, "2025-06-01", "2025-05-01");
    let base = line(RateLevel::Contract, "consultant", 150, "2025-01-01", None);
    let renewed = line(RateLevel::Contract, "consultant", 155, "2025-04-01", None);
    let lines = [base.clone(), first.clone(), second.clone()];
    assert_eq!(rate(&lines, "2025-05-31"), Ok(160));
    assert_eq!(rate(&lines, "2025-06-01"), Ok(170), "newest effective date among amendments");
    assert_eq!(
        rate(&[renewed, first.clone()], "2025-05-01"),
        Ok(160),
        "amendment before a later base line"
    );
    // The one signed later does not win by that: the later effective date does.
    let late = amended("consultant", 140, "2025-02-01", "2025-09-01");
    assert_eq!(rate(&[first.clone(), late], "2025-07-01"), Ok(160));
    let same_day = amended("consultant", 175, "2025-03-01", "2025-02-15");
    assert_eq!(
        rate(&[first.clone(), same_day.clone()], "2025-03-01"),
        Err(reason::RATE_AMBIGUOUS)
    );
    assert_eq!(rate(&[first, same_day, second], "2025-06-01"), Ok(170));
    // What was closed stays closed when the amendment ends: the next level answers.
    let ending = RateLine {
        to: Some(day("2025-06-01")),
        ..amended("consultant", 165, "2025-03-01", "2025-02-01")
    };
    let standard = line(RateLevel::Standard, "consultant", 200, "2025-01-01", None);
    assert_eq!(rate(&[base, ending, standard], "2025-06-01"), Ok(200));
}

#[test]
fn an_amended_blend_is_still_weaker_than_a_role() {
    let lines = [
        line(RateLevel::Contract, "consultant", 150, "2025-01-01", None),
        amended(ANY_ROLE, 165, "2025-01-01", "2025-01-01"),
    ];
    assert_eq!(rate(&lines, "2025-03-01"), Ok(150));
    assert_eq!(ask(&lines, &question("partner", "2025-03-01", "2025-03-01")), Ok(165));
}

#[test]
fn what_is_billed_keeps_its_cards_but_not_its_amendments() {
    let card = line(RateLevel::Standard, "consultant", 150, "2025-01-01", None);
    let newer = RateLine {
        recorded: Recorded::On(day("2025-05-01")),
        ..line(RateLevel::Customer, "consultant", 140, "2025-01-01", None)
    };
    let billed = RateQuestion {
        cards_known_on: Some(day("2025-04-05")),
        ..question("consultant", "2025-03-10", "2025-06-05")
    };
    let open = question("consultant", "2025-03-10", "2025-06-05");
    let lines = [card.clone(), newer.clone()];
    assert_eq!((ask(&lines, &billed), ask(&lines, &open)), (Ok(150), Ok(140)));
    let declared = [
        card.clone(),
        RateLine {
            retroactive: true,
            ..newer
        },
    ];
    assert_eq!(ask(&declared, &billed), Ok(140));
    assert_eq!(
        ask(&[card, amended("consultant", 165, "2025-03-01", "2025-05-01")], &billed),
        Ok(165)
    );
}
