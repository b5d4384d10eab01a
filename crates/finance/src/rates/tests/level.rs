//! Which level wins, and what is stronger inside one.

use super::*;

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
fn knows_its_levels_by_their_words() {
    for level in RateLevel::ORDER {
        assert_eq!(RateLevel::parse(level.as_str()).unwrap(), level);
    }
    assert_eq!(RateLevel::parse("task").unwrap_err().field, "level");
}
