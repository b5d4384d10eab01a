//! A contract with what prices its work, as the finance rules want it.

use std::collections::{BTreeMap, HashMap};

use strata_contract::strata::common::v1 as common;
use strata_contract::strata::master::v1 as master;
use strata_contract::{instant, money, require_date, require_money};
use strata_finance::billing::{BillingTerms, Cap, HoursBasis};
use strata_finance::rates::{RateBook, RateLevel, RateLine, RateUnit, Recorded};
use strata_finance::retainer::{RetainerTerms, Rollover};
use strata_finance::rounding::{RoundingMode, TimeRounding};
use strata_finance::tax::{TaxCategory, TaxTreatment};
use strata_kernel::{Currency, Decimal, Error, Money, Result, parse_decimal};
use strata_rpc::error;

use crate::core::Core;

/// Most contracts in one question, as the contract has it.
const MOST: usize = 200;

/// A contract, ready to be priced.
#[derive(Debug)]
pub(crate) struct Pricing {
    pub(crate) contract_id: String,
    pub(crate) engagement_id: String,
    pub(crate) customer_id: String,
    pub(crate) customer_name: String,
    pub(crate) terms: BillingTerms,
    pub(crate) rates: RateBook,
    /// Project that carries what belongs to the whole contract.
    pub(crate) lead_project_id: String,
    /// What is billed in advance: each month, or once.
    pub(crate) fee: Money,
    /// Prices of milestones, by code.
    pub(crate) milestones: HashMap<String, Money>,
    pub(crate) tax_category: common::TaxCategory,
    pub(crate) functional_currency: Currency,
    pub(crate) fx_max_age_days: u32,
}

impl Pricing {
    pub(crate) fn of(held: &master::ContractPricing) -> Result<Self> {
        let contract = held
            .contract
            .as_ref()
            .ok_or_else(|| Error::internal("pricing without contract"))?;
        let customer = held
            .customer
            .as_ref()
            .ok_or_else(|| Error::internal("pricing without customer"))?;
        let terms = contract
            .terms
            .as_ref()
            .ok_or_else(|| Error::internal("a contract without terms"))?;
        let currency = Currency::parse(&terms.currency_code)?;
        let amended = |amendment: &common::Amendment| amended_lines(terms, amendment);
        let cards = held.rate_lines.iter().map(card_line);
        let lines: Vec<RateLine> = cards.chain(held.amendments.iter().flat_map(amended)).collect::<Result<_>>()?;
        let kind = terms.r#type();
        Ok(Self {
            contract_id: contract.id.clone(),
            engagement_id: contract.engagement_id.clone(),
            customer_id: contract.customer_id.clone(),
            customer_name: customer.name.clone(),
            rates: RateBook::try_new(lines)?,
            lead_project_id: held.lead_project_id.clone(),
            fee: fee(terms, currency)?,
            milestones: milestones(&held.milestones)?,
            tax_category: contract.tax_category(),
            functional_currency: Currency::parse(&held.functional_currency_code)?,
            fx_max_age_days: held.fx_max_age_days,
            terms: BillingTerms {
                contract: terms.contract_number.clone(),
                customer: customer.crm_account_id.clone(),
                entity: terms.legal_entity_code.clone(),
                currency,
                time_rounding: rounding(terms),
                overtime_percent: Decimal::from(terms.overtime_multiplier_percent.max(100)),
                expense_markup_percent: Decimal::from(terms.expense_markup_percent),
                hours: hours(terms, currency)?,
                cap: if kind == common::ContractType::TimeCapped {
                    cap(terms, &held.amendments)?
                } else {
                    None
                },
                payment_terms_days: customer.payment_terms_days,
                tax: TaxTreatment {
                    category: category(contract.tax_category()),
                    percent: parse_decimal(&contract.tax_percent)?,
                },
            },
        })
    }

    /// True when each hour is billed: time and material, capped or blended.
    pub(crate) fn is_by_the_hour(&self) -> bool {
        self.terms.hours == HoursBasis::Rate
    }
}

fn hours(terms: &common::ContractTerms, currency: Currency) -> Result<HoursBasis> {
    use common::ContractType::{Blended, FixedFee, RetainerMonthly, RetainerPrepaid, Time, TimeCapped, Unspecified};
    Ok(match terms.r#type() {
        Time | TimeCapped | Blended => HoursBasis::Rate,
        RetainerMonthly => HoursBasis::Overage(RetainerTerms {
            fee: fee(terms, currency)?,
            included_minutes: i64::from(terms.included_minutes),
            overage_rate: require_money(terms.overage_rate.as_ref(), "overage_rate")?.major(),
            rollover: Rollover::None,
        }),
        FixedFee | RetainerPrepaid | Unspecified => HoursBasis::Never,
    })
}

/// The fee of a retainer, zero for other contracts.
fn fee(terms: &common::ContractTerms, currency: Currency) -> Result<Money> {
    match terms.r#type() {
        common::ContractType::RetainerMonthly => require_money(terms.monthly_fee.as_ref(), "monthly_fee"),
        common::ContractType::RetainerPrepaid => require_money(terms.prepaid_amount.as_ref(), "prepaid_amount"),
        _ => Ok(Money::zero(currency)),
    }
}

fn milestones(held: &[common::Milestone]) -> Result<HashMap<String, Money>> {
    held.iter()
        .map(|milestone| Ok((milestone.code.clone(), require_money(milestone.amount.as_ref(), "amount")?)))
        .collect()
}

/// Pricing of contracts, by our id.
pub(crate) async fn read(core: &Core, contract_ids: Vec<String>) -> Result<HashMap<String, Pricing>> {
    let held = read_held(core, contract_ids).await?;
    let pricings = held.iter().map(|held| {
        let pricing = Pricing::of(held)?;
        Ok((pricing.contract_id.clone(), pricing))
    });
    pricings.collect()
}

/// What master data holds of contracts, by number. Unknown ids are left out.
pub(super) async fn read_held(core: &Core, mut contract_ids: Vec<String>) -> Result<Vec<master::ContractPricing>> {
    contract_ids.sort();
    contract_ids.dedup();
    contract_ids.retain(|id| !id.is_empty());
    let mut found = Vec::new();
    for chunk in contract_ids.chunks(MOST) {
        let request = master::BatchGetPricingRequest {
            contract_ids: chunk.to_vec(),
        };
        let answer = core
            .clients
            .contracts
            .clone()
            .batch_get_pricing(request)
            .await
            .map_err(error)?;
        found.extend(answer.into_inner().pricings);
    }
    Ok(found)
}

fn rounding(terms: &common::ContractTerms) -> TimeRounding {
    let mode = match terms.rounding_mode() {
        common::RoundingMode::Up => RoundingMode::Up,
        common::RoundingMode::HalfUp => RoundingMode::HalfUp,
        common::RoundingMode::Down => RoundingMode::Down,
        common::RoundingMode::None | common::RoundingMode::Unspecified => RoundingMode::None,
    };
    TimeRounding {
        minimum_minutes: terms.minimum_minutes,
        increment_minutes: terms.increment_minutes,
        mode,
    }
}

/// The cap as signed, and each later one from the day its amendment was signed.
fn cap(terms: &common::ContractTerms, amendments: &[common::Amendment]) -> Result<Option<Cap>> {
    let Some(signed) = &terms.cap else { return Ok(None) };
    let mut amended = BTreeMap::new();
    for amendment in amendments
        .iter()
        .filter(|amendment| amendment.kind() == common::AmendmentKind::Cap)
    {
        if let Some(cap) = &amendment.cap {
            amended.insert(require_date(amendment.signed_date.as_ref(), "signed_date")?, money(cap)?);
        }
    }
    Ok(Some(Cap {
        signed: money(signed)?,
        amended,
    }))
}

fn card_line(line: &common::RateLine) -> Result<RateLine> {
    let level = match line.level() {
        common::RateLevel::Contract => RateLevel::Contract,
        common::RateLevel::Project => RateLevel::Project,
        common::RateLevel::Customer => RateLevel::Customer,
        common::RateLevel::Standard => RateLevel::Standard,
        common::RateLevel::Unspecified => return Err(Error::internal(format!("rate line {} stands nowhere", line.id))),
    };
    let recorded = line
        .recorded_time
        .as_ref()
        .ok_or_else(|| Error::invalid("recorded_time", "is required"))?;
    Ok(RateLine {
        id: line.id.clone(),
        level,
        level_key: line.level_key.clone(),
        role: line.role.clone(),
        org_unit: None,
        scope: None,
        currency: Currency::parse(&line.currency_code)?,
        rate: parse_decimal(&line.hourly_rate)?,
        unit: RateUnit::HOUR,
        from: require_date(line.effective_date.as_ref(), "effective_date")?,
        to: line.effective_end_date.as_ref().map(strata_contract::date).transpose()?,
        recorded: Recorded::At(instant(recorded)?),
        amendment: (!line.amendment_number.is_empty()).then(|| line.amendment_number.clone()),
        overrides: false,
        retroactive: false,
    })
}

/// An amendment is known from the day it was signed.
fn amended_lines(terms: &common::ContractTerms, amendment: &common::Amendment) -> Vec<Result<RateLine>> {
    let line = |rate: &common::AmendedRate| {
        Ok(RateLine {
            id: format!("{}:{}", amendment.number, rate.role),
            level: RateLevel::Contract,
            level_key: terms.contract_number.clone(),
            role: rate.role.clone(),
            org_unit: None,
            scope: None,
            currency: Currency::parse(&rate.currency_code)?,
            rate: parse_decimal(&rate.hourly_rate)?,
            unit: RateUnit::HOUR,
            from: require_date(amendment.effective_date.as_ref(), "effective_date")?,
            to: None,
            recorded: Recorded::On(require_date(amendment.signed_date.as_ref(), "signed_date")?),
            amendment: Some(amendment.number.clone()),
            overrides: false,
            retroactive: false,
        })
    };
    amendment.rates.iter().map(line).collect()
}

fn category(category: common::TaxCategory) -> TaxCategory {
    match category {
        common::TaxCategory::Standard => TaxCategory::Standard,
        common::TaxCategory::ReverseCharge => TaxCategory::ReverseCharge,
        common::TaxCategory::ZeroRated => TaxCategory::ZeroRated,
        common::TaxCategory::Exempt => TaxCategory::Exempt,
        common::TaxCategory::OutsideScope | common::TaxCategory::Unspecified => TaxCategory::OutsideScope,
    }
}
