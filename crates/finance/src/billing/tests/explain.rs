//! Prices in words.
use super::*;

#[test]
fn names_minutes_rate_and_rounding() {
    let mut world = world();
    let mut asked = entry("a", "2025-03-20", 380);
    asked.versions[0].overtime = true;
    let told = |world: &World, entry: &TimeEntry, known: &str| {
        let told = explain_time(&world.terms, &world.rates, entry, day(known)).unwrap();
        told.map(|told| told.in_words())
    };
    let words = told(&world, &asked, "2025-04-10").unwrap();
    assert_eq!(
        words[0],
        "380 minutes were worked and 390 are billable: no minimum, rounded up to a multiple of 15, less 0 written down."
    );
    assert!(words[1].starts_with("Rate line R165 prices the work: 165 EUR per hour, contract rate of CT-1"));
    assert_eq!(
        words.last().unwrap(),
        "165 x 390 minutes / 60 minutes x 150 percent = 1608.75 EUR, rounded once, half away from zero, to 2 decimals."
    );
    assert!(
        words.contains(&"Not contract line R150: amendment AM-1 replaced it from 2025-03-16.".to_owned()),
        "{words:?}"
    );
    assert_eq!(told(&world, &asked, "2025-03-01"), None, "not approved yet");
    asked.versions[0].billable = false;
    let free = told(&world, &asked, "2025-04-10").unwrap();
    assert_eq!(
        free,
        ["380 minutes were worked and none is billable.", "Nothing to price: 0.00 EUR."]
    );
    world.terms.time_rounding = TimeRounding::EXACT;
    asked.versions[0].billable = true;
    assert!(told(&world, &asked, "2025-04-10").unwrap()[0].contains("no minimum, not rounded"));
}

#[test]
fn a_day_rate_prices_a_part_of_its_day() {
    let mut world = world();
    let daily = RateLine {
        unit: RateUnit::of_hours(strata_kernel::parse_decimal("7.5").unwrap()).unwrap(),
        ..contract_rate(1000, "2025-01-01", "2024-12-20", None)
    };
    world.rates = RateBook::try_new([daily]).unwrap();
    let price = price_time(&world.terms, &world.rates, &entry("a", "2025-03-20", 225), day("2025-04-10"));
    assert_eq!(price.unwrap().unwrap().amount, money("500.00"));
}
