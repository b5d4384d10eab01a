//! Workspaces: projects.

use strata_sandbox::{Body, Record, View};

use super::work::require_unused;
use crate::answer::Refusal;
use crate::model::{self, Change, Field, Filter, Hides, Many, Model, Type};

/// Currency of a project whose creator named none: the account's own.
const ACCOUNT_CURRENCY: &str = "USD";

pub(crate) static MODEL: Model = Model {
    kind: "workspaces",
    singular: "workspace",
    subject: "Workspace",
    fields: &[
        Field::new("title", Type::Text),
        Field::new("description", Type::Text),
        Field::new("currency", Type::Text),
        Field::new("start_date", Type::Date),
        Field::new("due_date", Type::Date),
        Field::new("stage", Type::OneOf(&["estimate", "project"])),
        Field::new("archived", Type::Bool),
        Field::new("budgeted", Type::Bool),
        Field::new("price_in_cents", Type::Int),
        Field::new("percentage_complete", Type::Int),
        Field::new("require_time_approvals", Type::Bool),
        Field::new("require_expense_approvals", Type::Bool),
        Field::new("rate_card_id", Type::Id("rate_cards")),
        Field::new("primary_workspace_group_id", Type::Id("workspace_groups")).included_by("primary_workspace_group"),
        Field::new("workspace_group_ids", Type::Ids("workspace_groups")).included_by("workspace_groups"),
    ],
    many: &[
        Many {
            include: "stories",
            name: "story_ids",
            kind: "stories",
            index: "workspace_id",
        },
        Many {
            include: "workspace_resources",
            name: "workspace_resource_ids",
            kind: "workspace_resources",
            index: "workspace_id",
        },
    ],
    filters: &[
        Filter::Any {
            param: "workspace_groups",
            index: "workspace_group_ids",
        },
        Filter::Any {
            param: "workspace_group_ids",
            index: "workspace_group_ids",
        },
        Filter::Bool {
            param: "budgeted",
            field: "budgeted",
        },
    ],
    search: Some("title"),
    hides: Hides::Archived,
    create: Some(check),
    update: Some(check),
    delete: Some(|change| {
        require_unused(
            change,
            &[
                ("time_entries", "workspace_id"),
                ("expenses", "workspace_id"),
                ("stories", "workspace_id"),
            ],
        )
    }),
    extra: Some(price),
    ..Model::PLAIN
};

fn check(change: &mut Change<'_, '_>) -> Result<(), Refusal> {
    change.require(&["title"]);
    change.default("currency", ACCOUNT_CURRENCY);
    change.default("stage", "project");
    for (flag, value) in [
        ("archived", false),
        ("budgeted", false),
        ("require_time_approvals", true),
        ("require_expense_approvals", true),
    ] {
        change.default(flag, value);
    }
    if model::is(&change.new, "budgeted") {
        change.require(&["price_in_cents"]);
    }
    change.require_order("start_date", "due_date");
    // The primary group is one of the groups.
    if let Some(primary) = model::id(&change.new, "primary_workspace_group_id") {
        let mut groups = model::ids(&change.new, "workspace_group_ids");
        if change.alters("primary_workspace_group_id") && !change.alters("workspace_group_ids") {
            groups = Vec::new();
        }
        if !groups.contains(&primary) {
            groups.push(primary);
        }
        change.set("workspace_group_ids", groups);
    }
    Ok(())
}

/// The formatted price that stands beside the cents, as a trap for readers.
fn price(_: &View<'_>, record: &Record, row: &mut Body) {
    let Some(cents) = model::int(&record.body, "price_in_cents") else {
        return;
    };
    let (sign, cents) = (if cents < 0 { "-" } else { "" }, cents.unsigned_abs());
    row.insert("price".into(), format!("{sign}{}.{:02}", cents / 100, cents % 100).into());
}
