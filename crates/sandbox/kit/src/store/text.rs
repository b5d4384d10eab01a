//! The fields of a document, as they are kept.

use std::borrow::Cow;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use super::Body;

/// JSON text of a document's fields. A firm has a million of them: a parsed map is ten times larger, and what the log has need not
/// be in memory as well.
#[derive(Clone, Debug)]
pub(super) enum Text {
    /// In memory: not committed yet, or the store has no log.
    Held(Box<str>),
    /// These bytes of the log.
    Logged { log: Arc<File>, at: u64, len: usize },
}

impl Text {
    pub(super) fn of(body: Body) -> Self {
        Self::Held(serde_json::Value::Object(body).to_string().into_boxed_str())
    }

    /// # Panics
    /// As [`Text::json`].
    pub(super) fn body(&self) -> Body {
        // The text was printed from a map, or read from the log as one.
        serde_json::from_str(&self.json()).expect("a row holds the JSON object it was made from")
    }

    /// # Panics
    /// When the log can no longer be read. No caller can mend that.
    pub(super) fn json(&self) -> Cow<'_, str> {
        match self {
            Self::Held(text) => Cow::Borrowed(text),
            Self::Logged { log, at, len } => {
                let mut bytes = vec![0; *len];
                let text = log.read_exact_at(&mut bytes, *at).map(|()| String::from_utf8(bytes));
                let text = text.expect("the log can be read").expect("the log holds what it took");
                Cow::Owned(text)
            }
        }
    }
}
