//! Rules of rounding, splitting, comparing and transitions that hold for every input.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use strata_finance::allocate::{allocate, residual_last, running_residual};
use strata_finance::hours::{HoursRounding, round_hours, seconds_amount_sum, sum_rounded_hours};
use strata_finance::lifecycle::{MACHINES, SheetStep, Timesheet};
use strata_finance::metrics::{Fraction, PersonTime, utilization};
use strata_finance::period::{ApprovedWork, Month, revenue_known_at};
use strata_finance::quantum::{RoundingMode, round_to_quantum};
use strata_finance::reconciliation::{Compared, Record, TieOut, tie_out};
use strata_kernel::{Currency, Date, Decimal, Money};

const MODES: [RoundingMode; 10] = [
    RoundingMode::Up,
    RoundingMode::Down,
    RoundingMode::HalfUp,
    RoundingMode::HalfDown,
    RoundingMode::HalfEven,
    RoundingMode::HalfOdd,
    RoundingMode::HalfPositiveInfinity,
    RoundingMode::HalfNegativeInfinity,
    RoundingMode::Ceiling,
    RoundingMode::Floor,
];

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::parse("USD").unwrap())
}

fn decimal() -> impl Strategy<Value = Decimal> {
    (-1_000_000_000_i64..1_000_000_000, 0_u32..=9).prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale))
}

fn quantum() -> impl Strategy<Value = Decimal> {
    (1_i64..1_000, 0_u32..=4).prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale))
}

fn hours_rounding() -> impl Strategy<Value = HoursRounding> {
    (0_i64..=500, 0_i64..=100, prop::sample::select(MODES.to_vec())).prop_map(|(factor, unit, mode)| HoursRounding {
        factor_percent: Decimal::from(factor),
        unit: Decimal::new(unit, 2),
        mode,
    })
}

fn records() -> impl Strategy<Value = Vec<Record>> {
    let record =
        (0_u8..6, prop::option::of(0_i64..3), prop::option::of(0_i64..2), 0_i64..4).prop_map(|(key, minutes, period, second)| {
            let minutes = minutes.map(|minutes| ("minutes".to_owned(), Compared::Number(Decimal::from(minutes))));
            let period = period.map(|period| ("period".to_owned(), Compared::Text(period.to_string())));
            Record {
                key: key.to_string(),
                committed_at: chrono::DateTime::from_timestamp(second, 0),
                values: minutes.into_iter().chain(period).collect(),
            }
        });
    prop::collection::vec(record, 0..8)
}

fn day() -> impl Strategy<Value = Date> {
    (0_i64..150).prop_map(|days| Date::from_ymd_opt(2025, 1, 1).unwrap() + chrono::Duration::days(days))
}

proptest! {
    #[test]
    fn rounding_is_idempotent_and_nearest(value in decimal(), quantum in quantum(), mode in prop::sample::select(MODES.to_vec())) {
        let rounded = round_to_quantum(value, quantum, mode).unwrap();
        prop_assert_eq!(rounded % quantum, Decimal::ZERO);
        prop_assert_eq!(round_to_quantum(rounded, quantum, mode).unwrap(), rounded);
        let off = rounded - value;
        prop_assert!(off.abs() < quantum);
        let allowed = match mode {
            RoundingMode::Up => rounded.abs() >= value.abs(),
            RoundingMode::Down => rounded.abs() <= value.abs(),
            RoundingMode::Ceiling => off >= Decimal::ZERO,
            RoundingMode::Floor => off <= Decimal::ZERO,
            _ => off.abs() * Decimal::TWO <= quantum,
        };
        prop_assert!(allowed, "{} became {}", value, rounded);
    }

    #[test]
    fn a_half_goes_away_from_zero(multiple in -1_000_000_i64..1_000_000, quantum in quantum()) {
        let half = Decimal::from(multiple) * quantum + quantum * Decimal::new(5, 1);
        let rounded = round_to_quantum(half, quantum, RoundingMode::HalfUp).unwrap();
        prop_assert_eq!(rounded.abs(), half.abs() + quantum * Decimal::new(5, 1));
        prop_assert_eq!(round_to_quantum(-half, quantum, RoundingMode::HalfUp).unwrap(), -rounded);
    }

    #[test]
    fn even_parts_add_up_and_mirror(total in -1_000_000_000_i64..1_000_000_000, parts in 1_u32..60) {
        let minor = |parts: Vec<Money>| parts.iter().map(|part| part.minor).collect::<Vec<_>>();
        for split in [running_residual, residual_last] {
            let given = minor(split(usd(total), parts).unwrap());
            prop_assert_eq!(u32::try_from(given.len()), Ok(parts));
            prop_assert_eq!(given.iter().sum::<i64>(), total);
            let mirror: Vec<i64> = given.iter().map(|part| -part).collect();
            prop_assert_eq!(minor(split(usd(-total), parts).unwrap()), mirror);
        }
        // No running part is more than a minor unit away from the even share.
        let even = i128::from(total);
        for part in minor(running_residual(usd(total), parts).unwrap()) {
            prop_assert!((i128::from(part) * i128::from(parts) - even).abs() <= i128::from(parts));
        }
    }

    #[test]
    fn equal_weights_and_running_residual_give_the_same_parts_in_some_order(total in 0_i64..1_000_000, parts in 1_u32..40) {
        let mut by_weight = allocate(total, &vec![1; usize::try_from(parts).unwrap()]).unwrap();
        let mut running: Vec<i64> = running_residual(usd(total), parts).unwrap().iter().map(|part| part.minor).collect();
        by_weight.sort_unstable();
        running.sort_unstable();
        prop_assert_eq!(by_weight, running);
    }

    #[test]
    fn the_order_of_entries_changes_no_sum(
        (entries, shuffled) in prop::collection::vec(-50_000_i64..50_000, 0..12).prop_flat_map(|entries| {
            (Just(entries.clone()), Just(entries).prop_shuffle())
        }),
        rule in hours_rounding(),
        hours_places in prop::option::of(0_u32..4),
    ) {
        let hours = |entries: &[i64]| entries.iter().map(|entry| Decimal::new(*entry, 3)).collect::<Vec<_>>();
        let sum = sum_rounded_hours(&hours(&entries), rule).unwrap();
        prop_assert_eq!(sum, sum_rounded_hours(&hours(&shuffled), rule).unwrap());
        let one_by_one: Decimal = hours(&entries).iter().map(|entry| round_hours(*entry, rule).unwrap()).sum();
        prop_assert_eq!(sum.billable, one_by_one);
        let price = |entries: &[i64]| seconds_amount_sum(Decimal::new(11_475, 2), entries, hours_places, 2).unwrap();
        prop_assert_eq!(price(&entries), price(&shuffled));
        let people = |entries: &[i64]| {
            let person = |worked: &i64| PersonTime {
                active: worked % 3 != 0,
                capacity: Decimal::from(480),
                worked: Decimal::from(*worked),
            };
            utilization(&entries.iter().map(person).collect::<Vec<_>>()).unwrap()
        };
        prop_assert_eq!(people(&entries), people(&shuffled));
    }

    #[test]
    fn groups_of_groups_are_the_group(parts in prop::collection::vec((0_i64..1_000, 0_i64..1_000), 0..10), cut in 0_usize..10) {
        let fractions: Vec<_> = parts.iter().map(|(num, den)| Fraction::new(*num, *den)).collect();
        let (one, other) = fractions.split_at(cut.min(fractions.len()));
        let grouped = [one, other].map(|group| Fraction::sum(group.iter().copied()).unwrap());
        prop_assert_eq!(Fraction::sum(grouped).unwrap(), Fraction::sum(fractions).unwrap());
    }

    #[test]
    fn a_tie_out_is_symmetric(left in records(), right in records(), since in prop::option::of(0_i64..4)) {
        let since = since.and_then(|second| chrono::DateTime::from_timestamp(second, 0));
        let found = tie_out(&left, &right, since);
        let swapped = tie_out(&right, &left, since);
        let mirror = TieOut {
            missing_left: swapped.missing_right,
            missing_right: swapped.missing_left,
            duplicate_left: swapped.duplicate_right,
            duplicate_right: swapped.duplicate_left,
            ..swapped
        };
        prop_assert_eq!(&found, &mirror);
        let itself = tie_out(&left, &left, since);
        prop_assert!(itself.differs.is_empty() && itself.missing_left.is_empty() && itself.in_flight.is_empty());
        // Every key is missing, in flight, or on both sides.
        let mut places: BTreeMap<&str, [bool; 2]> = BTreeMap::new();
        left.iter().for_each(|record| places.entry(&record.key).or_default()[0] = true);
        right.iter().for_each(|record| places.entry(&record.key).or_default()[1] = true);
        for (key, sides) in places {
            let alone = [&found.missing_left, &found.missing_right, &found.in_flight];
            let told = alone.iter().filter(|keys| keys.contains(key)).count();
            prop_assert_eq!(told, usize::from(sides != [true, true]));
        }
    }

    #[test]
    fn revenue_of_all_months_is_all_that_is_known(
        entries in prop::collection::vec((day(), 0_i64..60, -100_000_i64..100_000), 0..12),
        close_day in 1_u32..=31,
    ) {
        let work = |(work_date, later, minor): &(Date, i64, i64)| ApprovedWork {
            work_date: *work_date,
            approved_on: Some(*work_date + chrono::Duration::days(*later)),
            value: usd(*minor),
        };
        let work: Vec<_> = entries.iter().map(work).collect();
        let january = Month::parse("2025-01").unwrap();
        let months: Vec<_> = (0..12).map(|later| january.after(later).unwrap()).collect();
        let revenue = revenue_known_at(&work, &months, close_day, usd(0).currency).unwrap();
        let total: i64 = revenue.iter().map(|month| month.minor).sum();
        prop_assert_eq!(total, entries.iter().map(|(_, _, minor)| minor).sum::<i64>());
    }

    #[test]
    fn a_refused_step_changes_nothing(steps in prop::collection::vec((0_u8..4, 0_usize..4), 0..12)) {
        let mut sheet = Timesheet::approved(3);
        for (kind, number) in steps {
            let step = match kind {
                0 => SheetStep::Invoice(number),
                1 => SheetStep::Return(number),
                2 => SheetStep::CancelInvoice(number),
                _ => SheetStep::CancelReturn,
            };
            let before = sheet.clone();
            match sheet.apply(step) {
                Ok(state) => prop_assert_eq!(state, sheet.state()),
                Err(_) => prop_assert_eq!(&sheet, &before),
            }
        }
    }

    #[test]
    fn events_in_any_order_stay_inside_the_table(index in any::<prop::sample::Index>(), picks in prop::collection::vec(any::<prop::sample::Index>(), 0..20)) {
        let machine = index.get(MACHINES);
        let mut state = machine.initial;
        for pick in picks {
            let event = pick.get(machine.transitions).event;
            match machine.next(state, event) {
                Ok(next) => state = next,
                Err(refusal) => prop_assert_eq!(refusal.reason, "INVALID_TRANSITION"),
            }
            prop_assert!(machine.has_state(state));
        }
    }
}
