//! A rate amendment over the entries of a contract.

use strata_kernel::{Date, Error, Money, Result};

use crate::amount::difference;
use crate::billing::{BillingTerms, EntryVersion, Paper, TimeEntry, price_version};
use crate::rates::RateBook;
use crate::reason;

/// An entry that is not invoiced, at its new price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repriced {
    /// Id of the time entry.
    pub entry: String,
    /// Its price now.
    pub amount: Money,
}

/// An invoiced entry whose price changed: a full credit and a full bill, never a line with the difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreditRebill {
    /// Id of the time entry.
    pub entry: String,
    /// What takes back what is billed. Zero when nothing is.
    pub credit: Money,
    /// What bills it again. Zero when it costs nothing now.
    pub rebill: Money,
    /// Both together.
    pub delta: Money,
}

/// What an amendment does to entries, each list in the order of the entries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rerated {
    /// Entries that cost what they cost before.
    pub unchanged: Vec<String>,
    /// Entries that are not invoiced and have a new price.
    pub repriced: Vec<Repriced>,
    /// Invoiced entries to credit and bill again.
    pub credit_rebill: Vec<CreditRebill>,
}

/// Applies what was recorded on a day to entries of a contract.
///
/// An entry moves when its price as known on that day differs from its price as known on the day before; then
/// target minus billed decides what goes on paper. An entry that the amendment does not reach keeps what is
/// billed of it, written down or not. Applied again to what it left behind, it changes nothing.
///
/// Entries that are not approved by that day are left out. Refuses what pricing refuses.
/// Prices are rounded once per entry to the minor unit. Source: ASC 606-10-25-10 and IFRS 15.18 for what an approved
/// amendment may reach; full credit and rebill as corrective invoices of Dynamics 365 Project Operations.
pub fn rerate(terms: &BillingTerms, rates: &RateBook, entries: &[TimeEntry], recorded_on: Date) -> Result<Rerated> {
    let day_before = recorded_on
        .pred_opt()
        .ok_or_else(|| Error::invalid("recorded_on", "there is no day before this one"))?;
    let mut rerated = Rerated::default();
    for entry in entries {
        let Some(version) = entry.version_on(recorded_on) else {
            continue;
        };
        let target = price_version(terms, rates, entry, version, recorded_on)?.amount;
        if price_before(terms, rates, entry, version, day_before)? == Some(target) {
            rerated.unchanged.push(entry.id.clone());
            continue;
        }
        let Some(billed) = entry.billed else {
            rerated.repriced.push(Repriced {
                entry: entry.id.clone(),
                amount: target,
            });
            continue;
        };
        match Paper::between(Some(billed.net), target)? {
            Paper {
                credit: None,
                bill: None,
            } => rerated.unchanged.push(entry.id.clone()),
            paper => rerated.credit_rebill.push(CreditRebill {
                entry: entry.id.clone(),
                credit: paper.credit.unwrap_or(Money::zero(terms.currency)),
                rebill: paper.bill.unwrap_or(Money::zero(terms.currency)),
                delta: difference(target, billed.net)?,
            }),
        }
    }
    Ok(rerated)
}

/// The price as known on the day before. None when nothing priced the entry then.
fn price_before(
    terms: &BillingTerms,
    rates: &RateBook,
    entry: &TimeEntry,
    version: &EntryVersion,
    day_before: Date,
) -> Result<Option<Money>> {
    match price_version(terms, rates, entry, version, day_before) {
        Ok(price) => Ok(Some(price.amount)),
        Err(error) if error.reason == reason::RATE_NOT_FOUND => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::amendment::{RateVersion, contract_lines};
    use crate::billing::Billed;
    use crate::billing::HoursBasis;
    use crate::rates::ANY_ROLE;
    use crate::rounding::TimeRounding;
    use crate::tax::{TaxCategory, TaxTreatment};
    use strata_kernel::{Currency, Decimal};

    fn eur(minor: i64) -> Money {
        Money::new(minor, Currency::parse("EUR").unwrap())
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn entry(id: &str, work_date: &str, billed: Option<i64>) -> TimeEntry {
        TimeEntry {
            id: id.to_owned(),
            project: String::new(),
            work_date: day(work_date),
            versions: vec![EntryVersion {
                minutes: 60,
                write_down_minutes: 0,
                approved_on: day(work_date),
                role: "consultant".to_owned(),
                overtime: false,
                billable: true,
            }],
            billed: billed.map(|net| Billed {
                net: eur(net),
                first_run_on: day("2025-04-05"),
            }),
        }
    }

    fn run(entries: &[TimeEntry], recorded_on: &str) -> Result<Rerated> {
        let terms = BillingTerms {
            contract: "CT-1".to_owned(),
            customer: String::new(),
            entity: String::new(),
            currency: eur(0).currency,
            time_rounding: TimeRounding::EXACT,
            overtime_percent: Decimal::ONE_HUNDRED,
            expense_markup_percent: Decimal::ZERO,
            hours: HoursBasis::Rate,
            cap: None,
            payment_terms_days: 0,
            tax: TaxTreatment {
                category: TaxCategory::OutsideScope,
                percent: Decimal::ZERO,
            },
        };
        let version = |id: &str, from, recorded_on, rate: i64| RateVersion {
            id: id.to_owned(),
            role: ANY_ROLE.to_owned(),
            from: day(from),
            to: None,
            rate: Decimal::from(rate),
            recorded_on: day(recorded_on),
        };
        let versions = [
            version("base", "2025-03-01", "2024-12-20", 150),
            version("AM-1", "2025-03-16", "2025-04-10", 165),
            version("AM-2", "2025-02-01", "2025-04-10", 140),
        ];
        let rates = RateBook::try_new(contract_lines("CT-1", eur(0).currency, &versions)).unwrap();
        rerate(&terms, &rates, entries, day(recorded_on))
    }

    #[test]
    fn what_the_amendment_does_not_reach_keeps_what_is_billed() {
        let entries = [
            entry("written down", "2025-03-20", Some(10_000)),
            entry("already right", "2025-03-20", Some(16_500)),
            entry("free", "2025-03-20", Some(0)),
            entry("not approved", "2025-04-20", None),
        ];
        let rerated = run(&entries, "2025-04-10").unwrap();
        assert_eq!(rerated.unchanged, ["already right"]);
        let rows: Vec<_> = rerated
            .credit_rebill
            .iter()
            .map(|row| (row.entry.as_str(), row.credit.minor, row.rebill.minor, row.delta.minor))
            .collect();
        assert_eq!(rows, [("written down", -10_000, 16_500, 6_500), ("free", 0, 16_500, 16_500)]);
        let nothing_new = run(&entries[..3], "2025-04-11").unwrap();
        assert_eq!(nothing_new.unchanged.len(), 3, "nothing was recorded on that day");
    }

    #[test]
    fn an_entry_without_a_price_gets_one() {
        let entries = [entry("early", "2025-02-10", None)];
        let rerated = run(&entries, "2025-04-10").unwrap();
        assert_eq!(rerated.repriced[0].amount, eur(14_000));
        let early = [entry("too early", "2025-01-10", None)];
        assert_eq!(run(&early, "2025-04-10").unwrap_err().reason, reason::RATE_NOT_FOUND);
        assert_eq!(run(&[], "2025-04-10").unwrap(), Rerated::default());
    }
}
