//! SOQL text. Every value that comes from outside is quoted here and nowhere else.

use strata_kernel::Instant;

/// A query under construction.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    columns: &'static [&'static str],
    object: &'static str,
    conditions: Vec<String>,
    order: Vec<&'static str>,
    limit: Option<usize>,
}

impl Query {
    pub(crate) fn new(object: &'static str, columns: &'static [&'static str]) -> Self {
        Self {
            columns,
            object,
            conditions: Vec::new(),
            order: Vec::new(),
            limit: None,
        }
    }

    /// `field = 'value'`.
    pub(crate) fn is(self, field: &str, value: &str) -> Self {
        self.when(format!("{field} = {}", quoted(value)))
    }

    /// `field IN ('a','b')`. The list must not be empty: SOQL knows no empty list.
    pub(crate) fn one_of<'a>(self, field: &str, values: impl IntoIterator<Item = &'a str>) -> Self {
        let list: Vec<String> = values.into_iter().map(quoted).collect();
        self.when(format!("{field} IN ({})", list.join(",")))
    }

    /// A condition that holds no value from outside.
    pub(crate) fn when(mut self, condition: String) -> Self {
        self.conditions.push(condition);
        self
    }

    pub(crate) fn by(mut self, order: &[&'static str]) -> Self {
        self.order.extend(order);
        self
    }

    pub(crate) fn most(mut self, limit: usize) -> Self {
        self.limit = Some(limit);
        self
    }

    pub(crate) fn text(&self) -> String {
        let mut text = format!("SELECT {} FROM {}", self.columns.join(","), self.object);
        if !self.conditions.is_empty() {
            text.push_str(" WHERE ");
            text.push_str(&self.conditions.join(" AND "));
        }
        if !self.order.is_empty() {
            text.push_str(" ORDER BY ");
            text.push_str(&self.order.join(","));
        }
        if let Some(limit) = self.limit {
            text.push_str(&format!(" LIMIT {limit}"));
        }
        text
    }
}

/// A text literal.
pub(crate) fn quoted(value: &str) -> String {
    let mut text = String::with_capacity(value.len() + 2);
    text.push('\'');
    for letter in value.chars() {
        match letter {
            '\'' | '\\' => text.extend(['\\', letter]),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            other => text.push(other),
        }
    }
    text.push('\'');
    text
}

/// A datetime literal, unquoted, UTC. Stamps have whole seconds; should one ever have more, it is written as it came, so that
/// "equal" stays equal.
pub(crate) fn datetime(at: Instant) -> String {
    let format = if at.timestamp_subsec_millis() == 0 {
        "%Y-%m-%dT%H:%M:%SZ"
    } else {
        "%Y-%m-%dT%H:%M:%S%.3fZ"
    };
    at.format(format).to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_query_reads_as_the_vendor_writes_it() {
        let query = Query::new("Opportunity", &["Id", "Name"])
            .is("Id", "006")
            .one_of("Kind__c", ["a", "b"])
            .by(&["SystemModstamp", "Id"])
            .most(2);
        assert_eq!(
            query.text(),
            "SELECT Id,Name FROM Opportunity WHERE Id = '006' AND Kind__c IN ('a','b') ORDER BY SystemModstamp,Id LIMIT 2"
        );
    }

    #[test]
    fn no_value_leaves_its_quotes() {
        assert_eq!(quoted(r"a' OR Name != '\"), r"'a\' OR Name != \'\\'");
    }

    #[test]
    fn stamps_are_written_with_the_precision_they_have() {
        let at = |ms| datetime(Instant::from_timestamp_millis(ms).unwrap());
        assert_eq!(at(1_767_225_600_000), "2026-01-01T00:00:00Z");
        assert_eq!(at(1_767_225_600_250), "2026-01-01T00:00:00.250Z");
    }
}
