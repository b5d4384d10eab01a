//! Users and their account memberships; a membership comes and goes with its user.

use strata_sandbox::Body;

use crate::answer::Refusal;
use crate::model::{self, Change, Field, Filter, Many, Model, Type};

pub(crate) static USERS: Model = Model {
    kind: "users",
    singular: "user",
    subject: "User",
    fields: &[
        Field::new("full_name", Type::Text),
        Field::new("email_address", Type::Text),
        Field::new("headline", Type::Text),
        Field::new("disabled", Type::Bool).computed(),
    ],
    many: &[Many {
        include: "account_membership",
        name: "account_membership_id",
        kind: "account_memberships",
        index: "user_id",
    }],
    filters: &[
        Filter::AnyCase {
            param: "email_address",
            index: "_email",
        },
        Filter::AnyCase {
            param: "by_email_address",
            index: "_email",
        },
    ],
    search: Some("full_name"),
    create: Some(check_user),
    created: Some(join_account),
    update: Some(check_user),
    delete: None,
    ..Model::PLAIN
};

pub(crate) static MEMBERSHIPS: Model = Model {
    kind: "account_memberships",
    singular: "account_membership",
    subject: "AccountMembership",
    fields: &[
        Field::new("default_role_name", Type::Text),
        Field::new("permission", Type::Text),
        Field::new("bill_rate_in_cents", Type::Int),
        Field::new("cost_rate_in_cents", Type::Int),
        Field::new("disabled_at", Type::Instant).computed(),
        Field::new("user_id", Type::Id("users")).computed().included_by("user"),
    ],
    filters: &[
        Filter::Any {
            param: "user_id",
            index: "user_id",
        },
        Filter::Any {
            param: "user_ids",
            index: "user_id",
        },
        Filter::Any {
            param: "with_user_ids",
            index: "user_id",
        },
    ],
    create: None,
    delete: None,
    actions: &[("disable", disable)],
    ..Model::PLAIN
};

fn check_user(change: &mut Change<'_, '_>) -> Result<(), Refusal> {
    change.require(&["full_name", "email_address"]);
    change.default("disabled", false);
    let email = model::text(&change.new, "email_address").unwrap_or_default().to_lowercase();
    if !email.is_empty() && !email.contains('@') {
        change.violates("email_address", "Email address is not valid");
    }
    if change
        .tx
        .find("users", "_email", &email)
        .iter()
        .any(|other| *other != change.id)
    {
        change.violates("email_address", "Email address has already been taken");
    }
    // Addresses are not told apart by case.
    // Addresses are not told apart by case.
    change.set("_email", email);
    Ok(())
}

fn join_account(change: &mut Change<'_, '_>) -> Result<(), Refusal> {
    let mut membership = Body::new();
    membership.insert("user_id".into(), change.id.into());
    if let Some(role) = model::text(change.input, "default_role_name") {
        membership.insert("default_role_name".into(), role.into());
    }
    change.tx.insert(MEMBERSHIPS.kind, membership, change.at);
    Ok(())
}

/// `PUT /account_memberships/{id}/disable`: from tomorrow on the user does no work. Doing it again changes nothing.
fn disable(change: &mut Change<'_, '_>) -> Result<(), Refusal> {
    if model::int(&change.new, "disabled_at").is_some() {
        return Ok(());
    }
    change.set("disabled_at", change.now.timestamp_millis());
    if let Some(user) = model::id(&change.new, "user_id") {
        change.edit(USERS.kind, user, |user| {
            user.insert("disabled".into(), true.into());
        });
    }
    Ok(())
}
