//! Names at the vendor: objects, custom fields, and the columns each query asks for. Custom names are ours
//! (`docs/system-of-record.md`): an administrator adds them when the org is connected.

pub(crate) const OPPORTUNITY: &str = "Opportunity";
pub(crate) const ACCOUNT: &str = "Account";
pub(crate) const CONTRACT: &str = "Contract";
pub(crate) const SOW_PROJECT: &str = "SOW_Project__c";
pub(crate) const SOW_TASK: &str = "SOW_Task__c";
pub(crate) const RATE_LINE: &str = "Rate_Line__c";
pub(crate) const AMENDMENT: &str = "Contract_Amendment__c";
pub(crate) const AMENDED_RATE: &str = "Amended_Rate__c";
pub(crate) const MILESTONE: &str = "Contract_Milestone__c";
pub(crate) const INVOICE_STATUS: &str = "Invoice_Status__c";

/// Unique External ID of the records that we upsert.
pub(crate) const KEY: &str = "PSG_Key__c";

pub(crate) const ID: &str = "Id";
pub(crate) const NAME: &str = "Name";
pub(crate) const CURRENCY: &str = "CurrencyIsoCode";
pub(crate) const CREATED: &str = "CreatedDate";
pub(crate) const MODIFIED: &str = "SystemModstamp";

pub(crate) const ENGAGEMENT_ID: &str = "Engagement_Id__c";
pub(crate) const ERP_CUSTOMER_ID: &str = "ERP_Customer_Id__c";
pub(crate) const ERP_CONTRACT_ID: &str = "ERP_Contract_Id__c";
pub(crate) const PSA_PROJECT_IDS: &str = "PSA_Project_Ids__c";

pub(crate) const VAT_ID_VALID: &str = "VAT_Id_Valid__c";
pub(crate) const PAYMENT_TERMS_DAYS: &str = "Payment_Terms_Days__c";

pub(crate) const OF_OPPORTUNITY: &str = "Opportunity__c";
pub(crate) const CONTRACT_CODE: &str = "Contract_Code__c";
pub(crate) const CONTRACT_TYPE: &str = "Contract_Type__c";
pub(crate) const REVENUE_METHOD: &str = "Revenue_Method__c";
pub(crate) const LEGAL_ENTITY: &str = "Legal_Entity__c";
pub(crate) const SIGNED_ON: &str = "Signed_On__c";
pub(crate) const INCREMENT_MINUTES: &str = "Increment_Minutes__c";
pub(crate) const ROUNDING_MODE: &str = "Rounding_Mode__c";
pub(crate) const MINIMUM_MINUTES: &str = "Minimum_Minutes__c";
pub(crate) const OVERTIME_PERCENT: &str = "Overtime_Percent__c";
pub(crate) const EXPENSE_MARKUP_PERCENT: &str = "Expense_Markup_Percent__c";
pub(crate) const CAP_AMOUNT: &str = "Cap_Amount__c";
pub(crate) const CONTRACT_VALUE: &str = "Contract_Value__c";
pub(crate) const MONTHLY_FEE: &str = "Monthly_Fee__c";
pub(crate) const INCLUDED_MINUTES: &str = "Included_Minutes__c";
pub(crate) const OVERAGE_RATE: &str = "Overage_Rate__c";
pub(crate) const PREPAID_AMOUNT: &str = "Prepaid_Amount__c";

pub(crate) const PROJECT_CODE: &str = "Project_Code__c";
pub(crate) const START_DATE: &str = "Start_Date__c";
pub(crate) const COST_CENTER: &str = "Cost_Center__c";
pub(crate) const ROLES: &str = "Roles__c";
pub(crate) const SEQUENCE: &str = "Sequence__c";
pub(crate) const OF_PROJECT: &str = "SOW_Project__c";
pub(crate) const TASK_CODE: &str = "Task_Code__c";
pub(crate) const BILLABLE: &str = "Billable__c";

pub(crate) const LINE_CODE: &str = "Line_Code__c";
pub(crate) const LEVEL: &str = "Level__c";
pub(crate) const LEVEL_KEY: &str = "Level_Key__c";
pub(crate) const ROLE: &str = "Role__c";
pub(crate) const HOURLY_RATE: &str = "Hourly_Rate__c";
pub(crate) const EFFECTIVE_FROM: &str = "Effective_From__c";
pub(crate) const EFFECTIVE_TO: &str = "Effective_To__c";

pub(crate) const AMENDMENT_CODE: &str = "Amendment_Code__c";
pub(crate) const KIND: &str = "Kind__c";
pub(crate) const STATUS: &str = "Status__c";
pub(crate) const ADDED_VALUE: &str = "Added_Value__c";
pub(crate) const OF_AMENDMENT: &str = "Amendment__c";

pub(crate) const MILESTONE_CODE: &str = "Milestone_Code__c";
pub(crate) const AMOUNT: &str = "Amount__c";
pub(crate) const PLANNED_ON: &str = "Planned_On__c";

pub(crate) const OF_ACCOUNT: &str = "Account__c";
pub(crate) const DOCUMENT_NUMBER: &str = "Document_Number__c";
pub(crate) const ISSUE_DATE: &str = "Issue_Date__c";
pub(crate) const DUE_DATE: &str = "Due_Date__c";
pub(crate) const GROSS: &str = "Gross__c";
pub(crate) const OPEN: &str = "Open__c";

/// `Contract.Status` of a contract that both sides signed.
pub(crate) const ACTIVATED: &str = "Activated";
/// `Contract_Amendment__c.Status__c` of a signed amendment.
pub(crate) const SIGNED: &str = "Signed";
/// What joins several values in one field, in a multi-select and in the project ids we write.
pub(crate) const JOINER: char = ';';

pub(crate) const OPPORTUNITY_COLUMNS: &[&str] = &[
    ID,
    NAME,
    "AccountId",
    "StageName",
    "IsClosed",
    "IsWon",
    "CloseDate",
    "Amount",
    CURRENCY,
    ENGAGEMENT_ID,
    MODIFIED,
];
pub(crate) const ACCOUNT_COLUMNS: &[&str] = &[ID, NAME, "BillingCountry", CURRENCY, VAT_ID_VALID, PAYMENT_TERMS_DAYS];
pub(crate) const CONTRACT_COLUMNS: &[&str] = &[
    ID,
    "Status",
    "StartDate",
    "EndDate",
    CURRENCY,
    CONTRACT_CODE,
    CONTRACT_TYPE,
    REVENUE_METHOD,
    LEGAL_ENTITY,
    SIGNED_ON,
    INCREMENT_MINUTES,
    ROUNDING_MODE,
    MINIMUM_MINUTES,
    OVERTIME_PERCENT,
    EXPENSE_MARKUP_PERCENT,
    CAP_AMOUNT,
    CONTRACT_VALUE,
    MONTHLY_FEE,
    INCLUDED_MINUTES,
    OVERAGE_RATE,
    PREPAID_AMOUNT,
];
pub(crate) const PROJECT_COLUMNS: &[&str] = &[ID, NAME, PROJECT_CODE, START_DATE, COST_CENTER, ROLES];
pub(crate) const TASK_COLUMNS: &[&str] = &[ID, NAME, OF_PROJECT, TASK_CODE, BILLABLE];
pub(crate) const RATE_LINE_COLUMNS: &[&str] = &[
    ID,
    LINE_CODE,
    LEVEL,
    LEVEL_KEY,
    ROLE,
    CURRENCY,
    HOURLY_RATE,
    EFFECTIVE_FROM,
    EFFECTIVE_TO,
    CREATED,
];
pub(crate) const AMENDMENT_COLUMNS: &[&str] = &[
    ID,
    AMENDMENT_CODE,
    CONTRACT_CODE,
    KIND,
    EFFECTIVE_FROM,
    SIGNED_ON,
    CURRENCY,
    CAP_AMOUNT,
    ADDED_VALUE,
    MODIFIED,
];
pub(crate) const AMENDED_RATE_COLUMNS: &[&str] = &[ID, OF_AMENDMENT, ROLE, HOURLY_RATE];
pub(crate) const MILESTONE_COLUMNS: &[&str] = &[
    ID,
    NAME,
    MILESTONE_CODE,
    CONTRACT_CODE,
    AMOUNT,
    CURRENCY,
    PLANNED_ON,
    AMENDMENT_CODE,
    SEQUENCE,
    CREATED,
];
