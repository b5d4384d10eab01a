//! What a contract has earned until the end of a month, with what was known on a day.

use std::fmt::Write;

use strata_finance::billing::{ExpenseItem, billable_minutes_by_period, price_time};
use strata_finance::expense::{billable_price, check_receipt};
use strata_finance::retainer::{Carried, RetainerTerms, fees_due, retainer_month};
use strata_finance::revenue::method::{Method, recognise};
use strata_kernel::{Date, Decimal, Error, Money, Reason, Result};

use super::agreement::{Agreement, Measure};
use super::facts::Facts;
use crate::billing::INVOICE_DAY;

/// A cumulative figure with the figures behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Earned {
    /// Earned since the contract began.
    pub(crate) cumulative: Money,
    /// As rows say it.
    pub(crate) measure: &'static str,
    /// The figures behind it, in words.
    pub(crate) basis: String,
    /// What somebody should look at.
    pub(crate) warning: Option<Reason>,
}

/// Until when work counts, and what is known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cut {
    /// Last day of the month.
    pub(super) month_end: Date,
    /// Day whose knowledge counts.
    pub(super) known_on: Date,
}

/// Work and fees.
pub(super) fn work(agreement: &Agreement, facts: &Facts, cut: Cut) -> Result<Earned> {
    let measured = match &agreement.measure {
        Measure::TimeAndMaterial => time_and_material(agreement, facts, cut),
        Measure::HoursInput => hours_input(agreement, facts, cut),
        Measure::Milestone => milestones(agreement, facts),
        Measure::StraightLine => straight_line(agreement, cut),
        Measure::MonthlyFee(terms) => monthly_fee(agreement, facts, cut, terms),
    }?;
    Ok(Earned {
        measure: agreement.measure.as_str(),
        ..measured
    })
}

/// Minutes of approved work, those that bill nothing included.
pub(super) fn worked_minutes(facts: &Facts, known_on: Date) -> i64 {
    let versions = facts.time.iter().filter_map(|entry| entry.version_on(known_on));
    versions.map(|version| version.minutes).sum()
}

fn plain(cumulative: Money, basis: String) -> Earned {
    Earned {
        cumulative,
        measure: "",
        basis,
        warning: None,
    }
}

fn by_method(agreement: &Agreement, method: &Method<'_>, basis: String) -> Result<Earned> {
    let recognised = recognise(method, agreement.zero())?;
    Ok(Earned {
        warning: recognised.warning,
        ..plain(recognised.cumulative, basis)
    })
}

fn time_and_material(agreement: &Agreement, facts: &Facts, cut: Cut) -> Result<Earned> {
    let terms = &agreement.pricing.terms;
    let (mut approved, mut entries, mut unpriced) = (agreement.zero(), 0, 0);
    for entry in facts.time.iter().filter(|entry| entry.work_date <= cut.month_end) {
        // What cannot be priced is on the desk of finance since it was approved; it is earned once it has a price.
        let Ok(priced) = price_time(terms, &agreement.pricing.rates, entry, cut.known_on) else {
            unpriced += 1;
            continue;
        };
        let Some(price) = priced else { continue };
        approved = approved.plus(price.amount)?;
        entries += 1;
    }
    let cap = terms.cap.as_ref().map(|cap| cap.known_on(cut.known_on));
    let mut basis = format!("{entries} approved entries of {approved} {}", terms.currency);
    if let Some(cap) = cap {
        let _ = write!(basis, ", cap {cap}");
    }
    if unpriced > 0 {
        let _ = write!(basis, ", {unpriced} without a price left out");
    }
    by_method(agreement, &Method::RightToInvoice { approved, cap }, basis)
}

fn hours_input(agreement: &Agreement, facts: &Facts, cut: Cut) -> Result<Earned> {
    let price = agreement.price_known_on(cut.known_on)?;
    let worked = worked_minutes(facts, cut.known_on);
    let estimated = facts.estimated_minutes;
    let of = estimated.map_or_else(|| "no estimate".to_owned(), |minutes| format!("{minutes} estimated"));
    let basis = format!("price {price} {}, {worked} minutes of {of}", price.currency);
    let method = Method::Input {
        price,
        done: worked.into(),
        estimate: estimated.map(Decimal::from),
    };
    by_method(agreement, &method, basis)
}

fn milestones(agreement: &Agreement, facts: &Facts) -> Result<Earned> {
    let mut amounts = facts.accepted.iter().map(|(_, amount)| *amount);
    let sum = amounts.try_fold(agreement.zero(), Money::plus)?;
    let codes: Vec<&str> = facts.accepted.iter().map(|(code, _)| code.as_str()).collect();
    let codes = if codes.is_empty() {
        "no milestone".to_owned()
    } else {
        codes.join(", ")
    };
    Ok(plain(sum, format!("accepted: {codes}")))
}

fn straight_line(agreement: &Agreement, cut: Cut) -> Result<Earned> {
    let price = agreement.price_known_on(cut.known_on)?;
    let after = |day: Date| day.succ_opt().ok_or_else(|| Error::internal("the calendar ends"));
    let (from, last) = (agreement.start, agreement.end()?);
    let method = Method::StraightLine {
        price,
        from,
        to: after(last)?,
        until: after(cut.month_end)?,
    };
    let days = |until: Date| until.signed_duration_since(from).num_days() + 1;
    let elapsed = days(cut.month_end.min(last)).max(0);
    let basis = format!("price {price} {}, {elapsed} of {} days", price.currency, days(last));
    by_method(agreement, &method, basis)
}

fn monthly_fee(agreement: &Agreement, facts: &Facts, cut: Cut, terms: &RetainerTerms) -> Result<Earned> {
    let fee = terms.fee;
    let after = agreement
        .end()?
        .succ_opt()
        .ok_or_else(|| Error::internal("the calendar ends"))?;
    let due = fees_due(fee, agreement.start, after, INVOICE_DAY)?;
    // A month's fee is earned from the day it is billed: the first of the month, or the first day of all.
    let months = due.iter().filter(|fee| fee.issue_on <= cut.month_end).count();
    let fees = i64::try_from(months).ok().and_then(|months| fee.minor.checked_mul(months));
    let fees = fees.ok_or_else(|| Error::invalid("monthly_fee", "the fees of all months leave the exact range"))?;
    let used = billable_minutes_by_period(&agreement.pricing.terms, &facts.time, cut.month_end, cut.known_on)?;
    let (mut overage, mut beyond) = (agreement.zero(), 0);
    for minutes in used.values() {
        let month = retainer_month(terms, *minutes, Carried::nothing(fee.currency))?;
        beyond += month.overage_minutes;
        overage = overage.plus(month.overage)?;
    }
    let basis = format!(
        "{months} months of {fee} {}, overage {overage} for {beyond} minutes beyond {} a month",
        fee.currency, terms.included_minutes
    );
    Ok(plain(Money::new(fees, fee.currency).plus(overage)?, basis))
}

/// Expenses that the customer pays for.
pub(super) fn expenses(agreement: &Agreement, facts: &Facts) -> Result<Earned> {
    let mut sum = agreement.zero();
    let (mut items, mut held) = (0, 0);
    for item in &facts.expenses {
        match price_expense(agreement, facts, item) {
            Ok(price) => {
                sum = sum.plus(price)?;
                items += 1;
            }
            // A missing receipt or exchange rate keeps it from being billed, and from being earned.
            Err(_) => held += 1,
        }
    }
    let mut basis = format!("{items} approved expenses");
    if held > 0 {
        let _ = write!(basis, ", {held} that cannot be billed left out");
    }
    Ok(Earned {
        measure: "EXPENSES",
        ..plain(sum, basis)
    })
}

fn price_expense(agreement: &Agreement, facts: &Facts, item: &ExpenseItem) -> Result<Money> {
    let (pricing, spent) = (&agreement.pricing, item.amount.currency);
    let currency = pricing.terms.currency;
    check_receipt(item.amount, item.has_receipt, facts.receipt_limits.get(&spent).copied())?;
    let rate = facts
        .exchange_rates
        .pick(spent, currency, item.incurred_on, pricing.fx_max_age_days)?;
    billable_price(item.amount, rate.rate, currency, pricing.terms.expense_markup_percent)
}
