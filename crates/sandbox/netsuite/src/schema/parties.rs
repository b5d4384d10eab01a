//! Customers, their contracts and projects, employees and their time.

use super::Shape::{Choice, Currency, CurrencyCode, Day, Flag, Hours, Number, Ref, Text, Whole};
use super::{Choices, RecordType, Rule, may, must};

/// UNVERIFIED labels.
static TIME_APPROVAL: Choices = &[("1", "Open"), ("2", "Pending Approval"), ("3", "Approved"), ("4", "Rejected")];

pub(super) static TYPES: &[RecordType] = &[
    RecordType {
        name: "customer",
        kind: "customer",
        fields: &[
            may("entityId", Text),
            must("companyName", Text),
            may("email", Text),
            must("subsidiary", Ref("subsidiary")),
            may("currency", Currency),
            may("custentity_country", Text),
            may("custentity_terms_days", Whole),
            may("isInactive", Flag),
        ],
        rule: Rule::Plain,
        label: "companyName",
        unique: Some("entityId"),
        numbered: Some("CUST"),
        used_by: &[
            ("job", "parent.id"),
            ("salesOrder", "entity.id"),
            ("transaction", "entity.id"),
            ("customerPayment", "customer.id"),
        ],
    },
    RecordType {
        name: "salesOrder",
        kind: "salesOrder",
        fields: &[
            must("entity", Ref("customer")),
            may("otherRefNum", Text),
            may("subsidiary", Ref("subsidiary")),
            may("currency", Currency),
            may("tranDate", Day),
            may("startDate", Day),
            may("endDate", Day),
            may("memo", Text),
            may("custbody_sold_value", Number),
        ],
        rule: Rule::Plain,
        label: "otherRefNum",
        unique: None,
        numbered: None,
        used_by: &[],
    },
    RecordType {
        name: "job",
        kind: "job",
        fields: &[
            must("entityId", Text),
            must("companyName", Text),
            // Absent for internal work.
            may("parent", Ref("customer")),
            must("subsidiary", Ref("subsidiary")),
            may("department", Ref("department")),
            may("currency", Currency),
            may("startDate", Day),
            may("endDate", Day),
            may("projectedEndDate", Day),
            may("isInactive", Flag),
        ],
        rule: Rule::Plain,
        label: "entityId",
        unique: Some("entityId"),
        numbered: None,
        used_by: &[("timeBill", "customer.id"), ("transaction", "_jobs")],
    },
    RecordType {
        name: "employee",
        kind: "employee",
        fields: &[
            must("entityId", Text),
            may("firstName", Text),
            must("lastName", Text),
            may("email", Text),
            must("subsidiary", Ref("subsidiary")),
            may("department", Ref("department")),
            may("hireDate", Day),
            // Lower case is real.
            may("releasedate", Day),
            may("isInactive", Flag),
            may("laborCost", Number),
            may("currency", Currency),
        ],
        rule: Rule::Plain,
        label: "entityId",
        unique: Some("entityId"),
        numbered: None,
        used_by: &[("timeBill", "employee.id")],
    },
    RecordType {
        name: "timeBill",
        kind: "timeBill",
        fields: &[
            must("employee", Ref("employee")),
            // Holds the project, in spite of its name.
            must("customer", Ref("job")),
            must("tranDate", Day),
            must("hours", Hours),
            may("isBillable", Flag),
            may("memo", Text),
            may("approvalStatus", Choice(TIME_APPROVAL)),
            may("custcol_billable_minutes", Whole),
            may("custcol_bill_amount", Number),
            may("custcol_bill_currency", CurrencyCode),
            may("custcol_cost_amount", Number),
            may("custcol_cost_currency", CurrencyCode),
        ],
        rule: Rule::Time,
        label: "tranDate",
        unique: None,
        numbered: None,
        used_by: &[],
    },
];
