//! What was worked on each project, and what it cost.

use std::collections::{BTreeMap, HashMap};

use strata_contract::pb_money;
use strata_contract::strata::master::v1::Employee;
use strata_contract::strata::process::billing::v1::ProjectActuals;
use strata_finance::rounding::after_write_down;
use strata_kernel::{Currency, Date, Money, Result};
use strata_store::both;

use super::unbilled::versions;
use super::{Pricing, cost, read_pricing};
use crate::core::Core;
use crate::masters;
use crate::store::rows::{TimeEntryRow, TimeVersionRow};
use crate::store::{lite, pg};

/// Entries read at a time.
const BATCH: i64 = 1000;

#[derive(Default)]
struct Sum {
    approved_minutes: i64,
    billable_minutes: i64,
    cost: BTreeMap<Currency, Money>,
}

/// Sums by project, as known on `day`. Work of a person without known cost is in the minutes only; its
/// exception says why.
pub(crate) async fn project_actuals(core: &Core, day: Date) -> Result<Vec<ProjectActuals>> {
    let mut sums: BTreeMap<String, Sum> = BTreeMap::new();
    let mut pricing: HashMap<String, Pricing> = HashMap::new();
    let mut people: HashMap<String, Employee> = HashMap::new();
    let mut after = String::new();
    loop {
        let from = after.clone();
        let page = core.db.read(move |c| both!(c, work::approved(day, &from, BATCH))).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.id);
        let contracts = page
            .iter()
            .map(|entry| entry.contract_id.clone())
            .filter(|id| !pricing.contains_key(id));
        let contracts = contracts.collect();
        pricing.extend(read_pricing(core, contracts).await?);
        let unknown = page
            .iter()
            .map(|entry| entry.employee_id.clone())
            .filter(|id| !people.contains_key(id));
        let unknown: Vec<String> = unknown.collect();
        people.extend(masters::people(core, unknown).await?);
        let versions = versions(core, &page).await?;
        for entry in &page {
            let own = versions.get(&entry.id).map(Vec::as_slice).unwrap_or_default();
            let held = pricing.get(&entry.contract_id);
            let sum = sums.entry(entry.project_code.clone()).or_default();
            sum.add(entry, own, held, people.get(&entry.employee_id), day)?;
        }
    }
    Ok(sums.into_iter().map(|(code, sum)| message(code, sum)).collect())
}

impl Sum {
    fn add(
        &mut self,
        entry: &TimeEntryRow,
        versions: &[TimeVersionRow],
        pricing: Option<&Pricing>,
        person: Option<&Employee>,
        day: Date,
    ) -> Result<()> {
        let Some(held) = versions.iter().rev().find(|version| version.approved_on <= day) else {
            return Ok(());
        };
        let minutes = i64::from(held.minutes);
        self.approved_minutes += minutes;
        if let Some(pricing) = pricing.filter(|_| held.billable) {
            let write_down = u32::try_from(held.write_down_minutes).unwrap_or_default();
            self.billable_minutes += after_write_down(minutes, pricing.terms.time_rounding, write_down)?;
        }
        if let Some(cost) = person.and_then(|person| cost::cost(person, entry.work_date, minutes).ok()) {
            let total = self.cost.entry(cost.currency).or_insert(Money::zero(cost.currency));
            *total = total.plus(cost)?;
        }
        Ok(())
    }
}

fn message(project_code: String, sum: Sum) -> ProjectActuals {
    ProjectActuals {
        project_code,
        approved_minutes: sum.approved_minutes,
        billable_minutes: sum.billable_minutes,
        cost: sum.cost.into_values().map(pb_money).collect(),
    }
}
