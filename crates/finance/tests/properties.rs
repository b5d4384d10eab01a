//! Rules that hold for every input: sums, mirrors, and errors instead of panics.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use strata_finance::allocate::allocate;
use strata_finance::amount::{hours_amount, percent_of, with_percent};
use strata_finance::fx::{convert, convert_by_division, convert_document};
use strata_finance::rounding::{RoundingMode, TimeRounding, after_write_down, billable_minutes};
use strata_kernel::{Currency, Decimal, Money};

fn currency() -> impl Strategy<Value = Currency> {
    prop::sample::select(vec!["USD", "JPY", "KWD", "CLF"]).prop_map(|code| Currency::parse(code).unwrap())
}

/// Any decimal, up to the limits of the type.
fn any_decimal() -> impl Strategy<Value = Decimal> {
    (any::<i128>(), 0_u32..=28).prop_map(|(mantissa, scale)| Decimal::from_i128_with_scale(mantissa >> 32, scale))
}

fn rate() -> impl Strategy<Value = Decimal> {
    (0_i64..10_000_000, 0_u32..=8).prop_map(|(mantissa, scale)| Decimal::new(mantissa, scale))
}

fn rule() -> impl Strategy<Value = TimeRounding> {
    let modes = vec![RoundingMode::Up, RoundingMode::HalfUp, RoundingMode::Down, RoundingMode::None];
    (0_u32..=120, 0_u32..=60, prop::sample::select(modes)).prop_map(|(minimum_minutes, increment_minutes, mode)| TimeRounding {
        minimum_minutes,
        increment_minutes,
        mode,
    })
}

proptest! {
    #[test]
    fn parts_add_up_and_each_is_its_share(total in any::<i64>(), weights in prop::collection::vec(0_i64..1_000_000, 1..30)) {
        prop_assume!(weights.iter().any(|weight| *weight > 0));
        let parts = allocate(total, &weights).unwrap();
        prop_assert_eq!(parts.iter().map(|part| i128::from(*part)).sum::<i128>(), i128::from(total));
        let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
        for (part, weight) in parts.iter().zip(&weights) {
            // Less than one unit away from the exact share, and nothing for a weight of zero.
            let off = i128::from(*part) * sum - i128::from(total) * i128::from(*weight);
            prop_assert!(off.abs() < sum && (*weight > 0 || *part == 0));
        }
        if let Some(credit) = total.checked_neg() {
            let mirror: Vec<i64> = parts.iter().map(|part| -part).collect();
            prop_assert_eq!(allocate(credit, &weights).unwrap(), mirror);
        }
    }

    #[test]
    fn minutes_mirror_and_keep_to_the_increment(worked in -100_000_i64..100_000, rule in rule(), write_down in 0_u32..500) {
        let billable = billable_minutes(worked, rule).unwrap();
        prop_assert_eq!(billable_minutes(-worked, rule).unwrap(), -billable);
        let left = after_write_down(worked, rule, write_down).unwrap();
        prop_assert_eq!(after_write_down(-worked, rule, write_down).unwrap(), -left);
        prop_assert_eq!(left.abs(), (billable.abs() - i64::from(write_down)).max(0));
        let lifted = if worked == 0 { 0 } else { worked.abs().max(i64::from(rule.minimum_minutes)) };
        let increment = i64::from(rule.increment_minutes.max(1));
        if rule.mode != RoundingMode::None {
            prop_assert_eq!(billable % increment, 0);
        }
        let off = billable.abs() - lifted;
        let allowed = match rule.mode {
            RoundingMode::Up => 0 <= off && off < increment,
            RoundingMode::HalfUp => -increment < 2 * off && 2 * off <= increment,
            RoundingMode::Down => -increment < off && off <= 0,
            _ => off == 0,
        };
        prop_assert!(allowed, "{} became {}", lifted, billable);
    }

    #[test]
    fn a_credit_mirrors_its_invoice(rate in rate(), minutes in 0_i64..100_000, percent in 0_i64..400, currency in currency()) {
        let price = |minutes| hours_amount(rate, minutes, Decimal::from(percent), Decimal::ZERO, currency).unwrap();
        prop_assert_eq!(price(-minutes), price(minutes).negated());
        let tax = |amount: Money| percent_of(amount, Decimal::new(percent, 1)).unwrap();
        prop_assert_eq!(tax(price(-minutes)), tax(price(minutes)).negated());
        // Within half a minor unit of the exact amount, over one common denominator.
        let scale = 10_i128.pow(rate.scale());
        let exact = rate.mantissa() * i128::from(minutes) * i128::from(percent) * 10_i128.pow(currency.exponent());
        let off = i128::from(price(minutes).minor) * 6000 * scale - exact;
        prop_assert!(2 * off.abs() <= 6000 * scale, "off by {} of {}", off, 6000 * scale);
    }

    #[test]
    fn a_document_balances_in_both_currencies(
        lines in prop::collection::vec(-10_000_000_i64..10_000_000, 1..20),
        tax in -1_000_000_i64..1_000_000,
        mantissa in 1_i64..1_000_000_000,
        from in currency(),
        to in currency(),
    ) {
        let rate = Decimal::new(mantissa, 6);
        let money = |minor: i64| Money::new(minor, from);
        let lines: Vec<Money> = lines.into_iter().map(money).collect();
        let document = convert_document(&lines, money(tax), rate, to).unwrap();
        let sum = document.lines.iter().map(|line| line.minor).sum::<i64>() + document.tax.minor;
        prop_assert_eq!(sum, document.gross.minor);
        let gross = lines.iter().map(|line| line.minor).sum::<i64>() + tax;
        prop_assert_eq!(document.gross, convert(money(gross), rate, to).unwrap());
        for (line, part) in lines.iter().zip(&document.lines) {
            let alone = convert(*line, rate, to).unwrap();
            prop_assert!((part.minor - alone.minor).abs() <= 1, "{} became {} instead of {}", line, part, alone);
        }
        let credited: Vec<Money> = lines.iter().map(|line| line.negated()).collect();
        let credit = convert_document(&credited, money(-tax), rate, to).unwrap();
        let mirror: Vec<Money> = document.lines.iter().map(|line| line.negated()).collect();
        prop_assert_eq!(credit.lines, mirror);
        prop_assert_eq!(credit.gross, document.gross.negated());
    }

    #[test]
    fn no_number_makes_a_panic(
        decimal in any_decimal(),
        factor in any_decimal(),
        count in any::<i64>(),
        weights in prop::collection::vec(any::<i64>(), 0..6),
        rule in rule(),
        from in currency(),
        to in currency(),
    ) {
        let amount = Money::new(count, from);
        let refusals = [
            hours_amount(decimal, count, factor.abs(), Decimal::ZERO, from).err(),
            hours_amount(decimal, count, Decimal::ONE_HUNDRED, factor, from).err(),
            convert(amount, decimal, to).err(),
            convert_by_division(amount, decimal, to).err(),
            percent_of(amount, decimal).err(),
            with_percent(amount, decimal).err(),
            convert_document(&[amount, Money::new(-1, from)], Money::new(count / 2, from), decimal, to).err(),
            billable_minutes(count, rule).err(),
            allocate(count, &weights).err(),
        ];
        for refusal in refusals.into_iter().flatten() {
            prop_assert!(["AMOUNT_OVERFLOW", "FX_RATE_INVALID", "INVALID_FIELD"].contains(&refusal.reason), "{}", refusal);
        }
    }
}
