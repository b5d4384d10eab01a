//! The result of a demo for people.

use std::fmt::Write;

use strata_firm::books::{Counts, Report};

use super::examples::examples;
use crate::demo::Outcome;

/// Most differences, and most refused payments, that are shown.
const MOST: usize = 50;

/// What happened, how the checks went, and whether the books agree.
pub(super) fn of(outcome: &Outcome) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail: here and below.
    happened(&mut out, outcome).ok();
    checks(&mut out, &outcome.report).ok();
    let notes = outcome.report.notes.iter();
    list(
        &mut out,
        "Notes",
        notes.map(|(what, count)| (what.clone(), count.to_string())),
    )
    .ok();
    differences(&mut out, &outcome.report).ok();
    verdict(&mut out, outcome).ok();
    out
}

/// Where everything is, with calls to paste.
pub(super) fn addresses(outcome: &Outcome) -> String {
    let mut out = String::new();
    let servers = outcome.addresses.servers.iter().map(|(name, at)| {
        let what = match name.as_str() {
            "all" => "every tier",
            "sandbox" => "clock of the sandboxes",
            tier => tier,
        };
        (what.to_owned(), at.to_string())
    });
    list(&mut out, "gRPC and gRPC-Web", servers).ok();
    let sandboxes = outcome.addresses.sandboxes.iter();
    let sandboxes = sandboxes.map(|(vendor, base_url)| (vendor.to_string(), base_url.clone()));
    list(&mut out, "Sandboxes (HTTP)", sandboxes).ok();
    out.push_str("Calls to paste\n");
    for example in examples(&outcome.addresses, outcome.platform.example_engagement.as_deref()) {
        writeln!(out, "  # {}\n  {}\n  {}", example.shows, example.grpcurl, example.buf).ok();
    }
    out.push('\n');
    out
}

fn happened(out: &mut String, outcome: &Outcome) -> std::fmt::Result {
    let (firm, lived, platform) = (&outcome.firm, &outcome.lived, &outcome.platform);
    writeln!(
        out,
        "A firm of {} people, {} customers, {} contracts, {} projects and {} time entries (seed {}), from {} to {}.\n",
        firm.employees, firm.customers, firm.contracts, firm.projects, firm.entries, firm.seed, firm.first_day, firm.last_day
    )?;
    let mut rows = vec![
        ("days lived".to_owned(), lived.days),
        ("things people did".to_owned(), lived.facts),
        ("work of the platform".to_owned(), lived.platform_work),
        ("engagements won".to_owned(), platform.engagements),
        ("engagements mobilised".to_owned(), platform.mobilised),
        ("projects of engagements".to_owned(), platform.projects),
    ];
    let postings = platform.postings.iter();
    rows.extend(postings.map(|row| (format!("postings of {}, {}", row.kind, row.state), row.count)));
    rows.push(("payments booked".to_owned(), lived.payments));
    rows.push(("payments refused".to_owned(), lived.payments_refused.len() as u64));
    let rows = rows.into_iter().map(|(what, count)| (what, count.to_string()));
    list(out, "What happened", rows)?;
    if lived.payments_refused.is_empty() {
        return Ok(());
    }
    writeln!(out, "Payments refused")?;
    for (payment, why) in lived.payments_refused.iter().take(MOST) {
        writeln!(out, "  {payment}  {why}")?;
    }
    more(out, lived.payments_refused.len())?;
    writeln!(out)
}

fn checks(out: &mut String, report: &Report) -> std::fmt::Result {
    let width = report.checks.keys().map(String::len).max().unwrap_or(0).max("Check".len());
    writeln!(
        out,
        "{:width$}  {:>9}  {:>9}  {:>11}  {:>7}  {:>9}  {:>10}",
        "Check", "expected", "equal", "differences", "differ", "missing", "unexpected"
    )?;
    for (check, counts) in &report.checks {
        let Counts {
            expected,
            agreeing,
            differing,
            missing,
            unexpected,
        } = counts;
        let differences = report
            .differences
            .iter()
            .filter(|difference| difference.check == *check)
            .count();
        writeln!(
            out,
            "{check:width$}  {expected:>9}  {agreeing:>9}  {differences:>11}  {differing:>7}  {missing:>9}  {unexpected:>10}"
        )?;
    }
    writeln!(out)
}

fn differences(out: &mut String, report: &Report) -> std::fmt::Result {
    if report.differences.is_empty() {
        return Ok(());
    }
    writeln!(out, "Differences")?;
    for difference in report.differences.iter().take(MOST) {
        writeln!(
            out,
            "  {} {}: {} must be {}, is {}",
            difference.check, difference.key, difference.field, difference.expected, difference.got
        )?;
    }
    more(out, report.differences.len())?;
    writeln!(out)
}

/// Says that there are more than are shown.
fn more(out: &mut String, count: usize) -> std::fmt::Result {
    match count.saturating_sub(MOST) {
        0 => Ok(()),
        rest => writeln!(out, "  and {rest} more: --json has them all"),
    }
}

fn verdict(out: &mut String, outcome: &Outcome) -> std::fmt::Result {
    let how = if outcome.split {
        "a process for each server"
    } else {
        "one process"
    };
    writeln!(out, "{:.1?}, {how}, {}, bus {}", outcome.took, outcome.store, outcome.bus)?;
    if let Some(work) = &outcome.work {
        writeln!(out, "Everything is kept in {}", work.display())?;
    }
    match outcome.report.differences.len() {
        0 => writeln!(out, "THE BOOKS AGREE\n"),
        1 => writeln!(out, "THE BOOKS DIFFER: 1 difference\n"),
        many => writeln!(out, "THE BOOKS DIFFER: {many} differences\n"),
    }
}

/// A titled list of names and values. Nothing when it is empty.
fn list(out: &mut String, title: &str, rows: impl Iterator<Item = (String, String)>) -> std::fmt::Result {
    let rows: Vec<(String, String)> = rows.collect();
    if rows.is_empty() {
        return Ok(());
    }
    let left = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let right = rows.iter().map(|(_, value)| value.len()).max().unwrap_or(0);
    writeln!(out, "{title}")?;
    for (name, value) in rows {
        writeln!(out, "  {name:left$}  {value:>right$}")?;
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::time::Duration;

    use strata_firm::director::Lived;

    use super::*;
    use crate::demo::{self, FirmFacts};
    use crate::installation::Addresses;

    /// An outcome with that many differences.
    fn outcome(differences: usize) -> Outcome {
        let day = "2025-01-01";
        let difference =
            |n| serde_json::json!({"check": "documents", "key": format!("CT-{n}"), "field": "net", "expected": "1", "got": "2"});
        let report = serde_json::json!({
            "entries": 1, "seed": 7, "year": 2025, "as_of": day,
            "checks": {"documents": {"expected": 60, "agreeing": 60 - differences, "differing": differences, "missing": 0, "unexpected": 0}},
            "differences": (0..differences).map(difference).collect::<Vec<_>>(),
            "notes": {"documents of the next year": 3}, "timings": {},
        });
        Outcome {
            firm: FirmFacts {
                entries: 1,
                seed: 7,
                first_day: day.parse().unwrap(),
                last_day: day.parse().unwrap(),
                customers: 1,
                contracts: 1,
                projects: 1,
                employees: 1,
            },
            lived: Lived::default(),
            platform: demo::Counts::default(),
            report: serde_json::from_value(report).unwrap(),
            addresses: Addresses::default(),
            store: "sqlite:x.db".to_owned(),
            bus: "inproc".to_owned(),
            split: false,
            work: None,
            took: Duration::from_millis(1500),
            running: None,
        }
    }

    #[test]
    fn books_that_agree_say_so() {
        let text = of(&outcome(0));
        assert!(text.contains("THE BOOKS AGREE") && !text.contains("Differences"), "{text}");
        assert!(
            text.contains("documents of the next year  3") && text.contains("1.5s"),
            "{text}"
        );
    }

    #[test]
    fn differences_are_listed_by_key_up_to_a_number() {
        let text = of(&outcome(52));
        assert!(text.contains("documents CT-0: net must be 1, is 2"), "{text}");
        assert!(text.contains("CT-49") && !text.contains("CT-50:"), "{text}");
        assert!(text.contains("and 2 more: --json has them all"), "{text}");
        assert!(text.contains("THE BOOKS DIFFER: 52 differences"), "{text}");
    }
}
