//! Groups of projects; a group that is a company is a client.

use super::work::require_unused;
use crate::answer::Refusal;
use crate::model::{Change, Field, Filter, Many, Model, Type};

pub(crate) static MODEL: Model = Model {
    kind: "workspace_groups",
    singular: "workspace_group",
    subject: "WorkspaceGroup",
    fields: &[
        Field::new("name", Type::Text),
        Field::new("company", Type::Bool),
        Field::new("contact_name", Type::Text),
        Field::new("email", Type::Text),
        Field::new("address", Type::Text),
        Field::new("phone_number", Type::Text),
        Field::new("website", Type::Text),
        Field::new("notes", Type::Text),
    ],
    many: &[Many {
        include: "workspaces",
        name: "workspace_ids",
        kind: "workspaces",
        index: "workspace_group_ids",
    }],
    filters: &[Filter::Bool {
        param: "companies_only",
        field: "company",
    }],
    search: Some("name"),
    order: "name:asc",
    create: Some(check),
    update: Some(check),
    delete: Some(|change| require_unused(change, &[("workspaces", "workspace_group_ids")])),
    ..Model::PLAIN
};

fn check(change: &mut Change<'_, '_>) -> Result<(), Refusal> {
    change.require(&["name"]);
    change.default("company", false);
    Ok(())
}
