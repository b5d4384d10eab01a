//! What was read of the books before they were damaged, kept for another start.

use std::io::ErrorKind;
use std::path::Path;

use super::Evidence;
use crate::{Error, Result};

/// Name of the file in the work folder.
const FILE: &str = "evidence.json";

/// What an earlier start kept. None: it did not come so far.
pub(super) fn evidence(folder: &Path) -> Result<Option<Evidence>> {
    let text = match std::fs::read_to_string(folder.join(FILE)) {
        Ok(text) => text,
        Err(none) if none.kind() == ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(Error::io(FILE)(cause)),
    };
    serde_json::from_str(&text).map(Some).map_err(|cause| Error::Record {
        file: FILE.to_owned(),
        line: cause.line(),
        detail: cause.to_string(),
    })
}

/// Keeps what was read: in place at once, or not at all.
pub(super) fn keep(folder: &Path, evidence: &Evidence) -> Result<()> {
    let text = serde_json::to_string(evidence).map_err(|cause| Error::Setup(cause.to_string()))?;
    let part = folder.join(format!("{FILE}.part"));
    std::fs::write(&part, text).map_err(Error::io(FILE))?;
    std::fs::rename(&part, folder.join(FILE)).map_err(Error::io(FILE))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_was_read_is_known_to_another_start() {
        let folder = tempfile::tempdir().unwrap();
        assert!(evidence(folder.path()).unwrap().is_none());
        let read = super::super::tests::good();
        keep(folder.path(), &read).unwrap();
        let again = evidence(folder.path()).unwrap().unwrap();
        assert_eq!((again.documents, again.projects), (read.documents, read.projects));
        assert_eq!((again.adjustments, again.unbilled), (read.adjustments, read.unbilled));
    }
}
