//! Cases of `intercompany_and_cost.json`.

use serde::Deserialize;
use serde_json::{Value, json};
use strata_finance::cost::{burdened, two_tier_cost};
use strata_finance::effort::{Effort, HourlyRate};
use strata_finance::entries::accrual::accrue;
use strata_finance::entries::advance::{ContractEvent, contract_entries, unbilled_or_unearned};
use strata_finance::entries::posting::{LedgerEntry, LedgerRow};
use strata_finance::intercompany::{
    Employment, IntercompanyRow, IntercompanyWork, TransferMethod, delivering_entity, delivery, intercompany_rows,
};
use strata_kernel::{Date, Decimal, Error, Money, Result};

use crate::given::{Dec, Operation, currency_of, run};

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("intercompany", |given| run(given, intercompany)),
    ("accrual_entries", |given| run(given, accrual)),
    ("burden", |given| run(given, burden)),
    ("burden_simple", |given| run(given, burden_simple)),
    ("advance_entries", |given| run(given, advance)),
    ("intercompany_needed", |given| run(given, needed)),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Intercompany {
    hours: Dec,
    resource_cost: Hourly,
    transfer: Transfer,
    #[serde(default)]
    bill: Option<Hourly>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Hourly {
    rate: Dec,
    #[serde(default)]
    currency: Option<String>,
}

impl Hourly {
    fn read(&self) -> Result<HourlyRate> {
        Ok(HourlyRate {
            rate: self.rate.0,
            currency: currency_of(self.currency.as_deref())?,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Transfer {
    #[serde(default)]
    rate: Option<Dec>,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default)]
    percent_of_bill: Option<Dec>,
    #[serde(default, alias = "cost_plus_percent")]
    cost_plus: Option<Dec>,
}

impl Transfer {
    fn read(&self) -> Result<TransferMethod> {
        match (self.rate, self.percent_of_bill, self.cost_plus) {
            (Some(rate), None, None) => Ok(TransferMethod::Rate(HourlyRate {
                rate: rate.0,
                currency: currency_of(self.currency.as_deref())?,
            })),
            (None, Some(percent), None) => Ok(TransferMethod::PercentOfBill(percent.0)),
            (None, None, Some(percent)) => Ok(TransferMethod::CostPlus(percent.0)),
            _ => Err(Error::invalid("transfer", "a transfer price is found in one way")),
        }
    }
}

fn intercompany(given: Intercompany) -> Result<Value> {
    let found = intercompany_rows(&IntercompanyWork {
        effort: Effort::hours(given.hours.0),
        cost: given.resource_cost.read()?,
        transfer: given.transfer.read()?,
        bill: given.bill.as_ref().map(Hourly::read).transpose()?,
    })?;
    let shown = |rows: &[IntercompanyRow]| {
        let row = |row: &IntercompanyRow| {
            json!({
                "kind": row.kind.as_str(),
                "amount": row.amount.to_string(),
                "currency": row.amount.currency.code(),
            })
        };
        rows.iter().map(row).collect::<Vec<_>>()
    };
    Ok(json!({
        "lending_entity": shown(&found.lending),
        "borrowing_entity": shown(&found.borrowing),
        "borrowing_margin": found.borrowing_margin.map(|margin| margin.to_string()),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccrualHours {
    hours: Dec,
    cost_rate: Dec,
    bill_rate: Dec,
    #[serde(default)]
    currency: Option<String>,
}

fn accrual(given: AccrualHours) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let hourly = |rate: Dec| HourlyRate { rate: rate.0, currency };
    let found = accrue(Effort::hours(given.hours.0), hourly(given.cost_rate), hourly(given.bill_rate))?;
    let row = |row: LedgerRow| json!({"account": row.account.as_str(), row.side.as_str(): row.amount.to_string()});
    let rows = found.entries().into_iter().flat_map(LedgerEntry::rows);
    Ok(json!({
        "entries": rows.map(row).collect::<Vec<_>>(),
        "profit": found.profit.map(|profit| profit.to_string()),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Burden {
    #[serde(default)]
    labor: Option<Dec>,
    #[serde(default)]
    labor_overhead_percent: Option<Dec>,
    #[serde(default)]
    materials: Option<Dec>,
    #[serde(default)]
    handling_percent: Option<Dec>,
    #[serde(default)]
    ga_percent: Option<Dec>,
    #[serde(default)]
    currency: Option<String>,
}

fn burden(given: Burden) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let money = |amount: Option<Dec>| amount.map_or(Ok(Money::zero(currency)), |amount| amount.money_in(currency));
    let percent = |percent: Option<Dec>| percent.map_or(Decimal::ZERO, |percent| percent.0);
    let found = two_tier_cost(
        money(given.labor)?,
        percent(given.labor_overhead_percent),
        money(given.materials)?,
        percent(given.handling_percent),
        percent(given.ga_percent),
    )?;
    Ok(json!({
        "overhead": found.overhead.to_string(),
        "total_labor": found.total_labor.to_string(),
        "handling": found.handling.to_string(),
        "total_materials": found.total_materials.to_string(),
        "subtotal": found.subtotal.to_string(),
        "ga": found.general.to_string(),
        "total": found.total.to_string(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BurdenSimple {
    raw: Dec,
    percent: Dec,
    #[serde(default)]
    currency: Option<String>,
}

fn burden_simple(given: BurdenSimple) -> Result<Value> {
    let raw = given.raw.money_in(currency_of(given.currency.as_deref())?)?;
    let found = burdened(raw, given.percent.0)?;
    Ok(json!({"burden": found.burden.to_string(), "burdened": found.burdened.to_string()}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    #[serde(default)]
    advance: Option<Dec>,
    #[serde(default)]
    revenue: Option<Dec>,
    #[serde(default)]
    invoice: Option<Dec>,
    #[serde(default)]
    currency: Option<String>,
}

fn advance(given: Advance) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let event = |amount: Option<Dec>, of: fn(Money) -> ContractEvent| -> Result<Option<ContractEvent>> {
        let amount = amount.map(|amount| amount.money_in(currency)).transpose()?;
        Ok(amount.map(of))
    };
    let events = [
        event(given.advance, ContractEvent::Advance)?,
        event(given.revenue, ContractEvent::Revenue)?,
        event(given.invoice, ContractEvent::Invoice)?,
    ];
    let events: Vec<ContractEvent> = events.into_iter().flatten().collect();
    let entries = contract_entries(&events);
    let entry = |entry: &LedgerEntry| {
        json!({
            "debit": entry.debit.as_str(),
            "credit": entry.credit.as_str(),
            "amount": entry.amount.to_string(),
        })
    };
    Ok(json!({
        "entries": entries.iter().map(entry).collect::<Vec<_>>(),
        "unbilled_or_unearned_balance": unbilled_or_unearned(&entries, currency)?.to_string(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Needed {
    contract_entity: String,
    #[serde(alias = "employee_entities", alias = "employee_entity_history", alias = "employments")]
    employee_entity: Employer,
    #[serde(default)]
    work_date: Option<Date>,
}

/// The employing entity on the work date, or all there were.
#[derive(Deserialize)]
#[serde(untagged)]
enum Employer {
    OnTheDay(String),
    History(Vec<Employed>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Employed {
    entity: String,
    from: Date,
    #[serde(default)]
    to: Option<Date>,
}

fn needed(given: Needed) -> Result<Value> {
    let delivering = match given.employee_entity {
        Employer::OnTheDay(entity) => entity,
        Employer::History(times) => {
            let history: Vec<Employment> = times.into_iter().map(Employed::read).collect();
            let missing = || Error::invalid("work_date", "who employs a person depends on the day");
            delivering_entity(&history, given.work_date.ok_or_else(missing)?)?.to_owned()
        }
    };
    let found = delivery(&delivering, &given.contract_entity);
    Ok(json!({
        "needed": found.is_some(),
        "delivering": delivering,
        "delivering_entity": delivering,
        "contracting_entity": given.contract_entity,
    }))
}

impl Employed {
    fn read(self) -> Employment {
        Employment {
            entity: self.entity,
            from: self.from,
            to: self.to,
        }
    }
}
