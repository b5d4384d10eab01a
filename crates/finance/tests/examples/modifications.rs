//! Cases of `revenue_modifications.json`.

use serde::Deserialize;
use serde_json::{Map, Value, json};
use strata_finance::revenue::modification::{
    AddedUnits, Agreement, Distinctness, RemainingPromise, ServiceSeries, Treatment, UnitsContract, UnitsOutcome, catch_up, gate,
    modify_series, modify_units, reallocate,
};
use strata_finance::revenue::progress::Progress;
use strata_kernel::{Decimal, Error, Result};

use crate::given::{Dec, Operation, currency_of, run};
use crate::progress::{amount_or_zero, optional};

pub(crate) const OPERATIONS: &[(&str, Operation)] = &[
    ("modification", |given| run(given, modification)),
    ("modification_series", |given| run(given, modification_series)),
    ("modification_catch_up", |given| run(given, modification_catch_up)),
    ("modification_allocate", |given| run(given, modification_allocate)),
    ("modification_gate", |given| run(given, modification_gate)),
];

/// True, false, or "mixed".
#[derive(Deserialize)]
#[serde(untagged)]
enum Distinct {
    Flag(bool),
    Word(String),
}

impl Distinct {
    fn read(&self) -> Result<Distinctness> {
        match self {
            Self::Flag(true) => Ok(Distinctness::Distinct),
            Self::Flag(false) => Ok(Distinctness::NotDistinct),
            Self::Word(word) if word == "mixed" => Ok(Distinctness::Mixed),
            Self::Word(word) => Err(Error::invalid("distinct", format!("{word} is not true, false or mixed"))),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Modification {
    currency: Option<String>,
    original: Original,
    added: Added,
    deliver_next: Option<Dec>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Original {
    units: Dec,
    price: Dec,
    delivered: Dec,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Added {
    units: Dec,
    price: Dec,
    price_is_standalone: bool,
    distinct: Distinct,
}

fn modification(given: Modification) -> Result<Value> {
    let original = UnitsContract {
        units: given.original.units.0,
        price: given.original.price.0,
        delivered: given.original.delivered.0,
        currency: currency_of(given.currency.as_deref())?,
    };
    let added = AddedUnits {
        units: given.added.units.0,
        price: given.added.price.0,
        price_is_standalone: given.added.price_is_standalone,
        distinctness: given.added.distinct.read()?,
    };
    let next = given.deliver_next.map_or(Decimal::ZERO, |next| next.0);
    Ok(match modify_units(&original, &added, next)? {
        UnitsOutcome::SeparateContract { original, added } => json!({
            "treatment": Treatment::SeparateContract.name(),
            "price_original_remaining": original,
            "price_added": added,
        }),
        UnitsOutcome::Prospective {
            units,
            consideration,
            price,
            next,
        } => json!({
            "treatment": Treatment::Prospective.name(),
            "blended_price": price.to_string(),
            "remaining_units": units,
            "remaining_consideration": consideration.to_string(),
            "revenue_next": next.to_string(),
        }),
        UnitsOutcome::CumulativeCatchUp(row) => json!({
            "treatment": Treatment::CumulativeCatchUp.name(),
            "transaction_price": row.transaction_price.to_string(),
            "catch_up": row.catch_up.to_string(),
            "remaining_revenue": row.remaining.to_string(),
        }),
        UnitsOutcome::SplitPerObligation => json!({"treatment": Treatment::SplitPerObligation.name()}),
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Series {
    currency: Option<String>,
    years: Dec,
    fee_per_year: Dec,
    years_done: Dec,
    modified_remaining_fee: Option<Dec>,
    extension_years: Option<Dec>,
    extension_fee: Option<Dec>,
    #[serde(default)]
    extension_at_standalone: bool,
}

fn modification_series(given: Series) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let terms = modify_series(&ServiceSeries {
        years: given.years.0,
        years_done: given.years_done.0,
        modified_remaining_fee: optional(given.modified_remaining_fee, currency)?,
        fee_per_year: given.fee_per_year.money_in(currency)?,
        extension_years: given.extension_years.map_or(Decimal::ZERO, |years| years.0),
        extension_fee: amount_or_zero(given.extension_fee, currency)?,
        extension_at_standalone: given.extension_at_standalone,
    })?;
    Ok(json!({
        "treatment": terms.treatment.name(),
        "remaining_consideration": terms.remaining_consideration.to_string(),
        "remaining_years": terms.remaining_years,
        "revenue_per_year": terms.revenue_per_year.to_string(),
        "revenue_per_month": terms.revenue_per_month.to_string(),
    }))
}

/// Progress comes as months done and months in all, as cost, or as a share.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CatchUpFacts {
    currency: Option<String>,
    revenue_before: Dec,
    price_after: Dec,
    progress_months: Option<(Dec, Dec)>,
    cost_to_date: Option<Dec>,
    cost_total: Option<Dec>,
    progress: Option<Dec>,
}

impl CatchUpFacts {
    fn read_progress(&self) -> Result<Progress> {
        match (self.progress_months, self.cost_to_date, self.progress) {
            (Some((done, all)), _, _) => Progress::input(done.0, Some(all.0)),
            (_, Some(done), _) => Progress::input(done.0, self.cost_total.map(|total| total.0)),
            (_, _, Some(share)) => Progress::part_of(share.0, Decimal::ONE),
            _ => Err(Error::invalid("progress", "no measure of progress is given")),
        }
    }
}

fn modification_catch_up(given: CatchUpFacts) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let progress = given.read_progress()?;
    let price_after = given.price_after.money_in(currency)?;
    let row = catch_up(&progress, price_after, given.revenue_before.money_in(currency)?)?;
    Ok(json!({
        "progress": progress.share()?,
        "transaction_price": row.transaction_price.to_string(),
        "catch_up": row.catch_up.to_string(),
        "remaining_revenue": row.remaining.to_string(),
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Allocate {
    currency: Option<String>,
    remaining: Vec<Promise>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Promise {
    name: String,
    unrecognized: Option<Dec>,
    added_price: Option<Dec>,
    standalone: Dec,
}

fn modification_allocate(given: Allocate) -> Result<Value> {
    let currency = currency_of(given.currency.as_deref())?;
    let promise = |promise: &Promise| {
        Ok(RemainingPromise {
            unrecognised: amount_or_zero(promise.unrecognized, currency)?,
            added: amount_or_zero(promise.added_price, currency)?,
            standalone: promise.standalone.money_in(currency)?,
        })
    };
    let promises = given.remaining.iter().map(promise).collect::<Result<Vec<_>>>()?;
    let (pool, parts) = reallocate(&promises)?;
    let named = given.remaining.iter().zip(parts);
    let allocation: Map<String, Value> = named
        .map(|(promise, part)| (promise.name.clone(), json!(part.to_string())))
        .collect();
    Ok(json!({
        "treatment": Treatment::Prospective.name(),
        "pool_of_consideration": pool.to_string(),
        "allocation": allocation,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Gate {
    approved: bool,
    scope_agreed: Option<bool>,
    price_agreed: Option<bool>,
    distinct: Option<Distinct>,
    #[serde(default)]
    price_is_standalone: bool,
}

fn modification_gate(given: Gate) -> Result<Value> {
    let agreement = Agreement::of(given.approved, given.scope_agreed, given.price_agreed);
    let distinctness = given.distinct.map(|distinct| distinct.read()).transpose()?;
    Ok(json!({"treatment": gate(agreement, distinctness, given.price_is_standalone).name()}))
}
