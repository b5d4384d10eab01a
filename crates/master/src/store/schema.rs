//! Tables of migrations 000001_master, 000004_milestones_master and 000010_transfer_rate.

diesel::table! { legal_entity (code) { code -> Text, body -> Binary, } }
diesel::table! { cost_center (code) { code -> Text, legal_entity_code -> Text, } }
diesel::table! { receipt_limit (currency_code) { currency_code -> Text, minor_units -> BigInt, } }
diesel::table! {
    exchange_rate (from_currency, to_currency, date) { from_currency -> Text, to_currency -> Text, date -> Date, rate -> Text, }
}
diesel::table! {
    transfer_rate (id, recorded_at) {
        id -> Text, recorded_at -> Timestamp, delivering_entity_code -> Text, contracting_entity_code -> Text, role -> Text,
        currency_code -> Text, hourly_rate -> Text, effective_date -> Date, effective_end_date -> Nullable<Date>,
    }
}
diesel::table! {
    customer (id) {
        id -> Text, name -> Text, country_code -> Text, currency_code -> Text, vat_id_valid -> Bool,
        payment_terms_days -> Integer, crm_account_id -> Text,
    }
}
diesel::table! {
    engagement (id) {
        id -> Text, crm_opportunity_id -> Text, name -> Text, customer_id -> Text, sold_currency -> Nullable<Text>,
        sold_minor -> Nullable<BigInt>, created_at -> Timestamp,
    }
}
diesel::table! {
    contract (id) {
        id -> Text, number -> Text, engagement_id -> Text, customer_id -> Text, legal_entity_code -> Text, terms -> Binary,
        tax_category -> Integer, tax_percent -> Text,
    }
}
diesel::table! {
    project (id) {
        id -> Text, code -> Text, name -> Text, contract_id -> Nullable<Text>, legal_entity_code -> Text,
        cost_center_code -> Text, start_date -> Nullable<Date>, roles -> Text,
    }
}
diesel::table! {
    task (id) { id -> Text, project_id -> Text, position -> Integer, code -> Text, name -> Text, billable -> Bool, }
}
diesel::table! {
    rate_line (id) { id -> Text, level -> Integer, level_key -> Text, digest -> Text, body -> Binary, }
}
diesel::table! {
    amendment (number) { number -> Text, contract_number -> Text, effective_date -> Date, digest -> Text, body -> Binary, }
}
diesel::table! {
    milestone (code) {
        code -> Text, contract_number -> Text, amendment_number -> Text, sequence -> Integer, digest -> Text, body -> Binary,
    }
}
diesel::table! {
    employee (id) {
        id -> Text, number -> Text, name -> Text, email -> Text, role -> Text, hire_date -> Date, termination_date -> Nullable<Date>,
    }
}
diesel::table! {
    employment (employee_id, effective_date, recorded_at) {
        employee_id -> Text, effective_date -> Date, recorded_at -> Timestamp, legal_entity_code -> Text, fte_percent -> Integer,
    }
}
diesel::table! {
    cost_rate (employee_id, effective_date, recorded_at) {
        employee_id -> Text, effective_date -> Date, recorded_at -> Timestamp, currency_code -> Text, minor_units -> BigInt,
    }
}
diesel::table! {
    cross_reference (system, kind, external_id) { system -> Text, kind -> Text, external_id -> Text, id -> Text, }
}
diesel::table! {
    master_revision (name) { name -> Text, revision -> BigInt, }
}
diesel::allow_tables_to_appear_in_same_query!(engagement, customer, contract);
