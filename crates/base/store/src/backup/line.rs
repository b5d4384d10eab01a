//! A row as a line of text: the same line for the same row, whichever database it comes from.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use serde_json::Value;
use strata_kernel::{Error, Result};

use crate::tables::{Form, Shape};

/// How instants are written down: UTC, with the digits of a second that there are.
const TIME: &str = "%F %T%.f";

/// What the database said of a row, as its line.
pub(super) fn line(shape: &Shape, said: &str) -> Result<String> {
    let damaged = |what: &str| Error::internal(format!("{}: {what}: {said}", shape.table));
    // By name, whatever order the database has.
    let mut row: BTreeMap<String, Value> = serde_json::from_str(said).map_err(|cause| damaged(&cause.to_string()))?;
    for column in shape.columns.iter().filter(|column| column.form == Form::Time) {
        if let Some(Value::String(text)) = row.get_mut(&column.name) {
            *text = instant(text).ok_or_else(|| damaged(&column.name))?;
        }
    }
    serde_json::to_string(&row).map_err(|cause| damaged(&cause.to_string()))
}

/// To the microsecond, as PostgreSQL keeps it. A day alone is its midnight: a migration wrote it so into SQLite.
fn instant(text: &str) -> Option<String> {
    let read =
        NaiveDateTime::parse_from_str(text, TIME).or_else(|_| NaiveDateTime::parse_from_str(&format!("{text} 00:00:00"), TIME));
    let instant = read.ok()?.and_utc();
    let instant = chrono::DateTime::from_timestamp_micros(instant.timestamp_micros())?;
    Some(instant.naive_utc().format(TIME).to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::tables::Column;

    #[test]
    fn both_databases_say_the_same_line() {
        let column = |name: &str, form| Column {
            name: name.to_owned(),
            form,
            is_counted: false,
        };
        let shape = Shape {
            table: "t".to_owned(),
            columns: vec![column("at", Form::Time), column("id", Form::Text), column("n", Form::Number)],
            key: Vec::new(),
        };
        let lite = line(
            &shape,
            r#"{"at":"2025-01-05 10:00:00.120","id":"a\u00e9\/","n":9223372036854775807}"#,
        )
        .unwrap();
        let pg = line(
            &shape,
            r#"{"n" : 9223372036854775807, "id" : "aé/", "at" : "2025-01-05 10:00:00.120000"}"#,
        )
        .unwrap();
        assert_eq!(lite, pg);
        assert_eq!(lite, r#"{"at":"2025-01-05 10:00:00.120","id":"aé/","n":9223372036854775807}"#);
        assert!(line(&shape, r#"{"at":"yesterday"}"#).is_err());
        assert!(line(&shape, r#"{"at":null}"#).is_ok());
    }

    #[test]
    fn instants_keep_what_both_databases_keep() {
        for (said, kept) in [
            ("2025-01-05", "2025-01-05 00:00:00"),
            ("2025-01-05 10:00:00.000000", "2025-01-05 10:00:00"),
            ("2025-01-05 10:00:00.123456789", "2025-01-05 10:00:00.123456"),
            ("2025-01-05 10:00:00.5", "2025-01-05 10:00:00.500"),
        ] {
            assert_eq!(instant(said).as_deref(), Some(kept));
        }
    }
}
