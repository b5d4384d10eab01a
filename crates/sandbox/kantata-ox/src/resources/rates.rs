//! What people cost and what roles are billed at. Field names beyond the ones the system of record lists are unverified.

use crate::answer::Refusal;
use crate::model::{self, Change, Field, Filter, Model, Type};

pub(crate) static COST_RATES: Model = Model {
    kind: "cost_rates",
    singular: "cost_rate",
    subject: "CostRate",
    fields: &[
        Field::new("effective_date", Type::Date),
        Field::new("cost_rate_in_cents", Type::Int),
        Field::new("currency", Type::Text),
        Field::new("user_id", Type::Id("users")).once().included_by("user"),
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
    ],
    create: Some(check_cost),
    update: Some(check_cost),
    ..Model::PLAIN
};

pub(crate) static RATE_CARDS: Model = Model {
    kind: "rate_cards",
    singular: "rate_card",
    subject: "RateCard",
    fields: &[
        Field::new("title", Type::Text),
        Field::new("effective_date", Type::Date),
        Field::new("currency", Type::Text),
        Field::new("rates", Type::Rates),
        Field::new("workspace_id", Type::Id("workspaces")).included_by("workspace"),
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
            param: "title",
            field: "title",
        },
    ],
    search: Some("title"),
    create: Some(check_card),
    update: Some(check_card),
    ..Model::PLAIN
};

fn check_cost(change: &mut Change<'_, '_>) -> Result<(), Refusal> {
    change.require(&["user_id", "effective_date", "cost_rate_in_cents", "currency"]);
    if model::int(&change.new, "cost_rate_in_cents").is_some_and(|rate| rate < 0) {
        change.violates("cost_rate_in_cents", "Cost rate in cents must not be negative");
    }
    Ok(())
}

fn check_card(change: &mut Change<'_, '_>) -> Result<(), Refusal> {
    change.require(&["title", "currency"]);
    change.default("rates", Vec::<i64>::new());
    Ok(())
}
