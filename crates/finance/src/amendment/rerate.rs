//! A rate amendment over the entries of a contract.

use strata_kernel::{Date, Error, Money, Result};

use crate::amount::minus;
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
                delta: minus(target, billed.net)?,
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
