//! Why this rate.

use super::*;

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
