//! Names at the vendor: resources, custom fields, and whatever the vendor's public contract does not confirm.

/// A resource that can carry our key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Resource {
    /// Path, and name of the collection in answers.
    pub(crate) path: &'static str,
    /// Wrapper of request bodies.
    pub(crate) singular: &'static str,
    /// Subject type of its external references; also their `service_model`.
    pub(crate) subject: &'static str,
    /// Parameter that shows what the default filters hide. Without it a record of an archived project is not found, and would
    /// be created a second time.
    pub(crate) show_all: Option<&'static str>,
}

pub(crate) const CLIENT: Resource = Resource {
    path: "workspace_groups",
    singular: "workspace_group",
    subject: "WorkspaceGroup",
    show_all: None,
};
pub(crate) const PROJECT: Resource = Resource {
    path: "workspaces",
    singular: "workspace",
    subject: "Workspace",
    show_all: Some("include_archived"),
};
pub(crate) const TASK: Resource = Resource {
    path: "stories",
    singular: "story",
    subject: "Story",
    show_all: Some("show_from_archived_workspaces"),
};
pub(crate) const PERSON: Resource = Resource {
    path: "users",
    singular: "user",
    subject: "User",
    show_all: None,
};
pub(crate) const SEAT: Resource = Resource {
    path: "workspace_resources",
    singular: "workspace_resource",
    subject: "WorkspaceResource",
    show_all: None,
};
pub(crate) const INVOICE: Resource = Resource {
    path: "invoices",
    singular: "invoice",
    subject: "Invoice",
    show_all: None,
};

pub(crate) const TIME_ENTRIES: &str = "time_entries";
pub(crate) const EXPENSES: &str = "expenses";
pub(crate) const TIMESHEETS: &str = "timesheet_submissions";
pub(crate) const EXPENSE_REPORTS: &str = "expense_report_submissions";
pub(crate) const MEMBERSHIPS: &str = "account_memberships";
pub(crate) const COST_RATES: &str = "cost_rates";
pub(crate) const RATE_CARDS: &str = "rate_cards";
pub(crate) const REFERENCES: &str = "external_references";
pub(crate) const CUSTOM_VALUES: &str = "custom_field_values";

/// Shows time and expense of archived projects, which the default filters hide.
pub(crate) const FROM_ARCHIVED: &str = "from_archived_workspaces";

/// Custom fields of a workspace.
pub(crate) const PROJECT_CODE: &str = "Project Code";
pub(crate) const LEGAL_ENTITY: &str = "Legal Entity";
pub(crate) const COST_CENTER: &str = "Cost Center";

pub(crate) const EAC_MINUTES: &str = "EAC Minutes";
pub(crate) const EAC_RECORDED_ON: &str = "EAC Recorded On";

/// Custom fields of a milestone.
pub(crate) const MILESTONE_CODE: &str = "Milestone Code";
pub(crate) const ACCEPTED_ON: &str = "Accepted On";
pub(crate) const ACCEPTANCE_EVIDENCE: &str = "Acceptance Evidence";

/// Types of a story that we make: work that hours are booked on, and what a customer accepts.
pub(crate) const TASK_TYPE: &str = "task";
pub(crate) const MILESTONE_TYPE: &str = "milestone";
/// Parameter that narrows a list of stories to a type. UNVERIFIED.
pub(crate) const STORY_TYPE: &str = "story_type";
/// `stories.state` of what is delivered.
pub(crate) const COMPLETED: &str = "completed";

/// Custom fields of a time entry.
pub(crate) const ROLE: &str = "Role";
pub(crate) const WORK_TYPE: &str = "Work Type";
pub(crate) const WRITE_DOWN_MINUTES: &str = "Write Down Minutes";
pub(crate) const SUPERSEDES_ENTRY: &str = "Supersedes Entry";

/// Instant at which a sheet was approved or rejected. UNVERIFIED which of the two the vendor serves.
pub(crate) const RESOLVED_AT: [&str; 2] = ["resolved_at", "current_resolution_created_at_date"];

/// Where custom fields stand in a create. UNVERIFIED.
pub(crate) const CUSTOM_FIELDS: &str = "custom_fields";

/// Default role of a membership. UNVERIFIED: the published contract has `default_role_id`.
pub(crate) const DEFAULT_ROLE: &str = "default_role_name";

/// Cost per hour of a cost rate. UNVERIFIED: the published contract has `amount_in_subunits`.
pub(crate) const COST_IN_CENTS: &str = "cost_rate_in_cents";

/// Status of an invoice with nothing open, and of one that has.
pub(crate) const PAID: &str = "accepted payment";
pub(crate) const ISSUED: &str = "new";
