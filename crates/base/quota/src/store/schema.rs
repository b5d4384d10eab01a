//! Tables of migration 000080_vendor_quota.

diesel::table! {
    vendor_quota (account) {
        account -> Text, at_once -> BigInt, per_second -> Nullable<BigInt>, changed_at -> Timestamp,
    }
}
diesel::table! {
    vendor_quota_share (account, member) {
        account -> Text, member -> Text, wanted -> BigInt, held -> BigInt, held_per_second -> BigInt, expires_at -> Timestamp,
    }
}
