//! A small world to bill in.
#![allow(clippy::unwrap_used)]

mod cap;
mod expense;
mod explain;
mod milestone;
mod overage;
mod refusal;
mod time;

use super::*;
use crate::fx::ExchangeRate;
use crate::rates::{RateLevel, RateLine, RateUnit, Recorded};
use crate::reason;
use crate::rounding::RoundingMode;
use crate::tax::TaxCategory;
use strata_kernel::Result;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn eur() -> Currency {
    Currency::parse("EUR").unwrap()
}

fn money(text: &str) -> Money {
    Money::parse(text, eur()).unwrap()
}

fn contract_rate(rate: i64, from: &str, signed: &str, amendment: Option<&str>) -> RateLine {
    RateLine {
        id: format!("R{rate}"),
        level: RateLevel::Contract,
        level_key: "CT-1".to_owned(),
        role: "consultant".to_owned(),
        org_unit: None,
        scope: None,
        currency: eur(),
        rate: Decimal::from(rate),
        unit: RateUnit::HOUR,
        from: day(from),
        to: None,
        recorded: Recorded::On(day(signed)),
        amendment: amendment.map(str::to_owned),
        overrides: false,
        retroactive: false,
    }
}

/// A contract at 150.00, amended to 165.00 from 16 March, signed on 10 April.
struct World {
    terms: BillingTerms,
    rates: RateBook,
    exchange_rates: ExchangeRates,
    receipt_limits: BTreeMap<Currency, Money>,
    time: Vec<TimeEntry>,
    expenses: Vec<ExpenseItem>,
    billed_before: TimeBilledBefore,
    overage_before: BTreeMap<String, Money>,
    milestones: Vec<Milestone>,
}

fn world() -> World {
    let rates = [
        contract_rate(150, "2025-01-01", "2024-12-20", None),
        contract_rate(165, "2025-03-16", "2025-04-10", Some("AM-1")),
    ];
    let pounds = ExchangeRate {
        from: Currency::parse("GBP").unwrap(),
        to: eur(),
        date: day("2025-03-01"),
        rate: strata_kernel::parse_decimal("1.1713").unwrap(),
    };
    World {
        terms: BillingTerms {
            contract: "CT-1".to_owned(),
            customer: "CU-1".to_owned(),
            entity: "DE01".to_owned(),
            currency: eur(),
            time_rounding: TimeRounding {
                minimum_minutes: 0,
                increment_minutes: 15,
                mode: RoundingMode::Up,
            },
            overtime_percent: Decimal::from(150),
            expense_markup_percent: Decimal::from(5),
            hours: HoursBasis::Rate,
            cap: None,
            payment_terms_days: 30,
            tax: TaxTreatment {
                category: TaxCategory::Standard,
                percent: Decimal::from(19),
            },
        },
        rates: RateBook::try_new(rates).unwrap(),
        exchange_rates: ExchangeRates::try_new([pounds]).unwrap(),
        receipt_limits: BTreeMap::from([(eur(), money("25.00"))]),
        time: Vec::new(),
        expenses: Vec::new(),
        billed_before: TimeBilledBefore::nothing(eur()),
        overage_before: BTreeMap::new(),
        milestones: Vec::new(),
    }
}

impl World {
    fn run(&self, run_date: &str, month_end: &str) -> Result<Outcome> {
        bill(&Run {
            terms: &self.terms,
            rates: &self.rates,
            exchange_rates: &self.exchange_rates,
            fx_max_age_days: 31,
            receipt_limits: &self.receipt_limits,
            run_date: day(run_date),
            month_end: day(month_end),
            time: &self.time,
            expenses: &self.expenses,
            billed_before: self.billed_before,
            overage_before: &self.overage_before,
            milestones: &self.milestones,
        })
    }

    /// Runs, and keeps what was billed as the next run needs it.
    fn post(&mut self, run_date: &str, month_end: &str) -> Outcome {
        let outcome = self.run(run_date, month_end).unwrap();
        for priced in &outcome.priced {
            let billed = Billed {
                net: priced.net,
                first_run_on: priced.first_run_on,
            };
            for entry in self.time.iter_mut().filter(|entry| entry.id == priced.source_id) {
                entry.billed = Some(billed);
            }
            for item in self.expenses.iter_mut().filter(|item| item.id == priced.source_id) {
                item.billed = true;
            }
            for milestone in self
                .milestones
                .iter_mut()
                .filter(|milestone| milestone.id == priced.source_id)
            {
                milestone.billed = true;
            }
        }
        for line in &outcome.lines {
            match line.kind {
                LineKind::Expense | LineKind::Milestone | LineKind::Fee => {}
                LineKind::Overage => {
                    let before = self.overage_before.entry(line.source_id.clone()).or_insert(money("0.00"));
                    *before = before.plus(line.amount).unwrap();
                }
                LineKind::CapAdjustment => {
                    self.billed_before.cap_adjustment = self.billed_before.cap_adjustment.plus(line.amount).unwrap();
                }
                _ => self.billed_before.gross = self.billed_before.gross.plus(line.amount).unwrap(),
            }
        }
        outcome
    }
}

fn version(minutes: i64, approved_on: &str) -> EntryVersion {
    EntryVersion {
        minutes,
        write_down_minutes: 0,
        approved_on: day(approved_on),
        role: "consultant".to_owned(),
        overtime: false,
        billable: true,
    }
}

fn entry(id: &str, work_date: &str, minutes: i64) -> TimeEntry {
    TimeEntry {
        id: id.to_owned(),
        project: "PR-1".to_owned(),
        work_date: day(work_date),
        versions: vec![version(minutes, work_date)],
        billed: None,
    }
}

fn spent(id: &str, amount: Money, incurred_on: &str) -> ExpenseItem {
    ExpenseItem {
        id: id.to_owned(),
        project: "PR-1".to_owned(),
        incurred_on: day(incurred_on),
        approved_on: day(incurred_on),
        amount,
        has_receipt: false,
        billable: true,
        billed: false,
    }
}

fn lines(outcome: &Outcome) -> Vec<(&str, &str, String)> {
    outcome
        .lines
        .iter()
        .map(|line| (line.kind.as_str(), line.source_id.as_str(), line.amount.to_string()))
        .collect()
}
