//! Expenses.

use super::work;
use crate::answer::Refusal;
use crate::model::{self, Change, Field, Filter, Hides, Model, Type};

pub(crate) static MODEL: Model = Model {
    kind: "expenses",
    singular: "expense",
    subject: "Expense",
    fields: &[
        Field::new("date", Type::Date),
        Field::new("category", Type::Text),
        Field::new("expense_category_id", Type::Number),
        Field::new("amount_in_cents", Type::Int),
        Field::new("currency", Type::Text),
        // A quirk: requests say `billable`, answers `is_billable`.
        Field::new("is_billable", Type::Bool).requested_as("billable"),
        Field::new("reimbursable", Type::Bool),
        Field::new("taxable", Type::Bool),
        Field::new("receipt_id", Type::Number),
        Field::new("notes", Type::Text),
        Field::new("approved", Type::Bool).computed(),
        Field::new("is_invoiced", Type::Bool).computed(),
        Field::new("workspace_id", Type::Id("workspaces")).included_by("workspace"),
        Field::new("user_id", Type::Id("users")).included_by("user"),
        Field::new("invoice_id", Type::Id("invoices"))
            .computed()
            .included_by("invoice"),
        Field::new("expense_report_submission_id", Type::Id("expense_report_submissions"))
            .computed()
            .included_by("expense_report_submission"),
        Field::new("active_submission_id", Type::Id("expense_report_submissions"))
            .computed()
            .included_by("active_submission"),
    ],
    filters: &[
        Filter::Any {
            param: "workspace_id",
            index: "workspace_id",
        },
        Filter::Any {
            param: "workspace_ids",
            index: "workspace_id",
        },
        Filter::Any {
            param: "user_id",
            index: "user_id",
        },
        Filter::Any {
            param: "with_user_ids",
            index: "user_id",
        },
        Filter::Any {
            param: "with_expense_report_id",
            index: "expense_report_submission_id",
        },
        Filter::Between {
            param: "date_between",
            index: "date",
        },
        Filter::Present {
            param: "approved",
            field: "approved",
            value: true,
        },
        Filter::Present {
            param: "invoiced",
            field: "is_invoiced",
            value: true,
        },
        Filter::Present {
            param: "uninvoiced",
            field: "is_invoiced",
            value: false,
        },
        Filter::Bool {
            param: "billable",
            field: "is_billable",
        },
    ],
    order: "date:desc",
    hides: Hides::FromArchivedWorkspaces,
    create: Some(check),
    update: Some(check),
    delete: Some(|change| {
        work::require_unlocked(change, "Expense")?;
        work::require_unsubmitted(change, "Expense")
    }),
    ..Model::PLAIN
};

fn check(change: &mut Change<'_, '_>) -> Result<(), Refusal> {
    work::require_unlocked(change, "Expense")?;
    change.require(&["workspace_id", "user_id", "date", "category", "amount_in_cents"]);
    if model::int(&change.new, "amount_in_cents") == Some(0) {
        change.violates("amount_in_cents", "Amount in cents can't be zero");
    }
    work::require_open_workspace(change);
    work::require_active_user(change, "date");
    work::require_in_place(change);
    work::default_currency(change);
    change.default("is_billable", true);
    for flag in ["approved", "is_invoiced", "reimbursable", "taxable"] {
        change.default(flag, false);
    }
    Ok(())
}
