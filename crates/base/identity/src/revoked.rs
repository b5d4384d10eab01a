//! Tokens and callers that were withdrawn before their end.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use strata_settings::{Live, read_bounded};

use crate::Verified;

/// Largest file that is read, in bytes: some ten thousand lines.
const LARGEST: u64 = 1024 * 1024;

/// What a file withdraws, as it is now. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Revoked(Arc<Live<Lists>>);

/// What was withdrawn.
#[derive(Debug, Default, PartialEq, Eq)]
struct Lists {
    tokens: HashSet<String>,
    subjects: HashSet<String>,
}

impl Revoked {
    /// Reads the file for the first time.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub(crate) fn open(file: &Path) -> Result<Self, String> {
        let (name, path) = (file.display().to_string(), file.to_owned());
        let named = {
            let name = name.clone();
            move |why: String| format!("{name} {why}")
        };
        let read = {
            let named = named.clone();
            move || read_bounded(&path, LARGEST).map_err(&named)
        };
        Live::open(name, read, move |bytes: &Vec<u8>| Lists::parse(bytes).map_err(&named)).map(Self)
    }

    /// Whether a token counts no more.
    pub(crate) async fn holds(&self, verified: &Verified) -> bool {
        let lists = self.0.current().await;
        let is_listed = |id: &String| lists.tokens.contains(id);
        lists.subjects.contains(&verified.principal.subject) || verified.id.as_ref().is_some_and(is_listed)
    }
}

impl Lists {
    /// A line that is not understood makes the whole file no good: half a list would let in whom the other half keeps out.
    fn parse(bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "is not written in UTF-8".to_owned())?;
        let mut lists = Self::default();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (list, name) = match line.split_once(char::is_whitespace) {
                Some(("jti", id)) => (&mut lists.tokens, id),
                Some(("sub", name)) => (&mut lists.subjects, name),
                _ => return Err(format!("says in line {} neither \"jti ID\" nor \"sub NAME\"", number + 1)),
            };
            list.insert(name.trim().to_owned());
        }
        Ok(lists)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_line_names_a_token_or_a_caller() {
        let lists = Lists::parse(b"# left in May\nsub eva\n\n  jti  8f-2c \nsub auth0|a b\n").unwrap();
        assert!(lists.tokens.contains("8f-2c") && lists.subjects.contains("eva") && lists.subjects.contains("auth0|a b"));
        assert_eq!(Lists::parse(b"").unwrap(), Lists::default());
        for bad in [&b"eva"[..], b"sub", b"sub eva\nJTI 1", b"\xff"] {
            assert!(Lists::parse(bad).is_err(), "{bad:?}");
        }
    }
}
