//! The catalogue, differences and findings for people at a terminal.

use std::fmt::Write;

use crate::catalogue::{Catalogue, Usage};
use crate::check::Finding;
use crate::diff::Change;

/// Services with their methods, and events.
pub fn table(catalogue: &Catalogue) -> String {
    let mut out = String::new();
    for service in &catalogue.services {
        line(
            &mut out,
            format_args!("{}  {}, owner {}", service.name, service.tier, service.owner),
        );
        let head = ["method", "scope", "repeat", "load", "class", "promised", "ends after", ""];
        let mut rows = vec![head.map(str::to_owned)];
        for method in &service.methods {
            let ends = if method.sunset.is_empty() {
                String::new()
            } else {
                format!("until {}, then {}", method.sunset, method.successor)
            };
            rows.push([
                method.name.clone(),
                method.scope.clone(),
                method.idempotency.clone(),
                method.criticality.clone(),
                method.rate_class.clone(),
                format!("{} ms", method.promised_ms),
                format!("{} ms", method.deadline_ms),
                ends,
            ]);
        }
        columns(&mut out, &rows);
        out.push('\n');
    }
    line(&mut out, format_args!("Events"));
    let mut rows = vec![["type", "subject", "in order by", "owner"].map(str::to_owned)];
    rows.extend(catalogue.events.iter().map(|event| {
        [
            event.kind.clone(),
            event.subject.clone(),
            event.ordering_key.clone(),
            event.owner.clone(),
        ]
    }));
    columns(&mut out, &rows);
    if let Some(usage) = &catalogue.usage {
        callers(&mut out, catalogue, usage);
    }
    let methods: usize = catalogue.services.iter().map(|service| service.methods.len()).sum();
    line(
        &mut out,
        format_args!(
            "\n{} services, {methods} methods, {} events, {} records, {} state machines",
            catalogue.services.len(),
            catalogue.events.len(),
            catalogue.records.len(),
            catalogue.states.len()
        ),
    );
    out
}

/// Who still calls what goes.
fn callers(out: &mut String, catalogue: &Catalogue, usage: &Usage) {
    line(
        out,
        format_args!(
            "\nCallers of what goes, as {} has counted since {}",
            usage.server, usage.since
        ),
    );
    let mut rows = vec![["method", "consumer", "calls", "first", "last", "may be gone from"].map(str::to_owned)];
    for service in &catalogue.services {
        for method in service.methods.iter().filter(|method| !method.sunset.is_empty()) {
            let name = format!("{}.{}", service.name, method.name);
            let callers = usage.callers.iter().filter(|caller| caller.method == name);
            rows.extend(callers.map(|caller| {
                [
                    name.clone(),
                    caller.consumer.clone(),
                    caller.calls.to_string(),
                    caller.first.clone(),
                    caller.last.clone(),
                    method.sunset.clone(),
                ]
            }));
        }
    }
    if rows.len() == 1 {
        line(out, format_args!("  nobody"));
    } else {
        columns(out, &rows);
    }
}

/// Changes, what hurts most first.
pub fn changes(changes: &[Change]) -> String {
    if changes.is_empty() {
        return "nothing changed\n".to_owned();
    }
    let mut out = String::new();
    let mut rows = vec![["class", "element", "what", "before", "after"].map(str::to_owned)];
    rows.extend(changes.iter().map(|change| {
        [
            change.class.word().to_owned(),
            change.element.clone(),
            change.aspect.clone(),
            change.before.clone(),
            change.after.clone(),
        ]
    }));
    columns(&mut out, &rows);
    let decide = changes.iter().filter(|change| change.class.needs_a_decision()).count();
    line(
        &mut out,
        format_args!("\n{} changes, {decide} for the architects to decide", changes.len()),
    );
    out
}

/// Findings of a check.
pub fn findings(findings: &[Finding]) -> String {
    let mut out = String::new();
    for found in findings {
        line(&mut out, format_args!("{}: {} {}", found.rule, found.element, found.text));
    }
    line(&mut out, format_args!("{} findings", findings.len()));
    out
}

/// Columns as wide as their widest word; the last is not filled up.
fn columns<const N: usize>(out: &mut String, rows: &[[String; N]]) {
    let mut widths = [0; N];
    for row in rows {
        for (width, word) in widths.iter_mut().zip(row) {
            *width = word.chars().count().max(*width);
        }
    }
    for row in rows {
        let mut text = String::from(" ");
        for (word, width) in row.iter().zip(widths) {
            // Writing to a String cannot fail.
            write!(text, " {word:width$}").ok();
        }
        line(out, format_args!("{}", text.trim_end()));
    }
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(out, "{text}").ok();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Caller;

    #[test]
    fn who_still_calls_what_goes_is_named_and_nobody_else() {
        let caller = |method: &str, consumer: &str| Caller {
            method: method.to_owned(),
            consumer: consumer.to_owned(),
            calls: 7,
            first: "2026-11-02T08:00:00Z".to_owned(),
            last: "2026-11-20T17:30:00Z".to_owned(),
        };
        let mut catalogue = crate::read(&strata_contract::commented());
        assert!(!table(&catalogue).contains("Callers"), "nobody was asked");
        let mut usage = Usage {
            server: "127.0.0.1:7400".to_owned(),
            since: "2026-11-01T00:00:00Z".to_owned(),
            callers: vec![
                caller("strata.experience.delivery.v1.DeliveryService.GetTimeline", "billing-portal"),
                caller("strata.experience.delivery.v2.DeliveryService.ListInvoices", "new-portal"),
            ],
        };
        catalogue.usage = Some(usage.clone());
        let text = table(&catalogue);
        let row = text.lines().find(|line| line.contains("billing-portal"));
        let row: Vec<&str> = row.unwrap_or_default().split_whitespace().skip(1).collect();
        assert_eq!(
            row,
            [
                "billing-portal",
                "7",
                "2026-11-02T08:00:00Z",
                "2026-11-20T17:30:00Z",
                "2027-06-30"
            ]
        );
        assert!(!text.contains("new-portal"));
        usage.callers.remove(0);
        catalogue.usage = Some(usage);
        assert!(table(&catalogue).contains("2026-11-01T00:00:00Z\n  nobody\n"));
    }
}
