//! Milestones as finance sees them: what was agreed, accepted and approved.

use std::collections::HashMap;

use strata_contract::pb_date;
use strata_contract::strata::common::v1 as common;
use strata_contract::strata::process::billing::v1 as pb;
use strata_contract::strata::process::billing::v1::MilestoneState as State;
use strata_kernel::{Date, Error, Result};
use strata_rpc::page::Page;
use strata_store::both;

use crate::core::Core;
use crate::masters;
use crate::store::rows::MilestoneRow;
use crate::store::{lite, pg};

/// A page of milestones.
pub(crate) async fn list(core: &Core, asked: pb::ListMilestonesRequest) -> Result<pb::ListMilestonesResponse> {
    let state = name_of(asked.state());
    let filter = format!("{}|{}|{state}", asked.contract_number, asked.engagement_id);
    let page = Page::ask(asked.page_size, &asked.page_token, &filter)?;
    let (after, limit) = (page.after().to_owned(), page.limit());
    let (contract, engagement) = (asked.contract_number, asked.engagement_id);
    let mut rows = core
        .db
        .read(move |c| both!(c, milestones::list(&contract, &engagement, state, &after, limit)))
        .await?;
    let next_page_token = page.cut(&mut rows, |row| row.code.clone());
    let milestones = with_terms(core, rows).await?;
    Ok(pb::ListMilestonesResponse {
        milestones,
        next_page_token,
    })
}

/// One milestone.
pub(crate) async fn one(core: &Core, row: MilestoneRow) -> Result<pb::Milestone> {
    let one = with_terms(core, vec![row]).await?.pop();
    one.ok_or_else(|| Error::internal("a milestone vanished"))
}

/// Adds what was agreed, which is master data.
async fn with_terms(core: &Core, rows: Vec<MilestoneRow>) -> Result<Vec<pb::Milestone>> {
    let codes: Vec<String> = rows.iter().map(|row| row.code.clone()).collect();
    let held = masters::milestones(core, &codes, &[]).await?;
    let mut terms: HashMap<String, common::Milestone> = held
        .into_iter()
        .filter_map(|held| held.milestone)
        .map(|milestone| (milestone.code.clone(), milestone))
        .collect();
    rows.into_iter()
        .map(|row| {
            let agreed = terms.remove(&row.code);
            let agreed = agreed.ok_or_else(|| Error::internal(format!("master data lost milestone {}", row.code)))?;
            Ok(message(row, agreed))
        })
        .collect()
}

fn message(row: MilestoneRow, agreed: common::Milestone) -> pb::Milestone {
    let day = |day: Option<Date>| day.map(pb_date);
    pb::Milestone {
        state: state_of(&row).into(),
        code: row.code,
        contract_number: row.contract_number,
        engagement_id: row.engagement_id,
        name: agreed.name,
        amount: agreed.amount,
        planned_date: agreed.planned_date,
        amendment_number: agreed.amendment_number,
        psa_id: row.psa_id,
        accepted_date: day(row.accepted_on),
        evidence: row.evidence,
        known_date: day(row.known_on),
        approved_date: day(row.approved_on),
        approver: row.approved_by,
        billed_date: day(row.first_run),
    }
}

fn state_of(row: &MilestoneRow) -> State {
    match (row.first_run, row.approved_on, row.accepted_on, row.delivered) {
        (Some(_), ..) => State::Billed,
        (None, Some(_), ..) => State::Approved,
        (None, None, Some(_), _) => State::Accepted,
        (None, None, None, true) => State::Delivered,
        (None, None, None, false) => State::Planned,
    }
}

/// As the query knows it. Empty: all.
fn name_of(state: State) -> &'static str {
    match state {
        State::Unspecified => "",
        State::Planned => "PLANNED",
        State::Delivered => "DELIVERED",
        State::Accepted => "ACCEPTED",
        State::Approved => "APPROVED",
        State::Billed => "BILLED",
    }
}
