//! Cases of `amendments_and_rebill.json`.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use strata_finance::amendment::{HourPricing, RateVersion, Worked, contract_lines};
use strata_finance::amount::minutes_of;
use strata_finance::billing::{Billed, BillingTerms, EntryVersion, HoursBasis, TimeEntry, document_totals};
use strata_finance::entries::actuals::{ActualEvent, ActualKind, ActualRates, ActualsLedger};
use strata_finance::rates::{ANY_ROLE, RateBook};
use strata_finance::rounding::{RoundingMode, TimeRounding};
use strata_finance::tax::{TaxCategory, TaxTreatment};
use strata_kernel::{Currency, Date, Decimal, Error, Money, Result};

use crate::given::{Dec, Operation, currency_of, run};

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("rerate", |given| run(given, rerate)),
    ("actuals_ledger", |given| run(given, actuals_ledger)),
    ("document_kind", |given| run(given, document_kind)),
    ("correct_entry", |given| run(given, correct_entry)),
];

const CONTRACT: &str = "CT-1";

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Version {
    #[serde(default)]
    id: Option<String>,
    #[serde(default)]
    role: Option<String>,
    from: Date,
    #[serde(default)]
    to: Option<Date>,
    rate: Dec,
    recorded_on: Date,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    work_date: Date,
    #[serde(default)]
    hours: Option<Dec>,
    #[serde(default)]
    minutes: Option<i64>,
    #[serde(default)]
    write_down_minutes: u32,
    #[serde(default)]
    role: Option<String>,
    #[serde(default = "yes", alias = "chargeable")]
    billable: bool,
    #[serde(default)]
    invoiced: bool,
    #[serde(default)]
    invoiced_amount: Option<Dec>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Amended {
    contract_rate_versions: Vec<Version>,
    entries: Vec<Entry>,
    amendment_recorded_on: Date,
    #[serde(flatten)]
    rounding: Rounding,
    #[serde(default)]
    currency: Option<String>,
}

/// How a case rounds minutes. Without an increment they count as they were worked.
#[derive(Deserialize)]
struct Rounding {
    #[serde(default)]
    increment_minutes: u32,
    #[serde(default)]
    minimum_minutes: u32,
    #[serde(default, alias = "rounding")]
    mode: Option<String>,
}

impl Rounding {
    fn rule(&self) -> Result<TimeRounding> {
        Ok(TimeRounding {
            minimum_minutes: self.minimum_minutes,
            increment_minutes: self.increment_minutes,
            mode: RoundingMode::parse(self.mode.as_deref().unwrap_or("up"))?,
        })
    }
}

impl Entry {
    /// The entry as a run knows it, approved and first billed before anything was amended.
    fn time(&self, currency: Currency, first_run_on: Date) -> Result<TimeEntry> {
        let minutes = match (self.minutes, self.hours) {
            (Some(minutes), None) => minutes,
            (None, Some(hours)) => minutes_of(hours.0)?,
            _ => return Err(Error::invalid("hours", "an entry has hours or minutes")),
        };
        let billed = match (self.invoiced, self.invoiced_amount) {
            (false, None) => None,
            (true, Some(amount)) => Some(Billed {
                net: amount.money_in(currency)?,
                first_run_on,
            }),
            _ => {
                return Err(Error::invalid(
                    "invoiced_amount",
                    "what is invoiced has an amount, and nothing else",
                ));
            }
        };
        Ok(TimeEntry {
            id: self.id.clone(),
            project: String::new(),
            work_date: self.work_date,
            versions: vec![EntryVersion {
                minutes,
                write_down_minutes: self.write_down_minutes,
                approved_on: Date::MIN,
                role: self.role.clone().unwrap_or_else(|| ANY_ROLE.to_owned()),
                overtime: false,
                billable: self.billable,
            }],
            billed,
        })
    }
}

fn terms(currency: Currency, time_rounding: TimeRounding) -> BillingTerms {
    BillingTerms {
        contract: CONTRACT.to_owned(),
        customer: String::new(),
        entity: String::new(),
        currency,
        time_rounding,
        overtime_percent: Decimal::ONE_HUNDRED,
        expense_markup_percent: Decimal::ZERO,
        hours: HoursBasis::Rate,
        cap: None,
        payment_terms_days: 0,
        tax: TaxTreatment {
            category: TaxCategory::OutsideScope,
            percent: Decimal::ZERO,
        },
    }
}

fn rerate(given: Amended) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let version = |(index, version): (usize, &Version)| RateVersion {
        id: version.id.clone().unwrap_or_else(|| format!("version {}", index + 1)),
        role: version.role.clone().unwrap_or_else(|| ANY_ROLE.to_owned()),
        from: version.from,
        to: version.to,
        rate: version.rate.0,
        recorded_on: version.recorded_on,
    };
    let versions: Vec<RateVersion> = given.contract_rate_versions.iter().enumerate().map(version).collect();
    let book = RateBook::try_new(contract_lines(CONTRACT, currency, &versions))?;
    let entries = given
        .entries
        .iter()
        .map(|entry| entry.time(currency, given.amendment_recorded_on));
    let entries = entries.collect::<Result<Vec<_>>>()?;
    let terms = terms(currency, given.rounding.rule()?);
    let rerated = strata_finance::amendment::rerate(&terms, &book, &entries, given.amendment_recorded_on)?;
    let repriced: Map<String, Value> = rerated
        .repriced
        .into_iter()
        .map(|entry| (entry.entry, entry.amount.to_string().into()))
        .collect();
    let credit_rebill: Vec<Value> = rerated
        .credit_rebill
        .iter()
        .map(|entry| {
            json!({
                "entry": entry.entry,
                "credit": entry.credit.to_string(),
                "rebill": entry.rebill.to_string(),
                "delta": entry.delta.to_string(),
            })
        })
        .collect();
    Ok(json!({"unchanged": rerated.unchanged, "repriced": repriced, "credit_rebill": credit_rebill}))
}

#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
enum Event {
    Create {
        #[serde(default, rename = "hours")]
        _hours: Option<Dec>,
    },
    Submit {},
    CreateInvoice {},
    Approve {
        hours: Dec,
        #[serde(default)]
        billable_hours: Option<Dec>,
    },
    #[serde(alias = "recall")]
    CancelApproval {},
    ConfirmContract {
        #[serde(default)]
        cost_rate: Option<Dec>,
        #[serde(default)]
        bill_rate: Option<Dec>,
    },
    ConfirmInvoice {
        #[serde(default)]
        hours: Option<Dec>,
    },
    CorrectInvoice {
        hours: Dec,
        #[serde(default)]
        bill_rate: Option<Dec>,
    },
    #[serde(other)]
    Unknown,
}

impl Event {
    fn actual(&self) -> Result<ActualEvent> {
        let plain = |number: &Option<Dec>| number.map(|number| number.0);
        Ok(match self {
            Self::Create { .. } | Self::Submit {} | Self::CreateInvoice {} => ActualEvent::Noted,
            Self::Approve { hours, billable_hours } => ActualEvent::Approve {
                hours: hours.0,
                billable_hours: plain(billable_hours),
            },
            Self::CancelApproval {} => ActualEvent::CancelApproval,
            Self::ConfirmContract { cost_rate, bill_rate } => ActualEvent::ConfirmContract {
                cost: plain(cost_rate),
                bill: plain(bill_rate),
            },
            Self::ConfirmInvoice { hours } => ActualEvent::ConfirmInvoice { hours: plain(hours) },
            Self::CorrectInvoice { hours, bill_rate } => ActualEvent::CorrectInvoice {
                hours: hours.0,
                bill: plain(bill_rate),
            },
            Self::Unknown => return Err(Error::invalid("event", "no such event is known")),
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ledger {
    cost_rate: Dec,
    bill_rate: Dec,
    #[serde(default)]
    currency: Option<String>,
    events: Vec<Event>,
}

fn actuals_ledger(given: Ledger) -> Result<Value> {
    let mut ledger = ActualsLedger::new(ActualRates {
        cost: given.cost_rate.0,
        bill: given.bill_rate.0,
        currency: currency_of(given.currency.as_deref())?,
    })?;
    for event in &given.events {
        ledger = ledger.record(event.actual()?)?;
    }
    let rows: Vec<Value> = ledger
        .rows
        .iter()
        .map(|row| {
            json!({
                "kind": row.kind.as_str(),
                "hours": row.hours.to_string(),
                "amount": row.amount.to_string(),
                "chargeable": row.chargeable,
            })
        })
        .collect();
    let balance = |kind| ledger.balance(kind).map(|amount| amount.to_string());
    Ok(json!({
        "rows": rows,
        "balance": {
            "cost": balance(ActualKind::Cost)?,
            "unbilled": balance(ActualKind::Unbilled)?,
            "billed": balance(ActualKind::Billed)?,
        },
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    lines: Vec<Dec>,
    #[serde(default)]
    separate_credit_documents: bool,
    #[serde(default)]
    currency: Option<String>,
}

fn document_kind(given: Document) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let lines = given.lines.iter().map(|line| line.money_in(currency));
    let lines = lines.collect::<Result<Vec<Money>>>()?;
    let together = document_totals(&lines, false)?;
    let documents = document_totals(&lines, given.separate_credit_documents)?;
    let net = together.first().map_or(Money::zero(currency), |total| total.net);
    let shown = documents
        .iter()
        .map(|total| json!({"net": total.net.to_string(), "kind": total.kind.as_str()}));
    Ok(json!({
        "net": net.to_string(),
        "kind": together.first().map(|total| total.kind.as_str()),
        "documents": shown.collect::<Vec<_>>(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Correction {
    rate: Dec,
    original_minutes: i64,
    #[serde(default)]
    original_write_down_minutes: u32,
    #[serde(default)]
    corrected_minutes: Option<i64>,
    #[serde(default, alias = "write_down_minutes")]
    corrected_write_down_minutes: u32,
    #[serde(flatten)]
    rounding: Rounding,
    #[serde(default)]
    multiplier_percent: Option<Dec>,
    #[serde(default)]
    discount: Option<Dec>,
    invoiced: bool,
    #[serde(default)]
    currency: Option<String>,
}

fn correct_entry(given: Correction) -> Result<Value> {
    let worked = |minutes, write_down_minutes| Worked {
        minutes,
        write_down_minutes,
    };
    let corrected = strata_finance::amendment::correct_entry(
        &HourPricing {
            rate: given.rate.0,
            multiplier_percent: given.multiplier_percent.map_or(Decimal::ONE_HUNDRED, |percent| percent.0),
            discount: given.discount.map_or(Decimal::ZERO, |discount| discount.0),
            rounding: given.rounding.rule()?,
            currency: currency_of(given.currency.as_deref())?,
        },
        worked(given.original_minutes, given.original_write_down_minutes),
        given
            .corrected_minutes
            .map(|minutes| worked(minutes, given.corrected_write_down_minutes)),
        given.invoiced,
    )?;
    Ok(json!({
        "amount": corrected.price.to_string(),
        "credit": corrected.credit.to_string(),
        "rebill": corrected.rebill.to_string(),
        "net": corrected.net.to_string(),
    }))
}
