//! Cases of `retainers_and_deferrals.json`.

use serde::Deserialize;
use serde_json::{Value, json};
use strata_finance::retainer::{
    Alignment, BasePeriod, Carried, DeferralMethod, RetainerTerms, Rollover, Service, apply_deposit, credit_deferral,
    deferral_schedule, prorate_price, retainer_month,
};
use strata_kernel::{Date, Error, Result, period_of};

use crate::fixed_fee::{In, zero};
use crate::given::{Dec, Operation, run};

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("deferral_schedule", |given| run(given, schedule)),
    ("prorate_price", |given| run(given, prorate)),
    ("apply_deposit", |given| run(given, deposit)),
    ("retainer_month", |given| run(given, month)),
    ("credit_deferral", |given| run(given, credit)),
];

/// Contracts print the last day; the crate takes the day after it.
fn after(last: Date) -> Result<Date> {
    last.succ_opt().ok_or_else(|| Error::invalid("to", "a day out of reach"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Deferral {
    amount: Dec,
    from: Date,
    to: Date,
    method: Option<String>,
    #[serde(default, alias = "currency")]
    places: In,
}

fn schedule(given: Deferral) -> Result<Value> {
    let method = match given.method.as_deref() {
        None => DeferralMethod::default(),
        Some("daily_cumulative") => DeferralMethod::DailyCumulative,
        Some("month_prorated_last_takes_residual") => DeferralMethod::MonthProratedLastTakesResidual,
        Some(_) => return Err(Error::invalid("method", "there is no such method of release")),
    };
    let service = Service::try_new(given.from, after(given.to)?)?;
    let rows = deferral_schedule(given.places.money(given.amount)?, service, method)?;
    let rows: Vec<Value> = rows
        .iter()
        .map(|row| json!({"month": period_of(row.from), "amount": row.amount.to_string()}))
        .collect();
    Ok(json!({"rows": rows}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Prorate {
    price: Dec,
    base: String,
    from: Date,
    to: Date,
    align: Option<String>,
}

fn prorate(given: Prorate) -> Result<Value> {
    let alignment = match given.align.as_deref() {
        None => Alignment::default(),
        Some("start") => Alignment::Start,
        Some("end") => Alignment::End,
        Some(_) => {
            return Err(Error::invalid(
                "align",
                "periods are aligned to the start or the end of months",
            ));
        }
    };
    let base = BasePeriod::parse(&given.base)?;
    let proration = prorate_price(given.price.0, base, given.from, after(given.to)?, alignment)?;
    let parts: Vec<Value> = proration
        .parts
        .iter()
        .map(|part| json!({"days": part.days, "of": part.of}))
        .collect();
    Ok(json!({"amount": proration.price.to_string(), "parts": parts}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Deposit {
    deposit_balance: Dec,
    invoice_net: Dec,
    recall: Dec,
    #[serde(default)]
    currency: In,
}

fn deposit(given: Deposit) -> Result<Value> {
    let unit = given.currency;
    let recall = apply_deposit(
        unit.money(given.deposit_balance)?,
        unit.money(given.invoice_net)?,
        unit.money(given.recall)?,
    )?;
    Ok(json!({
        "deposit_line": recall.deposit_line.to_string(),
        "invoice_net": recall.invoice_net.to_string(),
        "deposit_balance": recall.deposit_balance.to_string(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Month {
    fee: Dec,
    included_minutes: i64,
    used_minutes: i64,
    overage_rate: Dec,
    #[serde(default)]
    rollover: bool,
    rollover_limit_minutes: Option<i64>,
    #[serde(default)]
    carried_minutes: i64,
    #[serde(default = "zero")]
    carried_deferred: Dec,
    #[serde(default)]
    currency: In,
}

fn month(given: Month) -> Result<Value> {
    let rollover = match given.rollover {
        false => Rollover::None,
        true => Rollover::Carry {
            limit_minutes: given.rollover_limit_minutes,
        },
    };
    let terms = RetainerTerms {
        fee: given.currency.money(given.fee)?,
        included_minutes: given.included_minutes,
        overage_rate: given.overage_rate.0,
        rollover,
    };
    let carried = Carried {
        minutes: given.carried_minutes,
        deferred: given.currency.money(given.carried_deferred)?,
    };
    let month = retainer_month(&terms, given.used_minutes, carried)?;
    Ok(json!({
        "fee": month.fee.to_string(),
        "overage_minutes": month.overage_minutes,
        "overage": month.overage.to_string(),
        "total": month.total.to_string(),
        "revenue": month.fee_revenue.to_string(),
        "deferred": month.carried.deferred.to_string(),
        "carried_minutes": month.carried.minutes,
        "expired_minutes": month.expired_minutes,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credit {
    amount: Dec,
    released: Dec,
    credited_on: Date,
    #[serde(default)]
    currency: In,
}

fn credit(given: Credit) -> Result<Value> {
    let unit = given.currency;
    let credit = credit_deferral(unit.money(given.amount)?, unit.money(given.released)?, given.credited_on)?;
    Ok(json!({"release_on_credit": credit.release.to_string(), "posting_date": credit.posting_date.to_string()}))
}
