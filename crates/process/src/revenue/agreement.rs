//! A contract, as far as revenue asks.

use strata_contract::strata::common::v1 as common;
use strata_contract::strata::master::v1 as master;
use strata_contract::{date, require_date, require_money};
use strata_finance::billing::HoursBasis;
use strata_finance::retainer::RetainerTerms;
use strata_kernel::{Date, Error, Money, Result};
use strata_rpc::error;

use crate::billing::Pricing;
use crate::core::Core;

/// How the cumulative figure is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Measure {
    /// Prices of approved time, at most the cap.
    TimeAndMaterial,
    /// Price times approved minutes over estimated minutes.
    HoursInput,
    /// Amounts of accepted milestones.
    Milestone,
    /// Price times days elapsed over days of the contract.
    StraightLine,
    /// Fee of each month that has started, and overage.
    MonthlyFee(RetainerTerms),
}

impl Measure {
    /// As rows say it.
    pub(super) fn as_str(&self) -> &'static str {
        match self {
            Self::TimeAndMaterial => "TIME_AND_MATERIAL",
            Self::HoursInput => "HOURS_INPUT",
            Self::Milestone => "MILESTONE",
            Self::StraightLine => "STRAIGHT_LINE",
            Self::MonthlyFee(_) => "MONTHLY_FEE",
        }
    }
}

/// A contract with what measures and prices it.
#[derive(Debug)]
pub(super) struct Agreement {
    pub(super) pricing: Pricing,
    pub(super) kind: common::ContractType,
    pub(super) measure: Measure,
    /// First day.
    pub(super) start: Date,
    /// Last day. None: it runs until somebody ends it.
    end: Option<Date>,
    /// Price as signed: a fixed fee, or what is paid in advance. Zero when hours or months are priced.
    price: Money,
    /// What amendments add to the price, from the day they were signed.
    added: Vec<(Date, Money)>,
}

impl Agreement {
    /// The contract of an id.
    pub(super) async fn read(core: &Core, contract_id: &str) -> Result<Self> {
        let request = master::BatchGetPricingRequest {
            contract_ids: vec![contract_id.to_owned()],
        };
        let mut to = core.clients.contracts.clone();
        let answer = to.batch_get_pricing(request).await.map_err(error)?.into_inner();
        let held = answer.pricings.first();
        Self::of(held.ok_or_else(|| Error::not_found("contract", contract_id))?)
    }

    pub(super) fn of(held: &master::ContractPricing) -> Result<Self> {
        let pricing = Pricing::of(held)?;
        let terms = held.contract.as_ref().and_then(|contract| contract.terms.as_ref());
        let terms = terms.ok_or_else(|| Error::internal("a contract without terms"))?;
        let kind = terms.r#type();
        let zero = Money::zero(pricing.terms.currency);
        let price = match kind {
            common::ContractType::FixedFee => require_money(terms.contract_value.as_ref(), "contract_value")?,
            common::ContractType::RetainerPrepaid => pricing.fee,
            _ => zero,
        };
        Ok(Self {
            kind,
            measure: measure(terms, &pricing)?,
            start: require_date(terms.start_date.as_ref(), "start_date")?,
            end: terms
                .end_date
                .as_ref()
                .map(date)
                .transpose()
                .map_err(|cause| cause.at("end_date"))?,
            price,
            added: added(&held.amendments)?,
            pricing,
        })
    }

    /// Last day of a contract that is earned over its time.
    pub(super) fn end(&self) -> Result<Date> {
        let missing = || {
            Error::invalid(
                "end_date",
                "is required: this contract is earned over its time; sales enters its last day",
            )
        };
        self.end.ok_or_else(missing)
    }

    /// The price known on a day.
    pub(super) fn price_known_on(&self, day: Date) -> Result<Money> {
        let known = self.added.iter().filter(|(signed, _)| *signed <= day);
        known.map(|(_, amount)| *amount).try_fold(self.price, Money::plus)
    }

    pub(super) fn number(&self) -> &str {
        &self.pricing.terms.contract
    }

    pub(super) fn zero(&self) -> Money {
        Money::zero(self.pricing.terms.currency)
    }
}

fn measure(terms: &common::ContractTerms, pricing: &Pricing) -> Result<Measure> {
    use common::ContractType::{Blended, FixedFee, RetainerMonthly, RetainerPrepaid, Time, TimeCapped, Unspecified};
    Ok(match terms.r#type() {
        Time | TimeCapped | Blended => Measure::TimeAndMaterial,
        FixedFee => match terms.revenue_method() {
            common::RevenueMethod::HoursInput => Measure::HoursInput,
            common::RevenueMethod::StraightLine => Measure::StraightLine,
            common::RevenueMethod::Milestone | common::RevenueMethod::Unspecified => Measure::Milestone,
        },
        RetainerMonthly => match pricing.terms.hours {
            HoursBasis::Overage(terms) => Measure::MonthlyFee(terms),
            _ => return Err(Error::internal("a monthly retainer without a fee")),
        },
        RetainerPrepaid => Measure::StraightLine,
        Unspecified => return Err(Error::internal("a contract of no kind")),
    })
}

fn added(amendments: &[common::Amendment]) -> Result<Vec<(Date, Money)>> {
    let scope = amendments
        .iter()
        .filter(|amendment| amendment.kind() == common::AmendmentKind::Scope);
    let added = scope.map(|amendment| {
        let signed = require_date(amendment.signed_date.as_ref(), "signed_date")?;
        Ok((signed, require_money(amendment.added_value.as_ref(), "added_value")?))
    });
    added.collect()
}
