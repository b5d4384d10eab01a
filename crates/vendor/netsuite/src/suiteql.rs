//! Pieces of SuiteQL. Values are quoted here and nowhere else.
//!
//! Only plain columns and plain conditions joined by AND are used. How dates, stamps and currencies are shown depends on the
//! preferences of the integration's user (UNVERIFIED, see `docs.md`): days as 2025-03-31, stamps as 2025-03-31 17:03:09 in
//! UTC, currencies by their code. A row that shows them otherwise is quarantined, never guessed.

use strata_kernel::Instant;

/// How a stamp is written in a query. Second precision: that is all a stamp has.
const SQL_STAMP: &str = "YYYY-MM-DD HH24:MI:SS";
const STAMP: &str = "%Y-%m-%d %H:%M:%S";

/// A text literal.
pub(crate) fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// A list of text literals in parentheses.
pub(crate) fn list<'a>(values: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = values.into_iter().map(text).collect();
    format!("({})", quoted.join(", "))
}

/// An instant, to the second.
pub(crate) fn stamp(at: Instant) -> String {
    format!("TO_TIMESTAMP('{}', '{SQL_STAMP}')", at.format(STAMP))
}

/// Reads a stamp as a column shows it.
pub(crate) fn read_stamp(text: &str) -> Option<Instant> {
    chrono::NaiveDateTime::parse_from_str(text, STAMP)
        .ok()
        .map(|at| at.and_utc())
        .or_else(|| text.parse().ok())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_quote_cannot_end_a_literal() {
        assert_eq!(text("a'; DROP"), "'a''; DROP'");
        assert_eq!(list(["x", "y'"]), "('x', 'y''')");
    }

    #[test]
    fn stamps_there_and_back() {
        let at = read_stamp("2025-03-31 17:03:09").unwrap();
        assert_eq!(stamp(at), "TO_TIMESTAMP('2025-03-31 17:03:09', 'YYYY-MM-DD HH24:MI:SS')");
        assert_eq!(read_stamp("2025-03-31T17:03:09Z"), Some(at));
        assert_eq!(read_stamp("3/31/2025"), None);
    }
}
