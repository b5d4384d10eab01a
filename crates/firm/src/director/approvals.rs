//! Finance approves what customers accepted, at the platform's own desk.

use std::collections::BTreeSet;

use futures::FutureExt;
use strata_contract::strata::process::billing::v1::{ApproveMilestoneRequest, ListMilestonesRequest, MilestoneState};

use super::Stage;
use crate::{Error, Result};

/// Who approves.
const APPROVER: &str = "finance@firm.example";
/// Milestones looked at in one go.
const PAGE: i32 = 200;

/// Approves every milestone that waits for it. One that was approved does not wait any more, so the first page is always the
/// next one.
pub(super) async fn approve(stage: &Stage) -> Result<()> {
    let mut billing = stage.billing.clone();
    loop {
        let waiting = ListMilestonesRequest {
            page_size: PAGE,
            state: MilestoneState::Accepted.into(),
            ..ListMilestonesRequest::default()
        };
        let listed = billing
            .list_milestones(waiting)
            .boxed()
            .await
            .map_err(Error::platform("ListMilestones"))?
            .into_inner();
        for milestone in &listed.milestones {
            let request = ApproveMilestoneRequest {
                // One decision per milestone, however often it is sent.
                request_id: format!("approve:{}", milestone.code),
                milestone_code: milestone.code.clone(),
                approver: APPROVER.to_owned(),
            };
            billing
                .approve_milestone(request)
                .boxed()
                .await
                .map_err(Error::platform("ApproveMilestone"))?;
        }
        if listed.next_page_token.is_empty() {
            return Ok(());
        }
    }
}

/// Codes of all milestones that are approved.
pub(super) async fn approved(stage: &Stage) -> Result<BTreeSet<String>> {
    let mut billing = stage.billing.clone();
    let (mut codes, mut request) = (
        BTreeSet::new(),
        ListMilestonesRequest {
            page_size: PAGE,
            ..ListMilestonesRequest::default()
        },
    );
    loop {
        let listed = billing.list_milestones(request.clone()).boxed().await;
        let listed = listed.map_err(Error::platform("ListMilestones"))?.into_inner();
        let approved = listed
            .milestones
            .into_iter()
            .filter(|milestone| milestone.approved_date.is_some());
        codes.extend(approved.map(|milestone| milestone.code));
        if listed.next_page_token.is_empty() {
            return Ok(codes);
        }
        request.page_token = listed.next_page_token;
    }
}
