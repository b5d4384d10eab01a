//! Cursor of a change feed: a window that begins at a stamp, and a place within it.

use strata_kernel::{Error, Instant, Result};

/// A record's place in the order of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) stamp: Instant,
    pub(crate) id: String,
}

/// Where a feed goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// The window holds what changed after this. None: everything.
    pub(crate) after: Option<Instant>,
    /// Records of the window that were read. Only a hint: the list shifts while records change.
    pub(crate) read: usize,
    /// The last record that was read. None: the window is read from its beginning.
    pub(crate) last: Option<Place>,
}

impl Cursor {
    /// Reads a cursor that this module wrote.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let parts: Vec<&str> = text.split('|').collect();
        let cursor = match parts.as_slice() {
            [after] => stamp(after).map(|after| Self {
                after,
                ..Self::default()
            }),
            [after, read, at, id] => place(at, id)
                .zip(stamp(after))
                .zip(read.parse().ok())
                .map(|((last, after), read)| Self {
                    after,
                    read,
                    last: Some(last),
                }),
            _ => None,
        };
        cursor.ok_or_else(wrong)
    }

    /// The cursor as text.
    pub(crate) fn text(&self) -> String {
        let after = self.after.map_or_else(|| "-".to_owned(), |at| at.timestamp().to_string());
        match &self.last {
            None if self.after.is_none() => String::new(),
            None => after,
            Some(last) => format!("{after}|{}|{}|{}", self.read, last.stamp.timestamp_millis(), last.id),
        }
    }
}

/// The error for a text that is no cursor of ours.
pub(crate) fn wrong() -> Error {
    Error::invalid("cursor", "is not a cursor of this feed; start with an empty one")
}

fn stamp(text: &str) -> Option<Option<Instant>> {
    match text {
        "-" => Some(None),
        text => Instant::from_timestamp(text.parse().ok()?, 0).map(Some),
    }
}

fn place(at: &str, id: &str) -> Option<Place> {
    let fits = !id.is_empty() && id.len() <= 32 && id.bytes().all(|b| b.is_ascii_digit());
    let stamp = Instant::from_timestamp_millis(at.parse().ok()?)?;
    fits.then(|| Place {
        stamp,
        id: id.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let after = Instant::from_timestamp(1_700_000_000, 0);
        let last = Some(Place {
            stamp: after.unwrap(),
            id: "90210".into(),
        });
        for cursor in [
            Cursor::default(),
            Cursor {
                after,
                ..Cursor::default()
            },
            Cursor {
                after,
                read: 400,
                last: last.clone(),
            },
            Cursor {
                after: None,
                read: 400,
                last,
            },
        ] {
            assert_eq!(Cursor::parse(&cursor.text()).unwrap(), cursor);
        }
        for strange in [
            "x",
            "1|2",
            "1|2|3|",
            "1|2|3|4,5",
            "1|-2|3|4",
            "99999999999999999999",
            "1|2|3|4|5",
        ] {
            assert_eq!(Cursor::parse(strange).unwrap_err().field, "cursor", "{strange}");
        }
    }
}
