//! Secrets are never written into settings: settings say where to find them.

use std::cell::RefCell;
use std::fmt;

use serde::{Deserialize, Deserializer, de::Error};

/// A credential. Shows itself to nobody: `Debug` prints a mark, there is no `Display` and no serialisation.
///
/// In settings it is a reference: `file:/run/secrets/token` (one trailing line break is cut) or `env:NAME`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a credential that did not come from settings, such as one made for a test.
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The credential itself. Call it where it is sent, and nowhere else.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let reference = String::deserialize(deserializer)?;
        resolve(&reference).map(Self).map_err(D::Error::custom)
    }
}

/// The text behind a reference. The message never repeats a text that is no reference: it may be the secret.
fn resolve(reference: &str) -> Result<String, String> {
    let value = if let Some(path) = reference.strip_prefix("file:") {
        let text = std::fs::read_to_string(path).map_err(|e| format!("the secret's file {path} cannot be read: {e}"))?;
        let text = text.strip_suffix('\n').unwrap_or(&text);
        text.strip_suffix('\r').unwrap_or(text).to_owned()
    } else if let Some(name) = reference.strip_prefix("env:") {
        variable(name).ok_or_else(|| format!("the secret's variable {name} is not set"))?
    } else {
        return Err("is a secret: write where it stands, as file:/path or env:NAME".to_owned());
    };
    if value.is_empty() {
        return Err(format!("{reference} is empty"));
    }
    Ok(value)
}

thread_local! {
    /// The environment of the load under way on this thread: serde has no other way to hand it down.
    static ENVIRONMENT: RefCell<Vec<(String, String)>> = const { RefCell::new(Vec::new()) };
}

fn variable(name: &str) -> Option<String> {
    ENVIRONMENT.with_borrow(|env| env.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone()))
}

/// Runs `read` with `env:` references resolved against `env`.
pub(crate) fn with_environment<T>(env: Vec<(String, String)>, read: impl FnOnce() -> T) -> T {
    ENVIRONMENT.set(env);
    let out = read();
    ENVIRONMENT.set(Vec::new());
    out
}
