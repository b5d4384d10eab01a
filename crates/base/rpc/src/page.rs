//! Pages of a list: how long, and where the next one begins.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use strata_kernel::{Error, Result, digest};

/// Length of a page when the caller names none.
pub const USUAL: usize = 50;
/// Longest page.
pub const LONGEST: i64 = 1000;

/// First byte of every token: a later form of token gets another.
const FORM: u8 = 1;
/// Characters of the digest that bind a token to its filter.
const SEAL: usize = 16;

/// Length of the page asked for. 0 is the usual one; negative or above the longest is refused.
pub fn size(asked: impl Into<i64>) -> Result<usize> {
    match asked.into() {
        0 => Ok(USUAL),
        asked @ 1..=LONGEST => Ok(usize::try_from(asked).unwrap_or(USUAL)),
        other => Err(Error::invalid(
            "page_size",
            format!("is {other}; at most {LONGEST}, and 0 for the usual {USUAL}"),
        )),
    }
}

/// Token of the page after `last_key`, good for this `filter` only. The filter is everything else the
/// request says about what is listed and in which order.
pub fn encode(last_key: &str, filter: &str) -> String {
    let mut token = vec![FORM];
    token.extend_from_slice(seal(last_key, filter).as_bytes());
    token.extend_from_slice(last_key.as_bytes());
    URL_SAFE_NO_PAD.encode(token)
}

/// The key after which the page begins. None: the first page. A token of another filter is refused.
pub fn decode(token: &str, filter: &str) -> Result<Option<String>> {
    if token.is_empty() {
        return Ok(None);
    }
    let key = open(token).filter(|(sealed, key)| *sealed == seal(key, filter));
    match key {
        Some((_, key)) => Ok(Some(key)),
        None => Err(Error::invalid(
            "page_token",
            "belongs to another list or another filter; begin again without it",
        )),
    }
}

/// One page of a list by key, as a request asks for it.
#[derive(Debug, Clone)]
pub struct Page {
    size: usize,
    after: String,
    filter: String,
}

impl Page {
    /// Reads size and token of a request. `filter` is everything else it says about what is listed.
    pub fn ask(asked: impl Into<i64>, token: &str, filter: &str) -> Result<Self> {
        Ok(Self {
            size: size(asked)?,
            after: decode(token, filter)?.unwrap_or_default(),
            filter: filter.to_owned(),
        })
    }

    /// The key after which the page begins. Empty: the first page.
    pub fn after(&self) -> &str {
        &self.after
    }

    /// Rows to read: one more than the page holds tells whether there is another page.
    pub fn limit(&self) -> i64 {
        i64::try_from(self.size).unwrap_or(LONGEST) + 1
    }

    /// Cuts the rows read down to the page, and returns the token of the next. Empty: there is none.
    pub fn cut<T>(&self, rows: &mut Vec<T>, key: impl Fn(&T) -> String) -> String {
        if rows.len() <= self.size {
            return String::new();
        }
        rows.truncate(self.size);
        rows.last().map(|row| encode(&key(row), &self.filter)).unwrap_or_default()
    }
}

fn seal(key: &str, filter: &str) -> String {
    let mut seal = digest(format!("{}:{filter}{key}", filter.len()).as_bytes());
    seal.truncate(SEAL);
    seal
}

fn open(token: &str) -> Option<(String, String)> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    let (form, rest) = bytes.split_first()?;
    let text = std::str::from_utf8(rest).ok().filter(|_| *form == FORM)?;
    let (sealed, key) = text.split_at_checked(SEAL)?;
    Some((sealed.to_owned(), key.to_owned()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_size_has_a_default_and_an_end() {
        assert_eq!(size(0).unwrap(), 50);
        assert_eq!(size(1).unwrap(), 1);
        assert_eq!(size(1000u32).unwrap(), 1000);
        for bad in [-1, 1001, i32::MIN] {
            assert_eq!(size(bad).unwrap_err().field, "page_size");
        }
    }

    #[test]
    fn a_page_reads_one_more_than_it_shows() {
        let page = Page::ask(2, "", "f").unwrap();
        let mut rows = vec!["a", "b", "c"];
        assert_eq!(page.limit(), 3);
        let token = page.cut(&mut rows, |row| (*row).to_owned());
        assert_eq!(rows, ["a", "b"]);
        let next = Page::ask(2, &token, "f").unwrap();
        assert_eq!(next.after(), "b");
        assert_eq!(next.cut(&mut vec!["c"], |row| (*row).to_owned()), "");
    }

    #[test]
    fn a_token_belongs_to_its_filter() {
        for key in ["eng_1", "", "zwölf|\0"] {
            let token = encode(key, "status=OPEN");
            assert_eq!(decode(&token, "status=OPEN").unwrap().as_deref(), Some(key));
            assert_eq!(decode(&token, "status=DONE").unwrap_err().field, "page_token");
        }
        assert_eq!(decode("", "anything").unwrap(), None);
    }

    #[test]
    fn a_token_that_was_changed_is_refused() {
        let token = encode("eng_1", "");
        let mut raw = URL_SAFE_NO_PAD.decode(&token).unwrap();
        *raw.last_mut().unwrap() = b'2';
        for bad in [
            URL_SAFE_NO_PAD.encode(raw),
            "AQ".to_owned(),
            "%%%".to_owned(),
            "x".repeat(5000),
        ] {
            assert!(decode(&bad, "").is_err(), "{bad}");
        }
    }
}
