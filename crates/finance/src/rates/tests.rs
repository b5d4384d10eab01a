#![allow(clippy::unwrap_used)]
use super::*;
use crate::reason;
use strata_kernel::Reason;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// A line in EUR, known since 2024-12-20. The id is the rate, so that tests read as prices.
fn line(level: RateLevel, role: &str, rate: i64, from: &str, to: Option<&str>) -> RateLine {
    let level_key = match level {
        RateLevel::Contract => "CT-1",
        RateLevel::Project => "PR-1",
        RateLevel::Customer => "CU-1",
        RateLevel::Standard => "DE01",
    };
    RateLine {
        id: rate.to_string(),
        level,
        level_key: level_key.to_owned(),
        role: role.to_owned(),
        org_unit: None,
        scope: None,
        currency: Currency::parse("EUR").unwrap(),
        rate: Decimal::from(rate),
        unit: RateUnit::HOUR,
        from: day(from),
        to: to.map(day),
        recorded: Recorded::On(day("2024-12-20")),
        amendment: None,
        overrides: false,
        retroactive: false,
    }
}

fn amended(role: &str, rate: i64, from: &str, signed: &str) -> RateLine {
    RateLine {
        amendment: Some(format!("AM-{rate}")),
        recorded: Recorded::On(day(signed)),
        ..line(RateLevel::Contract, role, rate, from, None)
    }
}

fn overriding(rate: i64, from: &str, to: &str, scope: Option<&str>) -> RateLine {
    RateLine {
        overrides: true,
        scope: scope.map(str::to_owned),
        ..line(RateLevel::Standard, "consultant", rate, from, Some(to))
    }
}

fn question<'a>(role: &'a str, work_date: &str, known_on: &str) -> RateQuestion<'a> {
    RateQuestion {
        contract: "CT-1",
        project: "PR-1",
        customer: "CU-1",
        entity: "DE01",
        role,
        org_unit: None,
        currency: Currency::parse("EUR").unwrap(),
        work_date: day(work_date),
        known_on: day(known_on),
        cards_known_on: None,
    }
}

fn ask(lines: &[RateLine], question: &RateQuestion<'_>) -> Result<i64, Reason> {
    let book = RateBook::try_new(lines.iter().cloned()).unwrap();
    resolve(question, &book)
        .map(|found| found.line_id.parse().unwrap())
        .map_err(|error| error.reason)
}

/// The rate of a consultant with everything known.
fn rate(lines: &[RateLine], work_date: &str) -> Result<i64, Reason> {
    ask(lines, &question("consultant", work_date, "2030-01-01"))
}

#[test]
fn the_first_level_in_force_wins() {
    let lines = [
        line(RateLevel::Standard, "consultant", 150, "2025-01-01", None),
        line(RateLevel::Customer, "consultant", 140, "2025-01-01", None),
        line(RateLevel::Project, "consultant", 135, "2025-02-01", Some("2025-05-01")),
        line(RateLevel::Contract, "consultant", 120, "2025-03-01", Some("2025-04-01")),
    ];
    for (work_date, expected) in [
        ("2025-01-15", 140),
        ("2025-02-01", 135),
        ("2025-03-31", 120),
        ("2025-04-01", 135),
        ("2025-05-01", 140),
    ] {
        assert_eq!(rate(&lines, work_date), Ok(expected), "{work_date}");
    }
    assert_eq!(rate(&lines, "2024-12-31"), Err(reason::RATE_NOT_FOUND));
    assert_eq!(rate(&lines[..1], "2025-03-15"), Ok(150));
}

#[test]
fn a_blended_contract_rate_beats_a_project_role() {
    let lines = [
        line(RateLevel::Contract, ANY_ROLE, 180, "2025-01-01", None),
        line(RateLevel::Project, "consultant", 320, "2025-01-01", None),
    ];
    assert_eq!(rate(&lines, "2025-03-15"), Ok(180));
    let with_role = [
        lines[0].clone(),
        line(RateLevel::Contract, "consultant", 190, "2025-02-01", None),
    ];
    assert_eq!(rate(&with_role, "2025-01-31"), Ok(180));
    assert_eq!(rate(&with_role, "2025-02-01"), Ok(190), "role before every role");
}

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
fn overrides_last_while_they_last_and_scoped_goes_first() {
    let lines = [
        line(RateLevel::Standard, "consultant", 100, "2025-01-01", Some("2025-07-01")),
        overriding(110, "2025-03-15", "2025-04-01", None),
        overriding(120, "2025-04-01", "2025-05-01", None),
    ];
    for (work_date, expected) in [
        ("2025-03-14", 100),
        ("2025-03-31", 110),
        ("2025-04-01", 120),
        ("2025-05-01", 100),
    ] {
        assert_eq!(rate(&lines, work_date), Ok(expected), "{work_date}");
    }
    let scoped = [
        overriding(120, "2025-03-15", "2025-07-01", None),
        overriding(110, "2025-03-15", "2025-07-01", Some("CT-1")),
    ];
    assert_eq!(rate(&scoped, "2025-03-20"), Ok(110));
    let elsewhere = [scoped[0].clone(), overriding(105, "2025-03-15", "2025-07-01", Some("CT-2"))];
    assert_eq!(rate(&elsewhere, "2025-03-20"), Ok(120));
    let twice = [scoped[0].clone(), overriding(121, "2025-03-16", "2025-07-01", None)];
    assert_eq!(rate(&twice, "2025-03-20"), Err(reason::RATE_AMBIGUOUS));
}

#[test]
fn the_unit_that_works_goes_before_none() {
    let of_unit = |rate, unit: &str| RateLine {
        org_unit: Some(unit.to_owned()),
        ..line(RateLevel::Contract, "consultant", rate, "2025-01-01", None)
    };
    let lines = [
        of_unit(100, "India"),
        of_unit(150, "US"),
        line(RateLevel::Contract, "consultant", 130, "2025-01-01", None),
    ];
    let asked = |org_unit| {
        let question = RateQuestion {
            org_unit,
            ..question("consultant", "2025-05-01", "2025-05-01")
        };
        ask(&lines, &question)
    };
    assert_eq!(asked(Some("US")), Ok(150));
    assert_eq!(asked(Some("Spain")), Ok(130));
    assert_eq!(asked(None), Ok(130));
}

#[test]
fn currencies_are_never_mixed() {
    let dollars = RateLine {
        currency: Currency::parse("USD").unwrap(),
        ..line(RateLevel::Contract, "consultant", 120, "2025-01-01", Some("2025-06-01"))
    };
    let euros = line(RateLevel::Standard, "consultant", 150, "2025-04-01", None);
    let lines = [dollars, euros];
    assert_eq!(rate(&lines, "2025-03-15"), Err(reason::RATE_CURRENCY_MISMATCH));
    assert_eq!(
        rate(&lines, "2025-05-15"),
        Ok(150),
        "a weaker level in the right currency matches"
    );
    assert_eq!(
        rate(&lines[..1], "2025-06-01"),
        Err(reason::RATE_NOT_FOUND),
        "ended in either currency"
    );
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

#[test]
fn says_why() {
    let book = RateBook::try_new([amended("consultant", 165, "2025-03-16", "2025-04-10")]).unwrap();
    let found = resolve(&question("consultant", "2025-03-16", "2025-04-10"), &book).unwrap();
    assert_eq!(found.level, RateLevel::Contract);
    assert_eq!(
        found.why,
        "contract rate of CT-1 for consultant from 2025-03-16, amendment AM-165"
    );
}

#[test]
fn refuses_lines_that_make_no_sense() {
    let good = line(RateLevel::Standard, "consultant", 150, "2025-01-01", None);
    let reused = RateLine {
        rate: Decimal::from(151),
        ..good.clone()
    };
    let negative = RateLine {
        rate: Decimal::from(-1),
        ..good.clone()
    };
    let empty = RateLine {
        to: Some(good.from),
        ..good.clone()
    };
    for (lines, field) in [
        (vec![good.clone(), reused], "id"),
        (vec![negative], "rate"),
        (vec![empty], "to"),
    ] {
        assert_eq!(RateBook::try_new(lines).unwrap_err().field, field);
    }
    assert_eq!(
        rate(&[good.clone(), good], "2025-02-01"),
        Ok(150),
        "the same line twice counts once"
    );
}

#[test]
fn explains_what_every_line_lost_by() {
    let lines = [
        line(RateLevel::Standard, "consultant", 100, "2025-01-01", None),
        line(RateLevel::Contract, ANY_ROLE, 101, "2025-01-01", None),
        line(RateLevel::Contract, "consultant", 102, "2025-01-01", None),
        line(RateLevel::Contract, "consultant", 103, "2025-06-01", None),
        line(RateLevel::Project, "consultant", 104, "2025-01-01", Some("2025-02-01")),
        amended("consultant", 105, "2025-03-01", "2025-03-10"),
        amended("consultant", 106, "2025-03-15", "2025-09-01"),
        RateLine {
            scope: Some("CT-2".to_owned()),
            ..line(RateLevel::Customer, "consultant", 107, "2025-01-01", None)
        },
        RateLine {
            org_unit: Some("India".to_owned()),
            ..line(RateLevel::Customer, "consultant", 108, "2025-01-01", None)
        },
        RateLine {
            currency: Currency::parse("USD").unwrap(),
            ..line(RateLevel::Customer, "consultant", 109, "2025-01-01", None)
        },
    ];
    let book = RateBook::try_new(lines).unwrap();
    let found = explain(&question("consultant", "2025-03-20", "2025-04-01"), &book).unwrap();
    assert_eq!(found.resolved.line_id, "105");
    let why: std::collections::BTreeMap<&str, &Beaten> =
        found.beaten.iter().map(|line| (line.line_id.as_str(), &line.why)).collect();
    let closed = Beaten::Closed {
        amendment: "AM-105".to_owned(),
        from: day("2025-03-01"),
    };
    let expected = [
        ("100", Beaten::WeakerLevel),
        ("101", Beaten::EveryRole),
        ("102", closed),
        ("103", Beaten::NotBegun(day("2025-06-01"))),
        ("104", Beaten::Ended(day("2025-02-01"))),
        ("106", Beaten::NotKnownYet(day("2025-09-01"))),
        ("107", Beaten::OtherContract("CT-2".to_owned())),
        ("108", Beaten::OtherUnit("India".to_owned())),
        ("109", Beaten::OtherCurrency(Currency::parse("USD").unwrap())),
    ];
    for (id, reason) in &expected {
        assert_eq!(why.get(id), Some(&reason), "{id}");
    }
    let words = found.in_words();
    assert_eq!(words.len(), 3 + expected.len());
    assert_eq!(
        words[0],
        "Rate line 105 prices the work: 105 EUR per hour, contract rate of CT-1 for consultant from 2025-03-01, amendment AM-105."
    );
    assert!(
        words.contains(&"Not contract line 102: amendment AM-105 replaced it from 2025-03-01.".to_owned()),
        "{words:?}"
    );
}

#[test]
fn explains_preferences_inside_a_level() {
    let base = line(RateLevel::Standard, "consultant", 100, "2025-01-01", None);
    let lines = [
        base.clone(),
        overriding(110, "2025-03-01", "2025-04-01", None),
        overriding(120, "2025-03-01", "2025-04-01", Some("CT-1")),
    ];
    let book = RateBook::try_new(lines).unwrap();
    let found = explain(&question("consultant", "2025-03-20", "2025-04-01"), &book).unwrap();
    let why: Vec<&Beaten> = found.beaten.iter().map(|line| &line.why).collect();
    assert_eq!(
        (found.resolved.line_id.as_str(), why),
        ("120", vec![&Beaten::Base, &Beaten::EveryContract])
    );
    let of_unit = RateLine {
        org_unit: Some("US".to_owned()),
        ..line(RateLevel::Standard, "consultant", 130, "2025-01-01", None)
    };
    let book = RateBook::try_new([base, of_unit]).unwrap();
    let of_us = RateQuestion {
        org_unit: Some("US"),
        ..question("consultant", "2025-03-20", "2025-04-01")
    };
    assert_eq!(explain(&of_us, &book).unwrap().beaten[0].why, Beaten::EveryUnit);
    assert_eq!(
        explain(&question("partner", "2025-03-20", "2025-04-01"), &book)
            .unwrap_err()
            .reason,
        reason::RATE_NOT_FOUND
    );
}

#[test]
fn knows_its_levels_by_their_words() {
    for level in RateLevel::ORDER {
        assert_eq!(RateLevel::parse(level.as_str()).unwrap(), level);
    }
    assert_eq!(RateLevel::parse("task").unwrap_err().field, "level");
}
