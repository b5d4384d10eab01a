//! Finding the rows of a query.

use std::cmp::Ordering;

use chrono::{DateTime, SubsecRound, Utc};
use serde_json::Value;
use strata_sandbox::{Record, View};

use super::{Expr, Literal, Op, Query};
use crate::schema::{Field, FieldKind, Object};
use crate::{ids, records, values};

/// Records read from the change index at a time.
const CHUNK: usize = 500;

/// Where to look for rows, best first.
enum Plan {
    /// These records.
    Ids(Vec<u64>),
    /// Records written at or after an instant, in the order they were written.
    Changed(DateTime<Utc>),
    /// Records made at or after an instant, in the order they were made, which is that of their numbers.
    Created(DateTime<Utc>),
}

struct Row {
    keys: Vec<Literal>,
    number: u64,
}

/// Numbers of the records that answer the query, in order. `bin`: deleted ones too.
pub(crate) fn run(view: &View<'_>, query: &Query, bin: bool) -> Vec<u64> {
    let mut search = Search {
        query,
        bin,
        rows: Vec::new(),
    };
    match plan(view, query) {
        Plan::Ids(numbers) => {
            for number in numbers {
                if let Some(record) = view.record(query.object.name, number) {
                    search.look_at(&record);
                }
            }
        }
        Plan::Changed(since) => search.follow_changes(view, since),
        Plan::Created(since) => search.follow_creation(view, since),
    }
    let mut rows = search.rows;
    // Stable: rows that compare equal stay in the order they were found, by number or by write.
    rows.sort_by(|a, b| compare_keys(query, &a.keys, &b.keys));
    rows.truncate(query.limit.unwrap_or(usize::MAX));
    rows.into_iter().map(|row| row.number).collect()
}

struct Search<'a> {
    query: &'a Query,
    bin: bool,
    rows: Vec<Row>,
}

impl Search<'_> {
    fn look_at(&mut self, record: &Record) {
        let query = self.query;
        let fits = query.filter.as_ref().is_none_or(|f| holds(query.object, record, f));
        if fits && (self.bin || !records::is_deleted(record)) {
            let keys = query.order.iter().map(|(f, _)| typed(query.object, record, f)).collect();
            self.rows.push(Row { keys, number: record.id });
        }
    }

    /// Reads the change index from `since` on, no further than the query can need.
    fn follow_changes(&mut self, view: &View<'_>, since: DateTime<Utc>) {
        let mut end = End::new(self.query, is_stamp);
        let mut after = None;
        loop {
            let page = view.changed(self.query.object.name, since, CHUNK, after);
            let Some(last) = page.last() else { return };
            after = Some((last.modified, last.id));
            for record in &page {
                if end.is_before(record.modified) {
                    return;
                }
                self.look_at(record);
                end.note(record.modified, self.rows.len());
            }
        }
    }

    /// Reads records from the first one made at or after `since` on, no further than the query can need.
    fn follow_creation(&mut self, view: &View<'_>, since: DateTime<Utc>) {
        let name = self.query.object.name;
        let mut end = End::new(self.query, is_creation);
        let numbers = view.all(name);
        let first = numbers.partition_point(|&n| view.record(name, n).is_some_and(|r| r.created < since));
        for record in numbers[first..].iter().filter_map(|&n| view.record(name, n)) {
            if end.is_before(record.created) {
                return;
            }
            self.look_at(&record);
            end.note(record.created, self.rows.len());
        }
    }
}

/// Where a walk along rising stamps can end.
struct End {
    /// No row with a later stamp can be in the answer.
    until: Option<DateTime<Utc>>,
    /// Rows that are enough, when the answer is sorted by the stamp walked along.
    enough: Option<usize>,
}

impl End {
    fn new(query: &Query, walked: fn(&Field) -> bool) -> Self {
        let bound = |term: &Expr| match term {
            Expr::Compare(f, Op::Le | Op::Lt | Op::Eq, Literal::Instant(t)) if walked(f) => Some(*t),
            _ => None,
        };
        Self {
            until: conjuncts(query).iter().filter_map(bound).min(),
            enough: query.limit.filter(|_| leads(query, walked)),
        }
    }

    fn is_before(&self, stamp: DateTime<Utc>) -> bool {
        self.until.is_some_and(|until| stamp.trunc_subsecs(0) > until)
    }

    /// Rows of the second in which the limit is reached still compete by the later sort fields.
    fn note(&mut self, stamp: DateTime<Utc>, rows: usize) {
        if self.enough.is_some_and(|enough| rows >= enough) {
            let second = stamp.trunc_subsecs(0);
            self.until = Some(self.until.map_or(second, |until| until.min(second)));
        }
    }
}

fn is_stamp(field: &Field) -> bool {
    matches!(field.name, "SystemModstamp" | "LastModifiedDate")
}

fn is_creation(field: &Field) -> bool {
    field.name == "CreatedDate"
}

/// Whether the answer is sorted by such a field first, rising.
fn leads(query: &Query, which: fn(&Field) -> bool) -> bool {
    query
        .order
        .first()
        .is_some_and(|(field, descending)| which(field) && !descending)
}

/// The conditions that all must hold.
fn conjuncts(query: &Query) -> &[Expr] {
    match &query.filter {
        None => &[],
        Some(Expr::All(terms)) => terms,
        Some(one) => std::slice::from_ref(one),
    }
}

fn plan(view: &View<'_>, query: &Query) -> Plan {
    let object = query.object;
    let keyed = |term: &Expr| match term {
        Expr::Compare(field, Op::Eq, literal) => lookup(view, object, field, std::slice::from_ref(literal)),
        Expr::In(field, false, list) => lookup(view, object, field, list),
        _ => None,
    };
    if let Some(numbers) = conjuncts(query).iter().find_map(keyed) {
        return Plan::Ids(numbers);
    }
    if leads(query, is_creation) {
        return Plan::Created(lower_bound(query, is_creation).unwrap_or(DateTime::<Utc>::MIN_UTC));
    }
    // A record is never created after it was last written, so a lower bound on its creation is one on its stamp as well.
    match lower_bound(query, |f| f.kind == FieldKind::DateTime) {
        Some(since) => Plan::Changed(since),
        None if leads(query, is_stamp) => Plan::Changed(DateTime::<Utc>::MIN_UTC),
        None => Plan::Ids(view.all(object.name)),
    }
}

/// No row with an earlier stamp can be in the answer. What reads as a second was written somewhere within it.
fn lower_bound(query: &Query, which: fn(&Field) -> bool) -> Option<DateTime<Utc>> {
    let bound = |term: &Expr| match term {
        Expr::Compare(f, Op::Ge | Op::Gt | Op::Eq, Literal::Instant(t)) if which(f) => Some(t.trunc_subsecs(0)),
        _ => None,
    };
    conjuncts(query).iter().filter_map(bound).max()
}

/// Records with one of these values, when the field is one that they are found by.
fn lookup(view: &View<'_>, object: &Object, field: &Field, list: &[Literal]) -> Option<Vec<u64>> {
    let find = |literal: &Literal| match literal {
        Literal::Text(text) if field.kind == FieldKind::Id => Some(ids::number(object.prefix, text).into_iter().collect()),
        // The name of a custom record that was given none is its id, which no index holds.
        Literal::Text(text) if object.is_indexed(field) => Some(view.find(object.name, field.name, text)),
        _ => None,
    };
    let found: Option<Vec<Vec<u64>>> = list.iter().map(find).collect();
    let mut numbers = found?.concat();
    numbers.sort_unstable();
    numbers.dedup();
    Some(numbers)
}

fn holds(object: &Object, record: &Record, expr: &Expr) -> bool {
    match expr {
        Expr::All(terms) => terms.iter().all(|t| holds(object, record, t)),
        Expr::Any(terms) => terms.iter().any(|t| holds(object, record, t)),
        Expr::Compare(field, op, literal) => compare(&typed(object, record, field), *op, literal),
        Expr::In(field, not, list) => list.contains(&typed(object, record, field)) != *not,
    }
}

fn compare(value: &Literal, op: Op, literal: &Literal) -> bool {
    match op {
        Op::Eq => value == literal,
        Op::Ne => value != literal,
        // Nothing is smaller or greater than null.
        _ if *value == Literal::Null || *literal == Literal::Null => false,
        Op::Lt => value < literal,
        Op::Le => value <= literal,
        Op::Gt => value > literal,
        Op::Ge => value >= literal,
    }
}

/// A field of a record as a value that compares.
fn typed(object: &Object, record: &Record, field: &Field) -> Literal {
    match field.name {
        "CreatedDate" => return Literal::Instant(record.created.trunc_subsecs(0)),
        _ if is_stamp(field) => return Literal::Instant(record.modified.trunc_subsecs(0)),
        _ => {}
    }
    match (field.kind, records::value(object, record, field)) {
        (_, Value::Bool(value)) => Literal::Bool(value),
        (_, Value::Number(number)) => values::decimal(&number).map_or(Literal::Null, Literal::Number),
        (FieldKind::Date, Value::String(text)) => values::day(&text).map_or(Literal::Null, Literal::Date),
        (_, Value::String(text)) => Literal::Text(text),
        _ => Literal::Null,
    }
}

fn compare_keys(query: &Query, a: &[Literal], b: &[Literal]) -> Ordering {
    for ((_, descending), (a, b)) in query.order.iter().zip(a.iter().zip(b)) {
        let order = match (a, b) {
            (Literal::Null, Literal::Null) => Ordering::Equal,
            (Literal::Null, _) => Ordering::Less,
            (_, Literal::Null) => Ordering::Greater,
            _ => a.partial_cmp(b).unwrap_or(Ordering::Equal),
        };
        if order != Ordering::Equal {
            return if *descending { order.reverse() } else { order };
        }
    }
    Ordering::Equal
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use strata_sandbox::Store;

    use super::*;
    use crate::objects::KINDS;

    /// A store in which every deal was written a minute after the one before.
    fn store() -> Store {
        let store = Store::open(None, "crm", KINDS).unwrap();
        let filled: std::io::Result<()> = store.write(|tx| {
            for minute in 0..50 {
                let body = serde_json::from_str(r#"{"Name":"n","AccountId":"0015g0000000001AAA"}"#).unwrap();
                let at = DateTime::from_timestamp(minute * 60, 0).unwrap();
                tx.insert("Opportunity", body, at);
            }
            Ok(())
        });
        filled.unwrap();
        store
    }

    fn planned(condition: &str) -> String {
        let query = super::super::parse(&format!("SELECT Id FROM Opportunity {condition}")).unwrap();
        store().read(|view| match plan(view, &query) {
            Plan::Ids(numbers) => format!("{} by number", numbers.len()),
            Plan::Changed(since) => format!("changed since {}", since.timestamp()),
            Plan::Created(since) => format!("created since {}", since.timestamp()),
        })
    }

    #[test]
    fn keys_and_stamps_are_found_by_index() {
        let account = crate::ids::id18("001", 1);
        assert_eq!(
            planned(&format!("WHERE IsWon = false AND AccountId = '{account}'")),
            "50 by number"
        );
        assert_eq!(planned("WHERE Engagement_Id__c IN ('a', 'b')"), "0 by number");
        let id = crate::ids::id18("006", 7);
        assert_eq!(planned(&format!("WHERE Id = '{id}'")), "1 by number");
        assert_eq!(
            planned("WHERE IsWon = true AND SystemModstamp >= 1970-01-01T00:45:00.700Z"),
            "changed since 2700"
        );
        assert_eq!(planned("WHERE CreatedDate > 1970-01-01T00:45:00Z"), "changed since 2700");
        assert_eq!(
            planned("WHERE IsWon = true OR SystemModstamp >= 1970-01-01T00:45:00Z"),
            "50 by number"
        );
    }

    #[test]
    fn a_limited_walk_along_the_stamps_stops_early_and_is_right() {
        for stamp in ["SystemModstamp", "CreatedDate"] {
            let text = format!("SELECT Id FROM Opportunity WHERE {stamp} >= 1970-01-01T00:10:00Z ORDER BY {stamp}, Id LIMIT 3");
            let query = super::super::parse(&text).unwrap();
            let store = store();
            assert_eq!(store.read(|view| run(view, &query, false)), [11, 12, 13]);
            let mut search = Search {
                query: &query,
                bin: false,
                rows: Vec::new(),
            };
            let since = DateTime::from_timestamp(600, 0).unwrap();
            store.read(|view| match stamp {
                "CreatedDate" => search.follow_creation(view, since),
                _ => search.follow_changes(view, since),
            });
            assert_eq!(search.rows.len(), 3, "the walk ends with the second of the third row");
        }
    }
}
