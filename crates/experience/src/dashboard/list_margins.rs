//! Revenue less what the work cost.

use strata_contract::strata::experience::dashboard::v1 as pb;
use strata_contract::strata::process::position::v1 as below;
use strata_kernel::Result;

use super::Dashboard;
use super::ask::{FIELDS, filter, freshness, row_of};
use crate::below::failed;

impl Dashboard {
    /// As the process tier keeps it.
    pub(crate) async fn margins(&self, q: pb::ListMarginsRequest) -> Result<pb::ListMarginsResponse> {
        let request = below::ListMarginPositionsRequest {
            page_size: q.page_size,
            page_token: q.page_token,
            filter: filter(q.filter),
        };
        let mut client = self.positions.clone();
        let answer = client.list_margin_positions(request).await.map_err(|s| failed(s, &FIELDS))?;
        let answer = answer.into_inner();
        Ok(pb::ListMarginsResponse {
            margins: answer.positions.into_iter().map(row).collect(),
            next_page_token: answer.next_page_token,
            totals: answer.totals.into_iter().map(total).collect(),
            freshness: freshness(answer.freshness),
        })
    }
}

fn row(row: below::MarginPosition) -> pb::Margin {
    pb::Margin {
        of: row_of(row.of),
        minutes: row.minutes,
        revenue: row.revenue,
        labour_cost: row.labour_cost,
        margin: row.margin,
    }
}

fn total(total: below::MarginTotal) -> pb::MarginTotal {
    pb::MarginTotal {
        minutes: total.minutes,
        revenue: total.revenue,
        labour_cost: total.labour_cost,
        margin: total.margin,
    }
}
