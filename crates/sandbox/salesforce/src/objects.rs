//! The org's objects and their fields: standard ones as far as a services firm uses them, custom ones as an administrator
//! added them for the integration (`docs/system-of-record.md`).

use strata_sandbox::Kind;

use crate::schema::{Field, FieldKind, Object};

const fn text(name: &'static str) -> Field {
    Field::new(name, FieldKind::Text(255))
}
const fn flag(name: &'static str) -> Field {
    Field::new(name, FieldKind::Bool)
}
const fn int(name: &'static str) -> Field {
    Field::new(name, FieldKind::Int)
}
const fn money(name: &'static str) -> Field {
    Field::new(name, FieldKind::Decimal("currency"))
}
const fn percent(name: &'static str) -> Field {
    Field::new(name, FieldKind::Decimal("percent"))
}
const fn date(name: &'static str) -> Field {
    Field::new(name, FieldKind::Date)
}
const fn one_of(name: &'static str, values: &'static [&'static str]) -> Field {
    Field::new(name, FieldKind::Picklist(values))
}
const fn refers(name: &'static str, object: &'static str) -> Field {
    Field::new(name, FieldKind::Reference(object))
}
const fn currency() -> Field {
    Field::new("CurrencyIsoCode", FieldKind::Currency)
}

static USER: &[Field] = &[
    text("Username").required(),
    text("Name"),
    Field::new("Email", FieldKind::Email),
    flag("IsActive"),
    text("FederationIdentifier"),
    text("EmployeeNumber"),
];

static ACCOUNT: &[Field] = &[
    text("Name").required(),
    text("AccountNumber"),
    refers("ParentId", "Account"),
    text("BillingStreet"),
    text("BillingCity"),
    text("BillingState"),
    text("BillingPostalCode"),
    text("BillingCountry"),
    Field::new("Type", FieldKind::OpenPicklist),
    currency(),
    flag("VAT_Id_Valid__c"),
    int("Payment_Terms_Days__c"),
];

static CONTACT: &[Field] = &[
    text("FirstName"),
    text("LastName").required(),
    Field::new("Email", FieldKind::Email),
    refers("AccountId", "Account"),
    currency(),
];

static OPPORTUNITY: &[Field] = &[
    text("Name").required(),
    refers("AccountId", "Account"),
    Field::new("StageName", FieldKind::OpenPicklist).required(),
    flag("IsClosed").read_only(),
    flag("IsWon").read_only(),
    date("CloseDate").required(),
    money("Amount"),
    percent("Probability"),
    Field::new("ForecastCategoryName", FieldKind::OpenPicklist),
    currency(),
    text("Engagement_Id__c"),
    text("ERP_Customer_Id__c"),
    text("ERP_Contract_Id__c"),
    Field::new("PSA_Project_Ids__c", FieldKind::Text(4_000)),
];

static CONTRACT: &[Field] = &[
    text("Name"),
    text("ContractNumber").read_only(),
    refers("AccountId", "Account").required(),
    one_of("Status", &["Draft", "In Approval Process", "Activated"]).required(),
    date("StartDate"),
    date("EndDate"),
    int("ContractTerm"),
    currency(),
    refers("Opportunity__c", "Opportunity"),
    text("Contract_Code__c"),
    one_of(
        "Contract_Type__c",
        &[
            "time",
            "time_capped",
            "blended",
            "fixed_fee",
            "retainer_monthly",
            "retainer_prepaid",
        ],
    ),
    one_of("Revenue_Method__c", &["hours_input", "milestone", "straight_line"]),
    text("Legal_Entity__c"),
    date("Signed_On__c"),
    int("Increment_Minutes__c"),
    one_of("Rounding_Mode__c", &["up", "half_up"]),
    int("Minimum_Minutes__c"),
    percent("Overtime_Percent__c"),
    percent("Expense_Markup_Percent__c"),
    money("Cap_Amount__c"),
    money("Contract_Value__c"),
    money("Monthly_Fee__c"),
    int("Included_Minutes__c"),
    money("Overage_Rate__c"),
    money("Prepaid_Amount__c"),
];

static SOW_PROJECT: &[Field] = &[
    text("Name"),
    refers("Opportunity__c", "Opportunity").required(),
    text("Project_Code__c"),
    date("Start_Date__c"),
    text("Cost_Center__c"),
    Field::new("Roles__c", FieldKind::MultiPicklist),
    int("Sequence__c"),
    currency(),
];

static SOW_TASK: &[Field] = &[
    text("Name"),
    refers("SOW_Project__c", "SOW_Project__c").required(),
    text("Task_Code__c"),
    flag("Billable__c"),
    int("Sequence__c"),
    currency(),
];

static RATE_LINE: &[Field] = &[
    text("Name"),
    text("Line_Code__c"),
    one_of("Level__c", &["contract", "project", "customer", "standard"]),
    text("Level_Key__c"),
    text("Role__c"),
    currency(),
    money("Hourly_Rate__c"),
    date("Effective_From__c"),
    date("Effective_To__c"),
];

static AMENDMENT: &[Field] = &[
    text("Name"),
    text("Amendment_Code__c"),
    text("Contract_Code__c"),
    one_of("Kind__c", &["rates", "cap", "scope"]),
    one_of("Status__c", &["Draft", "Signed"]),
    date("Effective_From__c"),
    date("Signed_On__c"),
    currency(),
    money("Cap_Amount__c"),
    money("Added_Value__c"),
];

static AMENDED_RATE: &[Field] = &[
    text("Name"),
    refers("Amendment__c", "Contract_Amendment__c").required(),
    text("Role__c"),
    money("Hourly_Rate__c"),
    currency(),
];

static MILESTONE: &[Field] = &[
    text("Name"),
    text("Milestone_Code__c"),
    text("Contract_Code__c"),
    money("Amount__c"),
    currency(),
    date("Planned_On__c"),
    text("Amendment_Code__c"),
    int("Sequence__c"),
];

static INVOICE_STATUS: &[Field] = &[
    text("Name"),
    text("PSG_Key__c").external_id(),
    refers("Account__c", "Account"),
    refers("Opportunity__c", "Opportunity"),
    text("Document_Number__c"),
    text("Status__c"),
    date("Issue_Date__c"),
    date("Due_Date__c"),
    currency(),
    money("Gross__c"),
    money("Open__c"),
];

/// Declares an object and its kind in the store together, so that the two cannot differ.
macro_rules! org {
    ($($name:literal $prefix:literal $fields:ident [$($index:literal),*];)*) => {
        /// Every object of the org.
        pub(crate) static OBJECTS: &[Object] =
            &[$(Object { name: $name, prefix: $prefix, fields: $fields, indexes: &[$($index),*] }),*];
        /// How the store keeps them.
        pub(crate) static KINDS: &[Kind] = &[$(Kind { name: $name, indexes: &[$($index),*] }),*];
    };
}

org! {
    "User" "005" USER ["Username"];
    "Account" "001" ACCOUNT ["Name", "AccountNumber", "ParentId"];
    "Contact" "003" CONTACT ["AccountId"];
    "Opportunity" "006" OPPORTUNITY ["Name", "AccountId", "Engagement_Id__c"];
    "Contract" "800" CONTRACT ["AccountId", "Opportunity__c", "Contract_Code__c"];
    "SOW_Project__c" "a00" SOW_PROJECT ["Opportunity__c", "Project_Code__c"];
    "SOW_Task__c" "a01" SOW_TASK ["SOW_Project__c", "Task_Code__c"];
    "Rate_Line__c" "a02" RATE_LINE ["Line_Code__c", "Level_Key__c"];
    "Contract_Amendment__c" "a03" AMENDMENT ["Amendment_Code__c", "Contract_Code__c"];
    "Amended_Rate__c" "a04" AMENDED_RATE ["Amendment__c"];
    "Invoice_Status__c" "a05" INVOICE_STATUS ["PSG_Key__c", "Account__c", "Opportunity__c", "Document_Number__c"];
    "Contract_Milestone__c" "a06" MILESTONE ["Milestone_Code__c", "Contract_Code__c"];
}

/// The object of this name, in any case, as the vendor matches names.
pub(crate) fn object(name: &str) -> Option<&'static Object> {
    OBJECTS.iter().find(|o| o.name.eq_ignore_ascii_case(name))
}

/// Fields of other objects that hold ids of `target`, with the object each is on.
pub(crate) fn referring(target: &Object) -> impl Iterator<Item = (&'static Object, &'static Field)> {
    let kind = FieldKind::Reference(target.name);
    OBJECTS
        .iter()
        .flat_map(move |o| o.fields.iter().filter(move |f| f.kind == kind).map(move |f| (o, f)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_and_external_id_is_indexed_and_every_index_is_a_field() {
        for object in OBJECTS {
            for field in object.fields {
                if matches!(field.kind, FieldKind::Reference(_)) || field.external_id {
                    assert!(object.is_indexed(field), "{}.{}", object.name, field.name);
                }
                if let FieldKind::Reference(target) = field.kind {
                    assert!(super::object(target).is_some(), "{}.{}", object.name, field.name);
                }
            }
            for index in object.indexes {
                assert!(object.field(index).is_some(), "{}.{index}", object.name);
            }
        }
    }

    #[test]
    fn names_and_prefixes_are_unique() {
        for (i, a) in OBJECTS.iter().enumerate() {
            for b in &OBJECTS[i + 1..] {
                assert!(a.prefix != b.prefix && a.name != b.name, "{} {}", a.name, b.name);
            }
        }
    }
}
