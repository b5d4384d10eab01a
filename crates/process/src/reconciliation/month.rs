//! Reconciling the books of a month: both systems are read into records, every line is compared, the cells are summed up.
//!
//! Lines are taken by key, some hundred at a time, with one question per table: a month of a million lines costs more time and no
//! more memory. Killed in between, it is done again from the beginning, and comes to the same.

use std::collections::{BTreeSet, HashMap};

use strata_contract::strata::process::reconciliation::v1::ReconcileBooksResponse;
use strata_finance::reconciliation::in_flight_since;
use strata_kernel::{Error, Result, period_of};
use strata_store::{Conn, both, in_turn};

use super::line::{self, ERP, Facts, PSA, View};
use super::{erp, facts, problem, psa};
use crate::billing::posting;
use crate::core::Core;
use crate::months::{self, Month};
use crate::store::rows_books::LineRow;
use crate::store::{lite, pg};

/// Lines compared at a time.
const BATCH: i64 = 400;
/// Name of the number of the last reading.
const SCAN: &str = "books-scan";

/// Reconciles the months of a range.
pub(crate) async fn reconcile_books(core: &Core, from: &str, to: &str) -> Result<ReconcileBooksResponse> {
    let mut total = ReconcileBooksResponse::default();
    for month in months::between(from, to)? {
        let part = reconcile_month(core, &month).await?;
        total.lines += part.lines;
        total.differing += part.differing;
        total.in_flight += part.in_flight;
        total.excepted += part.excepted;
        total.cells += part.cells;
    }
    Ok(total)
}

/// Reconciles a month. Both systems are read before the ledger: what is posted meanwhile is young, and no difference.
pub(super) async fn reconcile_month(core: &Core, month: &Month) -> Result<ReconcileBooksResponse> {
    let (now, code) = (core.now(), month.code());
    let (scan, touches) = begin(core, code.clone()).await?;
    let with_psa = psa::read(core, month, scan).await?;
    erp::read_time(core, month, scan).await?;
    let mut with_postings = true;
    for posted in posted_in(core, month).await? {
        with_postings &= erp::read_postings(core, &posted, scan).await?;
    }
    let since = in_flight_since(now, core.settings.reconciliation_lag_minutes.saturating_mul(60));
    let mut total = ReconcileBooksResponse::default();
    for kind in [posting::TIME, posting::DOCUMENT, posting::JOURNAL] {
        if kind != posting::TIME && !with_postings {
            continue;
        }
        let view = View {
            period: &code,
            kind,
            since: since.map(|since| since.naive_utc()),
            now: now.naive_utc(),
            scan,
        };
        compare_kind(core, month, view, with_psa, &mut total).await?;
    }
    total.cells = close_cells(core, code, (scan, touches)).await?;
    core.tell();
    Ok(total)
}

/// A number that no reading before had: what a reading did not see any more is told by it. And what happened in the month so far.
async fn begin(core: &Core, period: String) -> Result<(i64, i64)> {
    core.db
        .write(move |c| {
            let held = both!(c, cursors::get(SCAN))?.unwrap_or_default();
            let next = held.parse::<i64>().unwrap_or_default() + 1;
            both!(c, cursors::put(SCAN, &next.to_string()))?;
            Ok((next, both!(c, balances::touches(&period))?))
        })
        .await
}

/// The months in which documents and journals of a month are posted, that month among them.
async fn posted_in(core: &Core, month: &Month) -> Result<Vec<Month>> {
    let code = month.code();
    let days = core
        .db
        .read(move |c| {
            let documents = both!(c, postings::days_of(&code, posting::DOCUMENT))?;
            Ok((documents, both!(c, postings::days_of(&code, posting::JOURNAL))?))
        })
        .await?;
    let (documents, journals) = days;
    let days = [documents.0, documents.1, journals.0, journals.1];
    let first = days.iter().flatten().min().map_or(month.first, |day| month.first.min(*day));
    let last = days.iter().flatten().max().map_or(month.last, |day| month.last.max(*day));
    Ok(months::covering(first, last))
}

async fn compare_kind(
    core: &Core,
    month: &Month,
    view: View<'_>,
    with_psa: bool,
    total: &mut ReconcileBooksResponse,
) -> Result<()> {
    let mut after = String::new();
    loop {
        let (lines, more) = lines(core, month, view.kind, &after).await?;
        let Some(last) = lines.last().cloned() else {
            return Ok(());
        };
        let mut known = facts::read(core, view, &lines).await?;
        let mut rows = Vec::new();
        for name in &lines {
            let Some(facts) = known.remove(name) else { continue };
            rows.extend(compared(name, &facts, view, with_psa));
        }
        store(core, rows, view, total).await?;
        after = last;
        if !more {
            return Ok(());
        }
    }
}

/// The rows of a line. What belongs to another month is looked at with that month.
fn compared(name: &str, facts: &Facts, view: View<'_>, with_psa: bool) -> Vec<LineRow> {
    let day = facts.approved.as_ref().map(|approved| approved.day);
    if day.is_some_and(|day| period_of(day) != view.period) {
        return Vec::new();
    }
    if view.kind != posting::TIME && facts.postings.first().is_some_and(|row| row.period != view.period) {
        return Vec::new();
    }
    let mut rows = line::rows(name, facts, view);
    if !with_psa {
        for row in &mut rows {
            row.psa_minutes = row.approved_minutes;
            if matches!(row.difference.as_str(), "MISSING_IN_PSA" | "PSA_DIFFERS") {
                row.difference.clear();
                "AGREES".clone_into(&mut row.state);
            }
        }
    }
    rows
}

/// The next lines of a month behind a key, and whether there may be more: those that any of the systems has.
async fn lines(core: &Core, month: &Month, kind: &'static str, after: &str) -> Result<(Vec<String>, bool)> {
    let (code, range, after, known) = (month.code(), (month.first, month.last), after.to_owned(), core.today());
    let lists = core
        .db
        .read(move |c| {
            let erp = both!(c, books::lines(ERP, kind, &code, &after, BATCH))?;
            if kind == posting::TIME {
                let own = both!(c, work::worked_between(range, known, &after, BATCH))?;
                let own = own.into_iter().map(|entry| entry.id).collect();
                return Ok([own, both!(c, books::lines(PSA, kind, &code, &after, BATCH))?, erp]);
            }
            let own = both!(c, postings::of_period(&code, kind, &after, BATCH))?;
            Ok([own.into_iter().map(|row| row.line).collect(), Vec::new(), erp])
        })
        .await?;
    Ok(merged(&lists))
}

/// What stands in any of the lists, up to where every list that goes on was read.
fn merged(lists: &[Vec<String>; 3]) -> (Vec<String>, bool) {
    let full = |list: &&Vec<String>| i64::try_from(list.len()).is_ok_and(|len| len >= BATCH);
    let until = lists.iter().filter(full).filter_map(|list| list.last()).min();
    let all: BTreeSet<&String> = lists.iter().flatten().collect();
    let kept = all.into_iter().filter(|line| until.is_none_or(|until| *line <= until));
    (kept.cloned().collect(), until.is_some())
}

/// Stores compared lines, with their exceptions, in one transaction.
async fn store(core: &Core, rows: Vec<LineRow>, view: View<'_>, total: &mut ReconcileBooksResponse) -> Result<()> {
    let (period, kind, now) = (view.period.to_owned(), view.kind.to_owned(), core.now());
    let rows = core
        .db
        .write(move |c| {
            in_turn(c, "books", &period)?;
            let names: Vec<String> = rows.iter().map(|row| row.line.clone()).collect();
            let accepted = both!(c, balances::accepted(&period, &kind, &names))?;
            let accepted: BTreeSet<(String, String, String)> = accepted.into_iter().collect();
            let before: HashMap<(String, String), LineRow> = both!(c, balances::lines_of(&period, &kind, &names))?
                .into_iter()
                .map(|row| ((row.line.clone(), row.currency_code.clone()), row))
                .collect();
            // Two servers may reconcile a month at once: what a later reading came to stays.
            let is_late = |row: &LineRow| {
                let held = before.get(&(row.line.clone(), row.currency_code.clone()));
                held.is_some_and(|held| held.scan > row.scan)
            };
            let mut rows: Vec<LineRow> = rows.iter().filter(|row| !is_late(row)).cloned().collect();
            for row in &mut rows {
                let said = (row.line.clone(), row.currency_code.clone(), row.digest.clone());
                if row.state == "DIFFERS" && accepted.contains(&said) {
                    "ACCEPTED".clone_into(&mut row.state);
                }
                let held = before.get(&(row.line.clone(), row.currency_code.clone()));
                problem::tell(c, row, held, now)?;
            }
            both!(c, balances::put_lines(&rows))?;
            Ok(rows)
        })
        .await?;
    for row in &rows {
        total.lines += 1;
        total.differing += u64::from(row.state == "DIFFERS");
        total.in_flight += u64::from(row.in_flight_since.is_some());
        total.excepted += u64::from(row.state == "EXCEPTED");
    }
    Ok(())
}

/// Forgets lines that nobody has any more, sums the cells up, and notes the month as reconciled. Returns how many cells there are.
async fn close_cells(core: &Core, period: String, (scan, touches): (i64, i64)) -> Result<u64> {
    let now = core.now();
    loop {
        let code = period.clone();
        let gone = core
            .db
            .write(move |c| {
                let stale = both!(c, balances::stale(&code, scan, BATCH))?;
                for row in &stale {
                    problem::mended(c, row, now)?;
                    both!(c, balances::remove_line(row))?;
                }
                Ok(stale.len())
            })
            .await?;
        if gone == 0 {
            break;
        }
    }
    core.db
        .write(move |c: &mut Conn<'_>| {
            let cells = both!(c, balances::sums(&period, now.naive_utc()))?;
            both!(c, balances::replace(&period, &cells))?;
            both!(c, balances::reconciled(&period, touches, now.naive_utc()))?;
            u64::try_from(cells.len()).map_err(Error::internal)
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_where_the_shortest_full_list_does() {
        let long: Vec<String> = (0..BATCH).map(|at| format!("{at:04}")).collect();
        let (lines, more) = merged(&[long, vec!["0001x".into(), "9".into()], Vec::new()]);
        assert!(more);
        assert_eq!(lines.len(), 401);
        assert_eq!(lines.last().map(String::as_str), Some("0399"));
        let (lines, more) = merged(&[vec!["a".into()], vec!["a".into(), "b".into()], Vec::new()]);
        assert_eq!((lines.len(), more), (2, false));
    }
}
