//! Tables of migration 000074_positions.

diesel::table! {
    position_touch (sequence) { sequence -> BigInt, kind -> Text, line -> Text, touched_at -> Timestamp, }
}
diesel::table! {
    position_owner (id) {
        id -> Text, contract_number -> Text, engagement_id -> Text, customer_id -> Text, legal_entity_code -> Text,
        lead_project_code -> Text,
    }
}
diesel::table! {
    position_line (generation, kind, line, project_code, currency_code, cost_currency_code) {
        generation -> BigInt, kind -> Text, line -> Text, project_code -> Text, owner_id -> Text, contract_number -> Text,
        period -> Text, state -> Text, currency_code -> Text, unbilled_entries -> BigInt, unbilled_minutes -> BigInt,
        unbilled_minor -> BigInt, value_minor -> BigInt, earned_minor -> BigInt, billed_minor -> BigInt,
        cost_currency_code -> Text, cost_minutes -> BigInt, cost_minor -> BigInt,
    }
}
diesel::table! {
    position_cell (generation, level, contract_number, project_code, period, currency_code) {
        generation -> BigInt, level -> Text, contract_number -> Text, project_code -> Text, period -> Text,
        currency_code -> Text, legal_entity_code -> Text, customer_id -> Text, engagement_id -> Text,
        unbilled_entries -> BigInt, unbilled_minutes -> BigInt, unbilled_minor -> BigInt, value_minor -> BigInt,
        earned_minor -> BigInt, billed_minor -> BigInt, wip_minor -> BigInt, cost_minutes -> BigInt, cost_minor -> BigInt,
    }
}
diesel::table! {
    position_state (name) {
        name -> Text, generation -> BigInt, building -> BigInt, kind -> Text, after -> Text, built_at -> Nullable<Timestamp>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(position_cell, position_state);
