//! What the platform says is unbilled, recorded on the day it says so.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;

use futures::FutureExt;
use serde::{Deserialize, Serialize};
use strata_contract::strata::process::billing::v1::{ListUnbilledTimeRequest, UnbilledTime};
use strata_contract::{money, pb_date};
use strata_kernel::Date;

use super::Stage;
use crate::{Error, Result};

/// Name of the record in the work folder.
const FILE: &str = "unbilled.jsonl";

/// Unbilled time of one project, as the platform said it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedUnbilled {
    /// Project code.
    pub project: String,
    /// Entries.
    pub entries: u32,
    /// Minutes that count for billing.
    pub billable_minutes: i64,
    /// Sales value, major units.
    pub amount: String,
    /// Its currency.
    pub currency: String,
}

/// A day's record is one line, so that a day recorded twice is seen, and a torn line is none.
#[derive(Serialize, Deserialize)]
struct Line {
    as_of: Date,
    rows: Vec<RecordedUnbilled>,
}

/// Asks the platform and appends its answer.
pub(super) async fn record(stage: &Stage, folder: &Path, day: Date) -> Result<()> {
    let request = ListUnbilledTimeRequest {
        as_of_date: Some(pb_date(day)),
        engagement_id: String::new(),
    };
    let mut billing = stage.billing.clone();
    let answer = billing
        .list_unbilled_time(request)
        .boxed()
        .await
        .map_err(Error::platform("ListUnbilledTime"))?
        .into_inner();
    let rows = answer.unbilled.iter().map(recorded).collect::<Result<_>>()?;
    let line = serde_json::to_string(&Line { as_of: day, rows }).map_err(|cause| Error::Setup(cause.to_string()))?;
    // The leading line break keeps a line torn by a kill from swallowing this one.
    let line = format!("\n{line}\n");
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join(FILE))
        .and_then(|mut file| file.write_all(line.as_bytes()))
        .map_err(Error::io(FILE))
}

fn recorded(row: &UnbilledTime) -> Result<RecordedUnbilled> {
    let amount = row.amount.as_ref().map(money).transpose();
    let amount = amount.map_err(|cause| Error::Setup(format!("ListUnbilledTime, {}: {cause}", row.project_code)))?;
    Ok(RecordedUnbilled {
        project: row.project_code.clone(),
        entries: row.entries,
        billable_minutes: row.billable_minutes,
        amount: amount.map(|amount| amount.to_string()).unwrap_or_default(),
        currency: amount.map(|amount| amount.currency.to_string()).unwrap_or_default(),
    })
}

/// What was recorded, by day. Of a day recorded twice the later record counts.
///
/// # Errors
/// When there is no record, or it cannot be read.
pub fn recorded_unbilled(folder: &Path) -> Result<BTreeMap<Date, Vec<RecordedUnbilled>>> {
    let text = std::fs::read_to_string(folder.join(FILE)).map_err(Error::io(FILE))?;
    // A line torn by a kill was written again by the next start: it does not parse, and is not needed.
    Ok(text
        .lines()
        .filter_map(|line| serde_json::from_str::<Line>(line).ok())
        .map(|line| (line.as_of, line.rows))
        .collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_later_record_of_a_day_counts_and_a_torn_line_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let line = |entries: u32| {
            let row = RecordedUnbilled {
                project: "PR-1".into(),
                entries,
                billable_minutes: 60,
                amount: "1.00".into(),
                currency: "USD".into(),
            };
            serde_json::to_string(&Line {
                as_of: Date::from_ymd_opt(2025, 1, 31).unwrap(),
                rows: vec![row],
            })
            .unwrap()
        };
        let text = format!("\n{}\n\n{}\n\n{}", line(1), line(2), &line(9)[..20]);
        std::fs::write(folder.path().join(FILE), text).unwrap();
        let recorded = recorded_unbilled(folder.path()).unwrap();
        assert_eq!(recorded.len(), 1);
        assert_eq!(recorded.values().next().unwrap()[0].entries, 2);
    }
}
