//! Estimates at completion of projects. A change in the PSA is another version; none is ever overwritten.

use std::collections::HashMap;

use strata_contract::require_date;
use strata_contract::strata::system::psa::v1 as psa;
use strata_kernel::{Instant, Result, derive_id};
use strata_store::{Conn, both};

use crate::core::Core;
use crate::hand_offs::{self, HandOff};
use crate::masters;
use crate::store::rows::EstimateRow;
use crate::store::{lite, pg};

/// A version that is not known yet, and how the PSA and the story call its project.
pub(super) struct Estimate {
    row: EstimateRow,
    told: HandOff,
}

/// Estimates among `projects` that say something else than the last version known. Only projects that the platform made have
/// contracts, and keep one. One that is taken back leaves the last one standing.
pub(super) async fn news(core: &Core, projects: &[psa::Project]) -> Result<Vec<Estimate>> {
    let estimated: Vec<&psa::Project> = projects
        .iter()
        .filter(|project| !project.key.is_empty() && project.eac_minutes.is_some())
        .collect();
    let ids: Vec<String> = estimated.iter().map(|project| project.key.clone()).collect();
    let held = core.db.read(move |c| both!(c, estimates::of_projects(&ids))).await?;
    let last: HashMap<&str, &EstimateRow> = held.iter().map(|row| (row.project_id.as_str(), row)).collect();
    let (system, now) = (&core.systems().await?.psa, core.now());
    let mut found = Vec::new();
    for project in estimated {
        let recorded_on = require_date(project.eac_recorded_date.as_ref(), "eac_recorded_date")?;
        let minutes = i64::from(project.eac_minutes.unwrap_or_default());
        let before = last.get(project.key.as_str());
        if before.is_some_and(|row| (row.recorded_on, row.minutes) == (recorded_on, minutes)) {
            continue;
        }
        let version = before.map_or(0, |row| row.version) + 1;
        let event = "estimate recorded";
        let told = HandOff {
            key: format!("{event}:{}:{version}", project.key),
            ..HandOff::done(event, system, "project", &project.key, &project.id)
        };
        found.push(Estimate {
            row: EstimateRow {
                project_id: project.key.clone(),
                version,
                project_code: String::new(),
                contract_id: String::new(),
                engagement_id: String::new(),
                recorded_on,
                minutes,
                known_at: now.naive_utc(),
            },
            told,
        });
    }
    named(core, found).await
}

/// Adds what master data calls the projects. One that it does not know has no contract here.
async fn named(core: &Core, estimates: Vec<Estimate>) -> Result<Vec<Estimate>> {
    let known = masters::projects(core, estimates.iter().map(|new| new.row.project_id.clone())).await?;
    let name = |Estimate { row, told }: Estimate| {
        let project = known.get(&row.project_id)?;
        Some(Estimate {
            told: told.saying(format!("{}: {} minutes as of {}", project.code, row.minutes, row.recorded_on)),
            row: EstimateRow {
                project_code: project.code.clone(),
                contract_id: project.contract_id.clone(),
                engagement_id: project.engagement_id.clone(),
                ..row
            },
        })
    };
    Ok(estimates.into_iter().filter_map(name).collect())
}

/// Stores them, in the caller's transaction. Returns how many are news.
pub(super) fn store(conn: &mut Conn<'_>, estimates: &[Estimate], now: Instant) -> Result<u64> {
    let mut count = 0;
    for Estimate { row, told } in estimates {
        if both!(conn, estimates::add(row))? == 0 {
            continue;
        }
        let correlation_id = derive_id("cor", &["estimate", &row.project_id, &row.version.to_string()]);
        hand_offs::record(conn, &row.engagement_id, &correlation_id, std::slice::from_ref(told), now)?;
        count += 1;
    }
    Ok(count)
}
