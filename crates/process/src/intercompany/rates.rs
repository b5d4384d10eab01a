//! What an hour costs between two companies of the firm.

use std::collections::{BTreeSet, HashMap};

use chrono::{Days, NaiveTime};
use strata_contract::strata::master::v1::{LookupTransferRatesRequest, TransferRateAnswer, TransferRateQuestion};
use strata_contract::{pb_date, pb_instant};
use strata_finance::amount::hours_amount;
use strata_kernel::{Currency, Date, Decimal, Error, Instant, Money, Result, parse_decimal};
use strata_rpc::error;

use crate::core::Core;
use crate::masters;

/// Questions in one call, as the contract has it.
const QUESTIONS: usize = 1000;

/// Two companies and the role of the work.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Lent {
    /// Employs the person.
    pub(super) delivering: String,
    /// Signed the contract.
    pub(super) contracting: String,
    pub(super) role: String,
}

/// Rates that were asked for, each once.
pub(super) struct Rates {
    /// End of the day whose knowledge counts.
    known: Instant,
    currencies: HashMap<String, Currency>,
    answers: HashMap<(Lent, Date), TransferRateAnswer>,
}

impl Rates {
    /// No rate yet. `known`: the day whose knowledge counts.
    pub(super) async fn known_on(core: &Core, known: Date) -> Result<Self> {
        let reference = masters::reference(core).await?;
        let currency = |code: &str| Currency::parse(code).map_err(Error::from);
        let currencies = reference
            .legal_entities
            .iter()
            .map(|entity| Ok((entity.code.clone(), currency(&entity.functional_currency_code)?)))
            .collect::<Result<_>>()?;
        let next_day = known.checked_add_days(Days::new(1)).unwrap_or(known);
        Ok(Self {
            known: next_day.and_time(NaiveTime::MIN).and_utc() - chrono::TimeDelta::microseconds(1),
            currencies,
            answers: HashMap::new(),
        })
    }

    /// Asks for what is not known yet, in bulk.
    pub(super) async fn ask(&mut self, core: &Core, wanted: impl Iterator<Item = (Lent, Date)>) -> Result<()> {
        let new: BTreeSet<(Lent, Date)> = wanted.filter(|key| !self.answers.contains_key(key)).collect();
        let new: Vec<(Lent, Date)> = new.into_iter().collect();
        for chunk in new.chunks(QUESTIONS) {
            let question = |(lent, day): &(Lent, Date)| TransferRateQuestion {
                delivering_entity_code: lent.delivering.clone(),
                contracting_entity_code: lent.contracting.clone(),
                role: lent.role.clone(),
                date: Some(pb_date(*day)),
            };
            let request = LookupTransferRatesRequest {
                questions: chunk.iter().map(question).collect(),
                known_time: Some(pb_instant(self.known)),
            };
            let mut to = core.clients.reference.clone();
            let answer = to.lookup_transfer_rates(request).await.map_err(error)?.into_inner();
            self.answers.extend(chunk.iter().cloned().zip(answer.answers));
        }
        Ok(())
    }

    /// Currency of a company's books.
    pub(super) fn currency(&self, entity: &str) -> Result<Currency> {
        let held = self.currencies.get(entity).copied();
        held.ok_or_else(|| Error::not_found("legal entity", entity))
    }

    /// Price of worked minutes, in the delivering company's currency, rounded once. Refused when there is not exactly one
    /// rate in that currency.
    pub(super) fn price(&self, lent: &Lent, day: Date, minutes: i64) -> Result<Money> {
        let currency = self.currency(&lent.delivering)?;
        let answer = self.answers.get(&(lent.clone(), day)).cloned().unwrap_or_default();
        let named = format!("{} for {} by {}", lent.role, lent.contracting, lent.delivering);
        let refuse = |reason, text: String| Err(Error::precondition(reason, text).at("transfer_rate"));
        match answer.candidates {
            0 => refuse(
                "RATE_NOT_FOUND",
                format!("no transfer rate of {named} holds on {day}; finance enters one in the ERP"),
            ),
            1 if answer.currency_code != currency.code() => refuse(
                "RATE_CURRENCY_MISMATCH",
                format!(
                    "the transfer rate of {named} is in {}, the books of {} in {currency}; finance enters one in {currency}",
                    answer.currency_code, lent.delivering
                ),
            ),
            1 => hours_amount(
                parse_decimal(&answer.hourly_rate)?,
                minutes,
                Decimal::ONE_HUNDRED,
                Decimal::ZERO,
                currency,
            ),
            several => refuse(
                "RATE_AMBIGUOUS",
                format!("{several} transfer rates of {named} hold on {day}; finance ends all but one in the ERP"),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn lent() -> Lent {
        Lent {
            delivering: "IN01".into(),
            contracting: "DE01".into(),
            role: "analyst".into(),
        }
    }

    fn price(candidates: u32, rate: &str, code: &str, minutes: i64) -> Result<Money> {
        let day = "2025-03-07".parse().unwrap();
        let answer = TransferRateAnswer {
            candidates,
            hourly_rate: rate.into(),
            currency_code: code.into(),
        };
        let rates = Rates {
            known: "2025-12-31T00:00:00Z".parse().unwrap(),
            currencies: [("IN01".to_owned(), Currency::parse("INR").unwrap())].into(),
            answers: [((lent(), day), answer)].into(),
        };
        rates.price(&lent(), day, minutes)
    }

    #[test]
    fn an_entry_is_priced_and_rounded_once() {
        assert_eq!(price(1, "5127.50", "INR", 20).unwrap().to_string(), "1709.17");
        assert_eq!(price(1, "5127.50", "INR", 0).unwrap().minor, 0);
    }

    #[test]
    fn nothing_stands_in_for_the_rate() {
        assert_eq!(price(0, "", "", 20).unwrap_err().reason, "RATE_NOT_FOUND");
        assert_eq!(price(2, "", "", 20).unwrap_err().reason, "RATE_AMBIGUOUS");
        assert_eq!(price(1, "1.00", "EUR", 20).unwrap_err().reason, "RATE_CURRENCY_MISMATCH");
    }
}
