//! Rows of the sums over time, revenue and documents.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::rows::row;
use super::schema_positions::{position_cell, position_line, position_owner, position_state, position_touch};

row!(/// Whose a contract or an internal project is, by our id. `lead_project_code`: what belongs to the whole contract is counted there.
OwnerRow, position_owner {
    id: String, contract_number: String, engagement_id: String, customer_id: String, legal_entity_code: String,
    lead_project_code: String,
});
row!(/// What a fact adds to the sums. Amounts in minor units: cost in `cost_currency_code`, all others in `currency_code`. `state`: of a
/// document.
PositionLine, position_line {
    generation: i64, kind: String, line: String, project_code: String, owner_id: String, contract_number: String, period: String,
    state: String, currency_code: String, unbilled_entries: i64, unbilled_minutes: i64, unbilled_minor: i64, value_minor: i64,
    earned_minor: i64, billed_minor: i64, cost_currency_code: String, cost_minutes: i64, cost_minor: i64,
});
row!(/// A sum. `period` empty: to date. `wip_minor`: earned less billed.
PositionCell, position_cell {
    generation: i64, level: String, contract_number: String, project_code: String, period: String, currency_code: String,
    legal_entity_code: String, customer_id: String, engagement_id: String, unbilled_entries: i64, unbilled_minutes: i64,
    unbilled_minor: i64, value_minor: i64, earned_minor: i64, billed_minor: i64, wip_minor: i64, cost_minutes: i64, cost_minor: i64,
});
row!(/// Which generation is shown (0: none), and which one is being built (0: none): facts of `kind` up to `after` are in it.
StateRow, position_state {
    name: String, generation: i64, building: i64, kind: String, after: String, built_at: Option<NaiveDateTime>,
});

/// A fact that changed, to be added up again.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = position_touch, treat_none_as_default_value = false)]
pub(crate) struct NewTouch {
    pub(crate) kind: String,
    pub(crate) line: String,
    pub(crate) touched_at: NaiveDateTime,
}
