//! A portal's question in the words of the process tier, and what its answers have in common.

use strata_contract::strata::experience::dashboard::v1 as pb;
use strata_contract::strata::process::position::v1 as below;

/// Fields of a portal's request.
pub(super) const FIELDS: [&str; 3] = ["page_size", "page_token", "filter"];

/// A filter has the same words on both sides: what one of them does not know is refused by the other's contract.
pub(super) fn filter(asked: Option<pb::DashboardFilter>) -> Option<below::PositionFilter> {
    asked.map(|asked| below::PositionFilter {
        level: asked.level,
        order: asked.order,
        contract_number: asked.contract_number,
        project_code: asked.project_code,
        legal_entity_code: asked.legal_entity_code,
        customer_id: asked.customer_id,
        period: asked.period,
        currency_code: asked.currency_code,
    })
}

pub(super) fn row_of(of: Option<below::PositionOf>) -> Option<pb::RowOf> {
    of.map(|of| pb::RowOf {
        contract_number: of.contract_number,
        project_code: of.project_code,
        legal_entity_code: of.legal_entity_code,
        customer_id: of.customer_id,
        engagement_id: of.engagement_id,
        period: of.period,
    })
}

pub(super) fn freshness(said: Option<below::Freshness>) -> Option<pb::Freshness> {
    said.map(|said| pb::Freshness {
        as_of_time: said.as_of_time,
        lag_seconds: said.lag_seconds,
        pending: said.pending,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_count_levels_and_orders_alike() {
        for (ours, theirs) in [
            (pb::DashboardLevel::Project as i32, below::PositionLevel::Project as i32),
            (pb::DashboardLevel::Contract as i32, below::PositionLevel::Contract as i32),
            (
                pb::DashboardOrder::LargestFirst as i32,
                below::PositionOrder::LargestFirst as i32,
            ),
            (
                pb::DashboardOrder::SmallestFirst as i32,
                below::PositionOrder::SmallestFirst as i32,
            ),
        ] {
            assert_eq!(ours, theirs);
        }
    }
}
