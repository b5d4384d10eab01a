//! The three layers, each kept with the places its values were written at.

use std::path::{Path, PathBuf};

use config::{ConfigError, Map, Source, Value};
use toml::de::DeTable;

use crate::{PREFIX, Place, SettingsError};

/// What was read, before it is merged.
#[derive(Debug)]
pub(crate) struct Layers {
    file: Option<(PathBuf, String)>,
    /// Variable, dotted key, value.
    variables: Vec<(String, String, String)>,
    overrides: Vec<(String, String)>,
}

impl Layers {
    pub(crate) fn read(
        file: Option<&Path>,
        env: &[(String, String)],
        overrides: &[(String, String)],
    ) -> Result<Self, SettingsError> {
        let file = file.map(read_file).transpose()?;
        let variables = env
            .iter()
            .filter_map(|(name, value)| {
                let key = name.strip_prefix(PREFIX)?.to_lowercase().replace("__", ".");
                Some((name.clone(), key, value.clone()))
            })
            .collect();
        Ok(Self {
            file,
            variables,
            overrides: overrides.to_vec(),
        })
    }

    /// Dotted key and value of each variable.
    pub(crate) fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter().map(|(_, key, value)| (key.as_str(), value.as_str()))
    }

    /// Dotted key and value of each override.
    pub(crate) fn overrides(&self) -> impl Iterator<Item = (&str, &str)> {
        self.overrides.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Where `key` was written: the strongest layer that has it, or something under it.
    pub(crate) fn place(&self, key: &str) -> Option<Place> {
        if self.overrides().any(|(k, _)| within(k, key)) {
            return Some(Place::Override);
        }
        if let Some((name, ..)) = self.variables.iter().find(|(_, k, _)| within(k, key)) {
            return Some(Place::Variable(name.clone()));
        }
        self.line(key)
    }

    /// Line of the file that `key` stands on.
    pub(crate) fn line(&self, key: &str) -> Option<Place> {
        let (path, text) = self.file.as_ref()?;
        let document = DeTable::parse(text).ok()?;
        let offset = crate::locate::offset(document.get_ref(), key)?;
        Some(Place::Line(path.clone(), line_of(text, offset)))
    }

    /// The file as a whole, where there is one.
    pub(crate) fn whole(&self) -> Place {
        self.file
            .as_ref()
            .map_or(Place::Nowhere, |(path, _)| Place::File(path.clone()))
    }
}

/// True when the dotted key `inner` is `outer` or lies under it.
fn within(inner: &str, outer: &str) -> bool {
    inner
        .strip_prefix(outer)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn read_file(path: &Path) -> Result<(PathBuf, String), SettingsError> {
    let text = std::fs::read_to_string(path)
        .map_err(|e| SettingsError::new("", Place::File(path.to_owned()), format!("cannot be read: {e}")))?;
    if let Err(error) = DeTable::parse(&text) {
        let line = line_of(&text, error.span().map_or(0, |span| span.start));
        return Err(SettingsError::new(
            "",
            Place::Line(path.to_owned(), line),
            error.message().to_owned(),
        ));
    }
    Ok((path.to_owned(), text))
}

fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().iter().take(offset);
    before.filter(|byte| **byte == b'\n').count() + 1
}

/// A value as written in a variable or an override: text, or a list or table in the file's own notation.
pub(crate) fn value(text: &str) -> Value {
    if !text.starts_with('[') && !text.starts_with('{') {
        return Value::from(text);
    }
    let line = format!("value = {text}");
    let parsed = config::File::from_str(&line, config::FileFormat::Toml).collect();
    parsed
        .ok()
        .and_then(|mut table| table.remove("value"))
        .unwrap_or_else(|| Value::from(text))
}

/// One layer as a source of the `config` crate.
#[derive(Debug, Clone)]
pub(crate) struct Layer(Map<String, Value>);

impl Layer {
    pub(crate) fn of_file(layers: &Layers) -> Result<Self, SettingsError> {
        let Some((path, text)) = &layers.file else {
            return Ok(Self(Map::new()));
        };
        config::File::from_str(text, config::FileFormat::Toml)
            .collect()
            .map(Self)
            .map_err(|e| SettingsError::new("", Place::File(path.clone()), e.to_string()))
    }

    pub(crate) fn of_values<'a>(values: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        Self(values.map(|(key, text)| (key.to_owned(), value(text))).collect())
    }
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.0.clone())
    }
}
