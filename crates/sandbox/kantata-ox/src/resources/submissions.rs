//! Sheets of time or expenses handed in for approval: one project, one person, and items that are on no other live sheet.

use serde_json::Value;
use strata_sandbox::{Body, Tx};

use crate::answer::Refusal;
use crate::model::{self, Change, Field, Filter, Type};
use crate::{input, times};

/// Fields of both sheets. `resolved_at` is the name the system of record relies on; `current_resolution_created_at_date` is
/// the name in the vendor's client library for the same instant (unverified which one is served).
pub(super) const FIELDS: &[Field] = &[
    Field::new("title", Type::Text),
    Field::new("comment", Type::Text),
    Field::new("start_date", Type::Date).once(),
    Field::new("end_date", Type::Date).once(),
    Field::new("status", Type::Text).computed(),
    Field::new("resolved_at", Type::Instant).computed(),
    Field::new("current_resolution_created_at_date", Type::Instant).computed(),
    Field::new("current_resolution_description", Type::Text).computed(),
    Field::new("workspace_id", Type::Id("workspaces"))
        .once()
        .included_by("workspace"),
    Field::new("user_id", Type::Id("users")).once().included_by("user"),
];

pub(super) const FILTERS: &[Filter] = &[
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
        param: "user_ids",
        index: "user_id",
    },
    Filter::Any {
        param: "status",
        index: "status",
    },
    Filter::Any {
        param: "statuses",
        index: "status",
    },
    Filter::Equals {
        param: "start_date",
        field: "start_date",
    },
    Filter::Equals {
        param: "end_date",
        field: "end_date",
    },
];

/// What tells the two kinds of sheet apart.
pub(super) struct Sheet {
    pub(super) items: &'static str,
    /// Field of a create that lists them; `line_item_ids` is taken as well.
    pub(super) list: &'static str,
    /// Field of an item that names its sheet.
    pub(super) link: &'static str,
    /// Field of an item that holds its day.
    pub(super) day: &'static str,
}

/// Judges a new sheet: what it lists exists, belongs together and is free.
pub(super) fn check(sheet: &Sheet, change: &mut Change<'_, '_>) -> Result<(), Refusal> {
    if change.old.is_some() {
        return Ok(());
    }
    let listed = change.input.get(sheet.list).or_else(|| change.input.get("line_item_ids"));
    let listed: Option<Vec<u64>> = listed
        .and_then(Value::as_array)
        .map(|list| list.iter().filter_map(input::id).collect());
    let Some(listed) = listed.filter(|ids| !ids.is_empty()) else {
        change.violates(sheet.list, format!("{} can't be blank", input::title(sheet.list)));
        return Ok(());
    };
    change.require(&["workspace_id"]);
    let items: Vec<(u64, Option<Body>)> = listed.iter().map(|id| (*id, change.tx.get(sheet.items, *id))).collect();
    if let Some(user) = items.iter().find_map(|(_, item)| model::id(item.as_ref()?, "user_id")) {
        change.default("user_id", user);
    }
    let days: Vec<&str> = items
        .iter()
        .filter_map(|(_, item)| model::text(item.as_ref()?, sheet.day))
        .collect();
    if let (Some(first), Some(last)) = (days.iter().min(), days.iter().max()) {
        change.default("start_date", *first);
        change.default("end_date", *last);
    }
    let title = [model::text(&change.new, "start_date"), model::text(&change.new, "end_date")];
    let title = title.map(Option::unwrap_or_default).join(" - ");
    change.default("title", title);
    change.require_order("start_date", "end_date");
    for (id, item) in &items {
        if let Err(why) = fits(sheet, change, item.as_ref()) {
            change.violates(sheet.list, format!("{} {id} {why}", input::title(sheet.list)));
        }
    }
    change.set("status", "pending");
    Ok(())
}

fn fits(sheet: &Sheet, change: &Change<'_, '_>, item: Option<&Body>) -> Result<(), &'static str> {
    let item = item.ok_or("could not be found")?;
    if item.get("workspace_id") != change.new.get("workspace_id") {
        return Err("is in another workspace");
    }
    if item.get("user_id") != change.new.get("user_id") {
        return Err("belongs to another user");
    }
    if model::id(item, "active_submission_id").is_some() || model::is(item, "approved") {
        return Err("has already been submitted");
    }
    let date = |body, field| model::text(body, field).and_then(times::date);
    let day = date(item, sheet.day);
    if day < date(&change.new, "start_date") || day > date(&change.new, "end_date") {
        return Err("lies outside of the dates");
    }
    Ok(())
}

/// Puts the items of a new sheet on it; an earlier, rejected sheet loses them.
pub(super) fn collect(sheet: &Sheet, change: &mut Change<'_, '_>) -> Result<(), Refusal> {
    let listed = change.input.get(sheet.list).or_else(|| change.input.get("line_item_ids"));
    let listed = listed.and_then(Value::as_array).into_iter().flatten().filter_map(input::id);
    for item in listed.collect::<Vec<_>>() {
        let id = change.id;
        change.edit(sheet.items, item, |item| {
            item.insert(sheet.link.into(), id.into());
            item.insert("active_submission_id".into(), id.into());
        });
    }
    Ok(())
}

/// `approve`: the items are approved and frozen from here on.
pub(super) fn approve(sheet: &Sheet, change: &mut Change<'_, '_>) -> Result<(), Refusal> {
    require_status(change, &["pending"], "approved")?;
    settle(sheet, change, "approved")
}

/// `reject`: the items are free to be corrected and handed in again.
pub(super) fn reject(sheet: &Sheet, change: &mut Change<'_, '_>) -> Result<(), Refusal> {
    require_status(change, &["pending"], "rejected")?;
    settle(sheet, change, "rejected")
}

/// `cancel`: takes back a sheet, also an approved one unless something on it was invoiced.
pub(super) fn cancel(sheet: &Sheet, change: &mut Change<'_, '_>) -> Result<(), Refusal> {
    require_status(change, &["pending", "approved"], "cancelled")?;
    let mut items = items(sheet, change.tx, change.id)
        .into_iter()
        .filter_map(|id| change.tx.get(sheet.items, id));
    if items.any(|item| model::is(&item, "is_invoiced")) {
        return Err(Refusal::invalid("base", "An item of this submission has been invoiced"));
    }
    settle(sheet, change, "cancelled")
}

fn require_status(change: &Change<'_, '_>, from: &[&str], to: &str) -> Result<(), Refusal> {
    let status = model::text(&change.new, "status").unwrap_or_default();
    if from.contains(&status) {
        return Ok(());
    }
    Err(Refusal::invalid(
        "status",
        format!("A submission that is {status} cannot be {to}"),
    ))
}

/// Settles a sheet and its items; `updated_at` of all of them moves.
fn settle(sheet: &Sheet, change: &mut Change<'_, '_>, status: &str) -> Result<(), Refusal> {
    let description = change
        .input
        .get("resolution")
        .and_then(|resolution| resolution.get("description"))
        .cloned();
    change.set("status", status);
    change.set("resolved_at", change.now.timestamp_millis());
    change.set("current_resolution_created_at_date", change.now.timestamp_millis());
    change.set("current_resolution_description", description.unwrap_or_default());
    let approved = status == "approved";
    for item in items(sheet, change.tx, change.id) {
        change.edit(sheet.items, item, |item| {
            item.insert("approved".into(), approved.into());
            if !approved {
                item.remove("active_submission_id");
            }
        });
    }
    Ok(())
}

fn items(sheet: &Sheet, tx: &Tx<'_>, id: u64) -> Vec<u64> {
    tx.find(sheet.items, sheet.link, &id.to_string())
}
