//! Workspace resources: seats in a project, unnamed until somebody is staffed.

use crate::answer::Refusal;
use crate::model::{self, Change, Field, Filter, Model, Type};

pub(crate) static MODEL: Model = Model {
    kind: "workspace_resources",
    singular: "workspace_resource",
    subject: "WorkspaceResource",
    fields: &[
        Field::new("role_name", Type::Text),
        Field::new("start_date", Type::Date),
        Field::new("due_date", Type::Date),
        Field::new("unnamed", Type::Bool).computed(),
        Field::new("workspace_id", Type::Id("workspaces"))
            .once()
            .included_by("workspace"),
        Field::new("user_id", Type::Id("users")).included_by("user"),
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
        Filter::Equals {
            param: "role_name",
            field: "role_name",
        },
    ],
    search: Some("role_name"),
    create: Some(check),
    update: Some(check),
    ..Model::PLAIN
};

fn check(change: &mut Change<'_, '_>) -> Result<(), Refusal> {
    change.require(&["workspace_id", "role_name"]);
    change.require_order("start_date", "due_date");
    let unnamed = model::id(&change.new, "user_id").is_none();
    change.set("unnamed", unnamed);
    Ok(())
}
