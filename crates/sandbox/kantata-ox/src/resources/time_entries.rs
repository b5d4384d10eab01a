//! Time entries.

use super::work;
use crate::answer::Refusal;
use crate::model::{self, Change, Field, Filter, Hides, Model, Type};
use crate::{custom_fields, times};

/// Minutes of a day: no entry, and no person's entries of one day together, can hold more.
const DAY_MINUTES: i64 = 1440;
/// Custom field that names the entry this one corrects. Such an entry may have 0 minutes and counts towards no day.
const SUPERSEDES: &str = "Supersedes Entry";

pub(crate) static MODEL: Model = Model {
    kind: "time_entries",
    singular: "time_entry",
    subject: "TimeEntry",
    fields: &[
        Field::new("date_performed", Type::Date),
        Field::new("time_in_minutes", Type::Int),
        Field::new("billable", Type::Bool),
        Field::new("notes", Type::Text),
        Field::new("rate_in_cents", Type::Int),
        Field::new("cost_rate_in_cents", Type::Int),
        Field::new("currency", Type::Text),
        Field::new("taxable", Type::Bool),
        Field::new("location", Type::Text),
        Field::new("approved", Type::Bool).computed(),
        Field::new("is_invoiced", Type::Bool).computed(),
        Field::new("workspace_id", Type::Id("workspaces")).included_by("workspace"),
        Field::new("story_id", Type::Id("stories")).included_by("story"),
        Field::new("user_id", Type::Id("users")).included_by("user"),
        Field::new("invoice_id", Type::Id("invoices"))
            .computed()
            .included_by("invoice"),
        // The latest sheet the entry was on, also a rejected one; and the same only while it is pending or approved.
        Field::new("timesheet_submission_id", Type::Id("timesheet_submissions"))
            .computed()
            .included_by("timesheet_submission"),
        Field::new("active_submission_id", Type::Id("timesheet_submissions"))
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
            param: "story_id",
            index: "story_id",
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
            param: "with_timesheet_id",
            index: "timesheet_submission_id",
        },
        Filter::Any {
            param: "with_recent_timesheet_ids",
            index: "timesheet_submission_id",
        },
        Filter::Between {
            param: "date_performed_between",
            index: "date_performed",
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
            field: "billable",
        },
    ],
    order: "date_performed:desc",
    hides: Hides::FromArchivedWorkspaces,
    create: Some(check),
    update: Some(check),
    delete: Some(|change| {
        work::require_unlocked(change, "Time entry")?;
        work::require_unsubmitted(change, "Time entry")
    }),
    ..Model::PLAIN
};

fn check(change: &mut Change<'_, '_>) -> Result<(), Refusal> {
    work::require_unlocked(change, "Time entry")?;
    change.require(&["workspace_id", "story_id", "user_id", "date_performed", "time_in_minutes"]);
    check_story(change);
    check_minutes(change);
    work::require_open_workspace(change);
    work::require_active_user(change, "date_performed");
    work::require_in_place(change);
    work::default_currency(change);
    for flag in ["approved", "is_invoiced", "taxable"] {
        change.default(flag, false);
    }
    Ok(())
}

/// The story belongs to the workspace, and decides whether time on it is billable unless the request does.
fn check_story(change: &mut Change<'_, '_>) {
    let Some(story) = change.pointed("story_id", "stories") else {
        return;
    };
    if model::id(&story, "workspace_id") != model::id(&change.new, "workspace_id") {
        change.violates("story_id", "Story is not in the workspace");
    }
    change.default("billable", model::is(&story, "billable"));
}

fn check_minutes(change: &mut Change<'_, '_>) {
    let Some(minutes) = model::int(&change.new, "time_in_minutes") else {
        return;
    };
    let supersedes = custom_fields::get(&change.new, SUPERSEDES).is_some();
    if !(0..=DAY_MINUTES).contains(&minutes) {
        return change.violates(
            "time_in_minutes",
            format!("Time in minutes must be between 0 and {DAY_MINUTES}"),
        );
    }
    if minutes == 0 && !supersedes {
        return change.violates("time_in_minutes", "Time in minutes can't be zero");
    }
    change.new.remove("_user_day");
    if supersedes {
        return;
    }
    let day = model::text(&change.new, "date_performed").and_then(times::date);
    if let Some((user, day)) = model::id(&change.new, "user_id").zip(day) {
        check_day(change, &format!("{user}|{day}"), minutes);
    }
}

/// Everything a person did on a day fits into it. `day` is person and date; entries are found by it again.
fn check_day(change: &mut Change<'_, '_>, day: &str, minutes: i64) {
    let others = change
        .tx
        .find(MODEL.kind, "_user_day", day)
        .into_iter()
        .filter(|id| *id != change.id);
    let others = others.filter_map(|id| change.tx.get(MODEL.kind, id));
    let total: i64 = others.filter_map(|entry| model::int(&entry, "time_in_minutes")).sum::<i64>() + minutes;
    if total > DAY_MINUTES {
        change.violates(
            "time_in_minutes",
            format!("Time on this date would add up to {total} minutes"),
        );
    }
    change.set("_user_day", day);
}
