//! Approved time that no posted document bills.

use std::collections::{BTreeMap, HashMap, HashSet};

use strata_contract::pb_money;
use strata_contract::strata::process::billing::v1::UnbilledTime;
use strata_finance::billing::price_time;
use strata_kernel::{Date, Money, Result};
use strata_store::both;

use super::{Pricing, read_pricing, work_of};
use crate::core::Core;
use crate::exceptions::lines::TIME;
use crate::store::rows::{TimeEntryRow, TimeVersionRow};
use crate::store::{lite, pg};

/// Entries read at a time.
const BATCH: i64 = 1000;

/// Sums by project, priced with what was known on `day`. An entry that cannot be priced is not in the amount,
/// and its exception says why.
pub(crate) async fn unbilled_time(core: &Core, day: Date, engagement_id: &str) -> Result<Vec<UnbilledTime>> {
    let mut sums: BTreeMap<String, UnbilledTime> = BTreeMap::new();
    let mut pricing: HashMap<String, Pricing> = HashMap::new();
    let released = released_entries(core).await?;
    let mut after = String::new();
    loop {
        let (engagement, from) = (engagement_id.to_owned(), after.clone());
        let page = core
            .db
            .read(move |c| both!(c, work::not_considered(day, &engagement, &from, BATCH)))
            .await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.id);
        let page: Vec<TimeEntryRow> = page.into_iter().filter(|entry| !released.contains_key(&entry.id)).collect();
        add(core, day, page, &mut pricing, &mut sums).await?;
    }
    // On a document that is computed and not in the books yet: still nobody's debt.
    let waiting = released.into_values().filter(|entry| entry.approved_on <= day);
    let waiting = waiting.filter(|entry| engagement_id.is_empty() || entry.engagement_id == engagement_id);
    add(core, day, waiting.collect(), &mut pricing, &mut sums).await?;
    Ok(sums.into_values().collect())
}

async fn released_entries(core: &Core) -> Result<HashMap<String, TimeEntryRow>> {
    let entries = core
        .db
        .read(|c| {
            let sources = both!(c, documents::sources_released())?;
            let ids: HashSet<String> = sources
                .iter()
                .filter_map(|source| source.strip_prefix("time:"))
                .map(str::to_owned)
                .collect();
            let ids: Vec<String> = ids.into_iter().collect();
            let mut entries = Vec::new();
            for chunk in ids.chunks(500) {
                entries.extend(both!(c, work::entries(chunk))?);
            }
            Ok(entries)
        })
        .await?;
    Ok(entries.into_iter().map(|entry| (entry.id.clone(), entry)).collect())
}

async fn add(
    core: &Core,
    day: Date,
    entries: Vec<TimeEntryRow>,
    pricing: &mut HashMap<String, Pricing>,
    sums: &mut BTreeMap<String, UnbilledTime>,
) -> Result<()> {
    let missing: Vec<String> = entries
        .iter()
        .map(|entry| entry.contract_id.clone())
        .filter(|id| !pricing.contains_key(id))
        .collect();
    pricing.extend(read_pricing(core, missing).await?);
    let mut versions = versions(core, &entries).await?;
    leave_out(core, &mut versions).await?;
    for entry in &entries {
        let Some(held) = pricing.get(&entry.contract_id).filter(|held| held.is_by_the_hour()) else {
            continue;
        };
        let Some(own) = versions.get(&entry.id) else { continue };
        let fresh = TimeEntryRow {
            first_run: None,
            ..entry.clone()
        };
        let work = work_of::entry(&fresh, own, &HashMap::new(), held.terms.currency);
        let Ok(Some(price)) = price_time(&held.terms, &held.rates, &work, day) else {
            continue;
        };
        if price.minutes == 0 {
            continue;
        }
        let row = sums.entry(entry.project_code.clone()).or_insert_with(|| UnbilledTime {
            project_code: entry.project_code.clone(),
            contract_number: held.terms.contract.clone(),
            engagement_id: entry.engagement_id.clone(),
            customer_id: held.customer_id.clone(),
            legal_entity_code: held.terms.entity.clone(),
            amount: Some(pb_money(Money::zero(held.terms.currency))),
            ..UnbilledTime::default()
        });
        row.entries += 1;
        row.billable_minutes += price.minutes;
        if let Some(amount) = &mut row.amount {
            amount.minor_units += price.amount.minor;
        }
    }
    Ok(())
}

/// Takes out the versions that people left out of the books.
async fn leave_out(core: &Core, versions: &mut HashMap<String, Vec<TimeVersionRow>>) -> Result<()> {
    let ids: Vec<String> = versions.values().flatten().map(|version| version.psa_id.clone()).collect();
    let out: HashSet<String> = core
        .db
        .read(move |c| {
            let mut out = HashSet::new();
            for chunk in ids.chunks(500) {
                out.extend(both!(c, lines::excepted_among(TIME, chunk))?);
            }
            Ok(out)
        })
        .await?;
    for own in versions.values_mut() {
        own.retain(|version| !out.contains(&version.psa_id));
    }
    versions.retain(|_, own| !own.is_empty());
    Ok(())
}

/// Versions of entries, oldest first, by entry.
pub(crate) async fn versions(core: &Core, entries: &[TimeEntryRow]) -> Result<HashMap<String, Vec<TimeVersionRow>>> {
    let ids: Vec<String> = entries.iter().map(|entry| entry.id.clone()).collect();
    let rows = core
        .db
        .read(move |c| {
            let mut rows = Vec::new();
            for chunk in ids.chunks(500) {
                rows.extend(both!(c, work::versions(chunk))?);
            }
            Ok(rows)
        })
        .await?;
    let mut found: HashMap<String, Vec<TimeVersionRow>> = HashMap::new();
    for row in rows {
        found.entry(row.entry_id.clone()).or_default().push(row);
    }
    Ok(found)
}
