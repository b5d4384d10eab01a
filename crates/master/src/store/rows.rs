//! Rows of the tables, one struct for reading and writing.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::schema::{
    amendment, contract, cost_center, cost_rate, cross_reference, customer, employee, employment, engagement, exchange_rate,
    legal_entity, milestone, project, rate_line, receipt_limit, task, transfer_rate,
};

macro_rules! row {
    ($(#[$doc:meta])* $name:ident, $table:ident { $($field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
        #[diesel(table_name = $table, treat_none_as_default_value = false, treat_none_as_null = true)]
        pub(crate) struct $name { $(pub(crate) $field: $type),* }
    };
}

row!(/// A company of the firm, as its message.
    LegalEntityRow, legal_entity { code: String, body: Vec<u8> });
row!(/// Where cost is booked.
    CostCenterRow, cost_center { code: String, legal_entity_code: String });
row!(/// Amount above which an expense needs a receipt.
    ReceiptLimitRow, receipt_limit { currency_code: String, minor_units: i64 });
row!(/// An exchange rate from a day on.
    ExchangeRateRow, exchange_rate { from_currency: String, to_currency: String, date: NaiveDate, rate: String });
row!(/// What one company charges another for an hour, as recorded at an instant.
TransferRateRow, transfer_rate {
    id: String, recorded_at: NaiveDateTime, delivering_entity_code: String, contracting_entity_code: String, role: String,
    currency_code: String, hourly_rate: String, effective_date: NaiveDate, effective_end_date: Option<NaiveDate>,
});
row!(/// Who buys.
CustomerRow, customer {
    id: String, name: String, country_code: String, currency_code: String, vat_id_valid: bool,
    payment_terms_days: i32, crm_account_id: String,
});
row!(/// Everything done under one sale.
EngagementRow, engagement {
    id: String, crm_opportunity_id: String, name: String, customer_id: String, sold_currency: Option<String>,
    sold_minor: Option<i64>, created_at: NaiveDateTime,
});
row!(/// A signed contract. `terms` is the message.
ContractRow, contract {
    id: String, number: String, engagement_id: String, customer_id: String, legal_entity_code: String, terms: Vec<u8>,
    tax_category: i32, tax_percent: String,
});
row!(/// A project. `roles` are joined by ';'.
ProjectRow, project {
    id: String, code: String, name: String, contract_id: Option<String>, legal_entity_code: String,
    cost_center_code: String, start_date: Option<NaiveDate>, roles: String,
});
row!(/// A task of a project.
    TaskRow, task { id: String, project_id: String, position: i32, code: String, name: String, billable: bool });
row!(/// A rate line. `digest` tells a repeat from a change, which is refused.
    RateLineRow, rate_line { id: String, level: i32, level_key: String, digest: String, body: Vec<u8> });
row!(/// A signed amendment.
    AmendmentRow, amendment { number: String, contract_number: String, effective_date: NaiveDate, digest: String, body: Vec<u8> });
row!(/// A milestone. `digest` tells a repeat from a change, which is refused.
MilestoneRow, milestone {
    code: String, contract_number: String, amendment_number: String, sequence: i32, digest: String, body: Vec<u8>,
});
row!(/// A person.
EmployeeRow, employee {
    id: String, number: String, name: String, email: String, role: String, hire_date: NaiveDate, termination_date: Option<NaiveDate>,
});
row!(/// Who employs a person from a day on, as recorded at an instant.
EmploymentRow, employment {
    employee_id: String, effective_date: NaiveDate, recorded_at: NaiveDateTime, legal_entity_code: String, fte_percent: i32,
});
row!(/// What an hour costs from a day on, as recorded at an instant.
CostRateRow, cost_rate {
    employee_id: String, effective_date: NaiveDate, recorded_at: NaiveDateTime, currency_code: String, minor_units: i64,
});
row!(/// What one of our ids is called elsewhere.
    CrossReferenceRow, cross_reference { system: String, kind: String, external_id: String, id: String });
