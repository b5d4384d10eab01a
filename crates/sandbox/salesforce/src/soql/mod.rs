//! The query language, as far as integrations use it.
//!
//! `SELECT f, ... | COUNT() FROM Object [WHERE condition] [ORDER BY f [ASC|DESC], ...] [LIMIT n]`; a condition compares a field
//! with a literal (`= != <> < <= > >= IN NOT IN`), and joins such comparisons with `AND` or `OR`, in parentheses when both occur.
//! Text is compared exactly, unlike the vendor, who ignores case in most fields.

mod lexer;
mod parser;
mod run;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;

use crate::errors::ApiError;
use crate::schema::{Field, Object};

pub(crate) use parser::{column, parse};
pub(crate) use run::run;

/// A query whose names and types fit the org.
#[derive(Debug)]
pub(crate) struct Query {
    pub(crate) object: &'static Object,
    /// Columns; empty for `COUNT()`.
    pub(crate) fields: Vec<&'static Field>,
    pub(crate) filter: Option<Expr>,
    /// Sort fields, first to last; true: descending.
    pub(crate) order: Vec<(&'static Field, bool)>,
    pub(crate) limit: Option<usize>,
}

/// A condition.
#[derive(Debug)]
pub(crate) enum Expr {
    All(Vec<Expr>),
    Any(Vec<Expr>),
    Compare(&'static Field, Op, Literal),
    /// True: not in the list.
    In(&'static Field, bool, Vec<Literal>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// A value of the type of the field it is compared with.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub(crate) enum Literal {
    Null,
    Bool(bool),
    Number(Decimal),
    Text(String),
    Date(NaiveDate),
    Instant(DateTime<Utc>),
}

/// A query that cannot be read.
fn malformed(text: impl Into<String>) -> ApiError {
    ApiError::bad("MALFORMED_QUERY", text)
}
