//! From words to a query that fits the org's objects.

use chrono::{DateTime, Utc};

use super::lexer::{Token, tokens};
use super::{Expr, Literal, Op, Query, malformed};
use crate::errors::ApiError;
use crate::schema::{Field, FieldKind, Object};
use crate::{ids, objects, values};

/// Longest list after `IN`, so that a query cannot exhaust memory.
const MAX_LIST: usize = 4_000;
/// Deepest nesting of parentheses.
const MAX_DEPTH: usize = 20;

/// Reads a query.
pub(crate) fn parse(text: &str) -> Result<Query, ApiError> {
    let mut words = Words {
        tokens: tokens(text)?,
        at: 0,
    };
    words.keyword("SELECT")?;
    let columns = words.columns()?;
    words.keyword("FROM")?;
    let name = words.name()?;
    let object = objects::object(&name).ok_or_else(|| {
        let text = format!("sObject type '{name}' is not supported.");
        ApiError::bad("INVALID_TYPE", text)
    })?;
    let fields = columns.iter().map(|c| column(object, c)).collect::<Result<Vec<_>, _>>()?;
    let filter = if words.take_keyword("WHERE") {
        Some(words.condition(object, 0)?)
    } else {
        None
    };
    let order = words.order(object)?;
    let limit = words.limit()?;
    match words.next() {
        None => Ok(Query {
            object,
            fields,
            filter,
            order,
            limit,
        }),
        Some(extra) => Err(malformed(format!("unexpected token: {}", show(&extra)))),
    }
}

/// The field a query means.
pub(crate) fn column(object: &Object, name: &str) -> Result<&'static Field, ApiError> {
    object.field(name).ok_or_else(|| {
        let text = format!(
            "No such column '{name}' on entity '{}'. If you are attempting to use a custom field, be sure to append the '__c' \
             after the custom field name. Please reference your WSDL or the describe call for the appropriate names.",
            object.name
        );
        ApiError::bad("INVALID_FIELD", text)
    })
}

struct Words {
    tokens: Vec<Token>,
    at: usize,
}

impl Words {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn take_keyword(&mut self, word: &str) -> bool {
        let here = matches!(self.peek(), Some(Token::Word(w)) if w.eq_ignore_ascii_case(word));
        self.at += usize::from(here);
        here
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let here = matches!(self.peek(), Some(Token::Sign(s)) if *s == sign);
        self.at += usize::from(here);
        here
    }

    fn keyword(&mut self, word: &str) -> Result<(), ApiError> {
        if self.take_keyword(word) {
            Ok(())
        } else {
            Err(self.surprised(word))
        }
    }

    fn sign(&mut self, sign: &str) -> Result<(), ApiError> {
        if self.take_sign(sign) {
            Ok(())
        } else {
            Err(self.surprised(sign))
        }
    }

    fn surprised(&self, expected: &str) -> ApiError {
        let found = self.peek().map_or_else(|| "<EOF>".to_owned(), show);
        malformed(format!("unexpected token: {found}, expecting {expected}"))
    }

    fn name(&mut self) -> Result<String, ApiError> {
        match self.peek().cloned() {
            Some(Token::Word(word)) => {
                self.at += 1;
                Ok(word)
            }
            _ => Err(self.surprised("a name")),
        }
    }

    /// Names after `SELECT`; none for `COUNT()`.
    fn columns(&mut self) -> Result<Vec<String>, ApiError> {
        let mut columns = vec![self.name()?];
        if columns[0].eq_ignore_ascii_case("COUNT") && self.take_sign("(") {
            self.sign(")")?;
            return Ok(Vec::new());
        }
        while self.take_sign(",") {
            columns.push(self.name()?);
        }
        Ok(columns)
    }

    fn condition(&mut self, object: &Object, depth: usize) -> Result<Expr, ApiError> {
        if depth > MAX_DEPTH {
            return Err(malformed("too many nested conditions"));
        }
        let first = self.term(object, depth)?;
        let (join, other) = match self.peek() {
            Some(Token::Word(w)) if w.eq_ignore_ascii_case("AND") => ("AND", "OR"),
            Some(Token::Word(w)) if w.eq_ignore_ascii_case("OR") => ("OR", "AND"),
            _ => return Ok(first),
        };
        let mut terms = vec![first];
        while self.take_keyword(join) {
            terms.push(self.term(object, depth)?);
        }
        if self.take_keyword(other) {
            // The vendor has no precedence between the two: whoever mixes them must say which is meant.
            return Err(malformed(format!(
                "unexpected token: '{other}', use parentheses to mix AND and OR"
            )));
        }
        Ok(if join == "AND" { Expr::All(terms) } else { Expr::Any(terms) })
    }

    fn term(&mut self, object: &Object, depth: usize) -> Result<Expr, ApiError> {
        if self.take_sign("(") {
            let inner = self.condition(object, depth + 1)?;
            self.sign(")")?;
            return Ok(inner);
        }
        let name = self.name()?;
        let field = column(object, &name)?;
        let not = self.take_keyword("NOT");
        if not || matches!(self.peek(), Some(Token::Word(w)) if w.eq_ignore_ascii_case("IN")) {
            self.keyword("IN")?;
            return self.list(object, field, not);
        }
        let op = match self.next() {
            Some(Token::Sign("=")) => Op::Eq,
            Some(Token::Sign("!=" | "<>")) => Op::Ne,
            Some(Token::Sign("<")) => Op::Lt,
            Some(Token::Sign("<=")) => Op::Le,
            Some(Token::Sign(">")) => Op::Gt,
            Some(Token::Sign(">=")) => Op::Ge,
            other => {
                let found = other.map_or_else(|| "<EOF>".to_owned(), |t| show(&t));
                return Err(malformed(format!("unexpected token: {found}, expecting an operator")));
            }
        };
        Ok(Expr::Compare(field, op, self.literal(object, field)?))
    }

    fn list(&mut self, object: &Object, field: &'static Field, not: bool) -> Result<Expr, ApiError> {
        self.sign("(")?;
        let mut list = vec![self.literal(object, field)?];
        while self.take_sign(",") {
            if list.len() == MAX_LIST {
                return Err(ApiError::bad("QUERY_TOO_COMPLICATED", "too many values in a list"));
            }
            list.push(self.literal(object, field)?);
        }
        self.sign(")")?;
        Ok(Expr::In(field, not, list))
    }

    fn literal(&mut self, object: &Object, field: &'static Field) -> Result<Literal, ApiError> {
        let token = self
            .next()
            .ok_or_else(|| malformed("unexpected token: <EOF>, expecting a value"))?;
        literal(object, field, &token)
    }

    fn order(&mut self, object: &Object) -> Result<Vec<(&'static Field, bool)>, ApiError> {
        let mut order = Vec::new();
        if !self.take_keyword("ORDER") {
            return Ok(order);
        }
        self.keyword("BY")?;
        loop {
            let name = self.name()?;
            let field = column(object, &name)?;
            let descending = self.take_keyword("DESC");
            if !descending {
                self.take_keyword("ASC");
            }
            order.push((field, descending));
            if !self.take_sign(",") {
                return Ok(order);
            }
        }
    }

    fn limit(&mut self) -> Result<Option<usize>, ApiError> {
        if !self.take_keyword("LIMIT") {
            return Ok(None);
        }
        match self.next() {
            Some(Token::Figure(figure)) => figure
                .parse()
                .map(Some)
                .map_err(|_| malformed(format!("invalid LIMIT: {figure}"))),
            _ => Err(malformed("LIMIT needs a number")),
        }
    }
}

/// Reads a literal as a value of the field's type.
fn literal(object: &Object, field: &Field, token: &Token) -> Result<Literal, ApiError> {
    let wrong = || mismatch(field);
    match (field.kind, token) {
        (_, Token::Word(w)) if w.eq_ignore_ascii_case("null") => Ok(Literal::Null),
        (FieldKind::Bool, Token::Word(w)) if w.eq_ignore_ascii_case("true") => Ok(Literal::Bool(true)),
        (FieldKind::Bool, Token::Word(w)) if w.eq_ignore_ascii_case("false") => Ok(Literal::Bool(false)),
        (FieldKind::Int | FieldKind::Decimal(_), Token::Figure(text)) => {
            values::decimal_text(text).map(Literal::Number).ok_or_else(wrong)
        }
        (FieldKind::Date, Token::Figure(text)) => values::day(text).map(Literal::Date).ok_or_else(wrong),
        (FieldKind::DateTime, Token::Figure(text)) => instant(text).map(Literal::Instant).ok_or_else(wrong),
        (FieldKind::Id, Token::Text(text)) => id(field, object, text),
        (FieldKind::Reference(target), Token::Text(text)) => {
            id(field, objects::object(target).ok_or_else(ApiError::not_found)?, text)
        }
        (
            FieldKind::Text(_)
            | FieldKind::Email
            | FieldKind::Picklist(_)
            | FieldKind::OpenPicklist
            | FieldKind::MultiPicklist
            | FieldKind::Currency,
            Token::Text(text),
        ) => Ok(Literal::Text(text.clone())),
        _ => Err(wrong()),
    }
}

/// Ids of either length mean the same record.
fn id(field: &Field, object: &Object, text: &str) -> Result<Literal, ApiError> {
    let number = ids::number(object.prefix, text).ok_or_else(|| {
        ApiError::bad(
            "INVALID_QUERY_FILTER_OPERATOR",
            format!("{}: invalid ID field: {text}", field.name),
        )
    })?;
    Ok(Literal::Text(ids::id18(object.prefix, number)))
}

fn mismatch(field: &Field) -> ApiError {
    let quotes = match field.kind {
        FieldKind::Bool | FieldKind::Int | FieldKind::Decimal(_) | FieldKind::Date | FieldKind::DateTime => " not",
        _ => "",
    };
    let text = format!(
        "value of filter criterion for field '{}' must be of type {} and should{quotes} be enclosed in quotes",
        field.name,
        field.kind.label()
    );
    ApiError::bad("INVALID_FIELD", text)
}

/// Reads an instant: `Z` or an offset with or without a colon, with or without a fraction of a second.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    let text = text
        .strip_suffix('Z')
        .map_or_else(|| text.to_owned(), |t| format!("{t}+0000"));
    DateTime::parse_from_str(&text, "%Y-%m-%dT%H:%M:%S%.f%z").ok().map(Into::into)
}

fn show(token: &Token) -> String {
    match token {
        Token::Word(text) | Token::Figure(text) => format!("'{text}'"),
        Token::Text(text) => format!("string '{text}'"),
        Token::Sign(sign) => format!("'{sign}'"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn code(query: &str) -> &'static str {
        parse(query).unwrap_err().code
    }

    #[test]
    fn a_whole_query_is_read() {
        let query = parse(
            "select Id, name from Opportunity WHERE (IsWon = true OR Amount >= 10.50) AND CloseDate IN (2026-01-31, null) \
             AND Name != 'O\\'Hara' order by SystemModstamp, Id DESC LIMIT 7",
        )
        .unwrap();
        assert_eq!(query.object.name, "Opportunity");
        assert_eq!(query.fields.iter().map(|f| f.name).collect::<Vec<_>>(), ["Id", "Name"]);
        let Some(Expr::All(terms)) = &query.filter else {
            panic!("{:?}", query.filter)
        };
        assert!(matches!(&terms[0], Expr::Any(any) if any.len() == 2));
        assert!(matches!(&terms[2], Expr::Compare(_, Op::Ne, Literal::Text(t)) if t == "O'Hara"));
        assert_eq!(
            query.order.iter().map(|(f, d)| (f.name, *d)).collect::<Vec<_>>(),
            [("SystemModstamp", false), ("Id", true)]
        );
        assert_eq!(query.limit, Some(7));
    }

    #[test]
    fn instants_are_read_in_every_notation_the_vendor_takes() {
        let expected = instant("2026-01-31T08:00:00Z").unwrap();
        for text in [
            "2026-01-31T08:00:00.000Z",
            "2026-01-31T09:00:00+01:00",
            "2026-01-31T08:00:00.000+0000",
        ] {
            assert_eq!(instant(text), Some(expected), "{text}");
        }
        assert_eq!(instant("2026-01-31"), None);
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_the_vendors_code() {
        assert_eq!(code("SELECT Id FROM Opportunity WHERE"), "MALFORMED_QUERY");
        assert_eq!(code("SELECT FROM Opportunity"), "MALFORMED_QUERY");
        assert_eq!(code("SELECT Id FROM Opportunity; DROP"), "MALFORMED_QUERY");
        assert_eq!(
            code("SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'"),
            "MALFORMED_QUERY"
        );
        assert_eq!(code("SELECT Id FROM Account WHERE Name = 'a"), "MALFORMED_QUERY");
        assert_eq!(code("SELECT Nope FROM Account"), "INVALID_FIELD");
        assert_eq!(code("SELECT Id FROM Nope"), "INVALID_TYPE");
        assert_eq!(
            code("SELECT Id FROM Account WHERE SystemModstamp > '2026-01-01T00:00:00Z'"),
            "INVALID_FIELD"
        );
        assert_eq!(code("SELECT Id FROM Account WHERE Name = 7"), "INVALID_FIELD");
        assert_eq!(code("SELECT Id FROM Account WHERE Id = 'x'"), "INVALID_QUERY_FILTER_OPERATOR");
    }
}
