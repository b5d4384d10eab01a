//! What a mistake in the settings looks like to the person who made it.

use std::fmt;
use std::path::PathBuf;

/// Where a value was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A line of the file, counted from 1.
    Line(PathBuf, usize),
    /// The file as a whole.
    File(PathBuf),
    /// An environment variable.
    Variable(String),
    /// An explicit override, such as a command line flag.
    Override,
    /// Nowhere: a value that should be there is not.
    Nowhere,
}

/// A mistake in the settings. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct SettingsError {
    /// Key at fault, dotted. Empty when the file as a whole is.
    pub key: String,
    /// Where it was written.
    pub place: Place,
    /// What is wrong.
    pub message: String,
}

impl SettingsError {
    pub(crate) fn new(key: impl Into<String>, place: Place, message: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            place,
            message: message.into(),
        }
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Line(path, line) => write!(f, "{}:{line}: ", path.display())?,
            Place::File(path) => write!(f, "{}: ", path.display())?,
            Place::Variable(name) => write!(f, "environment variable {name}: ")?,
            Place::Override => write!(f, "override: ")?,
            Place::Nowhere => write!(f, "settings: ")?,
        }
        if !self.key.is_empty() {
            write!(f, "key \"{}\": ", self.key)?;
        }
        f.write_str(&self.message)
    }
}

/// A value that fits its type but not its purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Key at fault, relative to what was checked.
    pub key: String,
    /// What is wrong and what would do.
    pub message: String,
}

impl Fault {
    /// A fault at a key.
    pub fn new(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            message: message.into(),
        }
    }
}
