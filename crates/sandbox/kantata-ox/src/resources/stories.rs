//! Stories: tasks, milestones and the like within a project.

use super::work::require_unused;
use crate::answer::Refusal;
use crate::model::{Change, Field, Filter, Hides, Model, Type};

pub(crate) static MODEL: Model = Model {
    kind: "stories",
    singular: "story",
    subject: "Story",
    fields: &[
        Field::new("title", Type::Text),
        Field::new("description", Type::Text),
        Field::new("story_type", Type::OneOf(&["task", "deliverable", "milestone", "issue"])),
        Field::new("state", Type::OneOf(&["not started", "started", "needs info", "completed"])),
        Field::new("start_date", Type::Date),
        Field::new("due_date", Type::Date),
        Field::new("billable", Type::Bool),
        Field::new("fixed_fee", Type::Bool),
        Field::new("time_estimate_in_minutes", Type::Int),
        Field::new("budget_estimate_in_cents", Type::Int),
        Field::new("percentage_complete", Type::Int),
        Field::new("workspace_id", Type::Id("workspaces"))
            .once()
            .included_by("workspace"),
        Field::new("parent_id", Type::Id("stories")).included_by("parent"),
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
        Filter::Equals {
            param: "story_type",
            field: "story_type",
        },
        Filter::Bool {
            param: "billable",
            field: "billable",
        },
    ],
    search: Some("title"),
    hides: Hides::FromArchivedWorkspaces,
    create: Some(check),
    update: Some(check),
    delete: Some(|change| require_unused(change, &[("time_entries", "story_id")])),
    ..Model::PLAIN
};

fn check(change: &mut Change<'_, '_>) -> Result<(), Refusal> {
    change.require(&["title", "workspace_id"]);
    change.default("story_type", "task");
    change.default("state", "not started");
    change.default("billable", true);
    change.default("fixed_fee", false);
    change.require_order("start_date", "due_date");
    Ok(())
}
