//! Events for people to read.

use std::fmt::Write;

use strata_contract::instant;
use strata_contract::strata::error::v1::Reason;
use strata_contract::strata::process::operations::v1::{DeadLetter, DeadLetterState, DeliveryOutcome, DeliveryPlan};

/// Rows of a plan that are shown.
const MOST: usize = 20;

/// A line for each letter.
pub(super) fn letters(letters: &[DeadLetter], more: bool) -> String {
    if letters.is_empty() {
        return "no dead letters\n".to_owned();
    }
    let mut out = String::new();
    for letter in letters {
        let line = format!(
            "{}  {:<8}  {:<16}  {:<24}  {} tries  {}  {}",
            letter.id,
            state(letter.state()),
            letter.consumer,
            reason(letter.reason()),
            letter.tries,
            letter.event_type,
            letter.subject
        );
        let _ = writeln!(out, "{}", line.trim_end());
    }
    if more {
        out.push_str("there are more: --all lists them\n");
    }
    out
}

/// Everything about one letter.
pub(super) fn letter(letter: &DeadLetter) -> String {
    let mut out = String::new();
    let rows = [
        ("dead letter", letter.id.clone()),
        ("state", state(letter.state()).to_owned()),
        ("consumer", letter.consumer.clone()),
        ("reason", reason(letter.reason())),
        ("message", letter.message.clone()),
        ("event", letter.event_id.clone()),
        ("type", letter.event_type.clone()),
        ("subject", letter.subject.clone()),
        ("ordering key", letter.ordering_key.clone()),
        ("happened", time(letter.event_time.as_ref())),
        ("first failed", time(letter.first_time.as_ref())),
        ("last", time(letter.last_time.as_ref())),
        ("correlation id", letter.correlation_id.clone()),
        ("body", String::from_utf8_lossy(&letter.body).into_owned()),
    ];
    for (name, value) in rows {
        let _ = writeln!(out, "{name:<15} {value}");
    }
    for one in &letter.history {
        let _ = writeln!(
            out,
            "  {}  {}  {}",
            time(one.time.as_ref()),
            reason(one.reason()),
            one.message
        );
    }
    out
}

/// What a plan would deliver, or has delivered.
pub(super) fn plan(plan: &DeliveryPlan) -> String {
    let mut out = String::new();
    let done = plan
        .deliveries
        .iter()
        .any(|one| one.outcome() != DeliveryOutcome::Unspecified);
    let _ = writeln!(out, "plan {}: {} events", plan.token, plan.deliveries.len());
    if done {
        for outcome in [
            DeliveryOutcome::Taken,
            DeliveryOutcome::Known,
            DeliveryOutcome::Failed,
            DeliveryOutcome::Held,
            DeliveryOutcome::Skipped,
        ] {
            let count = plan.deliveries.iter().filter(|one| one.outcome() == outcome).count();
            if count > 0 {
                let _ = writeln!(out, "  {count} {}", word(outcome));
            }
        }
    }
    // What went well needs no line each.
    let worth = |outcome| !matches!(outcome, DeliveryOutcome::Taken | DeliveryOutcome::Known);
    let shown: Vec<_> = plan.deliveries.iter().filter(|one| worth(one.outcome())).collect();
    for one in shown.iter().take(MOST) {
        let what = format!("{}  {}  {}  {}", one.event_id, one.event_type, one.subject, one.message);
        let _ = writeln!(out, "  {}", what.trim_end());
    }
    if shown.len() > MOST {
        let _ = writeln!(out, "  and {} more: --output json has them all", shown.len() - MOST);
    }
    if !done && !plan.deliveries.is_empty() {
        let _ = writeln!(out, "nothing was delivered; carry it out with --plan {}", plan.token);
    }
    if plan.more {
        out.push_str("there are more events than one plan takes\n");
    }
    out
}

fn time(time: Option<&prost_types::Timestamp>) -> String {
    let known = time.and_then(|time| instant(time).ok());
    known.map(|at| at.format("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default()
}

fn state(state: DeadLetterState) -> &'static str {
    match state {
        DeadLetterState::Unspecified => "",
        DeadLetterState::Retrying => "retrying",
        DeadLetterState::Dead => "dead",
        DeadLetterState::Redriven => "redriven",
    }
}

fn word(outcome: DeliveryOutcome) -> &'static str {
    match outcome {
        DeliveryOutcome::Unspecified => "not delivered",
        DeliveryOutcome::Taken => "taken",
        DeliveryOutcome::Known => "taken before; nothing was done",
        DeliveryOutcome::Failed => "failed again",
        DeliveryOutcome::Held => "not tried, an earlier one of the same key failed",
        DeliveryOutcome::Skipped => "skipped",
    }
}

fn reason(reason: Reason) -> String {
    reason.as_str_name().replacen("REASON_", "", 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use strata_contract::strata::process::operations::v1::PlannedDelivery;

    #[test]
    fn a_plan_says_what_was_done_and_names_what_was_not() {
        let one = |id: &str, outcome: DeliveryOutcome| PlannedDelivery {
            event_id: id.to_owned(),
            outcome: outcome.into(),
            ..PlannedDelivery::default()
        };
        let mut shown = DeliveryPlan {
            token: "epl_1".to_owned(),
            deliveries: vec![one("evt_a", DeliveryOutcome::Unspecified)],
            ..DeliveryPlan::default()
        };
        let text = plan(&shown);
        assert!(
            text.contains("1 events") && text.contains("evt_a") && text.contains("--plan epl_1"),
            "{text}"
        );
        shown.deliveries = vec![one("evt_a", DeliveryOutcome::Taken), one("evt_b", DeliveryOutcome::Failed)];
        let text = plan(&shown);
        assert!(
            text.contains("1 taken") && text.contains("evt_b") && !text.contains("evt_a"),
            "{text}"
        );
    }
}
