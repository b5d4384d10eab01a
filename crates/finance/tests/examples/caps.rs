//! Cases of `caps_and_funding.json`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use strata_finance::billing::{CappedCost, FeeBase, PercentFee, TimeCharge, bill_charges};
use strata_finance::cap::{Backlog, BacklogEntry, CapKind, CapLevel, Tested, apply, test_limit, within_levels};
use strata_finance::funding::{Fund, FundingRule, fund, fund_agreement};
use strata_kernel::{Currency, Date, Money, Result};

use crate::given::{Dec, Operation, currency_of, run};

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("fund_transactions", |given| run(given, fund_transactions)),
    ("tm_invoice", |given| run(given, tm_invoice)),
    ("nte_apply", |given| run(given, nte_apply)),
    ("nte_levels", |given| run(given, nte_levels)),
    ("limit_kind", |given| run(given, limit_kind)),
    ("funding_total", |given| run(given, funding_total)),
];

fn yes() -> bool {
    true
}

fn kind(word: &Option<String>) -> Result<CapKind> {
    word.as_deref().map_or(Ok(CapKind::Hard), CapKind::parse)
}

fn money(amounts: &BTreeMap<String, Dec>, currency: Currency) -> Result<BTreeMap<String, Money>> {
    amounts
        .iter()
        .map(|(name, amount)| Ok((name.clone(), amount.money_in(currency)?)))
        .collect()
}

fn shown(amounts: &BTreeMap<String, Money>) -> BTreeMap<&str, String> {
    amounts
        .iter()
        .map(|(name, amount)| (name.as_str(), amount.to_string()))
        .collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    priority: u32,
    split: BTreeMap<String, Dec>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Funding {
    rules: Vec<Rule>,
    #[serde(default)]
    limits: BTreeMap<String, Option<Dec>>,
    #[serde(default, alias = "spent")]
    used: BTreeMap<String, Dec>,
    transactions: Vec<Dec>,
    #[serde(default)]
    currency: Option<String>,
}

fn fund_transactions(given: Funding) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let rules: Vec<FundingRule> = given
        .rules
        .iter()
        .map(|rule| FundingRule {
            priority: rule.priority,
            split: rule
                .split
                .iter()
                .map(|(source, percent)| (source.clone(), percent.0))
                .collect(),
        })
        .collect();
    let limits = given
        .limits
        .iter()
        .filter_map(|(name, limit)| Some((name.clone(), (*limit)?)));
    let transactions = given.transactions.iter().map(|amount| amount.money_in(currency));
    let funded = fund(&Fund {
        rules: &rules,
        limits: &money(&limits.collect(), currency)?,
        used: &money(&given.used, currency)?,
        transactions: &transactions.collect::<Result<Vec<_>>>()?,
        currency,
    })?;
    let parts: Vec<_> = funded.iter().map(|transaction| shown(&transaction.parts)).collect();
    let unfunded: Vec<_> = funded.iter().map(|transaction| transaction.unfunded.to_string()).collect();
    Ok(json!({"allocations": parts, "unfunded": unfunded}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hours {
    hours: Dec,
    rate: Dec,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cost {
    name: String,
    cost: Dec,
    #[serde(default)]
    cap: Option<Dec>,
    #[serde(default)]
    billed_before: Option<Dec>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Invoice {
    #[serde(default)]
    time: Vec<Hours>,
    #[serde(default)]
    capped: Vec<Cost>,
    #[serde(default)]
    fee_percent: Option<Dec>,
    #[serde(default)]
    fee_base: Option<String>,
    #[serde(default)]
    currency: Option<String>,
}

fn tm_invoice(given: Invoice) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let charge = |hours: &Hours| TimeCharge {
        hours: hours.hours.0,
        rate: hours.rate.0,
    };
    let time: Vec<TimeCharge> = given.time.iter().map(charge).collect();
    let cost = |cost: &Cost| {
        Ok(CappedCost {
            name: cost.name.clone(),
            cost: cost.cost.money_in(currency)?,
            cap: cost.cap.map(|cap| cap.money_in(currency)).transpose()?,
            billed_before: cost
                .billed_before
                .map_or(Ok(Money::zero(currency)), |before| before.money_in(currency))?,
        })
    };
    let costs = given.capped.iter().map(cost).collect::<Result<Vec<_>>>()?;
    let base = given.fee_base.as_deref().map_or(Ok(FeeBase::Time), FeeBase::parse)?;
    let fee = given.fee_percent.map(|percent| PercentFee {
        percent: percent.0,
        base,
    });
    let billed = bill_charges(&time, &costs, fee, currency)?;
    Ok(json!({
        "time": billed.time.to_string(),
        "capped": billed.costs.to_string(),
        "over_cap": billed.over_cap.to_string(),
        "fee": billed.fee.to_string(),
        "total": billed.total.to_string(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Waiting {
    id: String,
    #[serde(default)]
    work_date: Option<Date>,
    amount: Dec,
    #[serde(default = "yes")]
    chargeable: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NotToExceed {
    cap: Dec,
    billed_to_date: Dec,
    backlog: Vec<Waiting>,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    currency: Option<String>,
}

fn nte_apply(given: NotToExceed) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let entry = |entry: &Waiting| {
        Ok(BacklogEntry {
            id: entry.id.clone(),
            work_date: entry.work_date,
            amount: entry.amount.money_in(currency)?,
            chargeable: entry.chargeable,
        })
    };
    let entries = given.backlog.iter().map(entry).collect::<Result<Vec<_>>>()?;
    let outcome = apply(&Backlog {
        kind: kind(&given.kind)?,
        cap: given.cap.money_in(currency)?,
        billed: given.billed_to_date.money_in(currency)?,
        entries: &entries,
    })?;
    let shares = outcome.shares.iter();
    let billable = shares.clone().map(|share| (share.id.clone(), share.split.billable)).collect();
    let over_cap = shares.map(|share| (share.id.clone(), share.split.over_cap));
    Ok(json!({
        "billable": shown(&billable),
        "over_cap": shown(&over_cap.filter(|(_, amount)| amount.minor != 0).collect()),
        "remaining": outcome.remaining.to_string(),
        "not_applicable": outcome.not_applicable,
        "warning": outcome.warning,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Level {
    level: String,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    cap: Option<Dec>,
    used: Dec,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Levels {
    amount: Dec,
    levels: Vec<Level>,
    #[serde(default)]
    currency: Option<String>,
}

fn nte_levels(given: Levels) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let level = |level: &Level| {
        Ok(CapLevel {
            name: level.level.clone(),
            kind: kind(&level.kind)?,
            cap: level.cap.map(|cap| cap.money_in(currency)).transpose()?,
            used: level.used.money_in(currency)?,
        })
    };
    let levels = given.levels.iter().map(level).collect::<Result<Vec<_>>>()?;
    let outcome = within_levels(given.amount.money_in(currency)?, &levels)?;
    Ok(json!({
        "billable": outcome.split.billable.to_string(),
        "over_cap": outcome.split.over_cap.to_string(),
        "failed_level": outcome.failed_level,
        "warned_levels": outcome.warned_levels,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limit {
    limit: Dec,
    used: Dec,
    amount: Dec,
    #[serde(default)]
    currency: Option<String>,
}

fn limit_kind(given: Limit) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let test = |kind| -> Result<Value> {
        let (limit, used) = (given.limit.money_in(currency)?, given.used.money_in(currency)?);
        let Tested { split, warning } = test_limit(kind, limit, used, given.amount.money_in(currency)?)?;
        Ok(json!({
            "billable": split.billable.to_string(),
            "blocked": split.over_cap.to_string(),
            "warning": warning.is_some(),
        }))
    };
    Ok(json!({"hard": test(CapKind::Hard)?, "soft": test(CapKind::Soft)?}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Agreement {
    agreement: Dec,
    allocations: BTreeMap<String, Dec>,
    #[serde(default)]
    currency: Option<String>,
}

fn funding_total(given: Agreement) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let allocations = money(&given.allocations, currency)?;
    let total = fund_agreement(given.agreement.money_in(currency)?, allocations.values().copied())?;
    Ok(json!({"funded": total.funded.to_string(), "unfunded": total.unfunded.to_string()}))
}
