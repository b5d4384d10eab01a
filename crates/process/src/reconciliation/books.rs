//! The time that stands in the ERP.

use std::collections::HashMap;

use strata_contract::strata::common::v1::Malformed;
use strata_contract::strata::system::erp::v1::{BookedTime, ListTimePostingsRequest};
use strata_contract::{pb_date, require_date};
use strata_kernel::{Date, Result};
use strata_rpc::error;

use crate::billing::value::entry_of;
use crate::core::Core;
use crate::xrefs;

/// Records in one answer, the most that is given.
const PAGE: u32 = 1000;

/// A record in the books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// ERP's id.
    pub(super) id: String,
    pub(super) stands_for: StandsFor,
    pub(super) work_date: Date,
    pub(super) minutes: i32,
    pub(super) memo: String,
}

/// Which entry a record says it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum StandsFor {
    /// It carries our key: the entry by the PSA's id.
    Entry(String),
    /// People made it: our ids of project and person, as far as they are known. What they wrote beside it may name the entry.
    Work { project_id: String, employee_id: String },
}

/// Every record of a range of work dates, and those that do not fit the contract.
pub(super) async fn read(core: &Core, from: Date, to: Date) -> Result<(Vec<Record>, Vec<Malformed>)> {
    let (mut booked, mut malformed, mut after_id) = (Vec::new(), Vec::new(), String::new());
    loop {
        let request = ListTimePostingsRequest {
            from_date: Some(pb_date(from)),
            to_date: Some(pb_date(to)),
            after_id,
            page_size: PAGE,
        };
        let answer = core.clients.erp.clone().list_time_postings(request).await.map_err(error)?;
        let answer = answer.into_inner();
        booked.extend(answer.time_postings);
        malformed.extend(answer.malformed);
        after_id = answer.next_after_id;
        if after_id.is_empty() {
            break;
        }
    }
    let people_made: Vec<&BookedTime> = booked.iter().filter(|row| entry_of(&row.key).is_none()).collect();
    let system = &core.systems().await?.erp;
    let (projects, employees) = tokio::try_join!(
        xrefs::resolve(
            core,
            system,
            xrefs::kind::PROJECT,
            people_made.iter().map(|row| row.project_id.as_str())
        ),
        xrefs::resolve(
            core,
            system,
            xrefs::kind::EMPLOYEE,
            people_made.iter().map(|row| row.employee_id.as_str())
        ),
    )?;
    let records = booked.into_iter().map(|row| record(row, &projects, &employees));
    Ok((records.collect::<Result<_>>()?, malformed))
}

fn record(row: BookedTime, projects: &HashMap<String, String>, employees: &HashMap<String, String>) -> Result<Record> {
    let stands_for = match entry_of(&row.key) {
        Some(entry) => StandsFor::Entry(entry.to_owned()),
        None => StandsFor::Work {
            project_id: projects.get(&row.project_id).cloned().unwrap_or_default(),
            employee_id: employees.get(&row.employee_id).cloned().unwrap_or_default(),
        },
    };
    Ok(Record {
        stands_for,
        work_date: require_date(row.work_date.as_ref(), "work_date")?,
        minutes: row.minutes,
        id: row.id,
        memo: row.memo,
    })
}
