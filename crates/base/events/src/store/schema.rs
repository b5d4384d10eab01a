//! Tables of the bus.

diesel::table! {
    outbox (sequence) {
        sequence -> BigInt,
        id -> Text,
        #[sql_name = "type"]
        kind -> Text,
        subject -> Text,
        ordering_key -> Text,
        body -> Binary,
        correlation_id -> Text,
        happened_at -> Timestamp,
        published_at -> Nullable<Timestamp>,
        claimed_by -> Nullable<Text>,
        held_until -> Nullable<Timestamp>,
        stopped -> Bool,
        trace_parent -> Text,
    }
}
diesel::table! {
    inbox (consumer, event_id) {
        consumer -> Text,
        event_id -> Text,
        handled_at -> Timestamp,
    }
}
diesel::table! {
    dead_letter (id) {
        id -> Text,
        consumer -> Text,
        state -> Text,
        reason -> Text,
        message -> Text,
        tries -> Integer,
        history -> Text,
        first_at -> Timestamp,
        last_at -> Timestamp,
        event_id -> Text,
        #[sql_name = "type"]
        kind -> Text,
        subject -> Text,
        ordering_key -> Text,
        body -> Binary,
        correlation_id -> Text,
        trace_parent -> Text,
        happened_at -> Timestamp,
    }
}
diesel::table! {
    event_plan (id) {
        id -> Text,
        kind -> Text,
        consumer -> Text,
        forced -> Bool,
        asked -> Text,
        next_sequence -> BigInt,
        made_at -> Timestamp,
        request_id -> Text,
    }
}
diesel::table! {
    event_plan_item (plan_id, position) {
        plan_id -> Text,
        position -> Integer,
        object_id -> Text,
        event_id -> Text,
        #[sql_name = "type"]
        kind -> Text,
        subject -> Text,
        outcome -> Text,
        message -> Text,
    }
}
diesel::allow_tables_to_appear_in_same_query!(outbox, inbox);
