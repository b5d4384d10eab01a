//! What was done, kept in a file that only grows, so that a killed director goes on where it was.
//!
//! A line is written only after the vendor has confirmed, so the journal never knows more than the vendors do.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use strata_kernel::Date;

use crate::data::Manifest;
use crate::{Error, Result};

/// Name of the journal in the work folder.
const FILE: &str = "director.journal";

/// How far a day has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Begun: facts are being acted.
    Begun,
    /// All facts are acted.
    Acted,
    /// The afternoon is over.
    Afternoon,
    /// The evening is over, and with it the day.
    Evening,
}

/// A line of the file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", untagged)]
enum Line {
    /// Which firm is lived.
    Firm { entries: u64, seed: i64, year: i32 },
    /// A day came so far.
    Day { day: Date, phase: Phase },
    /// Something was done; `id` is what the vendor calls it.
    Done { done: String, id: String },
}

/// The journal of one year.
#[derive(Debug)]
pub(crate) struct Journal {
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    file: File,
    done: HashMap<Box<str>, Box<str>>,
    day: Option<(Date, Phase)>,
}

impl Journal {
    /// Opens the journal of a work folder, or starts one. A line torn by a kill is dropped.
    pub(crate) fn open(folder: &Path, manifest: &Manifest) -> Result<Self> {
        std::fs::create_dir_all(folder).map_err(Error::io(folder.display().to_string()))?;
        let path = folder.join(FILE);
        let name = path.display().to_string();
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(none) if none.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(cause) => return Err(Error::io(name)(cause)),
        };
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .and_then(|file| file.set_len(whole as u64).map(|()| file))
            .map_err(Error::io(name.clone()))?;
        let journal = Self {
            state: Mutex::new(State {
                file,
                done: HashMap::new(),
                day: None,
            }),
        };
        let lived = journal.replay(&text[..whole], &name)?;
        let here = (manifest.entries, manifest.seed, manifest.year);
        match lived {
            None => journal.write(&Line::Firm {
                entries: here.0,
                seed: here.1,
                year: here.2,
            })?,
            Some(other) if other != here => {
                return Err(Error::Setup(format!(
                    "{name} is the journal of another firm: start in an empty folder"
                )));
            }
            Some(_) => {}
        }
        Ok(journal)
    }

    /// Takes over what the file says, and returns whose journal it is.
    fn replay(&self, text: &str, name: &str) -> Result<Option<(u64, i64, i32)>> {
        let mut lived = None;
        let mut state = self.state();
        for (line, at) in text.lines().zip(1..) {
            let line = serde_json::from_str(line).map_err(|cause| Error::Record {
                file: name.to_owned(),
                line: at,
                detail: cause.to_string(),
            })?;
            match line {
                Line::Firm { entries, seed, year } => lived = Some((entries, seed, year)),
                Line::Day { day, phase } => state.day = Some((day, phase)),
                Line::Done { done, id } => {
                    state.done.insert(done.into(), id.into());
                }
            }
        }
        Ok(lived)
    }

    /// The last day noted and how far it came.
    pub(crate) fn reached(&self) -> Option<(Date, Phase)> {
        self.state().day
    }

    /// Notes how far a day came.
    pub(crate) fn reach(&self, day: Date, phase: Phase) -> Result<()> {
        self.write(&Line::Day { day, phase })?;
        self.state().day = Some((day, phase));
        Ok(())
    }

    /// What the vendor calls the result of a deed, once it is done.
    pub(crate) fn id(&self, deed: &str) -> Option<String> {
        self.state().done.get(deed).map(|id| id.to_string())
    }

    /// Whether a deed is done.
    pub(crate) fn has(&self, deed: &str) -> bool {
        self.state().done.contains_key(deed)
    }

    /// Notes a deed.
    pub(crate) fn note(&self, deed: &str, id: &str) -> Result<()> {
        self.write(&Line::Done {
            done: deed.to_owned(),
            id: id.to_owned(),
        })?;
        self.state().done.insert(deed.into(), id.into());
        Ok(())
    }

    /// Deeds whose name starts with `prefix`, with what came of them.
    pub(crate) fn all(&self, prefix: &str) -> Vec<(String, String)> {
        let state = self.state();
        let mut found: Vec<(String, String)> = state
            .done
            .iter()
            .filter(|(deed, _)| deed.starts_with(prefix))
            .map(|(deed, id)| (deed.to_string(), id.to_string()))
            .collect();
        found.sort();
        found
    }

    fn write(&self, line: &Line) -> Result<()> {
        let mut text = serde_json::to_string(line).map_err(|cause| Error::Setup(cause.to_string()))?;
        text.push('\n');
        // One write: what a kill leaves is a whole line, or a torn last one.
        self.state().file.write_all(text.as_bytes()).map_err(Error::io(FILE))
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn manifest(seed: i64) -> Manifest {
        serde_json::from_value(serde_json::json!({"entries": 5, "seed": seed, "year": 2025, "as_of": "2026-01-31", "files": {}}))
            .unwrap()
    }

    #[test]
    fn a_torn_line_is_dropped_and_the_rest_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let day = Date::from_ymd_opt(2025, 1, 6).unwrap();
        let journal = Journal::open(folder.path(), &manifest(7)).unwrap();
        journal.reach(day, Phase::Begun).unwrap();
        journal.note("Account:0", "001A").unwrap();
        drop(journal);
        let path = folder.path().join(FILE);
        let mut text = std::fs::read_to_string(&path).unwrap();
        text.push_str("{\"done\":\"Account:1\",\"i");
        std::fs::write(&path, text).unwrap();

        let journal = Journal::open(folder.path(), &manifest(7)).unwrap();
        assert_eq!(journal.reached(), Some((day, Phase::Begun)));
        assert_eq!(journal.id("Account:0").as_deref(), Some("001A"));
        assert!(!journal.has("Account:1"));
        journal.note("Account:1", "001B").unwrap();
        drop(journal);
        let journal = Journal::open(folder.path(), &manifest(7)).unwrap();
        assert_eq!(journal.all("Account:").len(), 2);
    }

    #[test]
    fn the_journal_of_another_firm_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        drop(Journal::open(folder.path(), &manifest(7)).unwrap());
        let refused = Journal::open(folder.path(), &manifest(8)).unwrap_err();
        assert!(refused.to_string().contains("another firm"), "{refused}");
    }
}
