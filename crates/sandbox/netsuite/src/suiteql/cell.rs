//! A single value of a row, and how values compare.

use std::cell::OnceCell;

use chrono::{DateTime, NaiveDateTime, Utc};
use rust_decimal::Decimal;
use serde_json::Value;
use strata_sandbox::{Body, Record, View};

use super::tables::{Column, From, Holds, TYPE_CODES};
use crate::schema::DISCRIMINATOR;
use crate::values;

/// How a stamp is written.
const STAMP: &str = "%Y-%m-%d %H:%M:%S";

/// A comparable value. A column holds one variant only.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cell {
    Number(Decimal),
    Text(String),
}

impl Cell {
    /// A literal for a column that `holds` such values; `None` when it cannot be one.
    pub(crate) fn literal(holds: Holds, text: &str) -> Option<Self> {
        match holds {
            Holds::Text => Some(Self::Text(text.to_owned())),
            Holds::Number => Decimal::from_str_exact(text).ok().map(Self::Number),
            Holds::Day => values::day(text).map(|_| Self::Text(text.to_owned())),
            Holds::Flag => matches!(text, "T" | "F").then(|| Self::Text(text.to_owned())),
            Holds::Stamp => stamp(text).map(Self::moment),
        }
    }
}

impl Cell {
    /// A moment, by its whole second as columns show it.
    fn moment(at: DateTime<Utc>) -> Self {
        Self::Number(at.timestamp().into())
    }
}

/// A moment from a literal: a stamp, or the start of a day.
pub(crate) fn stamp(text: &str) -> Option<DateTime<Utc>> {
    let at = match values::day(text) {
        Some(day) => day.and_hms_opt(0, 0, 0)?,
        None => NaiveDateTime::parse_from_str(text, STAMP).ok()?,
    };
    Some(at.and_utc())
}

/// A moment as a column shows it: the fraction of the second is cut off.
fn show_stamp(at: DateTime<Utc>) -> String {
    at.format(STAMP).to_string()
}

/// A document of which no more is read than the columns asked for need.
pub(crate) struct Source<'a> {
    view: View<'a>,
    kind: &'static str,
    pub(crate) id: u64,
    body: OnceCell<Body>,
}

impl<'a> Source<'a> {
    pub(crate) fn new(view: View<'a>, kind: &'static str, id: u64) -> Self {
        Self {
            view,
            kind,
            id,
            body: OnceCell::new(),
        }
    }

    /// A document that was read already.
    pub(crate) fn of(view: View<'a>, kind: &'static str, record: Record) -> Self {
        Self {
            view,
            kind,
            id: record.id,
            body: OnceCell::from(record.body),
        }
    }

    fn body(&self) -> &Body {
        self.body
            .get_or_init(|| self.view.get(self.kind, self.id).unwrap_or_default())
    }

    /// Lines of the document.
    pub(crate) fn lines(&self) -> &[Value] {
        let body = self.body();
        let lines = body.get("item").or_else(|| body.get("line"));
        let items = lines.and_then(|lines| lines.get("items")).and_then(Value::as_array);
        items.map_or(&[], Vec::as_slice)
    }

    /// The value of a column as text; `None` is null. `line` is the line a row stands for.
    pub(crate) fn text(&self, column: &Column, line: Option<&Value>) -> Option<String> {
        let stamps = || self.view.stamps(self.kind, self.id);
        match column.from {
            From::Id => Some(self.id.to_string()),
            From::Modified => stamps().map(|(_, modified)| show_stamp(modified)),
            From::Created => stamps().map(|(created, _)| show_stamp(created)),
            From::Field(path) => {
                let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
                let value = self.body().get(first)?;
                plain(rest.map_or(Some(value), |rest| value.get(rest))?)
            }
            From::Line(path) => plain(path.split('.').try_fold(line?, |value, step| value.get(step))?),
            From::Type => {
                let kind = values::text(self.body(), DISCRIMINATOR)?;
                TYPE_CODES
                    .iter()
                    .find(|(name, _)| *name == kind)
                    .map(|(_, code)| (*code).to_owned())
            }
            From::Minutes(field) => values::text(self.body(), field)
                .and_then(values::minutes)
                .map(|minutes| minutes.to_string()),
            From::OfJob(field) => {
                let job = self.view.get("job", values::reference(self.body(), "customer")?)?;
                values::text(&job, field).map(str::to_owned)
            }
            From::Line0 => Some("F".to_owned()),
        }
    }

    /// The value of a column in its comparable form.
    pub(crate) fn cell(&self, column: &Column, line: Option<&Value>) -> Option<Cell> {
        let stamps = || self.view.stamps(self.kind, self.id);
        match column.from {
            // Not by way of text: a feed with further conditions sorts every stamp of the table.
            From::Id => Some(Cell::Number(self.id.into())),
            From::Modified => stamps().map(|(_, modified)| Cell::moment(modified)),
            From::Created => stamps().map(|(created, _)| Cell::moment(created)),
            _ => Cell::literal(column.holds, &self.text(column, line)?),
        }
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(true) => Some("T".to_owned()),
        Value::Bool(false) => Some("F".to_owned()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
