//! Tie-out: the records of two systems, compared by key, then by value. Equal totals prove nothing.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;
use strata_kernel::{Date, Decimal, Instant};

/// A value that both systems keep.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Compared {
    /// Minutes, amounts: 8 equals 8.00.
    Number(Decimal),
    /// Codes: currency, project, period.
    Text(String),
    /// Calendar days.
    Day(Date),
}

/// A record as one system has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// Key that both systems know the record by.
    pub key: String,
    /// When the system committed it, if that is known. None: long ago.
    pub committed_at: Option<Instant>,
    /// Values by attribute: `minutes`, `amount`, `currency`, `date`, `project`, `period`.
    pub values: BTreeMap<String, Compared>,
}

/// What differs between two systems. Keys in order, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TieOut {
    /// In the left system only.
    pub missing_right: BTreeSet<String>,
    /// In the right system only.
    pub missing_left: BTreeSet<String>,
    /// More than once in the left system.
    pub duplicate_left: BTreeSet<String>,
    /// More than once in the right system.
    pub duplicate_right: BTreeSet<String>,
    /// In one system only, and too young to be missed.
    pub in_flight: BTreeSet<String>,
    /// In both systems, with another value: attribute by attribute, those that differ anywhere.
    pub differs: BTreeMap<String, BTreeSet<String>>,
}

impl TieOut {
    /// True when the systems agree. What is in flight is no difference.
    pub fn agrees(&self) -> bool {
        let missing = self.missing_left.len() + self.missing_right.len();
        missing + self.duplicate_left.len() + self.duplicate_right.len() + self.differs.len() == 0
    }
}

/// Compares two systems. Swapping them swaps the result.
///
/// An attribute is compared when both systems keep it anywhere; a record without it differs from one with it.
/// A key that is there more than once differs when its values are not the same set on both sides. A record that
/// is in one system only and was committed after `in_flight_since` is in flight, not missing.
/// Values are compared exactly, numbers by value. Nothing is refused. Source: the platform's tie-out, by key and
/// then by value.
pub fn tie_out(left: &[Record], right: &[Record], in_flight_since: Option<Instant>) -> TieOut {
    let (left, right) = (System::of(left), System::of(right));
    let mut found = TieOut {
        duplicate_left: left.duplicates(),
        duplicate_right: right.duplicates(),
        ..TieOut::default()
    };
    for (key, records) in &left.by_key {
        match right.by_key.get(key) {
            None if is_young(records, in_flight_since) => found.in_flight.insert((*key).to_owned()),
            None => found.missing_right.insert((*key).to_owned()),
            Some(others) => {
                for attribute in left.attributes.intersection(&right.attributes) {
                    if values(records, attribute) != values(others, attribute) {
                        let keys = found.differs.entry((*attribute).to_owned()).or_default();
                        keys.insert((*key).to_owned());
                    }
                }
                continue;
            }
        };
    }
    for (key, records) in right.by_key.iter().filter(|(key, _)| !left.by_key.contains_key(*key)) {
        if is_young(records, in_flight_since) {
            found.in_flight.insert((*key).to_owned());
        } else {
            found.missing_left.insert((*key).to_owned());
        }
    }
    found
}

/// The moment after which records are in flight: `now` less the lag that is allowed.
pub fn in_flight_since(now: Instant, allowed_lag_seconds: u32) -> Option<Instant> {
    now.checked_sub_signed(Duration::seconds(i64::from(allowed_lag_seconds)))
}

/// The records of one system.
struct System<'a> {
    by_key: BTreeMap<&'a str, Vec<&'a Record>>,
    attributes: BTreeSet<&'a str>,
}

impl<'a> System<'a> {
    fn of(records: &'a [Record]) -> Self {
        let mut by_key: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for record in records {
            by_key.entry(record.key.as_str()).or_default().push(record);
        }
        Self {
            by_key,
            attributes: records
                .iter()
                .flat_map(|record| record.values.keys().map(String::as_str))
                .collect(),
        }
    }

    fn duplicates(&self) -> BTreeSet<String> {
        let twice = self.by_key.iter().filter(|(_, records)| records.len() > 1);
        twice.map(|(key, _)| (*key).to_owned()).collect()
    }
}

fn values<'a>(records: &[&'a Record], attribute: &str) -> BTreeSet<Option<&'a Compared>> {
    records.iter().map(|record| record.values.get(attribute)).collect()
}

/// A key is as old as its oldest record.
fn is_young(records: &[&Record], since: Option<Instant>) -> bool {
    let young = |record: &&Record| matches!((record.committed_at, since), (Some(at), Some(since)) if at > since);
    records.iter().all(young)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn at(text: &str) -> Instant {
        format!("2025-05-10T{text}Z").parse().unwrap()
    }

    fn record(key: &str, values: &[(&str, Compared)]) -> Record {
        Record {
            key: key.to_owned(),
            committed_at: None,
            values: values
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone()))
                .collect(),
        }
    }

    fn minutes(count: i64) -> (&'static str, Compared) {
        ("minutes", Compared::Number(Decimal::from(count)))
    }

    fn code(code: &str) -> (&'static str, Compared) {
        ("currency", Compared::Text(code.to_owned()))
    }

    #[test]
    fn compares_what_both_systems_keep() {
        let left = [record("a", &[minutes(60), code("EUR")]), record("b", &[minutes(30)])];
        let right = [
            record("a", &[minutes(60), code("USD")]),
            record("b", &[minutes(30), code("EUR")]),
        ];
        let found = tie_out(&left, &right, None);
        let both = BTreeSet::from(["a".to_owned(), "b".to_owned()]);
        assert_eq!(found.differs, BTreeMap::from([("currency".to_owned(), both)]));
        let alone = tie_out(&[record("a", &[minutes(60)])], &[record("a", &[code("USD")])], None);
        assert!(alone.agrees(), "no attribute is kept by both");
    }

    #[test]
    fn equal_totals_prove_nothing() {
        let found = tie_out(
            &[record("a", &[minutes(60)]), record("b", &[minutes(30)])],
            &[record("a", &[minutes(30)]), record("b", &[minutes(60)])],
            None,
        );
        assert_eq!(found.differs["minutes"].len(), 2);
        assert!(!found.agrees());
    }

    #[test]
    fn a_duplicate_differs_when_any_of_it_does() {
        let twice = [record("a", &[minutes(60)]), record("a", &[minutes(60)])];
        let same = tie_out(&twice, &[record("a", &[minutes(60)])], None);
        assert_eq!((same.duplicate_left.len(), same.differs.len()), (1, 0));
        let other = [record("a", &[minutes(60)]), record("a", &[minutes(90)])];
        assert_eq!(
            tie_out(&other, &[record("a", &[minutes(60)])], None).differs["minutes"].len(),
            1
        );
    }

    #[test]
    fn what_is_young_is_in_flight() {
        let young = |key: &str, committed: &str| Record {
            committed_at: Some(at(committed)),
            ..record(key, &[])
        };
        let since = in_flight_since(at("12:00:00"), 600);
        let left = [young("a", "11:50:01"), young("b", "11:50:00"), record("c", &[])];
        let found = tie_out(&left, &[young("d", "11:59:00")], since);
        assert_eq!(found.in_flight, BTreeSet::from(["a".to_owned(), "d".to_owned()]));
        assert_eq!(found.missing_right, BTreeSet::from(["b".to_owned(), "c".to_owned()]));
        assert!(!tie_out(&left, &[], None).missing_right.is_empty());
        assert!(tie_out(&[], &[], since).agrees());
    }
}
