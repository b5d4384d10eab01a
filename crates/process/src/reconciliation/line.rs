//! How one line of the books stands: what is approved, and where each part of it is. Pure: everything it needs was read before.
//!
//! approved = posted + excepted + in flight holds of every line. What differs is what PSA or ERP say against it.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};

use super::quantity::Quantity;
use super::row::{empty, ids, seal};
use crate::billing::posting;
use crate::store::rows::PostingRow;
use crate::store::rows_books::{BookRow, LineRow};

/// The systems that records were read from.
pub(super) const PSA: &str = "PSA";
pub(super) const ERP: &str = "ERP";

/// What the platform has approved of a time entry.
#[derive(Debug, Clone)]
pub(super) struct Approved {
    pub(super) minutes: i64,
    /// Day of the work.
    pub(super) day: NaiveDate,
    pub(super) at: NaiveDateTime,
    pub(super) reference: String,
    pub(super) project_code: String,
    pub(super) engagement_id: String,
    pub(super) correlation_id: String,
}

/// Why something of a line is not posted: the cause, and the exception that stands for it. Empty: a person decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stopped {
    pub(super) cause: String,
    pub(super) exception_id: String,
}

/// Everything that is known of a line.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) approved: Option<Approved>,
    pub(super) postings: Vec<PostingRow>,
    /// Records of both systems.
    pub(super) records: Vec<BookRow>,
    pub(super) stopped: Option<Stopped>,
}

/// When it is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) period: &'a str,
    pub(super) kind: &'static str,
    /// What is younger than this is on its way. None: nothing is.
    pub(super) since: Option<NaiveDateTime>,
    pub(super) now: NaiveDateTime,
    pub(super) scan: i64,
}

/// One currency of a line.
#[derive(Debug, Default)]
struct Part<'a> {
    postings: Vec<&'a PostingRow>,
    records: Vec<&'a BookRow>,
}

/// How the ledger and the ERP stand to each other.
#[derive(Debug, Default)]
struct Books {
    posted: Quantity,
    in_flight: Quantity,
    excepted: Quantity,
    erp: Quantity,
    /// Of what the ERP holds, what is on its way, or held by an exception.
    explained: Quantity,
    difference: Option<&'static str>,
    stopped: Option<Stopped>,
    in_flight_since: Option<NaiveDateTime>,
}

/// The rows of a line: one for each currency of its postings, mostly one. The last one carries what no posting says yet.
pub(super) fn rows(line: &str, facts: &Facts, view: View<'_>) -> Vec<LineRow> {
    let erp: Vec<&BookRow> = facts.records.iter().filter(|row| row.system == ERP).collect();
    let parts = parts(&facts.postings, &erp);
    let last = parts.len().saturating_sub(1);
    let mut rows = Vec::with_capacity(parts.len());
    let mut before = Quantity::default();
    for (at, (currency, part)) in parts.iter().enumerate() {
        let mut books = compare(part, view);
        if view.kind != posting::TIME && facts.stopped.is_some() {
            // The step that posts it waits for a person.
            books.excepted = books.excepted.plus(std::mem::take(&mut books.in_flight));
            books.in_flight_since = None;
        }
        let ledger = books.posted.plus(books.in_flight).plus(books.excepted);
        let mut row = empty(line, currency, facts, view);
        let mut approved = ledger;
        let mut psa_difference = None;
        if at == last && view.kind == posting::TIME {
            let psa = psa_minutes(&facts.records);
            let due = due(facts, psa).minutes(-before.minutes);
            approved.minutes = due.minutes;
            unposted(facts, psa, due.minutes - ledger.minutes, &mut books);
            psa_difference = differs_from_psa(facts, psa);
            row.psa_minutes = psa.unwrap_or_default() - before.minutes;
        } else {
            row.psa_minutes = if view.kind == posting::TIME { ledger.minutes } else { 0 };
        }
        before = before.plus(approved);
        finish(&mut row, approved, &books, psa_difference, facts, view);
        row.erp_ids = ids(&part.records);
        row.digest = seal(&row);
        rows.push(row);
    }
    rows
}

/// Postings and records by currency, in the order the currencies came up. Records go with the posting that has their key.
fn parts<'a>(postings: &'a [PostingRow], erp: &[&'a BookRow]) -> Vec<(String, Part<'a>)> {
    let mut parts: Vec<(String, Part<'_>)> = Vec::new();
    for row in postings {
        match parts.iter_mut().find(|(currency, _)| *currency == row.currency_code) {
            Some((_, part)) => part.postings.push(row),
            None => {
                let part = Part {
                    postings: vec![row],
                    records: Vec::new(),
                };
                parts.push((row.currency_code.clone(), part));
            }
        }
    }
    if parts.is_empty() {
        let currency = erp.first().map(|row| row.currency_code.clone()).unwrap_or_default();
        parts.push((currency, Part::default()));
    }
    for record in erp {
        let named = parts
            .iter()
            .position(|(_, part)| part.postings.iter().any(|row| row.key == record.posting_key));
        let at = named.unwrap_or(parts.len() - 1);
        if let Some((_, part)) = parts.get_mut(at) {
            part.records.push(record);
        }
    }
    parts
}

fn compare(part: &Part<'_>, view: View<'_>) -> Books {
    let mut books = Books::default();
    let mut by_key: BTreeMap<&str, Vec<&BookRow>> = BTreeMap::new();
    for record in &part.records {
        books.erp = books.erp.plus(Quantity::of_record(record));
        by_key.entry(record.posting_key.as_str()).or_default().push(record);
    }
    let by_people = by_key.remove("").unwrap_or_default();
    let mut missing = Quantity::default();
    let mut any_missing = false;
    for row in &part.postings {
        let amount = Quantity::of_posting(row);
        let held = by_key.remove(row.key.as_str()).unwrap_or_default();
        match row.state.as_str() {
            "CONFIRMED" | "RESOLVED" => {
                books.posted = books.posted.plus(amount);
                if held.is_empty() {
                    missing = missing.plus(amount);
                    any_missing = true;
                }
                books.differ(same(row, &held, view));
            }
            "INTENDED" if !row.waits_for.is_empty() => {
                books.excepted = books.excepted.plus(amount);
                books.stop("WAITING", String::new());
            }
            "INTENDED" | "SENT" | "UNKNOWN" => {
                books.in_flight = books.in_flight.plus(amount);
                books.explain(&held);
                let since = books
                    .in_flight_since
                    .map_or(row.created_at, |since| since.min(row.created_at));
                books.in_flight_since = Some(since);
            }
            "HELD" => {
                books.excepted = books.excepted.plus(amount);
                books.explain(&held);
                books.stop(&row.reason, exception_of(row));
            }
            "REJECTED" => {
                books.excepted = books.excepted.plus(amount);
                books.stop(&row.reason, exception_of(row));
                books.orphan(&held);
            }
            // A person left it out: it is counted with what is not posted.
            left_out => {
                books.stop(left_out, String::new());
                books.orphan(&held);
            }
        }
    }
    by_key.values().for_each(|unknown| books.orphan(unknown));
    people(
        &mut books,
        &by_people,
        any_missing.then_some(missing),
        part.postings.is_empty(),
    );
    books
}

/// What people made beside: it stands for what is missing, or it is too much.
fn people(books: &mut Books, by_people: &[&BookRow], missing: Option<Quantity>, unknown: bool) {
    let made = by_people
        .iter()
        .fold(Quantity::default(), |sum, row| sum.plus(Quantity::of_record(row)));
    match missing {
        Some(missing) if !by_people.is_empty() && made.minutes == missing.minutes => {
            // What people say beside is their word for the amount: minutes are what they put in our place.
            books.explained = books.explained.plus(made).plus(missing.negated());
        }
        Some(_) => books.differ(Some("MISSING_IN_ERP")),
        None if by_people.is_empty() => {}
        None if unknown => books.differ(Some("ORPHAN_IN_ERP")),
        None => books.differ(Some("DUPLICATE_IN_ERP")),
    }
}

/// How the records under a key differ from the posting. None: there is one, and it is the same, or there is none.
fn same(row: &PostingRow, held: &[&BookRow], view: View<'_>) -> Option<&'static str> {
    let record = match held {
        [] => return None,
        [record] => record,
        _ => return Some("DUPLICATE_IN_ERP"),
    };
    // Time is listed by the day of the work: on which day it is posted is compared when it is posted.
    let other_day = view.kind != posting::TIME && row.posting_date.is_some_and(|day| day != record.day);
    if row.minutes != record.minutes {
        Some("MINUTES_DIFFER")
    } else if (row.minor_units, &row.currency_code) != (record.minor_units, &record.currency_code) {
        Some("AMOUNT_DIFFERS")
    } else if other_day {
        Some("DATE_DIFFERS")
    } else {
        None
    }
}

impl Books {
    /// The first difference is the one that is told.
    fn differ(&mut self, found: Option<&'static str>) {
        self.difference = self.difference.or(found);
    }

    fn stop(&mut self, cause: &str, exception_id: String) {
        let cause = cause.to_owned();
        self.stopped.get_or_insert(Stopped { cause, exception_id });
    }

    fn explain(&mut self, held: &[&BookRow]) {
        for record in held {
            self.explained = self.explained.plus(Quantity::of_record(record));
        }
        if held.len() > 1 {
            self.differ(Some("DUPLICATE_IN_ERP"));
        }
    }

    fn orphan(&mut self, held: &[&BookRow]) {
        if !held.is_empty() {
            self.differ(Some("ORPHAN_IN_ERP"));
        }
    }
}

/// Id of the exception of a posting that was refused, or that the books hold otherwise.
fn exception_of(row: &PostingRow) -> String {
    strata_kernel::derive_id("exc", &[&row.reason, "posting", &row.key])
}

/// Minutes that the PSA has approved: of a chain of corrections the last one's. None: it has nothing.
fn psa_minutes(records: &[BookRow]) -> Option<i64> {
    let psa: Vec<&BookRow> = records.iter().filter(|row| row.system == PSA).collect();
    let replaced = |row: &BookRow| psa.iter().any(|other| other.supersedes == row.vendor_id);
    let standing = psa.iter().filter(|row| !replaced(row)).map(|row| row.minutes);
    standing.reduce(|sum, minutes| sum.saturating_add(minutes))
}

/// What is approved: as the platform took it, or as the PSA says while the platform did not.
fn due(facts: &Facts, psa: Option<i64>) -> Quantity {
    let approved = facts.approved.as_ref().map(|approved| approved.minutes);
    Quantity {
        minutes: approved.or(psa).unwrap_or_default(),
        minor: 0,
    }
}

/// What is approved and in no posting is excepted when something stands for it, and on its way otherwise.
fn unposted(facts: &Facts, psa: Option<i64>, minutes: i64, books: &mut Books) {
    if minutes == 0 {
        return;
    }
    let rest = Quantity { minutes, minor: 0 };
    let left_out = books.stopped.clone().filter(|stopped| stopped.exception_id.is_empty());
    if let Some(stopped) = facts.stopped.clone().or(left_out) {
        books.excepted = books.excepted.plus(rest);
        books.stopped = Some(stopped);
    } else {
        books.in_flight = books.in_flight.plus(rest);
        let approved = facts.approved.as_ref().map(|approved| approved.at);
        let said = facts
            .records
            .iter()
            .filter(|row| row.system == PSA)
            .filter_map(|row| row.changed_at);
        let since = approved.or(psa.and(said.max()));
        books.in_flight_since = books.in_flight_since.into_iter().chain(since).min();
    }
}

fn differs_from_psa(facts: &Facts, psa: Option<i64>) -> Option<&'static str> {
    match (&facts.approved, psa) {
        (None, Some(_)) => Some("MISSING_HERE"),
        // A void leaves nothing to have.
        (Some(approved), None) if approved.minutes != 0 => Some("MISSING_IN_PSA"),
        (Some(approved), Some(psa)) if approved.minutes != psa => Some("PSA_DIFFERS"),
        _ => None,
    }
}

fn finish(
    row: &mut LineRow,
    approved: Quantity,
    books: &Books,
    psa_difference: Option<&'static str>,
    facts: &Facts,
    view: View<'_>,
) {
    let unexplained = books.erp.plus(books.explained.negated()).plus(books.posted.negated());
    (row.approved_minutes, row.approved_minor) = (approved.minutes, approved.minor);
    (row.posted_minutes, row.posted_minor) = (books.posted.minutes, books.posted.minor);
    (row.erp_minutes, row.erp_minor) = (books.erp.minutes, books.erp.minor);
    (row.in_flight_minutes, row.in_flight_minor) = (books.in_flight.minutes, books.in_flight.minor);
    (row.excepted_minutes, row.excepted_minor) = (books.excepted.minutes, books.excepted.minor);
    (row.unexplained_minutes, row.unexplained_minor) = (unexplained.minutes, unexplained.minor);
    row.in_flight_since = books.in_flight_since;
    let stopped = facts.stopped.as_ref().or(books.stopped.as_ref());
    if let Some(stopped) = stopped {
        row.cause.clone_from(&stopped.cause);
        row.exception_id.clone_from(&stopped.exception_id);
    }
    let young = |at: NaiveDateTime| view.since.is_some_and(|since| at > since);
    let moved = facts.postings.iter().map(|row| row.updated_at);
    let said = facts.records.iter().filter_map(|row| row.changed_at);
    let last = moved
        .chain(facts.approved.as_ref().map(|approved| approved.at))
        .chain(said)
        .max();
    // An exception stands for what PSA and platform differ in; what the ERP has too much of is never on its way.
    let found = books.difference.or(psa_difference.filter(|_| stopped.is_none()));
    let waits = matches!(
        found,
        Some("MISSING_IN_ERP" | "MINUTES_DIFFER" | "MISSING_HERE" | "MISSING_IN_PSA" | "PSA_DIFFERS")
    );
    let overdue = books.in_flight_since.filter(|since| !young(*since));
    (row.state, row.difference) = match found {
        Some(_) if waits && last.is_some_and(young) => {
            row.in_flight_since = row.in_flight_since.or(last);
            ("IN_FLIGHT".to_owned(), String::new())
        }
        Some(found) => ("DIFFERS".to_owned(), found.to_owned()),
        None if overdue.is_some() => ("DIFFERS".to_owned(), "OVERDUE".to_owned()),
        None if books.in_flight_since.is_some() => ("IN_FLIGHT".to_owned(), String::new()),
        None if !row.cause.is_empty() => ("EXCEPTED".to_owned(), String::new()),
        None => ("AGREES".to_owned(), String::new()),
    };
}

#[cfg(test)]
#[path = "line_tests.rs"]
mod tests;
