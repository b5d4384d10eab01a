//! Tables of migrations 000040_books and 000081_balance_touch.

use super::schema::posting;

diesel::table! {
    posting_event (sequence) {
        sequence -> BigInt, posting_key -> Text, from_state -> Text, to_state -> Text, attempts -> Integer, lookup -> Text,
        reason -> Text, posting_date -> Nullable<Date>, happened_at -> Timestamp, correlation_id -> Text,
    }
}
diesel::table! {
    book_record (system, kind, vendor_id) {
        system -> Text, kind -> Text, vendor_id -> Text, month -> Text, posting_key -> Text, line -> Text, supersedes -> Text,
        subject -> Text, period -> Text, day -> Date, currency_code -> Text, minutes -> BigInt, minor_units -> BigInt,
        changed_at -> Nullable<Timestamp>, scan -> BigInt,
    }
}
diesel::table! {
    balance_line (period, kind, line, currency_code) {
        period -> Text, kind -> Text, line -> Text, currency_code -> Text, subject -> Text, reference -> Text,
        legal_entity_code -> Text, engagement_id -> Text, correlation_id -> Text, psa_minutes -> BigInt,
        approved_minutes -> BigInt, approved_minor -> BigInt, posted_minutes -> BigInt, posted_minor -> BigInt,
        erp_minutes -> BigInt, erp_minor -> BigInt, in_flight_minutes -> BigInt, in_flight_minor -> BigInt,
        excepted_minutes -> BigInt, excepted_minor -> BigInt, unexplained_minutes -> BigInt, unexplained_minor -> BigInt,
        state -> Text, difference -> Text, cause -> Text, exception_id -> Text, erp_ids -> Text,
        in_flight_since -> Nullable<Timestamp>, digest -> Text, as_of -> Timestamp,
        scan -> BigInt,
    }
}
diesel::table! {
    balance (period, kind, subject, currency_code) {
        period -> Text, kind -> Text, subject -> Text, currency_code -> Text, psa_minutes -> BigInt, approved_minutes -> BigInt,
        approved_minor -> BigInt, posted_minutes -> BigInt, posted_minor -> BigInt, erp_minutes -> BigInt, erp_minor -> BigInt,
        in_flight_minutes -> BigInt, in_flight_minor -> BigInt, excepted_minutes -> BigInt, excepted_minor -> BigInt,
        unexplained_minutes -> BigInt, unexplained_minor -> BigInt, line_count -> BigInt, differing -> BigInt,
        accepted -> BigInt, in_flight_since -> Nullable<Timestamp>, as_of -> Timestamp,
    }
}
diesel::table! {
    balance_month (period) {
        period -> Text, touches -> BigInt, compared -> BigInt, as_of -> Nullable<Timestamp>,
    }
}
diesel::table! {
    balance_touch (sequence) { sequence -> BigInt, period -> Text, }
}
diesel::table! {
    line_repair (request_id) {
        request_id -> Text, period -> Text, kind -> Text, line -> Text, currency_code -> Text, repair -> Text, digest -> Text,
        actor -> Text, reason -> Text, body_hash -> Text, answer -> Binary, correlation_id -> Text, repaired_at -> Timestamp,
        subject -> Text,
    }
}
diesel::table! {
    period_close (id) {
        id -> Text, legal_entity_code -> Text, period -> Text, state -> Text, version -> Integer, frozen_at -> Timestamp,
        frozen_by -> Text, signed_at -> Nullable<Timestamp>, signed_by -> Text, digest -> Text,
        frozen_subject -> Text,
    }
}
diesel::table! {
    period_close_event (request_id) {
        request_id -> Text, close_id -> Text, version -> Integer, action -> Text, actor -> Text, reason -> Text,
        state_before -> Text, state_after -> Text, digest -> Text, body_hash -> Text, answer -> Binary, correlation_id -> Text,
        happened_at -> Timestamp,
    }
}
diesel::allow_tables_to_appear_in_same_query!(balance_month, balance_touch);
diesel::allow_tables_to_appear_in_same_query!(posting_event, posting);
