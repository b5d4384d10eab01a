//! Rules that time and expenses share: somebody did something for a project on a day.

use chrono::DateTime;

use crate::answer::Refusal;
use crate::model::{self, Change};
use crate::times;

/// Refuses work for an archived project.
pub(super) fn require_open_workspace(change: &mut Change<'_, '_>) {
    let workspace = change.pointed("workspace_id", "workspaces");
    if workspace.is_some_and(|workspace| model::is(&workspace, "archived")) {
        change.violates("workspace_id", "Workspace is archived");
    }
}

/// Refuses work of a disabled user on days after the one (in UTC) on which the user was disabled.
pub(super) fn require_active_user(change: &mut Change<'_, '_>, day: &str) {
    let Some(user) = model::id(&change.new, "user_id") else {
        return;
    };
    let membership = change
        .tx
        .find("account_memberships", "user_id", &user.to_string())
        .first()
        .copied();
    let membership = membership.and_then(|id| change.tx.get("account_memberships", id));
    let disabled = membership
        .and_then(|body| model::int(&body, "disabled_at"))
        .and_then(DateTime::from_timestamp_millis);
    let date = model::text(&change.new, day).and_then(times::date);
    if disabled
        .zip(date)
        .is_some_and(|(disabled, date)| date > disabled.date_naive())
    {
        change.violates("user_id", "User is disabled on this date");
    }
}

/// Refuses to touch what was approved or invoiced.
pub(super) fn require_unlocked(change: &Change<'_, '_>, what: &str) -> Result<(), Refusal> {
    let Some(old) = &change.old else { return Ok(()) };
    if model::is(old, "is_invoiced") {
        return Err(Refusal::invalid(
            "base",
            format!("{what} has been invoiced and cannot be changed"),
        ));
    }
    if model::is(old, "approved") {
        return Err(Refusal::invalid(
            "base",
            format!("{what} has been approved and cannot be changed"),
        ));
    }
    Ok(())
}

/// Refuses to move something that lies on a submitted sheet to another project or person.
pub(super) fn require_in_place(change: &mut Change<'_, '_>) {
    let submitted = model::id(&change.new, "active_submission_id").is_some();
    for field in ["workspace_id", "user_id"] {
        if submitted && change.alters(field) {
            change.violates(field, "Cannot be changed while submitted");
        }
    }
}

/// Refuses to delete what lies on a sheet that is waiting for its approval.
pub(super) fn require_unsubmitted(change: &Change<'_, '_>, what: &str) -> Result<(), Refusal> {
    match model::id(&change.new, "active_submission_id") {
        Some(_) => Err(Refusal::invalid("base", format!("{what} is submitted and cannot be deleted"))),
        None => Ok(()),
    }
}

/// Refuses to delete a record that others still point to.
pub(super) fn require_unused(change: &Change<'_, '_>, users: &[(&str, &str)]) -> Result<(), Refusal> {
    let id = change.id.to_string();
    match users
        .iter()
        .find(|(kind, index)| !change.tx.find(kind, index, &id).is_empty())
    {
        Some((kind, _)) => Err(Refusal::invalid(
            "base",
            format!("Cannot be deleted while it has {}", kind.replace('_', " ")),
        )),
        None => Ok(()),
    }
}

/// Gives a record the currency of its project where the request named none.
pub(super) fn default_currency(change: &mut Change<'_, '_>) {
    let workspace = change.pointed("workspace_id", "workspaces");
    if let Some(currency) = workspace.as_ref().and_then(|workspace| model::text(workspace, "currency")) {
        change.default("currency", currency);
    }
}
