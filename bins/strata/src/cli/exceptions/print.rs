//! Exceptions for people, and for programs.

use prost_reflect::ReflectMessage;
use strata_contract::strata::common::v1::Money;
use strata_contract::strata::process::exception::v1 as pb;
use strata_contract::{instant, money};

use super::Form;
use crate::error::DONE;

/// Prints an answer as the contract's JSON.
pub(in crate::cli) fn json<M: ReflectMessage>(message: &M) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(&message.transcode_to_dynamic())?);
    Ok(())
}

/// What an action did, or would do.
pub(super) fn done<M: ReflectMessage>(
    form: Form,
    answer: &M,
    exception: Option<&pb::Exception>,
    effects: &[String],
    dry_run: bool,
) -> anyhow::Result<u8> {
    if form == Form::Json {
        json(answer)?;
        return Ok(DONE);
    }
    if let Some(held) = exception {
        let verb = if dry_run { "would be" } else { "is" };
        println!("{} {} {} {verb} {}", held.id, cause(held), held.object_id, state(held));
    }
    for effect in effects {
        println!("  {effect}");
    }
    if dry_run {
        println!("nothing was done");
    }
    Ok(DONE)
}

/// A list, those due first before the others.
pub(super) fn list(answer: &pb::ListExceptionsResponse) {
    if answer.exceptions.is_empty() {
        println!("no exceptions");
        return;
    }
    let rows = answer.exceptions.iter().map(|held| {
        vec![
            time(held.due_time.as_ref()),
            cause(held),
            role(held.owner_role()),
            format!("{} {}", held.object_kind, held.object_id),
            held.amount.as_ref().map(amount).unwrap_or_default(),
            held.occurrences.to_string(),
            held.assignee.clone(),
            state(held),
            held.id.clone(),
        ]
    });
    table(
        &[
            "DUE", "CAUSE", "OWNER", "OBJECT", "AT STAKE", "TIMES", "ASSIGNEE", "STATE", "ID",
        ],
        rows,
    );
    if !answer.next_page_token.is_empty() {
        println!("and more: raise --limit");
    }
}

/// Groups by cause and owner.
pub(super) fn groups(answer: &pb::GroupExceptionsResponse) {
    if answer.groups.is_empty() {
        println!("no exceptions");
        return;
    }
    let rows = answer.groups.iter().map(|group| {
        let amounts: Vec<String> = group.amounts.iter().map(amount).collect();
        vec![
            group.cause().as_str_name().trim_start_matches("REASON_").to_owned(),
            role(group.owner_role()),
            group.severity().as_str_name().trim_start_matches("SEVERITY_").to_lowercase(),
            group.count.to_string(),
            group.overdue.to_string(),
            time(group.oldest_open_time.as_ref()),
            amounts.join(", "),
            group.next_step.clone(),
        ]
    });
    table(
        &[
            "CAUSE",
            "OWNER",
            "SEVERITY",
            "COUNT",
            "OVERDUE",
            "OLDEST",
            "AT STAKE",
            "NEXT STEP",
        ],
        rows,
    );
}

/// One exception with all there is to know.
pub(super) fn one(answer: &pb::GetExceptionResponse) {
    let held = answer.exception.clone().unwrap_or_default();
    let actions: Vec<String> = answer.allowed_actions().map(action).collect();
    let edits = answer.allowed_edits.join(", ");
    let lines = [
        ("exception", held.id.clone()),
        ("cause", cause(&held)),
        (
            "severity",
            held.severity().as_str_name().trim_start_matches("SEVERITY_").to_lowercase(),
        ),
        ("state", state(&held)),
        ("object", format!("{} {}", held.object_kind, held.object_id)),
        ("field", held.field.clone()),
        ("engagement", held.engagement_id.clone()),
        ("at stake", held.amount.as_ref().map(amount).unwrap_or_default()),
        ("owner", role(held.owner_role())),
        ("assignee", held.assignee.clone()),
        ("opened", time(held.open_time.as_ref())),
        ("due", time(held.due_time.as_ref())),
        (
            "met",
            format!("{} times, last {}", held.occurrences, time(held.last_seen_time.as_ref())),
        ),
        ("what", held.message.clone()),
        ("next step", held.next_step.clone()),
        (
            "allowed",
            if actions.is_empty() {
                "nothing".to_owned()
            } else {
                actions.join(", ")
            },
        ),
        ("editable", edits),
    ];
    for (name, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        println!("{name:<10}  {value}");
    }
    for done in &answer.history {
        let who = if done.actor.is_empty() { "somebody" } else { &done.actor };
        let why = if done.reason.is_empty() {
            String::new()
        } else {
            format!(": {}", done.reason)
        };
        println!("{}  {} by {who}{why}", time(done.act_time.as_ref()), action(done.action()));
        for effect in &done.effects {
            println!("    {effect}");
        }
    }
}

/// What a bulk action would do.
pub(super) fn preview(answer: &pb::PreviewBulkActionResponse) {
    items(&answer.items);
    let more = if answer.more {
        "; more fit the filter than were selected"
    } else {
        ""
    };
    println!("{} of {} would be done{more}", answer.planned, answer.items.len());
}

/// What a bulk action did.
pub(super) fn applied(answer: &pb::ApplyBulkActionResponse) {
    items(&answer.items);
    println!(
        "{} done, {} refused, {} changed meanwhile",
        answer.done, answer.refused, answer.changed
    );
}

fn items(items: &[pb::BulkItem]) {
    let word = |item: &pb::BulkItem| {
        item.outcome()
            .as_str_name()
            .trim_start_matches("BULK_OUTCOME_")
            .to_lowercase()
    };
    let rows = items
        .iter()
        .map(|item| vec![item.exception_id.clone(), word(item), item.message.clone()]);
    table(&["EXCEPTION", "OUTCOME", "WHAT"], rows);
}

/// A table with columns as wide as what stands in them. The last one is not padded.
pub(in crate::cli) fn table(heads: &[&str], rows: impl Iterator<Item = Vec<String>>) {
    print!("{}", laid_out(heads, &rows.collect::<Vec<_>>()));
}

fn laid_out(heads: &[&str], rows: &[Vec<String>]) -> String {
    let heads: Vec<String> = heads.iter().map(|head| (*head).to_owned()).collect();
    let all: Vec<&Vec<String>> = std::iter::once(&heads).chain(rows).collect();
    let wide = |column: usize| {
        all.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..heads.len()).map(wide).collect();
    let mut out = String::new();
    for row in all {
        let cells = row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}"));
        out.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        out.push('\n');
    }
    out
}

fn cause(held: &pb::Exception) -> String {
    held.cause().as_str_name().trim_start_matches("REASON_").to_owned()
}

fn state(held: &pb::Exception) -> String {
    held.state()
        .as_str_name()
        .trim_start_matches("EXCEPTION_STATE_")
        .to_lowercase()
}

fn role(role: pb::OwnerRole) -> String {
    role.as_str_name().trim_start_matches("OWNER_ROLE_").to_lowercase()
}

fn action(action: pb::ExceptionAction) -> String {
    match action {
        pb::ExceptionAction::EditAndRetry => "edit".to_owned(),
        other => other.as_str_name().trim_start_matches("EXCEPTION_ACTION_").to_lowercase(),
    }
}

fn amount(said: &Money) -> String {
    money(said).map_or_else(
        |_| said.currency_code.clone(),
        |amount| format!("{amount} {}", said.currency_code),
    )
}

pub(in crate::cli) fn time(said: Option<&prost_types::Timestamp>) -> String {
    let at = said.and_then(|time| instant(time).ok());
    at.map(|at| at.format("%Y-%m-%d %H:%M").to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_stands_in_them() {
        let rows = [
            vec!["1".to_owned(), "Zürich".to_owned()],
            vec!["1234".to_owned(), String::new()],
        ];
        assert_eq!(laid_out(&["N", "WHERE"], &rows), "N     WHERE\n1     Zürich\n1234\n");
    }

    #[test]
    fn amounts_have_the_places_of_their_currency() {
        let of = |code: &str, minor_units| {
            amount(&Money {
                currency_code: code.to_owned(),
                minor_units,
            })
        };
        assert_eq!(
            (of("USD", 123_450), of("JPY", 500)),
            ("1234.50 USD".to_owned(), "500 JPY".to_owned())
        );
    }
}
