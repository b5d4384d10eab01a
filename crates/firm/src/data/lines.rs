//! Files of JSON lines, counted against the manifest.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::Manifest;
use crate::{Error, Result};

/// A folder that has every file of a firm.
pub(super) struct Folder {
    path: PathBuf,
    pub(super) manifest: Manifest,
}

impl Folder {
    /// Opens a folder that must hold a manifest and all `files`.
    pub(super) fn open(path: &Path, files: &[&str]) -> Result<Self> {
        let mut missing: Vec<String> = files
            .iter()
            .map(|name| file_name(name))
            .filter(|name| !path.join(name).is_file())
            .collect();
        let manifest = path.join("manifest.json");
        if !manifest.is_file() {
            missing.push("manifest.json".to_owned());
        }
        if !missing.is_empty() {
            return Err(Error::NotAFirm {
                folder: path.to_owned(),
                missing,
            });
        }
        let text = std::fs::read_to_string(&manifest).map_err(Error::io(manifest.display().to_string()))?;
        let manifest = serde_json::from_str(&text).map_err(|cause| bad("manifest.json", cause.line(), cause))?;
        Ok(Self {
            path: path.to_owned(),
            manifest,
        })
    }

    /// Reads all records of a file.
    pub(super) fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        self.each(name, |row| {
            rows.push(row);
            Ok(())
        })?;
        Ok(rows)
    }

    /// Hands over the records of a file one by one, and checks their number.
    pub(super) fn each<T: DeserializeOwned>(&self, name: &str, mut take: impl FnMut(T) -> Result<()>) -> Result<()> {
        let file = file_name(name);
        let path = self.path.join(&file);
        let mut reader = BufReader::with_capacity(1 << 16, File::open(&path).map_err(Error::io(path.display().to_string()))?);
        let mut line = String::new();
        let mut got = 0u64;
        loop {
            line.clear();
            if reader.read_line(&mut line).map_err(Error::io(file.clone()))? == 0 {
                break;
            }
            got += 1;
            let row = serde_json::from_str(&line).map_err(|cause| bad(&file, usize::try_from(got).unwrap_or(0), cause))?;
            take(row)?;
        }
        let expected = self.manifest.files.get(name).map_or(0, |facts| facts.rows);
        if got == expected {
            Ok(())
        } else {
            Err(Error::Count { file, expected, got })
        }
    }
}

fn file_name(name: &str) -> String {
    format!("{name}.jsonl")
}

fn bad(file: &str, line: usize, cause: impl std::fmt::Display) -> Error {
    Error::Record {
        file: file.to_owned(),
        line,
        detail: cause.to_string(),
    }
}
