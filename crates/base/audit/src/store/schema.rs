//! Tables of migration 000060_audit.

diesel::table! {
    audit_event (sequence) {
        sequence -> BigInt, happened_at -> Timestamp, begun -> BigInt, subject -> Text, method -> Text,
        correlation_id -> Text, request_digest -> Text, code -> Text, answer_digest -> Text, object -> Text,
        before_digest -> Text, after_digest -> Text, hash -> Text,
    }
}
diesel::table! {
    audit_seal (day) {
        day -> Date, last_sequence -> BigInt, events -> BigInt, is_keyed -> Bool, hash -> Text, sealed_at -> Timestamp,
    }
}
