//! Rules of revenue that hold for every input: sums, bounds, and nothing lost between two balances.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use strata_finance::revenue::balances::{EventKind, LineToDate, Right, balance_steps, position};
use strata_finance::revenue::cost_to_cost::CostEstimate;
use strata_finance::revenue::loss::{loss_provision, loss_series};
use strata_finance::revenue::method::{Method, recognise, recognise_series};
use strata_finance::revenue::milestone::{Milestone, milestone_progress};
use strata_finance::revenue::modification::{RemainingPromise, catch_up, reallocate};
use strata_finance::revenue::price::allocate_price;
use strata_finance::revenue::progress::Progress;
use strata_finance::revenue::straight_line::straight_line;
use strata_kernel::{Currency, Date, Decimal, Money};

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::parse("USD").unwrap())
}

fn price() -> impl Strategy<Value = i64> {
    0_i64..10_000_000_000
}

/// Effort so far and an estimate, which may be missing or too low.
fn measure() -> impl Strategy<Value = (i64, Option<i64>)> {
    (-100_i64..200_000, prop::option::weighted(0.9, 0_i64..150_000))
}

fn input(price: i64, (done, estimate): (i64, Option<i64>)) -> Method<'static> {
    Method::Input {
        price: usd(price),
        done: done.into(),
        estimate: estimate.map(Decimal::from),
    }
}

fn estimate(to_date: i64, at_completion: i64) -> CostEstimate {
    CostEstimate {
        to_date: usd(to_date),
        at_completion: Some(usd(at_completion)),
    }
}

fn right() -> impl Strategy<Value = Right> {
    prop::sample::select(vec![Right::OnlyTimeMissing, Right::Conditional])
}

fn day(number: i32) -> Date {
    Date::from_num_days_from_ce_opt(number).unwrap()
}

proptest! {
    #[test]
    fn periods_add_up_to_cumulative_inside_the_price(
        price in price(),
        measures in prop::collection::vec(measure(), 1..12),
        total in 1_i64..100_000,
    ) {
        let mut periods: Vec<Method<'_>> = measures.into_iter().map(|measure| input(price, measure)).collect();
        periods.push(input(price, (total, Some(total))));
        let rows = recognise_series(&periods).unwrap();
        let mut sum = 0;
        for row in &rows {
            sum += row.period.minor;
            prop_assert_eq!(row.cumulative.minor, sum);
            prop_assert!((0..=price).contains(&sum));
        }
        prop_assert_eq!(sum, price, "progress ended at 1");
    }

    #[test]
    fn time_and_material_earns_no_more_than_the_cap(approved in price(), cap in price(), before in price()) {
        let method = Method::RightToInvoice { approved: usd(approved), cap: Some(usd(cap)) };
        let row = recognise(&method, usd(before)).unwrap();
        prop_assert_eq!(row.cumulative.minor, approved.min(cap));
        prop_assert_eq!(row.period.minor + before, row.cumulative.minor);
    }

    #[test]
    fn months_of_a_term_add_up(amount in price(), start in 730_000_i32..740_000, days in 1_i32..1_000, step in 1_i32..40) {
        let (from, to) = (day(start), day(start + days));
        let mut sum = 0;
        let mut at = start - 10;
        while at < start + days {
            let part = straight_line(usd(amount), from, to, day(at), day(at + step)).unwrap();
            prop_assert!(part.minor >= 0);
            sum += part.minor;
            at += step;
        }
        prop_assert_eq!(sum, amount);
    }

    #[test]
    fn milestones_end_at_the_whole_price(
        price in price(),
        weights in prop::collection::vec((0_i64..10_000, any::<bool>()), 1..8),
    ) {
        prop_assume!(weights.iter().any(|(weight, _)| *weight > 0));
        let milestones = |all: bool| -> Vec<Milestone> {
            let milestone = |(weight, accepted): &(i64, bool)| Milestone {
                weight: Decimal::new(*weight, 2),
                accepted: *accepted || all,
            };
            weights.iter().map(milestone).collect()
        };
        let earned = |all| milestone_progress(&milestones(all)).unwrap().earned(usd(price)).unwrap().minor;
        prop_assert_eq!(earned(true), price);
        prop_assert!((0..=price).contains(&earned(false)));
    }

    #[test]
    fn catch_up_leaves_what_is_not_earned(price in price(), before in price(), done in 0_i64..1_000) {
        let progress = Progress::part_of(done.into(), Decimal::from(999)).unwrap();
        let row = catch_up(&progress, usd(price), usd(before)).unwrap();
        prop_assert_eq!(before + row.catch_up.minor + row.remaining.minor, price);
        prop_assert!(row.remaining.minor >= 0);
    }

    #[test]
    fn allocation_adds_up_to_the_price(
        price in -10_000_000_000_i64..10_000_000_000,
        standalone in prop::collection::vec(0_i64..100_000_000, 1..10),
    ) {
        prop_assume!(standalone.iter().any(|weight| *weight > 0));
        let standalone: Vec<Money> = standalone.into_iter().map(usd).collect();
        let parts = allocate_price(usd(price), &standalone).unwrap();
        prop_assert_eq!(parts.iter().map(|part| part.minor).sum::<i64>(), price);
        let promise = |weight: &Money| RemainingPromise { unrecognised: usd(price), added: usd(-1), standalone: *weight };
        let promises: Vec<RemainingPromise> = standalone.iter().map(promise).collect();
        let (pool, parts) = reallocate(&promises).unwrap();
        prop_assert_eq!(pool.minor, (price - 1) * i64::try_from(promises.len()).unwrap());
        prop_assert_eq!(parts.iter().map(|part| part.minor).sum::<i64>(), pool.minor);
    }

    #[test]
    fn nothing_is_lost_between_revenue_and_billing(
        lines in prop::collection::vec((price(), price(), right()), 0..8),
    ) {
        let line = |(revenue, billed, right): &(i64, i64, Right)| LineToDate {
            revenue: usd(*revenue),
            billed: usd(*billed),
            right: *right,
        };
        let rows: Vec<LineToDate> = lines.iter().map(line).collect();
        let got = position(usd(0).currency, &rows).unwrap();
        let [unbilled, asset, liability] =
            [got.unbilled_receivable, got.contract_asset, got.contract_liability].map(|money| money.minor);
        let open: i64 = lines.iter().map(|(revenue, billed, _)| revenue - billed).sum();
        prop_assert_eq!(asset - liability + unbilled, open);
        prop_assert!(unbilled >= 0 && asset >= 0 && liability >= 0);
        prop_assert!(asset == 0 || liability == 0, "netted");
    }

    #[test]
    fn balances_explain_revenue_and_payments(
        cancellable in any::<bool>(),
        events in prop::collection::vec((0_usize..3, 0_i64..1_000_000), 0..20),
    ) {
        let kinds = [EventKind::Due, EventKind::Paid, EventKind::Performed];
        let listed: Vec<(EventKind, Money)> = events.iter().map(|(kind, amount)| (kinds[*kind], usd(*amount))).collect();
        let rows = balance_steps(usd(0).currency, cancellable, &listed).unwrap();
        let mut paid = 0;
        for ((kind, amount), row) in listed.iter().zip(rows) {
            paid += if *kind == EventKind::Paid { amount.minor } else { 0 };
            let net = row.receivable.minor + row.contract_asset.minor - row.contract_liability.minor;
            prop_assert_eq!(net, row.revenue.minor - paid);
            prop_assert!(row.contract_asset.minor == 0 || row.contract_liability.minor == 0);
        }
    }

    #[test]
    fn the_whole_loss_is_in_profit_at_once(price in price(), over in 1_i64..1_000_000_000, done in 0_i64..=1_000) {
        let total = price + over;
        let to_date = i64::try_from(i128::from(total) * i128::from(done) / 1_000).unwrap();
        let rows = loss_series(&[(usd(price), estimate(to_date, total)), (usd(price), estimate(total, total))]).unwrap();
        prop_assert_eq!(rows[0].cumulative_profit.minor, -over);
        prop_assert_eq!((rows[1].provision.minor, rows[1].profit.minor), (0, 0));
        // The share of the loss that progress has brought and the provision are the whole loss.
        let progress = estimate(to_date, total).progress().unwrap();
        let provision = loss_provision(usd(price), usd(total), &progress).unwrap().minor;
        let brought = progress.earned(usd(over)).unwrap().minor;
        prop_assert!((provision + brought - over).abs() <= 1, "each is rounded by itself");
        prop_assert_eq!(provision, rows[0].provision.minor);
    }

    #[test]
    fn no_input_panics(price in any::<i64>(), done in any::<i64>(), estimate in any::<i64>(), before in any::<i64>()) {
        let _ = recognise(&input(price, (done, Some(estimate))), usd(before));
        let _ = loss_series(&[(usd(price), self::estimate(done, estimate)), (usd(before), self::estimate(estimate, done))]);
        let line = LineToDate { revenue: usd(price), billed: usd(done), right: Right::OnlyTimeMissing };
        let _ = position(usd(0).currency, &[line, line]);
        let _ = allocate_price(usd(price), &[usd(done), usd(estimate)]);
    }
}
