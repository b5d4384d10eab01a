//! Exchange rates of the days that a document asks for.

use std::collections::BTreeSet;

use strata_contract::pb_date;
use strata_contract::strata::master::v1::{ExchangeRateQuestion, LookupExchangeRatesRequest};
use strata_finance::fx::{ExchangeRate, ExchangeRates};
use strata_kernel::{Currency, Date, Decimal, Result, parse_decimal};
use strata_rpc::error;

use super::Pricing;
use crate::core::Core;
use crate::engine::{Problem, Stop};
use crate::exceptions::Owner;

/// Questions in one call, as the contract has it.
const QUESTIONS: usize = 500;

/// The rates that hold on the days asked for. What there is none for is left to the rule to refuse.
pub(crate) async fn rates(core: &Core, to: Currency, asked: impl Iterator<Item = (Currency, Date)>) -> Result<ExchangeRates> {
    let asked: Vec<(Currency, Date)> = asked
        .filter(|(from, _)| *from != to)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let mut rates = Vec::new();
    for chunk in asked.chunks(QUESTIONS) {
        let question = |(from, day): &(Currency, Date)| ExchangeRateQuestion {
            from_currency_code: from.code().to_owned(),
            to_currency_code: to.code().to_owned(),
            date: Some(pb_date(*day)),
        };
        let request = LookupExchangeRatesRequest {
            questions: chunk.iter().map(question).collect(),
        };
        let answer = core
            .clients
            .reference
            .clone()
            .lookup_exchange_rates(request)
            .await
            .map_err(error)?;
        for ((from, _), held) in chunk.iter().zip(answer.into_inner().answers) {
            if let Some(day) = held.date.as_ref() {
                let date = strata_contract::date(day)?;
                rates.push(ExchangeRate {
                    from: *from,
                    to,
                    date,
                    rate: parse_decimal(&held.rate)?,
                });
            }
        }
    }
    ExchangeRates::try_new(rates)
}

/// The rate from the contract's currency to that of the entity's books, on a day: that of an issue, or of a journal.
pub(crate) async fn functional_rate(core: &Core, pricing: &Pricing, day: Date) -> Result<Decimal, Stop> {
    let (from, to) = (pricing.terms.currency, pricing.functional_currency);
    let held = rates(core, to, std::iter::once((from, day))).await?;
    let held = held.pick(from, to, day, pricing.fx_max_age_days);
    let held = held.map_err(|refusal| Problem::of(&refusal, "contract", &pricing.terms.contract, Owner::Finance))?;
    Ok(held.rate)
}
