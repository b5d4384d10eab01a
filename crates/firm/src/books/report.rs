//! What the comparison found.

use std::collections::BTreeMap;
use std::time::Duration;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use strata_kernel::{Date, parse_decimal};

use crate::data::Firm;

/// What the comparison found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Time entries the firm was made with.
    pub entries: u64,
    /// Seed of the firm.
    pub seed: i64,
    /// Year it lived.
    pub year: i32,
    /// Last day.
    pub as_of: Date,
    /// Counts by check.
    pub checks: BTreeMap<String, Counts>,
    /// Every difference.
    pub differences: Vec<Difference>,
    /// Things worth knowing that are no difference.
    pub notes: BTreeMap<String, u64>,
    /// Milliseconds, by what took them.
    pub timings: BTreeMap<String, u64>,
}

/// How one check went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Keys that must be there.
    pub expected: u64,
    /// Of those, the ones that agree in every field.
    pub agreeing: u64,
    /// Those that are there, but differ.
    pub differing: u64,
    /// Those that are not there.
    pub missing: u64,
    /// Keys that are there and must not be.
    pub unexpected: u64,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Difference {
    /// Which check found it.
    pub check: String,
    /// Key of the record.
    pub key: String,
    /// Field that differs; "presence" when the record is missing, unexpected or doubled.
    pub field: String,
    /// What must be there.
    pub expected: String,
    /// What is there.
    pub got: String,
}

/// Field name of a difference about being there at all.
pub(super) const PRESENCE: &str = "presence";

impl Report {
    /// An empty report.
    pub(super) fn of(firm: &Firm) -> Self {
        Self {
            entries: firm.manifest.entries,
            seed: firm.manifest.seed,
            year: firm.manifest.year,
            as_of: firm.manifest.as_of,
            checks: BTreeMap::new(),
            differences: Vec::new(),
            notes: BTreeMap::new(),
            timings: BTreeMap::new(),
        }
    }

    /// True when nothing differs.
    #[must_use]
    pub fn agrees(&self) -> bool {
        self.differences.is_empty()
    }

    pub(super) fn took(&mut self, what: &str, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        self.timings.insert(what.to_owned(), millis);
    }

    pub(super) fn note(&mut self, what: &str, count: u64) {
        *self.notes.entry(what.to_owned()).or_default() += count;
    }

    /// Counts for a check, made when it is looked at first.
    pub(super) fn counts(&mut self, check: &str) -> &mut Counts {
        self.checks.entry(check.to_owned()).or_default()
    }

    /// A record that must be there is not.
    pub(super) fn missing(&mut self, check: &str, key: &str, expected: impl Into<String>) {
        self.counts(check).expected += 1;
        self.counts(check).missing += 1;
        self.differ(check, key, PRESENCE, expected.into(), "nothing".to_owned());
    }

    /// A record is there that must not be.
    pub(super) fn unexpected(&mut self, check: &str, key: &str, got: impl Into<String>) {
        self.counts(check).unexpected += 1;
        self.differ(check, key, PRESENCE, "nothing".to_owned(), got.into());
    }

    pub(super) fn differ(&mut self, check: &str, key: &str, field: &str, expected: String, got: String) {
        self.differences.push(Difference {
            check: check.to_owned(),
            key: key.to_owned(),
            field: field.to_owned(),
            expected,
            got,
        });
    }
}

/// Compares the fields of one record that is there.
pub(super) struct Record<'a> {
    report: &'a mut Report,
    check: &'a str,
    key: &'a str,
    differs: bool,
}

impl<'a> Record<'a> {
    pub(super) fn new(report: &'a mut Report, check: &'a str, key: &'a str) -> Self {
        Self {
            report,
            check,
            key,
            differs: false,
        }
    }

    /// Compares texts, or anything that prints.
    pub(super) fn text(&mut self, field: &str, expected: impl ToString, got: impl ToString) {
        let (expected, got) = (expected.to_string(), got.to_string());
        if expected != got {
            self.differs = true;
            self.report.differ(self.check, self.key, field, expected, got);
        }
    }

    /// Compares amounts by value, however many zeros they end with.
    pub(super) fn amount(&mut self, field: &str, expected: &str, got: Decimal) {
        match parse_decimal(expected) {
            Ok(value) if value == got => {}
            _ => self.text(field, expected, got),
        }
    }

    /// Ends the comparison and counts the record.
    pub(super) fn done(self) {
        let counts = self.report.counts(self.check);
        counts.expected += 1;
        if self.differs {
            counts.differing += 1;
        } else {
            counts.agreeing += 1;
        }
    }
}
