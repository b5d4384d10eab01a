//! Invoices. Time and expenses on one are locked and can be on no other.

use crate::answer::Refusal;
use crate::input;
use crate::model::{self, Change, Field, Filter, Model, Type};

/// Field of an invoice that lists items, and the kind they are.
const ITEMS: [(&str, &str); 2] = [("time_entry_ids", "time_entries"), ("expense_ids", "expenses")];

pub(crate) static MODEL: Model = Model {
    kind: "invoices",
    singular: "invoice",
    subject: "Invoice",
    fields: &[
        Field::new("title", Type::Text),
        Field::new("user_invoice_number", Type::Text),
        Field::new("purchase_order", Type::Text),
        Field::new("message", Type::Text),
        Field::new("draft", Type::Bool),
        Field::new("invoice_date", Type::Date),
        Field::new("due_date", Type::Date),
        Field::new("currency", Type::Text),
        Field::new("total_in_cents", Type::Int),
        Field::new("balance_in_cents", Type::Int),
        Field::new("status", Type::OneOf(&["new", "accepted payment"])),
        Field::new("workspace_ids", Type::Ids("workspaces"))
            .once()
            .included_by("workspaces"),
        Field::new("time_entry_ids", Type::Ids("time_entries"))
            .once()
            .included_by("time_entries"),
        Field::new("expense_ids", Type::Ids("expenses"))
            .once()
            .included_by("expenses"),
    ],
    filters: &[
        Filter::Any {
            param: "workspace_id",
            index: "workspace_ids",
        },
        Filter::Any {
            param: "workspace_ids",
            index: "workspace_ids",
        },
        Filter::Equals {
            param: "status",
            field: "status",
        },
        Filter::Equals {
            param: "user_invoice_number",
            field: "user_invoice_number",
        },
    ],
    search: Some("title"),
    create: Some(check),
    created: Some(lock_items),
    update: Some(check),
    delete: None,
    actions: &[("cancel", cancel)],
    ..Model::PLAIN
};

fn check(change: &mut Change<'_, '_>) -> Result<(), Refusal> {
    if change.old.as_ref().and_then(|old| model::text(old, "status")) == Some("cancelled") {
        return Err(Refusal::invalid("base", "Invoice has been cancelled and cannot be changed"));
    }
    change.require(&["invoice_date", "currency", "total_in_cents", "workspace_ids"]);
    change.default("draft", false);
    change.default("status", "new");
    if let Some(total) = model::int(&change.new, "total_in_cents") {
        change.default("balance_in_cents", total);
    }
    change.require_order("invoice_date", "due_date");
    if change.alters("draft") && model::is(&change.new, "draft") {
        change.violates("draft", "An issued invoice cannot become a draft again");
    }
    if change.old.is_none() {
        check_items(change);
    } else if change.alters("total_in_cents") && change.old.as_ref().is_some_and(|old| !model::is(old, "draft")) {
        change.violates("total_in_cents", "The total of an issued invoice cannot be changed");
    }
    Ok(())
}

fn check_items(change: &mut Change<'_, '_>) {
    let workspaces = model::ids(&change.new, "workspace_ids");
    for (list, kind) in ITEMS {
        for id in model::ids(&change.new, list) {
            let Some(item) = change.tx.get(kind, id) else { continue };
            if model::is(&item, "is_invoiced") {
                change.violates(list, format!("{} {id} has already been invoiced", input::title(list)));
            }
            if !model::id(&item, "workspace_id").is_some_and(|workspace| workspaces.contains(&workspace)) {
                change.violates(list, format!("{} {id} is in another workspace", input::title(list)));
            }
        }
    }
}

fn lock_items(change: &mut Change<'_, '_>) -> Result<(), Refusal> {
    let invoice = change.id;
    for (list, kind) in ITEMS {
        for item in model::ids(&change.new, list) {
            change.edit(kind, item, |item| {
                item.insert("is_invoiced".into(), true.into());
                item.insert("invoice_id".into(), invoice.into());
            });
        }
    }
    Ok(())
}

/// `PUT /invoices/{id}/cancel`: what was on it can be invoiced again.
fn cancel(change: &mut Change<'_, '_>) -> Result<(), Refusal> {
    if model::text(&change.new, "status") != Some("new") {
        return Err(Refusal::invalid("status", "Only a new invoice can be cancelled"));
    }
    for (list, kind) in ITEMS {
        for item in model::ids(&change.new, list) {
            change.edit(kind, item, |item| {
                item.insert("is_invoiced".into(), false.into());
                item.remove("invoice_id");
            });
        }
    }
    change.set("status", "cancelled");
    change.set("balance_in_cents", 0);
    Ok(())
}
