//! Carrying a query out.

use std::cmp::Ordering;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use strata_sandbox::View;

use super::cell::{Cell, Source, stamp};
use super::parse::{Op, Select, Test};
use super::tables::{self, Column, From, Holds, TYPE_CODES, Table};
use crate::request::Page;

/// A query whose names are known and whose literals fit their columns.
#[derive(Debug)]
pub(crate) struct Query {
    table: &'static Table,
    columns: Vec<&'static Column>,
    conditions: Vec<Condition>,
    order: Vec<(&'static Column, bool)>,
}

#[derive(Debug)]
struct Condition {
    column: &'static Column,
    test: Test<Cell>,
    /// The literals as written, for looking up in an index.
    written: Vec<String>,
}

/// Stamps from (inclusive) and to (exclusive); `None` is no bound.
type Window = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);

/// A page of rows and how many there are in all.
#[derive(Debug)]
pub(crate) struct Rows {
    pub(crate) items: Vec<Value>,
    pub(crate) total: usize,
}

/// Looks the names up; the error says what is unknown.
pub(crate) fn bind(select: Select) -> Result<Query, String> {
    let table = tables::find(&select.table).ok_or_else(|| format!("Record '{}' was not found", select.table))?;
    let column = |name: &str| {
        table
            .column(name)
            .ok_or_else(|| format!("Field '{name}' for record '{}' was not found", table.name))
    };
    let columns = select.columns.iter().map(|name| column(name)).collect::<Result<_, _>>()?;
    let order = select
        .order
        .iter()
        .map(|o| Ok((column(&o.column)?, o.descending)))
        .collect::<Result<_, String>>()?;
    let mut conditions = Vec::new();
    for condition in select.conditions {
        let column = column(&condition.column)?;
        let cell = |text: &String| {
            Cell::literal(column.holds, text).ok_or_else(|| format!("'{text}' cannot be compared with '{}'", column.name))
        };
        let (test, written) = match condition.test {
            Test::Compare(op, text) => (Test::Compare(op, cell(&text)?), vec![text]),
            Test::In(texts) => (Test::In(texts.iter().map(cell).collect::<Result<_, _>>()?), texts),
            Test::Like(_) if column.holds != Holds::Text => return Err(format!("LIKE does not apply to '{}'", column.name)),
            Test::Like(prefix) => (Test::Like(prefix), Vec::new()),
        };
        conditions.push(Condition { column, test, written });
    }
    conditions.retain(|condition| !condition.always_holds());
    Ok(Query {
        table,
        columns,
        conditions,
        order,
    })
}

impl Condition {
    /// `type IN (..)` with every type there is: leaving it out keeps a feed on the index of stamps.
    fn always_holds(&self) -> bool {
        let all = |written: &[String]| TYPE_CODES.iter().all(|(_, code)| written.iter().any(|text| text == code));
        self.column.from == From::Type && matches!(self.test, Test::In(_)) && all(&self.written)
    }

    fn holds(&self, source: &Source<'_>, line: Option<&Value>) -> bool {
        let Some(cell) = source.cell(self.column, line) else {
            return false;
        };
        match &self.test {
            Test::Compare(op, literal) => op.holds(cell.cmp(literal)),
            Test::In(literals) => literals.contains(&cell),
            Test::Like(prefix) => matches!(cell, Cell::Text(text) if text.starts_with(prefix.as_str())),
        }
    }

    /// The stamps that this condition allows: columns show whole seconds.
    fn window(&self) -> Option<Window> {
        let Test::Compare(op, _) = &self.test else { return None };
        if self.column.from != From::Modified {
            return None;
        }
        let at = stamp(self.written.first()?)?;
        let behind = at + TimeDelta::seconds(1);
        Some(match op {
            Op::Equal => (Some(at), Some(behind)),
            Op::Above => (Some(behind), None),
            Op::AtLeast => (Some(at), None),
            Op::Below => (None, Some(at)),
            Op::AtMost => (None, Some(behind)),
        })
    }

    /// The comparison, when it is one of the id.
    fn on_id(&self) -> Option<(Op, &Cell)> {
        match &self.test {
            Test::Compare(op, literal) if self.column.from == From::Id => Some((*op, literal)),
            _ => None,
        }
    }

    /// Ids this condition allows, when they can be had without reading documents, and whether those are all there is to it.
    fn ids(&self, view: View<'_>, kind: &str) -> Option<(Vec<u64>, bool)> {
        let listed = matches!(self.test, Test::Compare(Op::Equal, _) | Test::In(_));
        if self.column.from == From::Id && listed {
            let ids = self.keys().filter_map(|key| key.parse().ok());
            return Some((ids.filter(|id| view.exists(kind, *id)).collect(), true));
        }
        if let Some((Some(since), until)) = self.window() {
            let changed = view.changed_ids(kind, since);
            return Some((changed.into_iter().map(|(_, id)| id).collect(), until.is_none()));
        }
        let index = self.column.index?;
        if listed {
            return Some((self.keys().flat_map(|key| view.find(kind, index, &key)).collect(), true));
        }
        match (&self.test, self.column.holds, self.written.first()) {
            (Test::Compare(Op::Above | Op::AtLeast, _), Holds::Day, Some(from)) => {
                Some((view.find_between(kind, index, Some(from), None), false))
            }
            (Test::Compare(Op::Below | Op::AtMost, _), Holds::Day, Some(to)) => {
                Some((view.find_between(kind, index, None, Some(to)), false))
            }
            _ => None,
        }
    }

    /// The texts under which an index holds the literals.
    fn keys(&self) -> impl Iterator<Item = String> {
        self.written
            .iter()
            .map(|literal| match (self.column.from, self.column.holds) {
                (From::Type, _) => {
                    let known = TYPE_CODES.iter().find(|(_, code)| code == literal);
                    known.map_or_else(|| literal.clone(), |(name, _)| (*name).to_owned())
                }
                (_, Holds::Number) => {
                    Decimal::from_str_exact(literal).map_or_else(|_| literal.clone(), |n| n.normalize().to_string())
                }
                _ => literal.clone(),
            })
    }
}

impl Op {
    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Above => ordering.is_gt(),
            Self::AtLeast => ordering.is_ge(),
            Self::Below => ordering.is_lt(),
            Self::AtMost => ordering.is_le(),
        }
    }
}

/// Carries the query out.
pub(crate) fn run(view: View<'_>, query: &Query, page: Page) -> Rows {
    match query.feed() {
        Some(window) => feed(view, query, window, page),
        None => scan(view, query, page),
    }
}

impl Query {
    /// The window of stamps, when the query asks for nothing but what changed in it, oldest change first.
    fn feed(&self) -> Option<(DateTime<Utc>, Option<DateTime<Utc>>)> {
        let order: Vec<(From, bool)> = self
            .order
            .iter()
            .map(|(column, descending)| (column.from, *descending))
            .collect();
        let oldest_first = matches!(
            order.as_slice(),
            [(From::Modified, false)] | [(From::Modified, false), (From::Id, false)]
        );
        let windows: Option<Vec<_>> = self.conditions.iter().map(Condition::window).collect();
        if self.table.lines || !oldest_first {
            return None;
        }
        let windows = windows?;
        let since = windows.iter().filter_map(|(from, _)| *from).max();
        let until = windows.iter().filter_map(|(_, to)| *to).min();
        Some((since.unwrap_or(DateTime::<Utc>::MIN_UTC), until))
    }

    /// Ids to look at, ascending, and the conditions still to be tested on them: lists of ids are intersected first, since
    /// that is far cheaper than reading documents.
    fn candidates(&self, view: View<'_>) -> (Vec<u64>, Vec<&Condition>) {
        let mut candidates: Option<Vec<u64>> = None;
        let mut rest = Vec::new();
        for condition in &self.conditions {
            let Some((mut ids, exact)) = condition.ids(view, self.table.kind) else {
                rest.push(condition);
                continue;
            };
            ids.sort_unstable();
            ids.dedup();
            if let Some(known) = &candidates {
                ids.retain(|id| known.binary_search(id).is_ok());
            }
            candidates = Some(ids);
            if !exact {
                rest.push(condition);
            }
        }
        let mut candidates = candidates.unwrap_or_else(|| view.all(self.table.kind));
        // An id is known without reading its document: a list that is read on by id costs what is left of it.
        rest.retain(|condition| {
            let Some((op, literal)) = condition.on_id() else {
                return true;
            };
            candidates.retain(|id| op.holds(Cell::Number((*id).into()).cmp(literal)));
            false
        });
        (candidates, rest)
    }

    fn show(&self, source: &Source<'_>, line: Option<&Value>) -> Value {
        let mut row = Map::new();
        row.insert("links".into(), json!([]));
        for column in &self.columns {
            // A null is left out. UNVERIFIED.
            if let Some(text) = source.text(column, line) {
                row.insert(column.name.into(), Value::String(text));
            }
        }
        Value::Object(row)
    }
}

/// A page of changes, found by rank: its cost does not grow with the number of documents before or behind it.
fn feed(view: View<'_>, query: &Query, (since, until): (DateTime<Utc>, Option<DateTime<Utc>>), page: Page) -> Rows {
    let kind = query.table.kind;
    let all = view.count_changed(kind, since);
    // Rank of the first document written at or after a stamp.
    let rank = |at: DateTime<Utc>| all.saturating_sub(view.count_changed(kind, at));
    let total = until.map_or(all, rank);
    let end = page.offset.saturating_add(page.limit).min(total);
    if page.offset >= end {
        return Rows {
            items: Vec::new(),
            total,
        };
    }
    // The store orders by milliseconds, the query by whole seconds and id: whole seconds are read and sorted.
    let modified_at = |rank: usize| {
        view.changed_page(kind, since, rank, 1)
            .first()
            .map(|record| whole_second(record.modified))
    };
    let first = modified_at(page.offset).map_or(page.offset, |second| rank(second.max(since)));
    let last = modified_at(end - 1).map_or(end, |second| rank(second + TimeDelta::seconds(1)).min(total));
    let mut found = view.changed_page(kind, since, first, last - first);
    found.sort_by_key(|record| (whole_second(record.modified), record.id));
    let wanted = found.into_iter().skip(page.offset - first).take(end - page.offset);
    let items = wanted
        .map(|record| query.show(&Source::of(view, kind, record), None))
        .collect();
    Rows { items, total }
}

fn whole_second(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(TimeDelta::seconds(1)).unwrap_or(at)
}

/// Tests every candidate, sorts, and shows the page.
fn scan(view: View<'_>, query: &Query, page: Page) -> Rows {
    let mut found: Vec<(Vec<Option<Cell>>, u64, Option<usize>)> = Vec::new();
    let (candidates, conditions) = query.candidates(view);
    for id in candidates {
        let source = Source::new(view, query.table.kind, id);
        let mut test = |line: Option<(usize, &Value)>| {
            let value = line.map(|(_, value)| value);
            if conditions.iter().all(|condition| condition.holds(&source, value)) {
                let keys = query.order.iter().map(|(column, _)| source.cell(column, value)).collect();
                found.push((keys, id, line.map(|(at, _)| at)));
            }
        };
        match query.table.lines {
            false => test(None),
            true => source.lines().iter().enumerate().for_each(|line| test(Some(line))),
        }
    }
    // Stable: equal rows stay in the order of id and line.
    found.sort_by(|(a, ..), (b, ..)| compare(a, b, &query.order));
    let total = found.len();
    let mut items = Vec::new();
    let mut open: Option<Source<'_>> = None;
    for (_, id, line) in found.into_iter().skip(page.offset).take(page.limit) {
        // Lines of one document mostly stand together: it is read once for all of them.
        let source = match open.take() {
            Some(source) if source.id == id => source,
            _ => Source::new(view, query.table.kind, id),
        };
        items.push(query.show(&source, line.and_then(|at| source.lines().get(at))));
        open = Some(source);
    }
    Rows { items, total }
}

fn compare(a: &[Option<Cell>], b: &[Option<Cell>], order: &[(&'static Column, bool)]) -> Ordering {
    let mut keys = a.iter().zip(b).zip(order);
    let decided = keys.find_map(|((a, b), (_, descending))| {
        let ordering = if *descending { b.cmp(a) } else { a.cmp(b) };
        ordering.is_ne().then_some(ordering)
    });
    decided.unwrap_or(Ordering::Equal)
}
