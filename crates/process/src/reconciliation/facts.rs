//! What is known of some lines, read with one question per table.

use std::collections::{HashMap, HashSet};

use strata_kernel::Result;
use strata_store::{Conn, both};

use super::line::{Approved, Facts, PSA, Stopped, View};
use crate::billing::posting;
use crate::core::Core;
use crate::engine::kind;
use crate::exceptions::lines as desk_lines;
use crate::store::rows_books::BookRow;
use crate::store::{lite, pg};

/// Facts by line. A line that nobody knows anything of is left out.
pub(super) async fn read(core: &Core, view: View<'_>, lines: &[String]) -> Result<HashMap<String, Facts>> {
    let (kind, lines) = (view.kind.to_owned(), lines.to_vec());
    core.db.read(move |c| of(c, &kind, &lines)).await
}

fn of(conn: &mut Conn<'_>, kind: &str, lines: &[String]) -> Result<HashMap<String, Facts>> {
    let mut facts: HashMap<String, Facts> = HashMap::new();
    for row in both!(conn, books::of_lines(kind, lines))? {
        facts.entry(row.line.clone()).or_default().records.push(row);
    }
    for row in both!(conn, postings::of_lines(kind, lines))? {
        facts.entry(row.line.clone()).or_default().postings.push(row);
    }
    if kind == posting::TIME {
        approved(conn, lines, &mut facts)?;
    } else {
        stopped_postings(conn, &mut facts)?;
    }
    Ok(facts)
}

/// What the platform has approved of time, and what stopped it.
fn approved(conn: &mut Conn<'_>, lines: &[String], facts: &mut HashMap<String, Facts>) -> Result<()> {
    let mut latest = HashMap::new();
    let mut ids: HashMap<String, String> = HashMap::new();
    for version in both!(conn, work::versions(lines))? {
        ids.insert(version.psa_id.clone(), version.entry_id.clone());
        // In the order of versions: the last one stands.
        latest.insert(version.entry_id.clone(), version);
    }
    for entry in both!(conn, work::entries(lines))? {
        let Some(version) = latest.remove(&entry.id) else { continue };
        facts.entry(entry.id).or_default().approved = Some(Approved {
            minutes: version.minutes.into(),
            day: entry.work_date,
            at: version.approved_at,
            reference: entry.reference,
            project_code: entry.project_code,
            engagement_id: entry.engagement_id,
            correlation_id: entry.correlation_id,
        });
    }
    for (line, held) in facts.iter() {
        let psa = held.records.iter().filter(|row: &&BookRow| row.system == PSA);
        ids.extend(psa.map(|row| (row.vendor_id.clone(), line.clone())));
    }
    let asked: Vec<String> = ids.keys().cloned().collect();
    let stops = both!(conn, runs::stopped_subjects(&[kind::TIME_ENTRY, kind::TIME_POSTING], &asked))?;
    for (subject, state, reason, exception_id) in stops {
        if let Some(held) = ids.get(&subject).and_then(|line| facts.get_mut(line)) {
            held.stopped = Some(stopped(&state, reason, exception_id));
        }
    }
    let left_out: HashSet<String> = both!(conn, lines::excepted_among(desk_lines::TIME, &asked))?
        .into_iter()
        .collect();
    for id in left_out {
        if let Some(held) = ids.get(&id).and_then(|line| facts.get_mut(line)) {
            held.stopped.get_or_insert(stopped("SKIPPED", String::new(), String::new()));
        }
    }
    Ok(())
}

/// What stopped the steps that post documents and journals.
fn stopped_postings(conn: &mut Conn<'_>, facts: &mut HashMap<String, Facts>) -> Result<()> {
    let waiting = |held: &Facts| held.postings.iter().any(|row| row.state == "INTENDED");
    let runs: HashMap<String, Vec<String>> = facts.iter().filter(|(_, held)| waiting(held)).fold(
        HashMap::new(),
        |mut runs: HashMap<String, Vec<String>>, (line, held)| {
            let ids = held.postings.iter().map(|row| row.correlation_id.clone());
            ids.for_each(|id| runs.entry(id).or_default().push(line.clone()));
            runs
        },
    );
    let asked: Vec<String> = runs.keys().cloned().collect();
    for (correlation_id, state, reason, exception_id) in both!(conn, runs::stopped_correlated(&asked))? {
        for line in runs.get(&correlation_id).into_iter().flatten() {
            if let Some(held) = facts.get_mut(line) {
                held.stopped = Some(stopped(&state, reason.clone(), exception_id.clone()));
            }
        }
    }
    Ok(())
}

/// What a stopped step says: an exception, or a person's decision.
fn stopped(state: &str, reason: String, exception_id: String) -> Stopped {
    match state {
        "SKIPPED" => Stopped {
            cause: "SKIPPED".to_owned(),
            exception_id: String::new(),
        },
        "CANCELLED" => Stopped {
            cause: "WITHDRAWN".to_owned(),
            exception_id: String::new(),
        },
        _ => Stopped {
            cause: reason,
            exception_id,
        },
    }
}
