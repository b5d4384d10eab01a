//! Approved time that no posted document bills.

use strata_contract::strata::experience::dashboard::v1 as pb;
use strata_contract::strata::process::position::v1 as below;
use strata_kernel::Result;

use super::Dashboard;
use super::ask::{FIELDS, filter, freshness, row_of};
use crate::below::failed;

impl Dashboard {
    /// As the process tier keeps it.
    pub(crate) async fn unbilled_time(&self, q: pb::ListUnbilledTimeRequest) -> Result<pb::ListUnbilledTimeResponse> {
        let request = below::ListUnbilledPositionsRequest {
            page_size: q.page_size,
            page_token: q.page_token,
            filter: filter(q.filter),
        };
        let mut client = self.positions.clone();
        let answer = client
            .list_unbilled_positions(request)
            .await
            .map_err(|s| failed(s, &FIELDS))?;
        let answer = answer.into_inner();
        Ok(pb::ListUnbilledTimeResponse {
            unbilled: answer.positions.into_iter().map(row).collect(),
            next_page_token: answer.next_page_token,
            totals: answer.totals.into_iter().map(total).collect(),
            freshness: freshness(answer.freshness),
        })
    }
}

fn row(row: below::UnbilledPosition) -> pb::UnbilledTime {
    pb::UnbilledTime {
        of: row_of(row.of),
        entries: row.entries,
        billable_minutes: row.billable_minutes,
        amount: row.amount,
    }
}

fn total(total: below::UnbilledTotal) -> pb::UnbilledTimeTotal {
    pb::UnbilledTimeTotal {
        entries: total.entries,
        billable_minutes: total.billable_minutes,
        amount: total.amount,
    }
}
