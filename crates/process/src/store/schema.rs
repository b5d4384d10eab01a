//! Tables of migrations 000002_process, 000005_milestones_process, 000008_revenue, 000011_reconciliation,
//! 000012_intercompany, 000013_original_period and the columns of posting of 000040_books, whose tables are in `schema_books.rs`.

diesel::table! {
    run (id) {
        id -> Text, kind -> Text, subject -> Text, ordering_key -> Text, engagement_id -> Text, state -> Text, input -> Text,
        correlation_id -> Text, created_at -> Timestamp, updated_at -> Timestamp,
    }
}
diesel::table! {
    step (run_id, name) {
        run_id -> Text, name -> Text, position -> Integer, after -> Text, state -> Text, attempts -> Integer,
        due_at -> Timestamp, reason -> Text, message -> Text,
        exception_id -> Text, result -> Text,
    }
}
diesel::table! { feed_cursor (feed) { feed -> Text, value -> Text, } }
diesel::table! {
    exception (id) {
        id -> Text, cause -> Text, object_kind -> Text, object_id -> Text, engagement_id -> Text, owner_role -> Text,
        state -> Text, message -> Text, field -> Text, opened_at -> Timestamp, due_at -> Timestamp,
        resolved_at -> Nullable<Timestamp>, retry_at -> Nullable<Timestamp>, assignee -> Text, occurrences -> Integer,
        last_seen_at -> Timestamp, currency_code -> Text, minor_units -> BigInt,
    }
}
diesel::table! {
    exception_action (request_id) {
        request_id -> Text, exception_id -> Text, action -> Text, actor -> Text, reason -> Text, body_hash -> Text,
        state_before -> Text, state_after -> Text, effects -> Text, answer -> Binary, bulk_token -> Text,
        correlation_id -> Text, acted_at -> Timestamp,
    }
}
diesel::table! {
    excepted_line (kind, line_id) {
        kind -> Text, line_id -> Text, state -> Text, exception_id -> Text, excepted_at -> Timestamp,
    }
}
diesel::table! {
    line_edit (kind, line_id) {
        kind -> Text, line_id -> Text, base_hash -> Text, body -> Text, exception_id -> Text, edited_at -> Timestamp,
    }
}
diesel::table! {
    bulk_action (token) {
        token -> Text, action -> Text, actor -> Text, reason -> Text, assignee -> Text, request_id -> Nullable<Text>,
        created_at -> Timestamp,
    }
}
diesel::table! {
    bulk_item (token, position) {
        token -> Text, position -> Integer, exception_id -> Text, etag -> Text, outcome -> Text, message -> Text,
    }
}
diesel::table! {
    hand_off (sequence) {
        sequence -> BigInt, engagement_id -> Text, dedupe_key -> Text, event -> Text, system -> Text, kind -> Text,
        vendor_id -> Text, state -> Text, detail -> Text, happened_at -> Timestamp, correlation_id -> Text,
    }
}
diesel::table! {
    time_entry (id) {
        id -> Text, employee_id -> Text, project_id -> Text, project_code -> Text, contract_id -> Text, engagement_id -> Text,
        work_date -> Date, approved_on -> Date, first_run -> Nullable<Date>,
        reference -> Text, correlation_id -> Text,
    }
}
diesel::table! {
    time_version (psa_id) {
        psa_id -> Text, entry_id -> Text, version -> Integer, minutes -> Integer, write_down_minutes -> Integer,
        role -> Text, overtime -> Bool, billable -> Bool, approved_on -> Date, posted -> Bool, approved_at -> Timestamp,
    }
}
diesel::table! {
    expense_item (id) {
        id -> Text, project_id -> Text, project_code -> Text, contract_id -> Text, engagement_id -> Text, incurred_on -> Date,
        category -> Text, currency_code -> Text, minor_units -> BigInt, receipt -> Bool, billable -> Bool,
        approved_on -> Date, first_run -> Nullable<Date>, reference -> Text, correlation_id -> Text,
    }
}
diesel::table! {
    document (key) {
        key -> Text, engagement_id -> Text, contract_id -> Text, contract_number -> Text, period -> Text, credit_memo -> Bool,
        state -> Text, number -> Text, erp_id -> Text, issue_date -> Date, due_date -> Date, currency_code -> Text,
        net -> BigInt, tax -> BigInt, gross -> BigInt, open -> BigInt, line_count -> Integer, correlation_id -> Text,
        timing -> Text, customer_id -> Text, legal_entity_code -> Text,
    }
}
diesel::table! {
    document_line (document_key, line_no) {
        document_key -> Text, line_no -> Integer, contract_id -> Text, kind -> Text, source -> Text, minor_units -> BigInt,
    }
}
diesel::table! {
    posting (key) {
        key -> Text, kind -> Text, natural_key -> Text, body_hash -> Text, body -> Binary, state -> Text, waits_for -> Text,
        attempts -> Integer, due_at -> Timestamp, vendor_id -> Text, vendor_number -> Text, reason -> Text, message -> Text,
        engagement_id -> Text, correlation_id -> Text, created_at -> Timestamp, updated_at -> Timestamp,
        original_period -> Text, line -> Text, subject -> Text, period -> Text, legal_entity_code -> Text,
        posting_date -> Nullable<Date>, currency_code -> Text, minutes -> BigInt, minor_units -> BigInt,
    }
}
diesel::table! {
    revenue_event (key) {
        key -> Text, contract_id -> Text, contract_number -> Text, engagement_id -> Text, period -> Text, kind -> Text,
        contract_type -> Text, measure -> Text, currency_code -> Text, cumulative_before -> BigInt, cumulative -> BigInt,
        amount -> BigInt, known_on -> Date, basis -> Text, warning -> Text, state -> Text, journal_key -> Text, erp_id -> Text,
        correlation_id -> Text,
    }
}
diesel::table! {
    milestone_acceptance (code) {
        code -> Text, contract_id -> Text, contract_number -> Text, engagement_id -> Text, psa_id -> Text, delivered -> Bool,
        accepted_on -> Nullable<Date>, evidence -> Text, known_on -> Nullable<Date>, approved_on -> Nullable<Date>,
        approved_by -> Text, approval_request_id -> Nullable<Text>, first_run -> Nullable<Date>,
    }
}
diesel::table! {
    project_estimate (project_id, version) {
        project_id -> Text, version -> Integer, project_code -> Text, contract_id -> Text, engagement_id -> Text,
        recorded_on -> Date, minutes -> BigInt, known_at -> Timestamp,
    }
}
diesel::table! {
    intercompany_charge (run_period, delivering_entity_code, contracting_entity_code, work_period) {
        run_period -> Text, delivering_entity_code -> Text, contracting_entity_code -> Text, work_period -> Text,
        currency_code -> Text, minutes -> BigInt, minor_units -> BigInt, known_on -> Date, correlation_id -> Text,
    }
}
diesel::table! {
    finding (id) {
        id -> Text, kind -> Text, state -> Text, subject -> Text, psa_id -> Text, project_code -> Text, work_date -> Date,
        psa_minutes -> Integer, erp_minutes -> Integer, erp_ids -> Text, exception_id -> Text, found_at -> Timestamp,
        mended_at -> Nullable<Timestamp>,
    }
}
diesel::table! {
    instance (node) { node -> Text, incarnation -> Text, alive_until -> Timestamp, }
}
diesel::table! {
    claim (kind, key) { kind -> Text, key -> Text, incarnation -> Text, }
}

diesel::allow_tables_to_appear_in_same_query!(run, step, claim);
diesel::allow_tables_to_appear_in_same_query!(time_entry, time_version, expense_item, excepted_line);
diesel::allow_tables_to_appear_in_same_query!(document, document_line);
