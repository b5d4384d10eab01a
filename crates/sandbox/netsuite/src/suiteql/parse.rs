//! The text of a query, taken apart.
//!
//! ```text
//! SELECT column, .. FROM table
//!   [WHERE column op literal | column IN (literal, ..) | column LIKE 'prefix%'  [AND ..]]
//!   [ORDER BY column [ASC | DESC], ..]
//! ```
//! `op` is one of `= > >= < <=`. A literal is a text, a number, or `TO_DATE('..', 'YYYY-MM-DD')` or
//! `TO_TIMESTAMP('..', 'YYYY-MM-DD HH24:MI:SS')`. Names are not case-sensitive.

/// A query as written: names are lower-case and not yet looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Select {
    pub(crate) columns: Vec<String>,
    pub(crate) table: String,
    pub(crate) conditions: Vec<Condition>,
    pub(crate) order: Vec<Order>,
}

/// A condition; all of a query must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    pub(crate) column: String,
    pub(crate) test: Test<String>,
}

/// What is asked of a column. `L` is how literals are held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Test<L> {
    Compare(Op, L),
    In(Vec<L>),
    /// Starts with this text.
    Like(String),
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Equal,
    Above,
    AtLeast,
    Below,
    AtMost,
}

/// A column to sort by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) column: String,
    pub(crate) descending: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Name(String),
    Text(String),
    Number(String),
    Sign(&'static str),
}

/// Signs, longer ones first.
const SIGNS: [&str; 11] = [">=", "<=", "<>", "!=", "=", ">", "<", ",", "(", ")", "*"];

/// Reads a query; the error says what was not understood.
pub(crate) fn parse(query: &str) -> Result<Select, String> {
    let mut parser = Parser {
        tokens: tokens(query)?,
        at: 0,
    };
    let select = parser.select()?;
    match parser.peek() {
        None => Ok(select),
        Some(token) => Err(format!("{token:?} is not supported here")),
    }
}

fn tokens(query: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = query.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, left) = if first == '\'' {
            text(rest)?
        } else if first.is_ascii_alphabetic() || first == '_' {
            let (name, left) = split(rest, |c| c.is_ascii_alphanumeric() || c == '_');
            (Token::Name(name.to_ascii_lowercase()), left)
        } else if first.is_ascii_digit() || first == '-' || first == '.' {
            let (number, left) = split(rest, |c| c.is_ascii_digit() || c == '-' || c == '.');
            (Token::Number(number.to_owned()), left)
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            (Token::Sign(sign), &rest[sign.len()..])
        } else {
            return Err(format!("unexpected character {first:?}"));
        };
        tokens.push(token);
        rest = left.trim_start();
    }
    Ok(tokens)
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !belongs(c)).unwrap_or(text.len());
    text.split_at(end)
}

/// A text in single quotes, in which two quotes stand for one.
fn text(rest: &str) -> Result<(Token, &str), String> {
    let mut read = String::new();
    let mut left = &rest[1..];
    loop {
        let Some((part, behind)) = left.split_once('\'') else {
            return Err("a text is not closed".to_owned());
        };
        read.push_str(part);
        match behind.strip_prefix('\'') {
            Some(more) => {
                read.push('\'');
                left = more;
            }
            None => return Ok((Token::Text(read), behind)),
        }
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    /// Steps over the word `word` if it comes next.
    fn word(&mut self, word: &str) -> bool {
        let here = matches!(self.peek(), Some(Token::Name(name)) if name == word);
        self.at += usize::from(here);
        here
    }

    fn sign(&mut self, sign: &str) -> bool {
        let here = matches!(self.peek(), Some(Token::Sign(found)) if *found == sign);
        self.at += usize::from(here);
        here
    }

    fn expect(&mut self, here: bool, wanted: &str) -> Result<(), String> {
        match (here, self.peek()) {
            (true, _) => Ok(()),
            (false, Some(found)) => Err(format!("{wanted} expected, found {found:?}")),
            (false, None) => Err(format!("{wanted} expected at the end")),
        }
    }

    fn name(&mut self, wanted: &str) -> Result<String, String> {
        match self.next() {
            Some(Token::Name(name)) if !RESERVED.contains(&name.as_str()) => Ok(name),
            Some(found) => Err(format!("{wanted} expected, found {found:?}")),
            None => Err(format!("{wanted} expected at the end")),
        }
    }

    fn select(&mut self) -> Result<Select, String> {
        let here = self.word("select");
        self.expect(here, "SELECT")?;
        let mut columns = vec![self.name("a column")?];
        while self.sign(",") {
            columns.push(self.name("a column")?);
        }
        let here = self.word("from");
        self.expect(here, "FROM")?;
        let table = self.name("a table")?;
        let mut conditions = Vec::new();
        if self.word("where") {
            conditions.push(self.condition()?);
            while self.word("and") {
                conditions.push(self.condition()?);
            }
        }
        Ok(Select {
            columns,
            table,
            conditions,
            order: self.order()?,
        })
    }

    fn condition(&mut self) -> Result<Condition, String> {
        let column = self.name("a column")?;
        if self.word("in") {
            let here = self.sign("(");
            self.expect(here, "(")?;
            let mut literals = vec![self.literal()?];
            while self.sign(",") {
                literals.push(self.literal()?);
            }
            let here = self.sign(")");
            self.expect(here, ")")?;
            return Ok(Condition {
                column,
                test: Test::In(literals),
            });
        }
        if self.word("like") {
            let pattern = self.literal()?;
            let prefix = pattern.strip_suffix('%').filter(|prefix| !prefix.contains(['%', '_']));
            let prefix = prefix.ok_or("LIKE is supported for a prefix only: 'text%'")?;
            return Ok(Condition {
                column,
                test: Test::Like(prefix.to_owned()),
            });
        }
        let op = match self.next() {
            Some(Token::Sign("=")) => Op::Equal,
            Some(Token::Sign(">")) => Op::Above,
            Some(Token::Sign(">=")) => Op::AtLeast,
            Some(Token::Sign("<")) => Op::Below,
            Some(Token::Sign("<=")) => Op::AtMost,
            Some(found) => return Err(format!("an operator expected, found {found:?}")),
            None => return Err("an operator expected at the end".to_owned()),
        };
        Ok(Condition {
            column,
            test: Test::Compare(op, self.literal()?),
        })
    }

    fn literal(&mut self) -> Result<String, String> {
        match self.next() {
            Some(Token::Text(text)) => Ok(text),
            Some(Token::Number(number)) => Ok(number),
            Some(Token::Name(function)) => self.moment(&function),
            Some(found) => Err(format!("a literal expected, found {found:?}")),
            None => Err("a literal expected at the end".to_owned()),
        }
    }

    /// `TO_DATE('..', 'format')`: the text, when the format is the one columns are shown in.
    fn moment(&mut self, function: &str) -> Result<String, String> {
        let known = match function {
            "to_date" => "YYYY-MM-DD",
            "to_timestamp" => "YYYY-MM-DD HH24:MI:SS",
            _ => return Err(format!("{function} is not supported")),
        };
        let parts = [self.next(), self.next(), self.next(), self.next(), self.next()];
        match parts {
            [
                Some(Token::Sign("(")),
                Some(Token::Text(text)),
                Some(Token::Sign(",")),
                Some(Token::Text(format)),
                Some(Token::Sign(")")),
            ] if format.eq_ignore_ascii_case(known) => Ok(text),
            _ => Err(format!("{function} is supported as {function}('text', '{known}')")),
        }
    }

    fn order(&mut self) -> Result<Vec<Order>, String> {
        let mut order = Vec::new();
        if !self.word("order") {
            return Ok(order);
        }
        let here = self.word("by");
        self.expect(here, "BY")?;
        loop {
            let column = self.name("a column")?;
            let descending = self.word("desc");
            if !descending {
                self.word("asc");
            }
            order.push(Order { column, descending });
            if !self.sign(",") {
                return Ok(order);
            }
        }
    }
}

/// Words that are no names.
const RESERVED: [&str; 12] = [
    "select", "from", "where", "and", "or", "in", "like", "order", "by", "asc", "desc", "distinct",
];

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_taken_apart() {
        let query = "SELECT id, tranId\n FROM Transaction WHERE type IN ('CustInvc','CustCred') AND lastmodifieddate >= \
                     TO_TIMESTAMP('2026-01-01 00:00:00', 'YYYY-MM-DD HH24:MI:SS') AND id>-1.5 and externalid LIKE 'it''s%' ORDER BY lastmodifieddate, id DESC";
        let select = parse(query).unwrap();
        assert_eq!(select.columns, ["id", "tranid"]);
        assert_eq!(select.table, "transaction");
        let tests: Vec<_> = select.conditions.into_iter().map(|c| (c.column, c.test)).collect();
        assert_eq!(
            tests,
            [
                (
                    "type".to_owned(),
                    Test::In(vec!["CustInvc".to_owned(), "CustCred".to_owned()])
                ),
                (
                    "lastmodifieddate".to_owned(),
                    Test::Compare(Op::AtLeast, "2026-01-01 00:00:00".to_owned())
                ),
                ("id".to_owned(), Test::Compare(Op::Above, "-1.5".to_owned())),
                ("externalid".to_owned(), Test::Like("it's".to_owned())),
            ]
        );
        let order: Vec<_> = select.order.into_iter().map(|o| (o.column, o.descending)).collect();
        assert_eq!(order, [("lastmodifieddate".to_owned(), false), ("id".to_owned(), true)]);
    }

    #[test]
    fn what_is_not_supported_is_refused() {
        for query in [
            "",
            "SELECT * FROM job",
            "SELECT id FROM job WHERE id = 1 OR id = 2",
            "SELECT id FROM job j",
            "SELECT COUNT(id) FROM job",
            "SELECT DISTINCT id FROM job",
            "SELECT id FROM job WHERE id <> 1",
            "SELECT id FROM job WHERE entityid LIKE '%a'",
            "SELECT id FROM job WHERE entityid LIKE 'a_b%'",
            "SELECT id FROM job WHERE entityid = 'open",
            "SELECT id FROM job WHERE startdate > TO_DATE('01.02.2026', 'DD.MM.YYYY')",
            "SELECT id FROM job ORDER BY",
            "SELECT id FROM job;",
            "DELETE FROM job",
        ] {
            assert!(parse(query).is_err(), "{query}");
        }
    }
}
