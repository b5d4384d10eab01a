//! Approved time, entry by entry.

use std::collections::HashMap;

use strata_contract::pb_date;
use strata_contract::strata::master::v1::Employee;
use strata_contract::strata::process::workforce::v1 as pb;
use strata_kernel::Result;
use strata_rpc::page::Page;
use strata_store::both;

use crate::core::Core;
use crate::store::rows::{TimeEntryRow, TimeVersionRow};
use crate::store::{lite, pg};
use crate::{billing, masters};

/// A page of entries. Who is confined to their own time has pages of their own entries.
pub(crate) async fn time_entries(core: &Core, asked: pb::ListTimeEntriesRequest) -> Result<pb::ListTimeEntriesResponse> {
    let own = strata_rpc::own().people.and_then(|people| people.into_iter().next());
    let number = Some(asked.employee_number).filter(|number| !number.is_empty()).or(own);
    let page = Page::ask(asked.page_size, &asked.page_token, number.as_deref().unwrap_or_default())?;
    let person = match &number {
        Some(number) => match masters::person_with(core, number).await? {
            Some(person) => person.id,
            // Nobody has the number, so nobody worked under it.
            None => return Ok(pb::ListTimeEntriesResponse::default()),
        },
        None => String::new(),
    };
    let (after, limit) = (page.after().to_owned(), page.limit());
    let mut rows = core
        .db
        .read(move |c| both!(c, work::of_person(&person, &after, limit)))
        .await?;
    let next_page_token = page.cut(&mut rows, |row| row.id.clone());
    let versions = billing::versions(core, &rows).await?;
    let people = masters::people(core, rows.iter().map(|row| row.employee_id.clone())).await?;
    Ok(pb::ListTimeEntriesResponse {
        time_entries: rows.into_iter().map(|row| entry(row, &versions, &people)).collect(),
        next_page_token,
    })
}

fn entry(
    row: TimeEntryRow,
    versions: &HashMap<String, Vec<TimeVersionRow>>,
    people: &HashMap<String, Employee>,
) -> pb::TimeEntry {
    let last = versions.get(&row.id).and_then(|own| own.last());
    pb::TimeEntry {
        employee_number: people
            .get(&row.employee_id)
            .map(|person| person.number.clone())
            .unwrap_or_default(),
        minutes: last.and_then(|last| u32::try_from(last.minutes).ok()).unwrap_or_default(),
        role: last.map(|last| last.role.clone()).unwrap_or_default(),
        billable: last.is_some_and(|last| last.billable),
        id: row.id,
        reference: row.reference,
        project_code: row.project_code,
        work_date: Some(pb_date(row.work_date)),
        approved_date: Some(pb_date(row.approved_on)),
    }
}
