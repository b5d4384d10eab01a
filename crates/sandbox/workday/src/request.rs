//! Reading a request element by element, with faults that say where it is wrong.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use rust_decimal::Decimal;

use crate::fault::Fault;
use crate::xml::{Node, Owner};

/// An element of a request and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct At<'a> {
    node: &'a Node,
    path: String,
}

/// A reference: the kind of id and the id.
pub(crate) type Reference = (String, String);

impl<'a> At<'a> {
    pub(crate) fn root(node: &'a Node) -> Self {
        Self {
            node,
            path: format!("/wd:{}", node.name),
        }
    }

    pub(crate) fn name(&self) -> &'a str {
        &self.node.name
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// A fault about this element.
    pub(crate) fn fault(&self, message: impl Into<String>) -> Fault {
        Fault::validation(message, self.path.as_str())
    }

    /// The children of this name.
    pub(crate) fn all(&self, name: &str) -> Vec<At<'a>> {
        let children = self
            .node
            .children
            .iter()
            .filter(|c| c.owner == Owner::Workday && c.name == name);
        let place = |(i, node): (usize, &'a Node)| {
            let index = if i == 0 { String::new() } else { format!("[{}]", i + 1) };
            At {
                node,
                path: format!("{}/wd:{name}{index}", self.path),
            }
        };
        children.enumerate().map(place).collect()
    }

    /// The child of this name; a second one is a fault.
    pub(crate) fn child(&self, name: &str) -> Result<Option<At<'a>>, Fault> {
        let mut all = self.all(name);
        match all.len() {
            0 | 1 => Ok(all.pop()),
            _ => Err(all[1].fault(format!("Element {name} may occur only once"))),
        }
    }

    /// The child of this name, which must be there.
    pub(crate) fn need(&self, name: &str) -> Result<At<'a>, Fault> {
        let missing = || {
            Fault::validation(
                format!("Required element {name} is missing"),
                format!("{}/wd:{name}", self.path),
            )
        };
        self.child(name)?.ok_or_else(missing)
    }

    /// Refuses children other than these.
    pub(crate) fn only(&self, names: &[&str]) -> Result<(), Fault> {
        let strange = self
            .node
            .children
            .iter()
            .find(|c| c.owner != Owner::Workday || !names.contains(&c.name.as_str()));
        match strange {
            None => Ok(()),
            Some(child) => Err(self.fault(format!("Element Content '{}' is not valid here", child.name))),
        }
    }

    /// An attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&'a str> {
        self.node.attributes.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Its text, which must not be empty.
    pub(crate) fn text(&self) -> Result<&'a str, Fault> {
        let text = self.node.text.trim();
        if text.is_empty() {
            Err(self.fault("Element Content is required"))
        } else {
            Ok(text)
        }
    }

    /// Its text as true or false, in any of XML's notations.
    pub(crate) fn flag(&self) -> Result<bool, Fault> {
        match self.text()? {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            other => Err(self.wrong(other, "boolean")),
        }
    }

    /// Its text as a count.
    pub(crate) fn count(&self) -> Result<usize, Fault> {
        let text = self.text()?;
        text.parse().map_err(|_| self.wrong(text, "integer"))
    }

    /// Its text as a number without an exponent.
    pub(crate) fn decimal(&self) -> Result<Decimal, Fault> {
        let text = self.text()?;
        Decimal::from_str_exact(text).map_err(|_| self.wrong(text, "decimal"))
    }

    /// Its text as a day. An offset behind it is allowed and does not shift the day.
    pub(crate) fn day(&self) -> Result<NaiveDate, Fault> {
        let text = self.text()?;
        day(text).ok_or_else(|| self.wrong(text, "date"))
    }

    /// Its text as a day, of which the time, if any, is ignored.
    pub(crate) fn day_of(&self) -> Result<NaiveDate, Fault> {
        let text = self.text()?;
        day(text.split_once('T').map_or(text, |(day, _)| day)).ok_or_else(|| self.wrong(text, "dateTime"))
    }

    /// Its text as an instant; without an offset it is UTC.
    pub(crate) fn instant(&self) -> Result<DateTime<Utc>, Fault> {
        let text = self.text()?;
        let with_offset = DateTime::parse_from_rfc3339(text).map(Into::into);
        let bare = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").map(|t| t.and_utc());
        with_offset.or_else(|_| bare()).map_err(|_| self.wrong(text, "dateTime"))
    }

    /// The one id of a reference, which must be of one of these kinds.
    pub(crate) fn reference(&self, kinds: &[&str]) -> Result<Reference, Fault> {
        let ids = self.all("ID");
        // More than one id is allowed when they name the same thing; the first that is understood counts.
        let known = |id: &At<'a>| id.attribute("type").filter(|t| kinds.contains(t)).map(str::to_owned);
        let found = ids.iter().find_map(|id| known(id).map(|kind| (kind, id)));
        let (kind, id) = found.ok_or_else(|| self.fault(format!("An ID of type {} is required", kinds.join(" or "))))?;
        Ok((kind, id.text()?.to_owned()))
    }

    fn wrong(&self, text: &str, kind: &str) -> Fault {
        self.fault(format!("'{text}' is not a valid value of type {kind}"))
    }
}

fn day(text: &str) -> Option<NaiveDate> {
    let (day, offset) = text.split_at_checked(10)?;
    let sign = offset.starts_with(['+', '-']);
    let offset_fits = offset.is_empty() || offset == "Z" || (sign && offset.len() == 6 && offset.as_bytes()[3] == b':');
    NaiveDate::parse_from_str(day, "%Y-%m-%d").ok().filter(|_| offset_fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_does_not_shift_the_day() {
        let expected = NaiveDate::from_ymd_opt(2026, 10, 1);
        for text in ["2026-10-01", "2026-10-01Z", "2026-10-01-07:00", "2026-10-01+14:00"] {
            assert_eq!(day(text), expected, "{text}");
        }
        for text in [
            "2026-10-1",
            "2026-13-01",
            "2026-10-01T00:00",
            "2026-10-01 07:00",
            "01.10.2026",
            "",
        ] {
            assert_eq!(day(text), None, "{text}");
        }
    }
}
