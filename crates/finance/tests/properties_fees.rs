//! Fixed fees, retainers, deferrals and expenses: sums that hold for every input.
#![allow(clippy::unwrap_used)]

use chrono::Days;
use proptest::prelude::*;
use strata_finance::expense::{ExpenseTax, MileageTier, TaxRecovery, cost_with_tax, mileage};
use strata_finance::fixed_fee::{RetentionPhase, bill_progress, retain, schedule_amounts};
use strata_finance::retainer::{
    Alignment, BasePeriod, Carried, DeferralMethod, RetainerTerms, Rollover, Service, apply_deposit, deferral_schedule,
    prorate_price, released_by, retainer_month,
};
use strata_kernel::{Currency, Date, Decimal, Money};

fn currency() -> impl Strategy<Value = Currency> {
    prop::sample::select(vec!["USD", "JPY", "KWD", "CLF"]).prop_map(|code| Currency::parse(code).unwrap())
}

fn money() -> impl Strategy<Value = Money> {
    (-1_000_000_000_i64..1_000_000_000, currency()).prop_map(|(minor, currency)| Money::new(minor, currency))
}

fn day() -> impl Strategy<Value = Date> {
    let first: Date = "2019-12-30".parse().unwrap();
    (0_u64..3_000).prop_map(move |days| first + Days::new(days))
}

fn service() -> impl Strategy<Value = Service> {
    (day(), 1_u64..1_500).prop_map(|(from, days)| Service::try_new(from, from + Days::new(days)).unwrap())
}

/// Percents with two decimals that make up 100.
fn percents() -> impl Strategy<Value = Vec<Decimal>> {
    prop::collection::btree_set(1_i64..10_000, 0..12).prop_map(|cuts| {
        let cuts: Vec<i64> = [0].into_iter().chain(cuts).chain([10_000]).collect();
        cuts.windows(2).map(|cut| Decimal::new(cut[1] - cut[0], 2)).collect()
    })
}

proptest! {
    #[test]
    fn instalments_make_up_the_price(price in money(), percents in percents()) {
        let amounts = schedule_amounts(price, &percents).unwrap();
        prop_assert_eq!(amounts.iter().map(|amount| amount.minor).sum::<i64>(), price.minor);
        let credit = schedule_amounts(price.negated(), &percents).unwrap();
        prop_assert!(credit.iter().zip(&amounts).all(|(credit, amount)| *credit == amount.negated()));
    }

    #[test]
    fn progress_that_ends_at_a_hundred_bills_the_price(price in money(), percents in percents()) {
        let (mut billed, mut done) = (Money::zero(price.currency), Decimal::ZERO);
        for percent in percents {
            done += percent;
            let invoice = bill_progress(price, done, billed).unwrap();
            prop_assert!(invoice.minor == 0 || invoice.minor.signum() == price.minor.signum());
            billed = billed.plus(invoice).unwrap();
        }
        prop_assert_eq!(billed, price);
    }

    #[test]
    fn what_is_retained_is_paid_in_the_end(
        gross in prop::collection::vec((-1_000_000_i64..1_000_000, 0_i64..=100, 0_i64..=100), 1..8),
        currency in currency(),
    ) {
        let phases: Vec<RetentionPhase> = gross
            .iter()
            .map(|(minor, retain, release)| RetentionPhase {
                gross: Money::new(*minor, currency),
                retain_percent: Decimal::from(*retain),
                release_percent: Decimal::from(*release),
            })
            .collect();
        let steps = retain(&phases).unwrap();
        let paid: i64 = steps.iter().map(|step| step.payable.minor).sum();
        let held = steps.last().unwrap().held.minor;
        prop_assert_eq!(paid + held, gross.iter().map(|(minor, ..)| minor).sum::<i64>());
    }

    #[test]
    fn release_adds_up_to_the_amount(amount in money(), service in service(), monthly in any::<bool>()) {
        let method = match monthly {
            true => DeferralMethod::MonthProratedLastTakesResidual,
            false => DeferralMethod::DailyCumulative,
        };
        let rows = deferral_schedule(amount, service, method).unwrap();
        prop_assert_eq!(rows.iter().map(|row| row.amount.minor).sum::<i64>(), amount.minor);
        prop_assert!(rows.windows(2).all(|rows| rows[0].to == rows[1].from));
        if !monthly {
            let mut to_date = 0;
            for row in &rows {
                to_date += row.amount.minor;
                prop_assert_eq!(released_by(amount, service, row.to).unwrap().minor, to_date);
            }
        }
    }

    #[test]
    fn a_deposit_never_exceeds_its_balance(balance in 0_i64..1_000, net in -1_000_i64..1_000, recall in -10_i64..2_000) {
        let usd = |minor| Money::new(minor, Currency::parse("USD").unwrap());
        match apply_deposit(usd(balance), usd(net), usd(recall)) {
            Ok(applied) => {
                prop_assert!(applied.deposit_balance.minor >= 0);
                prop_assert_eq!(applied.deposit_line.minor + balance, applied.deposit_balance.minor);
                prop_assert_eq!(applied.invoice_net.minor - applied.deposit_line.minor, net);
            }
            Err(error) if recall < 0 => prop_assert_eq!(error.reason, "INVALID_FIELD"),
            Err(error) => {
                prop_assert_eq!(error.reason, "DEPOSIT_INSUFFICIENT");
                prop_assert!(recall > balance);
            }
        }
    }

    #[test]
    fn fees_are_earned_or_deferred(
        fee in 0_i64..10_000_000,
        included in 0_i64..10_000,
        used in prop::collection::vec(-100_i64..20_000, 1..14),
        limit in prop::option::of(0_i64..15_000),
        roll in any::<bool>(),
        currency in currency(),
    ) {
        let terms = RetainerTerms {
            fee: Money::new(fee, currency),
            included_minutes: included,
            overage_rate: Decimal::from(150),
            rollover: if roll { Rollover::Carry { limit_minutes: limit } } else { Rollover::None },
        };
        let mut carried = Carried::nothing(currency);
        let (mut revenue, mut minutes) = (0, 0);
        for (months, used) in (1_i64..).zip(&used) {
            let month = retainer_month(&terms, *used, carried).unwrap();
            revenue += month.fee_revenue.minor;
            minutes += used.max(&0) - month.overage_minutes + month.expired_minutes;
            carried = month.carried;
            prop_assert_eq!(revenue + carried.deferred.minor, fee * months);
            prop_assert_eq!(minutes + carried.minutes, included * months);
            prop_assert!(carried.deferred.minor >= 0 && month.fee_revenue.minor >= 0);
            prop_assert!(limit.is_none_or(|limit| !roll || carried.minutes <= limit));
        }
    }

    #[test]
    fn whole_periods_cost_whole_prices(from in day(), months in 1_u32..5, count in 1_i64..10, end in any::<bool>()) {
        let alignment = if end { Alignment::End } else { Alignment::Start };
        let base = BasePeriod::Months(months);
        let price = |to| prorate_price(Decimal::ONE_HUNDRED, base, from, to, alignment).unwrap();
        let mut to = from + Days::new(1);
        while price(to).parts.len() <= usize::try_from(count).unwrap() {
            prop_assert!(price(to).price <= Decimal::from(100 * count));
            to = to + Days::new(1);
        }
        prop_assert_eq!(price(to - Days::new(1)).price, Decimal::from(100 * count));
    }

    #[test]
    fn two_trips_are_paid_like_one(first in 0_i64..3_000, second in 0_i64..3_000) {
        let tier = |up_to: Option<i64>, cents| MileageTier { up_to: up_to.map(Decimal::from), rate: Decimal::new(cents, 2) };
        let tiers = [tier(Some(1_000), 45), tier(Some(2_500), 25), tier(None, 10)];
        let usd = Currency::parse("USD").unwrap();
        let paid = |distance, before| {
            let parts = mileage(Decimal::from(distance), Decimal::from(before), &tiers, usd).unwrap();
            parts.iter().map(|part| part.minor).sum::<i64>()
        };
        prop_assert_eq!(paid(first, 0) + paid(second, first), paid(first + second, 0));
    }

    #[test]
    fn no_number_makes_a_panic(
        mantissa in any::<i128>(),
        scale in 0_u32..=28,
        minor in any::<i64>(),
        minutes in any::<i64>(),
        other in any::<i64>(),
        currency in currency(),
    ) {
        let decimal = Decimal::from_i128_with_scale(mantissa >> 32, scale);
        let (amount, more) = (Money::new(minor, currency), Money::new(other, currency));
        let terms = RetainerTerms {
            fee: amount,
            included_minutes: minutes,
            overage_rate: decimal,
            rollover: Rollover::Carry { limit_minutes: None },
        };
        let tax = ExpenseTax { percent: decimal, included: true, recovery: TaxRecovery::AllBut(Decimal::ONE) };
        let tier = MileageTier { up_to: None, rate: decimal };
        let from: Date = "2025-01-31".parse().unwrap();
        let refusals = [
            schedule_amounts(amount, &[decimal, decimal]).err(),
            bill_progress(amount, decimal, more).err(),
            apply_deposit(amount, more, more).err(),
            retainer_month(&terms, other, Carried { minutes: other, deferred: more }).err(),
            cost_with_tax(amount, tax).err(),
            mileage(decimal, decimal, &[tier], currency).err(),
            prorate_price(decimal, BasePeriod::Months(1), from, from + Days::new(99), Alignment::End).err(),
        ];
        for refusal in refusals.into_iter().flatten() {
            let known = ["AMOUNT_OVERFLOW", "DEPOSIT_INSUFFICIENT", "INVALID_FIELD"];
            prop_assert!(known.contains(&refusal.reason), "{}", refusal);
        }
    }
}
