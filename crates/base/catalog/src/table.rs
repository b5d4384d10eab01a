//! The catalogue, differences and findings for people at a terminal.

use std::fmt::Write;

use crate::catalogue::Catalogue;
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
