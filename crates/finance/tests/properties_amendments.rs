//! Amendments, corrections and actuals for every input: credits mirror, repetition changes nothing, ledgers tie out.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use strata_finance::amendment::{HourPricing, RateVersion, Rerated, Worked, contract_lines, correct_entry, rerate};
use strata_finance::billing::{Billed, BillingTerms, EntryVersion, HoursBasis, TimeEntry, explain_time, price_time};
use strata_finance::entries::actuals::{ActualEvent, ActualKind, ActualRates, ActualsLedger};
use strata_finance::rates::RateBook;
use strata_finance::rounding::{RoundingMode, TimeRounding};
use strata_finance::tax::{TaxCategory, TaxTreatment};
use strata_kernel::{Currency, Date, Decimal, Money};

const QUARTER: TimeRounding = TimeRounding {
    minimum_minutes: 15,
    increment_minutes: 15,
    mode: RoundingMode::Up,
};

fn eur() -> Currency {
    Currency::parse("EUR").unwrap()
}

fn day(number: u64) -> Date {
    Date::from_ymd_opt(2025, 1, 1).unwrap() + chrono::Days::new(number)
}

fn terms() -> BillingTerms {
    BillingTerms {
        contract: "CT-1".to_owned(),
        customer: String::new(),
        entity: String::new(),
        currency: eur(),
        time_rounding: QUARTER,
        overtime_percent: Decimal::from(150),
        expense_markup_percent: Decimal::ZERO,
        hours: HoursBasis::Rate,
        cap: None,
        payment_terms_days: 30,
        tax: TaxTreatment {
            category: TaxCategory::OutsideScope,
            percent: Decimal::ZERO,
        },
    }
}

/// A rate since the first day, and amendments of distinct effective days, each recorded later.
fn rates() -> impl Strategy<Value = RateBook> {
    prop::collection::btree_map(0_u64..100, (1_i64..40_000, 1_u64..100), 0..4).prop_map(|amendments| {
        let version = |id: String, from: u64, rate: i64, recorded: u64| RateVersion {
            id,
            role: "*".to_owned(),
            from: day(from),
            to: None,
            rate: Decimal::new(rate, 2),
            recorded_on: day(recorded),
        };
        let amended = amendments
            .into_iter()
            .map(|(from, (rate, recorded))| version(format!("AM-{from}"), from, rate, recorded));
        let versions: Vec<RateVersion> = amended.chain([version("base".to_owned(), 0, 13_337, 0)]).collect();
        RateBook::try_new(contract_lines("CT-1", eur(), &versions)).unwrap()
    })
}

fn entries() -> impl Strategy<Value = Vec<TimeEntry>> {
    let entry = (0_u64..100, 0_i64..600, prop::option::of(0_i64..200_000), any::<bool>());
    prop::collection::vec(entry, 0..12).prop_map(|entries| {
        let entry = |(index, (worked, minutes, billed, overtime)): (usize, (u64, i64, Option<i64>, bool))| TimeEntry {
            id: format!("T{index:02}"),
            project: "PR-1".to_owned(),
            work_date: day(worked),
            versions: vec![EntryVersion {
                minutes,
                write_down_minutes: 0,
                approved_on: day(0),
                role: "consultant".to_owned(),
                overtime,
                billable: true,
            }],
            billed: billed.map(|net| Billed {
                net: Money::new(net, eur()),
                first_run_on: day(0),
            }),
        };
        entries.into_iter().enumerate().map(entry).collect()
    })
}

/// The entries once what the amendment says is posted.
fn posted(entries: &[TimeEntry], rerated: &Rerated) -> Vec<TimeEntry> {
    let delta: BTreeMap<&str, i64> = rerated
        .credit_rebill
        .iter()
        .map(|entry| (entry.entry.as_str(), entry.delta.minor))
        .collect();
    let after = |entry: &TimeEntry| TimeEntry {
        billed: entry.billed.map(|billed| Billed {
            net: Money::new(billed.net.minor + delta.get(entry.id.as_str()).copied().unwrap_or(0), eur()),
            ..billed
        }),
        ..entry.clone()
    };
    entries.iter().map(after).collect()
}

fn event() -> impl Strategy<Value = ActualEvent> {
    let hours = || (0_i64..2_000).prop_map(|hundredths| Decimal::new(hundredths, 2));
    prop_oneof![
        (hours(), prop::option::of(hours())).prop_map(|(hours, billable_hours)| ActualEvent::Approve { hours, billable_hours }),
        Just(ActualEvent::CancelApproval),
        prop::option::of(hours()).prop_map(|bill| ActualEvent::ConfirmContract { cost: None, bill }),
        prop::option::of(hours()).prop_map(|hours| ActualEvent::ConfirmInvoice { hours }),
        (hours(), prop::option::of(hours())).prop_map(|(hours, bill)| ActualEvent::CorrectInvoice { hours, bill }),
    ]
}

proptest! {
    #[test]
    fn rerating_reaches_the_target_and_a_second_time_changes_nothing(
        rates in rates(),
        entries in entries(),
        recorded in 1_u64..100,
    ) {
        let terms = terms();
        let first = rerate(&terms, &rates, &entries, day(recorded)).unwrap();
        prop_assert_eq!(first.unchanged.len() + first.repriced.len() + first.credit_rebill.len(), entries.len());
        let by_id: BTreeMap<&str, &TimeEntry> = entries.iter().map(|entry| (entry.id.as_str(), entry)).collect();
        for row in &first.credit_rebill {
            let entry = by_id[row.entry.as_str()];
            let target = price_time(&terms, &rates, entry, day(recorded)).unwrap().unwrap().amount;
            prop_assert_eq!(row.credit, entry.billed.unwrap().net.negated(), "the credit mirrors what is billed");
            prop_assert_eq!(row.rebill, target);
            prop_assert_eq!(row.delta.minor, row.credit.minor + row.rebill.minor);
        }
        let second = rerate(&terms, &rates, &posted(&entries, &first), day(recorded)).unwrap();
        prop_assert!(second.credit_rebill.is_empty());
        let mut reversed = entries.clone();
        reversed.reverse();
        let other_way = rerate(&terms, &rates, &reversed, day(recorded)).unwrap();
        let total = |rerated: &Rerated| rerated.credit_rebill.iter().map(|row| row.delta.minor).sum::<i64>();
        prop_assert_eq!(total(&other_way), total(&first));
    }

    #[test]
    fn an_explained_price_is_the_price(rates in rates(), entries in entries(), known in 0_u64..100) {
        let terms = terms();
        for entry in &entries {
            let price = price_time(&terms, &rates, entry, day(known)).unwrap();
            let explained = explain_time(&terms, &rates, entry, day(known)).unwrap();
            if let Some(explained) = &explained {
                prop_assert!(explained.in_words().last().unwrap().contains(&explained.price.amount.to_string()));
            }
            prop_assert_eq!(explained.map(|explained| explained.price), price);
        }
    }

    #[test]
    fn a_correction_lands_on_the_price_and_its_reverse_undoes_it(
        rate in 0_i64..100_000,
        original in 0_i64..1_000,
        corrected in prop::option::of(0_i64..1_000),
    ) {
        let pricing = HourPricing {
            rate: Decimal::new(rate, 2),
            multiplier_percent: Decimal::ONE_HUNDRED,
            discount: Decimal::ZERO,
            rounding: QUARTER,
            currency: eur(),
        };
        let worked = |minutes| Worked { minutes, write_down_minutes: 0 };
        let billed = pricing.price(worked(original)).unwrap();
        let done = correct_entry(&pricing, worked(original), corrected.map(worked), true).unwrap();
        prop_assert_eq!(billed.minor + done.net.minor, done.price.minor);
        prop_assert!(done.credit.minor == 0 || done.credit == billed.negated());
        let back = correct_entry(&pricing, worked(corrected.unwrap_or(0)), Some(worked(original)), true).unwrap();
        prop_assert_eq!(done.net.minor + back.net.minor, 0);
    }

    #[test]
    fn actuals_are_appended_and_tie_out(events in prop::collection::vec(event(), 0..12)) {
        let rates = ActualRates { cost: Decimal::new(6_667, 2), bill: Decimal::new(13_337, 2), currency: eur() };
        let mut ledger = ActualsLedger::new(rates).unwrap();
        for event in events {
            let before = ledger.clone();
            // Refused events change nothing.
            ledger = ledger.record(event).unwrap_or(before.clone());
            prop_assert!(ledger.rows.starts_with(&before.rows), "a row was changed");
            let moved = |kind| ledger.balance(kind).unwrap().minor - before.balance(kind).unwrap().minor;
            match event {
                ActualEvent::ConfirmInvoice { hours: None } => {
                    prop_assert_eq!(moved(ActualKind::Unbilled) + moved(ActualKind::Billed), 0);
                }
                ActualEvent::ConfirmInvoice { .. } | ActualEvent::CorrectInvoice { .. } => {
                    prop_assert_eq!(moved(ActualKind::Cost), 0);
                }
                _ => prop_assert_eq!(moved(ActualKind::Billed), 0),
            }
            for kind in [ActualKind::Cost, ActualKind::Unbilled, ActualKind::Billed] {
                prop_assert!(ledger.balance(kind).unwrap().minor >= 0);
            }
        }
    }
}
