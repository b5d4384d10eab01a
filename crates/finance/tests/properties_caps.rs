//! Caps and funding for every input: never above a limit, nothing lost, and the order of entries decides no total.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use strata_finance::cap::{Backlog, BacklogEntry, CapKind, CapLevel, apply, within_levels};
use strata_finance::funding::{Fund, Funded, FundingRule, fund};
use strata_kernel::{Currency, Date, Decimal, Money};

fn eur(minor: i64) -> Money {
    Money::new(minor, Currency::parse("EUR").unwrap())
}

fn day(number: u64) -> Date {
    Date::from_ymd_opt(2025, 1, 1).unwrap() + chrono::Days::new(number)
}

fn entries() -> impl Strategy<Value = Vec<BacklogEntry>> {
    let entry = (-2_000_i64..8_000, prop::option::of(0_u64..5), prop::bool::weighted(0.9));
    prop::collection::vec(entry, 0..15).prop_map(|entries| {
        let entry = |(index, (amount, worked, chargeable)): (usize, (i64, Option<u64>, bool))| BacklogEntry {
            id: format!("T{index:02}"),
            work_date: worked.map(day),
            amount: eur(amount),
            chargeable,
        };
        entries.into_iter().enumerate().map(entry).collect()
    })
}

fn sources() -> Vec<&'static str> {
    vec!["a", "b", "c", "d"]
}

/// Rules of distinct priorities, each with percents of two decimals that add up to at most 100.
fn rules() -> impl Strategy<Value = Vec<FundingRule>> {
    let split = prop::collection::btree_map(prop::sample::select(sources()), 1_i64..=2_500, 1..4);
    prop::collection::vec((split, any::<bool>()), 0..4).prop_map(|rules| {
        let rule = |(priority, (shares, whole)): (usize, (BTreeMap<&str, i64>, bool))| {
            let mut split: BTreeMap<String, i64> = shares.into_iter().map(|(name, share)| (name.to_owned(), share)).collect();
            let rest = 10_000 - split.values().sum::<i64>();
            if let (true, Some(mut first)) = (whole, split.first_entry()) {
                *first.get_mut() += rest;
            }
            FundingRule {
                priority: u32::try_from(priority).unwrap(),
                split: split
                    .into_iter()
                    .map(|(name, share)| (name, Decimal::new(share, 2)))
                    .collect(),
            }
        };
        rules.into_iter().enumerate().map(rule).collect()
    })
}

fn limits() -> impl Strategy<Value = BTreeMap<String, Money>> {
    prop::collection::btree_map(prop::sample::select(sources()), 0_i64..20_000, 0..5).prop_map(|limits| {
        limits
            .into_iter()
            .map(|(name, limit)| (name.to_owned(), eur(limit)))
            .collect()
    })
}

fn run(rules: &[FundingRule], limits: &BTreeMap<String, Money>, amounts: &[i64]) -> Vec<Funded> {
    let transactions: Vec<Money> = amounts.iter().map(|amount| eur(*amount)).collect();
    fund(&Fund {
        rules,
        limits,
        used: &BTreeMap::new(),
        transactions: &transactions,
        currency: eur(0).currency,
    })
    .unwrap()
}

proptest! {
    #[test]
    fn a_hard_cap_is_never_passed_and_nothing_is_lost(
        entries in entries(),
        cap in 0_i64..30_000,
        billed in 0_i64..30_000,
        seed in any::<u64>(),
    ) {
        let backlog = |entries| Backlog { kind: CapKind::Hard, cap: eur(cap), billed: eur(billed), entries };
        let outcome = apply(&backlog(&entries)).unwrap();
        // Credits come first and everything else fits or waits: above the cap is only what was above it already.
        prop_assert!(outcome.billed.minor <= cap.max(billed));
        prop_assert_eq!(outcome.remaining.minor, (cap - outcome.billed.minor).max(0));
        let by_id: BTreeMap<&str, i64> = entries.iter().map(|entry| (entry.id.as_str(), entry.amount.minor)).collect();
        let mut sum = billed;
        let mut full = false;
        for share in &outcome.shares {
            let (billable, over) = (share.split.billable.minor, share.split.over_cap.minor);
            prop_assert_eq!(billable + over, by_id[share.id.as_str()]);
            prop_assert!(over >= 0);
            prop_assert!(!full || billable <= 0, "{} is billed behind one that was cut", share.id);
            full |= over > 0;
            sum += billable;
        }
        prop_assert_eq!(sum, outcome.billed.minor);
        prop_assert_eq!(outcome.shares.len() + outcome.not_applicable.len(), entries.len());
        let mut shuffled = entries.clone();
        shuffled.sort_by_key(|entry| (entry.id.bytes().map(u64::from).sum::<u64>() ^ seed, entry.id.clone()));
        prop_assert_eq!(apply(&backlog(&shuffled)).unwrap(), outcome);
    }

    #[test]
    fn no_level_is_passed(
        amount in -5_000_i64..20_000,
        levels in prop::collection::vec((prop::option::of(0_i64..20_000), 0_i64..20_000), 0..5),
    ) {
        let levels: Vec<CapLevel> = levels
            .into_iter()
            .enumerate()
            .map(|(index, (cap, used))| CapLevel {
                name: format!("L{index}"),
                kind: CapKind::Hard,
                cap: cap.map(eur),
                used: eur(used),
            })
            .collect();
        let outcome = within_levels(eur(amount), &levels).unwrap();
        prop_assert_eq!(outcome.split.billable.minor + outcome.split.over_cap.minor, amount);
        let room = levels.iter().filter_map(|level| Some((level.cap?.minor - level.used.minor).max(0))).min();
        let expected = if amount <= 0 { amount } else { room.map_or(amount, |room| amount.min(room)) };
        prop_assert_eq!(outcome.split.billable.minor, expected);
        prop_assert_eq!(outcome.failed_level.is_some(), expected < amount);
        for level in &levels {
            if let Some(cap) = level.cap {
                prop_assert!(outcome.split.billable.minor <= 0 || outcome.split.billable.minor + level.used.minor <= cap.minor);
            }
        }
    }

    #[test]
    fn funding_keeps_to_its_limits_and_adds_up(
        rules in rules(),
        limits in limits(),
        amounts in prop::collection::vec(-10_000_i64..20_000, 0..10),
    ) {
        let funded = run(&rules, &limits, &amounts);
        let mut paid: BTreeMap<&str, i64> = BTreeMap::new();
        for (amount, funded) in amounts.iter().zip(&funded) {
            let parts: i64 = funded.parts.values().map(|part| part.minor).sum();
            prop_assert_eq!(parts + funded.unfunded.minor, *amount);
            for (source, part) in &funded.parts {
                let sum = paid.entry(source).or_default();
                *sum += part.minor;
                prop_assert!(*sum >= 0, "{} got back more than it paid", source);
                prop_assert!(limits.get(source).is_none_or(|limit| *sum <= limit.minor), "{} is above its limit", source);
            }
        }
    }

    #[test]
    fn a_full_credit_mirrors_what_was_funded(rules in rules(), limits in limits(), amounts in prop::collection::vec(1_i64..20_000, 1..6)) {
        let credits = amounts.iter().rev().map(|amount| -amount);
        let both: Vec<i64> = amounts.iter().copied().chain(credits).collect();
        let funded = run(&rules, &limits, &both);
        for (invoice, credit) in funded.iter().zip(funded.iter().rev()).take(amounts.len()) {
            prop_assert_eq!(credit.unfunded, invoice.unfunded.negated());
            let mirror: BTreeMap<String, Money> = invoice.parts.iter().map(|(name, part)| (name.clone(), part.negated())).collect();
            prop_assert_eq!(&credit.parts, &mirror);
        }
    }
}
