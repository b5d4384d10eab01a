//! Books for people, and for programs.

use strata_contract::strata::process::reconciliation::v1 as pb;

pub(super) use crate::cli::exceptions::print::json;
use crate::cli::exceptions::print::{table, time};

/// Cells, with the equation from left to right.
pub(super) fn balances(answer: &pb::ListBalancesResponse) {
    if answer.balances.is_empty() {
        println!("nothing was reconciled in these months");
        return;
    }
    let rows = answer.balances.iter().map(|cell| {
        vec![
            cell.period.clone(),
            word(cell.kind().as_str_name(), "BOOK_KIND_"),
            cell.subject.clone(),
            cell.currency_code.clone(),
            quantity(cell.psa.as_ref(), cell.kind()),
            quantity(cell.approved.as_ref(), cell.kind()),
            quantity(cell.posted.as_ref(), cell.kind()),
            quantity(cell.excepted.as_ref(), cell.kind()),
            quantity(cell.in_flight.as_ref(), cell.kind()),
            quantity(cell.erp.as_ref(), cell.kind()),
            quantity(cell.difference.as_ref(), cell.kind()),
            format!("{}/{}", cell.differing, cell.lines),
        ]
    });
    let heads = [
        "MONTH",
        "KIND",
        "OF",
        "CUR",
        "PSA",
        "APPROVED",
        "POSTED",
        "EXCEPTED",
        "IN FLIGHT",
        "ERP",
        "DIFFERENCE",
        "DIFFER",
    ];
    table(&heads, rows);
    println!("time: minutes and minor units; documents and journals: minor units. approved = posted + excepted + in flight");
}

/// Lines, with what puts each right.
pub(super) fn lines(answer: &pb::ListBalanceLinesResponse) {
    if answer.lines.is_empty() {
        println!("no such lines");
        return;
    }
    let rows = answer.lines.iter().map(|line| {
        let repairs: Vec<String> = line
            .repairs
            .iter()
            .map(|repair| word(repair.kind().as_str_name(), "REPAIR_KIND_"))
            .collect();
        let difference = match line.difference() {
            pb::DifferenceKind::Unspecified => line.cause.clone(),
            found => found.as_str_name().trim_start_matches("DIFFERENCE_KIND_").to_owned(),
        };
        vec![
            word(line.kind().as_str_name(), "BOOK_KIND_"),
            line.line.clone(),
            line.reference.clone(),
            line.subject.clone(),
            line.currency_code.clone(),
            word(line.state().as_str_name(), "LINE_STATE_"),
            difference,
            quantity(line.approved.as_ref(), line.kind()),
            quantity(line.posted.as_ref(), line.kind()),
            quantity(line.erp.as_ref(), line.kind()),
            repairs.join(", "),
        ]
    });
    let heads = [
        "KIND", "LINE", "CALLED", "OF", "CUR", "STATE", "WHY", "APPROVED", "POSTED", "ERP", "REPAIRS",
    ];
    table(&heads, rows);
}

/// What happened to a posting.
pub(super) fn events(answer: &pb::ListPostingEventsResponse) {
    let rows = answer.events.iter().map(|event| {
        vec![
            time(event.event_time.as_ref()),
            event.from_state.clone(),
            event.to_state.clone(),
            event.attempts.to_string(),
            event.lookup.clone(),
            event.reason.clone(),
        ]
    });
    table(&["WHEN", "FROM", "TO", "SENT", "LOOK-UP", "REASON"], rows);
}

/// What waits to be posted.
pub(super) fn backlogs(answer: &pb::GetPostingBacklogResponse) {
    let rows = answer.backlogs.iter().map(|backlog| {
        let is_waiting = backlog.waiting + backlog.under_way > 0;
        let done = match &backlog.expected_done_time {
            Some(at) => time(Some(at)),
            None if is_waiting => "not known".to_owned(),
            None => "done".to_owned(),
        };
        vec![
            word(backlog.kind().as_str_name(), "BOOK_KIND_"),
            backlog.waiting.to_string(),
            backlog.under_way.to_string(),
            backlog.blocked.to_string(),
            backlog.stopped.to_string(),
            backlog.per_minute.to_string(),
            done,
        ]
    });
    let heads = ["KIND", "WAITING", "UNDER WAY", "BLOCKED", "STOPPED", "PER MINUTE", "DONE BY"];
    table(&heads, rows);
    if answer.backlogs.iter().any(|backlog| backlog.stopped > 0) {
        println!("what is stopped waits for somebody: strata exceptions list");
    }
}

/// A close, how far it is, and what was done.
pub(super) fn close(close: &pb::PeriodClose) {
    let whose = if close.legal_entity_code.is_empty() {
        "all legal entities"
    } else {
        &close.legal_entity_code
    };
    println!(
        "{} of {whose} is {}",
        close.period,
        word(close.state().as_str_name(), "CLOSE_STATE_")
    );
    let progress = close.progress.unwrap_or_default();
    println!(
        "  {} in flight, {} excepted ({} without an owner), {} differ, {} accepted; reconciled {}",
        progress.in_flight,
        progress.excepted,
        progress.without_owner,
        progress.differing,
        progress.accepted,
        progress
            .as_of_time
            .as_ref()
            .map_or_else(|| "never".to_owned(), |at| time(Some(at)))
    );
    println!("  {}", if progress.drained { "drained" } else { "not drained" });
    if !close.digest.is_empty() {
        println!(
            "  signed by {} at {}: {}",
            close.signed_by,
            time(close.sign_time.as_ref()),
            close.digest
        );
    }
    let rows = close.history.iter().map(|event| {
        vec![
            time(event.event_time.as_ref()),
            event.action.clone(),
            event.actor.clone(),
            event.reason.clone(),
        ]
    });
    table(&["WHEN", "WHAT", "WHO", "WHY"], rows);
}

fn quantity(held: Option<&pb::Quantity>, kind: pb::BookKind) -> String {
    let held = held.copied().unwrap_or_default();
    match kind {
        pb::BookKind::Time => format!("{}m {}", held.minutes, held.minor_units),
        _ => held.minor_units.to_string(),
    }
}

/// An enum's value in words.
fn word(name: &str, prefix: &str) -> String {
    name.trim_start_matches(prefix).to_lowercase().replace('_', "-")
}
