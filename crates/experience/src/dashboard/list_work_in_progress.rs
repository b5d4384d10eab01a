//! What is earned and not billed, and billed and not earned.

use strata_contract::strata::experience::dashboard::v1 as pb;
use strata_contract::strata::process::position::v1 as below;
use strata_kernel::Result;

use super::Dashboard;
use super::ask::{FIELDS, filter, freshness, row_of};
use crate::below::failed;

impl Dashboard {
    /// As the process tier keeps it.
    pub(crate) async fn work_in_progress(&self, q: pb::ListWorkInProgressRequest) -> Result<pb::ListWorkInProgressResponse> {
        let request = below::ListWipPositionsRequest {
            page_size: q.page_size,
            page_token: q.page_token,
            filter: filter(q.filter),
        };
        let mut client = self.positions.clone();
        let answer = client.list_wip_positions(request).await.map_err(|s| failed(s, &FIELDS))?;
        let answer = answer.into_inner();
        Ok(pb::ListWorkInProgressResponse {
            work_in_progress: answer.positions.into_iter().map(row).collect(),
            next_page_token: answer.next_page_token,
            totals: answer.totals.into_iter().map(total).collect(),
            freshness: freshness(answer.freshness),
        })
    }
}

fn row(row: below::WipPosition) -> pb::WorkInProgress {
    pb::WorkInProgress {
        of: row_of(row.of),
        earned: row.earned,
        billed: row.billed,
        earned_not_billed: row.earned_not_billed,
        billed_not_earned: row.billed_not_earned,
    }
}

fn total(total: below::WipTotal) -> pb::WorkInProgressTotal {
    pb::WorkInProgressTotal {
        earned: total.earned,
        billed: total.billed,
        earned_not_billed: total.earned_not_billed,
        billed_not_earned: total.billed_not_earned,
    }
}
