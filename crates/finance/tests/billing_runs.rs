//! A contract's months, run after run: whatever happened meanwhile, what is billed is what it should cost.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, HashMap};

use proptest::prelude::*;
use strata_finance::billing::{
    Billed, BillingTerms, Cap, DocumentKind, EntryVersion, HoursBasis, Line, LineKind, Outcome, Run, TimeBilledBefore, TimeEntry,
    bill, price_time,
};
use strata_finance::fx::ExchangeRates;
use strata_finance::rates::{RateBook, RateLevel, RateLine, RateUnit, Recorded};
use strata_finance::rounding::{RoundingMode, TimeRounding};
use strata_finance::tax::{TaxCategory, TaxTreatment};
use strata_kernel::{Currency, Date, Decimal, Money};

const MONTHS: u64 = 6;
const DAYS: u64 = 30 * MONTHS;

fn day(number: u64) -> Date {
    Date::from_ymd_opt(2025, 1, 1).unwrap() + chrono::Days::new(number)
}

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::parse("USD").unwrap())
}

fn version() -> impl Strategy<Value = (i64, u32, u64, bool)> {
    (0_i64..600, prop::sample::select(vec![0, 0, 0, 30]), 0_u64..90, any::<bool>())
}

/// Entries of up to three versions, each approved some days after the one before.
fn entries() -> impl Strategy<Value = Vec<TimeEntry>> {
    let entry = (0..DAYS, prop::collection::vec(version(), 1..4));
    prop::collection::vec(entry, 1..25).prop_map(|entries| {
        entries
            .into_iter()
            .enumerate()
            .map(|(index, (worked, versions))| {
                let mut approved = worked;
                let versions = versions
                    .into_iter()
                    .map(|(minutes, write_down_minutes, wait, overtime)| {
                        approved += wait / 2;
                        EntryVersion {
                            minutes,
                            write_down_minutes,
                            approved_on: day(approved),
                            role: "consultant".to_owned(),
                            overtime,
                            billable: true,
                        }
                    })
                    .collect();
                TimeEntry {
                    id: format!("T{index:02}"),
                    project: "PR-1".to_owned(),
                    work_date: day(worked),
                    versions,
                    billed: None,
                }
            })
            .collect()
    })
}

fn base_rate() -> RateLine {
    RateLine {
        id: "base".to_owned(),
        level: RateLevel::Standard,
        level_key: "US01".to_owned(),
        role: "consultant".to_owned(),
        org_unit: None,
        scope: None,
        currency: usd(0).currency,
        rate: Decimal::new(13_337, 2),
        unit: RateUnit::HOUR,
        from: day(0),
        to: None,
        recorded: Recorded::On(day(0)),
        amendment: None,
        overrides: false,
        retroactive: false,
    }
}

/// Amendments at different effective dates, so that none is ambiguous.
fn rates() -> impl Strategy<Value = RateBook> {
    prop::collection::btree_map(0..DAYS, (5_000_i64..30_000, 0..DAYS), 0..4).prop_map(|amendments| {
        let amended = amendments.into_iter().map(|(from, (rate, signed))| RateLine {
            id: format!("AM-{from}"),
            level: RateLevel::Contract,
            level_key: "CT-1".to_owned(),
            rate: Decimal::new(rate, 2),
            from: day(from),
            recorded: Recorded::On(day(signed)),
            amendment: Some(format!("AM-{from}")),
            ..base_rate()
        });
        RateBook::try_new(amended.chain([base_rate()])).unwrap()
    })
}

fn cap() -> impl Strategy<Value = Option<Cap>> {
    let amended = prop::collection::btree_map(0..DAYS, 0_i64..3_000_000, 0..3);
    prop::option::of((0_i64..2_000_000, amended).prop_map(|(signed, amended)| {
        Cap {
            signed: usd(signed),
            amended: amended
                .into_iter()
                .map(|(signed_on, cap)| (day(signed_on), usd(cap)))
                .collect(),
        }
    }))
}

fn terms(cap: Option<Cap>) -> BillingTerms {
    BillingTerms {
        contract: "CT-1".to_owned(),
        customer: "CU-1".to_owned(),
        entity: "US01".to_owned(),
        currency: usd(0).currency,
        time_rounding: TimeRounding {
            minimum_minutes: 15,
            increment_minutes: 6,
            mode: RoundingMode::HalfUp,
        },
        overtime_percent: Decimal::from(150),
        expense_markup_percent: Decimal::ZERO,
        hours: HoursBasis::Rate,
        cap,
        payment_terms_days: 30,
        tax: TaxTreatment {
            category: TaxCategory::Standard,
            percent: Decimal::from(20),
        },
    }
}

struct Contract {
    terms: BillingTerms,
    rates: RateBook,
    time: Vec<TimeEntry>,
    before: TimeBilledBefore,
}

impl Contract {
    fn run(&self, run_day: u64) -> Outcome {
        bill(&Run {
            terms: &self.terms,
            rates: &self.rates,
            exchange_rates: &ExchangeRates::default(),
            fx_max_age_days: 7,
            receipt_limits: &BTreeMap::new(),
            run_date: day(run_day),
            month_end: day(run_day - 5),
            time: &self.time,
            expenses: &[],
            billed_before: self.before,
            overage_before: &BTreeMap::new(),
            milestones: &[],
        })
        .unwrap()
    }

    fn keep(&mut self, outcome: &Outcome) {
        for priced in &outcome.priced {
            let entry = self.time.iter_mut().find(|entry| entry.id == priced.source_id).unwrap();
            entry.billed = Some(Billed {
                net: priced.net,
                first_run_on: priced.first_run_on,
            });
        }
        for line in &outcome.lines {
            let sum = match line.kind {
                LineKind::CapAdjustment => &mut self.before.cap_adjustment,
                _ => &mut self.before.gross,
            };
            *sum = sum.plus(line.amount).unwrap();
        }
    }

    fn net(&self) -> i64 {
        self.before.gross.minor + self.before.cap_adjustment.minor
    }
}

/// Net of every entry by the lines alone.
fn nets(outcomes: &[Outcome]) -> HashMap<String, i64> {
    let mut nets = HashMap::new();
    for line in outcomes.iter().flat_map(|outcome| &outcome.lines) {
        if line.kind != LineKind::CapAdjustment {
            *nets.entry(line.source_id.clone()).or_default() += line.amount.minor;
        }
    }
    nets
}

proptest! {
    #[test]
    fn what_is_billed_is_what_it_should_cost(time in entries(), rates in rates(), cap in cap(), start in 0_usize..25) {
        let before = TimeBilledBefore::nothing(usd(0).currency);
        let mut contract = Contract { terms: terms(cap), rates, time, before };
        let mut outcomes: Vec<Outcome> = Vec::new();
        for month in 1..=MONTHS + 4 {
            let run_day = month * 30 + 5;
            let outcome = contract.run(run_day);
            prop_assert!(outcome.held.is_empty(), "{:?}", outcome.held);

            // The order of the entries decides nothing.
            let order = start % contract.time.len();
            contract.time.rotate_left(order);
            prop_assert_eq!(&contract.run(run_day), &outcome);

            // A credit is the exact negative of what was billed of its entry.
            let billed = nets(&outcomes);
            for line in outcome.lines.iter().filter(|line| line.kind == LineKind::TimeCredit) {
                prop_assert_eq!(line.amount.minor, -billed[&line.source_id]);
            }
            prop_assert!(outcome.lines.iter().all(|line| line.amount.minor != 0));

            let corrected = |line: &&Line| matches!(line.kind, LineKind::TimeCredit | LineKind::TimeRebill);
            let corrections: i64 = outcome.lines.iter().filter(corrected).map(|line| line.amount.minor).sum();
            let kept = contract.net() + corrections.min(0);
            contract.keep(&outcome);
            outcomes.push(outcome.clone());

            // Every entry is billed at the price known today, and all of them up to the cap known today.
            let billed = nets(&outcomes);
            let mut gross = 0;
            for entry in contract.time.iter().filter(|entry| entry.work_date <= day(run_day - 5)) {
                let price = price_time(&contract.terms, &contract.rates, entry, day(run_day)).unwrap();
                let price = price.map_or(0, |price| price.amount.minor);
                prop_assert_eq!(billed.get(&entry.id).copied().unwrap_or(0), price, "{}", &entry.id);
                gross += price;
            }
            // A cap that was lowered below what is billed takes nothing back by itself.
            let cap = contract.terms.cap.as_ref().map(|cap| cap.known_on(day(run_day)).minor);
            let allowed = cap.map_or(gross, |cap| gross.min(cap.max(kept)));
            prop_assert_eq!(contract.net(), allowed);
            prop_assert_eq!(outcome.over_cap.minor, gross - allowed);

            if let Some(document) = outcome.document {
                let net: i64 = outcome.lines.iter().map(|line| line.amount.minor).sum();
                prop_assert_eq!(document.net.minor, net);
                prop_assert_eq!(document.gross.minor, net + document.tax.tax.minor);
                prop_assert_eq!(document.kind == DocumentKind::CreditMemo, net < 0);
            }

            // The same run again bills nothing.
            let again = contract.run(run_day);
            prop_assert!(again.lines.is_empty() && again.document.is_none() && again.priced.is_empty());
        }
    }
}
