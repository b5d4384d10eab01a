#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use strata_contract::pb_date;
use strata_contract::strata::common::v1 as common;
use strata_contract::strata::master::v1 as master;
use strata_contract::strata::system::erp::v1::AccountKind;
use strata_finance::billing::{EntryVersion, ExpenseItem, TimeEntry};
use strata_finance::fx::ExchangeRates;
use strata_kernel::{Currency, Date, Decimal, Money};

use super::agreement::Agreement;
use super::earned::{self, Cut, Earned};
use super::facts::Facts;
use super::journal;

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::parse("USD").unwrap())
}

fn pb(minor_units: i64) -> Option<common::Money> {
    Some(common::Money {
        currency_code: "USD".into(),
        minor_units,
    })
}

/// A contract of 2025 at 100.00 an hour, changed by amendments that are signed in June.
fn agreement(
    kind: common::ContractType,
    change: impl FnOnce(&mut common::ContractTerms),
    amendments: Vec<common::Amendment>,
) -> Agreement {
    let mut terms = common::ContractTerms {
        contract_number: "CT-1".into(),
        legal_entity_code: "US01".into(),
        r#type: kind.into(),
        currency_code: "USD".into(),
        start_date: Some(pb_date(day("2025-01-01"))),
        end_date: Some(pb_date(day("2025-12-31"))),
        ..common::ContractTerms::default()
    };
    change(&mut terms);
    let rate = common::RateLine {
        id: "RL-1".into(),
        level: common::RateLevel::Standard.into(),
        level_key: "US01".into(),
        role: "consultant".into(),
        currency_code: "USD".into(),
        hourly_rate: "100".into(),
        effective_date: Some(pb_date(day("2024-01-01"))),
        recorded_time: Some(strata_contract::pb_instant("2024-01-01T00:00:00Z".parse().unwrap())),
        ..common::RateLine::default()
    };
    Agreement::of(&master::ContractPricing {
        contract: Some(master::Contract {
            id: "con_1".into(),
            terms: Some(terms),
            tax_percent: "0".into(),
            ..master::Contract::default()
        }),
        customer: Some(master::Customer::default()),
        rate_lines: vec![rate],
        amendments,
        functional_currency_code: "USD".into(),
        fx_max_age_days: 40,
        ..master::ContractPricing::default()
    })
    .unwrap()
}

fn amendment(kind: common::AmendmentKind) -> common::Amendment {
    common::Amendment {
        number: "AM-1".into(),
        contract_number: "CT-1".into(),
        kind: kind.into(),
        effective_date: Some(pb_date(day("2025-01-01"))),
        signed_date: Some(pb_date(day("2025-06-10"))),
        ..common::Amendment::default()
    }
}

fn version(minutes: i64, approved_on: &str, billable: bool) -> EntryVersion {
    EntryVersion {
        minutes,
        write_down_minutes: 0,
        approved_on: day(approved_on),
        role: "consultant".into(),
        overtime: false,
        billable,
    }
}

fn entry(id: &str, work_date: &str, versions: Vec<EntryVersion>) -> TimeEntry {
    TimeEntry {
        id: id.into(),
        project: "PR-1".into(),
        work_date: day(work_date),
        versions,
        billed: None,
    }
}

fn facts(time: Vec<TimeEntry>) -> Facts {
    Facts {
        time,
        expenses: Vec::new(),
        exchange_rates: ExchangeRates::default(),
        receipt_limits: BTreeMap::new(),
        accepted: Vec::new(),
        estimated_minutes: None,
    }
}

fn at(month_end: &str, known_on: &str) -> Cut {
    Cut {
        month_end: day(month_end),
        known_on: day(known_on),
    }
}

fn minor(earned: strata_kernel::Result<Earned>) -> i64 {
    earned.unwrap().cumulative.minor
}

#[test]
fn a_contract_without_a_last_day_earns_its_hours_and_one_that_is_earned_over_time_asks_for_it() {
    let open = |terms: &mut common::ContractTerms| terms.end_date = None;
    let cut = at("2025-01-31", "2025-02-08");
    let hours = facts(vec![entry("1", "2025-01-15", vec![version(60, "2025-01-20", true)])]);
    let by_the_hour = agreement(common::ContractType::Time, open, Vec::new());
    assert_eq!(minor(earned::work(&by_the_hour, &hours, cut)), 10_000);
    let over_time = |terms: &mut common::ContractTerms| {
        terms.end_date = None;
        terms.contract_value = pb(120_000);
        terms.set_revenue_method(common::RevenueMethod::StraightLine);
    };
    let over_time = agreement(common::ContractType::FixedFee, over_time, Vec::new());
    assert_eq!(earned::work(&over_time, &hours, cut).unwrap_err().field, "end_date");
}

#[test]
fn hours_are_earned_at_the_price_known_at_the_close_and_not_above_the_cap() {
    let mut rates = amendment(common::AmendmentKind::Rates);
    rates.rates = vec![common::AmendedRate {
        role: "consultant".into(),
        currency_code: "USD".into(),
        hourly_rate: "150".into(),
    }];
    let mut cap = amendment(common::AmendmentKind::Cap);
    cap.cap = pb(30_000);
    let capped = agreement(
        common::ContractType::TimeCapped,
        |terms| terms.cap = pb(12_000),
        vec![rates.clone(), cap],
    );
    let open = agreement(common::ContractType::Time, |_| {}, vec![rates]);
    let facts = facts(vec![
        entry(
            "1",
            "2025-05-06",
            vec![version(60, "2025-05-08", true), version(120, "2025-06-20", true)],
        ),
        entry("2", "2025-05-07", vec![version(60, "2025-05-08", false)]),
        entry("3", "2025-06-02", vec![version(60, "2025-06-03", true)]),
    ]);
    let may = at("2025-05-31", "2025-06-08");
    assert_eq!(minor(earned::work(&open, &facts, may)), 10_000);
    // The amendment reaches back, the correction is approved, June is worked: all of it is June's.
    let june = at("2025-06-30", "2025-07-08");
    assert_eq!(minor(earned::work(&open, &facts, june)), 45_000);
    assert_eq!(minor(earned::work(&capped, &facts, may)), 10_000);
    assert_eq!(minor(earned::work(&capped, &facts, june)), 30_000);
    let known_before = at("2025-06-30", "2025-06-09");
    assert_eq!(minor(earned::work(&capped, &facts, known_before)), 12_000);
}

#[test]
fn hours_without_a_price_are_left_out_and_said() {
    let open = agreement(common::ContractType::Time, |_| {}, Vec::new());
    let mut unknown = version(60, "2025-05-08", true);
    unknown.role = "oracle".into();
    let facts = facts(vec![
        entry("1", "2025-05-06", vec![unknown]),
        entry("2", "2025-05-06", vec![version(30, "2025-05-08", true)]),
    ]);
    let earned = earned::work(&open, &facts, at("2025-05-31", "2025-06-08")).unwrap();
    assert_eq!(earned.cumulative, usd(5_000));
    assert!(earned.basis.contains("1 without a price"), "{}", earned.basis);
}

#[test]
fn a_fixed_fee_is_earned_by_approved_minutes_of_the_newest_estimate() {
    let mut scope = amendment(common::AmendmentKind::Scope);
    scope.added_value = pb(20_000);
    let terms = |terms: &mut common::ContractTerms| {
        terms.contract_value = pb(100_000);
        terms.set_revenue_method(common::RevenueMethod::HoursInput);
    };
    let fixed = agreement(common::ContractType::FixedFee, terms, vec![scope]);
    let mut facts = facts(vec![
        entry("1", "2025-05-06", vec![version(90, "2025-05-08", false)]),
        entry("2", "2025-05-07", vec![version(60, "2025-05-08", true)]),
    ]);
    let may = at("2025-05-31", "2025-06-08");
    let missing = earned::work(&fixed, &facts, may).unwrap();
    assert_eq!((missing.cumulative, missing.warning), (usd(0), Some("EAC_MISSING")));
    facts.estimated_minutes = Some(600);
    assert_eq!(minor(earned::work(&fixed, &facts, may)), 25_000);
    assert_eq!(minor(earned::work(&fixed, &facts, at("2025-06-30", "2025-07-08"))), 30_000);
    facts.estimated_minutes = Some(100);
    let below = earned::work(&fixed, &facts, may).unwrap();
    assert_eq!((below.cumulative, below.warning), (usd(100_000), Some("EAC_BELOW_ACTUAL")));
}

#[test]
fn milestones_and_days_earn_their_part() {
    let terms = |method| {
        move |terms: &mut common::ContractTerms| {
            terms.contract_value = pb(100_000);
            terms.set_revenue_method(method);
        }
    };
    let march = at("2025-03-31", "2025-04-08");
    let by_milestone = agreement(
        common::ContractType::FixedFee,
        terms(common::RevenueMethod::Milestone),
        Vec::new(),
    );
    let mut accepted = facts(Vec::new());
    assert_eq!(minor(earned::work(&by_milestone, &accepted, march)), 0);
    accepted.accepted = vec![("CT-1-M1".into(), usd(30_000)), ("CT-1-M2".into(), usd(15_000))];
    let earned = earned::work(&by_milestone, &accepted, march).unwrap();
    assert_eq!(
        (earned.cumulative.minor, earned.basis.as_str()),
        (45_000, "accepted: CT-1-M1, CT-1-M2")
    );
    let by_days = agreement(
        common::ContractType::FixedFee,
        terms(common::RevenueMethod::StraightLine),
        Vec::new(),
    );
    // 90 of 365 days.
    assert_eq!(minor(earned::work(&by_days, &accepted, march)), 24_658);
    assert_eq!(
        minor(earned::work(&by_days, &accepted, at("2026-02-28", "2026-03-08"))),
        100_000
    );
    let prepaid = agreement(
        common::ContractType::RetainerPrepaid,
        |terms| terms.prepaid_amount = pb(365_000),
        Vec::new(),
    );
    assert_eq!(minor(earned::work(&prepaid, &accepted, march)), 90_000);
    assert_eq!(minor(earned::work(&prepaid, &accepted, at("2024-12-31", "2025-01-08"))), 0);
}

#[test]
fn a_monthly_fee_is_earned_with_its_month_and_overage_by_the_month_it_was_worked_in() {
    let terms = |terms: &mut common::ContractTerms| {
        terms.start_date = Some(pb_date(day("2025-02-15")));
        terms.end_date = Some(pb_date(day("2025-04-10")));
        terms.monthly_fee = pb(100_000);
        terms.included_minutes = 60;
        terms.overage_rate = pb(12_000);
    };
    let retainer = agreement(common::ContractType::RetainerMonthly, terms, Vec::new());
    let facts = facts(vec![
        entry(
            "1",
            "2025-02-20",
            vec![version(30, "2025-02-21", true), version(90, "2025-03-20", true)],
        ),
        entry("2", "2025-03-05", vec![version(10, "2025-03-06", true)]),
    ]);
    assert_eq!(minor(earned::work(&retainer, &facts, at("2025-01-31", "2025-02-08"))), 0);
    assert_eq!(
        minor(earned::work(&retainer, &facts, at("2025-02-28", "2025-03-08"))),
        100_000
    );
    assert_eq!(
        minor(earned::work(&retainer, &facts, at("2025-03-31", "2025-04-08"))),
        206_000
    );
    assert_eq!(
        minor(earned::work(&retainer, &facts, at("2025-12-31", "2026-01-08"))),
        306_000
    );
}

#[test]
fn an_expense_is_earned_when_it_can_be_billed() {
    let open = agreement(
        common::ContractType::Time,
        |terms| terms.expense_markup_percent = 10,
        Vec::new(),
    );
    let expense = |id: &str, minor, has_receipt| ExpenseItem {
        id: id.into(),
        project: "PR-1".into(),
        incurred_on: day("2025-05-06"),
        approved_on: day("2025-05-08"),
        amount: usd(minor),
        has_receipt,
        billable: true,
        billed: true,
    };
    let facts = Facts {
        expenses: vec![
            expense("1", 1_000, false),
            expense("2", 9_000, false),
            expense("3", 9_000, true),
        ],
        receipt_limits: BTreeMap::from([(usd(0).currency, usd(2_500))]),
        ..facts(Vec::new())
    };
    let earned = earned::expenses(&open, &facts).unwrap();
    assert_eq!(earned.cumulative, usd(11_000));
    assert_eq!(earned.basis, "2 approved expenses, 1 that cannot be billed left out");
}

/// Lines of a journal: account, and debits less credits.
fn lines(kind: common::ContractType, work: i64, expenses: i64) -> Vec<(AccountKind, i64)> {
    let terms = |terms: &mut common::ContractTerms| {
        terms.contract_value = pb(1);
        terms.prepaid_amount = pb(1);
    };
    let of = agreement(kind, terms, Vec::new());
    let body = journal::body(&of, day("2025-03-31"), Decimal::ONE, usd(work), usd(expenses)).unwrap();
    assert_eq!(
        (body.period.as_str(), body.posting_date),
        ("2025-03", Some(pb_date(day("2025-03-31"))))
    );
    use strata_contract::strata::system::erp::v1::journal_line::Side;
    let amount = |side: &Option<Side>| match side {
        Some(Side::Debit(amount)) => amount.minor_units,
        Some(Side::Credit(amount)) => -amount.minor_units,
        None => 0,
    };
    body.lines.iter().map(|line| (line.account(), amount(&line.side))).collect()
}

#[test]
fn journals_balance_and_have_no_empty_line() {
    use AccountKind::{ContractAsset, ContractLiability, ExpenseRevenue, Revenue, UnbilledReceivable};
    use common::ContractType::{FixedFee, RetainerPrepaid, Time};
    assert_eq!(
        lines(Time, 300, 20),
        [(UnbilledReceivable, 320), (Revenue, -300), (ExpenseRevenue, -20)]
    );
    assert_eq!(lines(FixedFee, -300, 0), [(ContractAsset, -300), (Revenue, 300)]);
    assert_eq!(
        lines(RetainerPrepaid, 0, 20),
        [(ContractLiability, 20), (ExpenseRevenue, -20)]
    );
    assert_eq!(lines(Time, 20, -20), [(Revenue, -20), (ExpenseRevenue, 20)]);
}
