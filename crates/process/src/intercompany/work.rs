//! Work across companies, summed by pair and month of the work.

use std::collections::{BTreeMap, HashMap};

use strata_contract::strata::master::v1::Employee;
use strata_finance::intercompany::delivery;
use strata_kernel::{Date, Error, Money, Result, period_of};

use super::rates::{Lent, Rates};
use crate::approved::{self, Asked, Held};
use crate::core::Core;
use crate::masters::{self, job_on};

/// Two companies, and the month of the work.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct PairMonth {
    pub(super) delivering: String,
    pub(super) contracting: String,
    pub(super) period: String,
}

/// What was worked for the other company, and what it costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) minutes: i64,
    pub(super) amount: Money,
    pub(super) entries: u32,
    pub(super) unpriced: u32,
}

/// All there is of a range of work dates.
#[derive(Debug, Default)]
pub(super) struct Work {
    pub(super) sums: BTreeMap<PairMonth, Sum>,
    /// What has no transfer rate, each with the first refusal.
    pub(super) refused: BTreeMap<Lent, Error>,
}

/// Reads approved work page by page and sums what crosses companies, whatever it bills: the delivering entity is the
/// person's employer on the work date. `rates_known` is the day whose knowledge of transfer rates counts.
pub(super) async fn read(core: &Core, asked: Asked, rates_known: Date) -> Result<Work> {
    let contracting: HashMap<String, String> = masters::contracts(core)
        .await?
        .into_iter()
        .filter_map(|contract| Some((contract.id, contract.terms?.legal_entity_code)))
        .collect();
    let mut rates = Rates::known_on(core, rates_known).await?;
    let mut people: HashMap<String, Employee> = HashMap::new();
    let (mut work, mut after) = (Work::default(), String::new());
    loop {
        let page = approved::page(core, asked, &after).await?;
        let Some((last, _)) = page.last() else { break };
        after.clone_from(&last.id);
        let unknown = page.iter().map(|(entry, _)| entry.employee_id.clone());
        let unknown: Vec<String> = unknown.filter(|id| !people.contains_key(id)).collect();
        people.extend(masters::people(core, unknown).await?);
        let lent: Vec<(&Held, Lent)> = page
            .iter()
            .filter_map(|held| Some((held, lent(held, &people, &contracting)?)))
            .collect();
        let wanted = lent.iter().map(|((entry, _), lent)| (lent.clone(), entry.work_date));
        rates.ask(core, wanted).await?;
        for ((entry, version), lent) in lent {
            work.add(lent, entry.work_date, i64::from(version.minutes), &rates)?;
        }
    }
    Ok(work)
}

/// Who lent whom the person of an entry. None: nobody, or nobody employs the person then, which cost says already.
fn lent((entry, version): &Held, people: &HashMap<String, Employee>, contracting: &HashMap<String, String>) -> Option<Lent> {
    let contracting = contracting.get(&entry.contract_id)?;
    let delivering = &job_on(people.get(&entry.employee_id)?, entry.work_date)?.legal_entity_code;
    let lent = delivery(delivering, contracting)?;
    Some(Lent {
        delivering: lent.delivering,
        contracting: lent.contracting,
        role: version.role.clone(),
    })
}

impl Work {
    fn add(&mut self, lent: Lent, day: Date, minutes: i64, rates: &Rates) -> Result<()> {
        let zero = Money::zero(rates.currency(&lent.delivering)?);
        let key = PairMonth {
            delivering: lent.delivering.clone(),
            contracting: lent.contracting.clone(),
            period: period_of(day),
        };
        let sum = self.sums.entry(key).or_insert(Sum {
            minutes: 0,
            amount: zero,
            entries: 0,
            unpriced: 0,
        });
        sum.minutes += minutes;
        sum.entries += 1;
        // An entry that was voided costs nothing, with or without a rate.
        if minutes == 0 {
            return Ok(());
        }
        match rates.price(&lent, day, minutes) {
            Ok(price) => sum.amount = sum.amount.plus(price)?,
            Err(refusal) => {
                sum.unpriced += 1;
                self.refused.entry(lent).or_insert(refusal);
            }
        }
        Ok(())
    }
}
