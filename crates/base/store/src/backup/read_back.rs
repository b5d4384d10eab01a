//! Reading a backup back.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use strata_kernel::Result;

use super::{FORMAT, MANIFEST, Manifest, TableFile, file_of, io, refused};

/// Reads a whole backup: every file is there, holds as many rows as it should, each is a row, and all have the digest that was noted.
///
/// # Errors
/// Says which file is damaged, or that this is no backup.
pub fn verify(folder: &Path) -> Result<Manifest> {
    let manifest = manifest(folder)?;
    for table in &manifest.tables {
        check(folder, table)?;
    }
    Ok(manifest)
}

fn manifest(folder: &Path) -> Result<Manifest> {
    let path = folder.join(MANIFEST);
    let text = fs::read_to_string(&path).map_err(|cause| refused(format!("{} is no backup: {cause}", folder.display())))?;
    let manifest: Manifest =
        serde_json::from_str(&text).map_err(|cause| refused(format!("{} cannot be read: {cause}", path.display())))?;
    if manifest.format != FORMAT {
        let text = format!(
            "{} has form {}, this program reads {FORMAT}; strata {} took it",
            folder.display(),
            manifest.format,
            manifest.program
        );
        return Err(refused(text));
    }
    Ok(manifest)
}

fn check(folder: &Path, table: &TableFile) -> Result<()> {
    let (mut count, mut digest) = (0, Sha256::new());
    lines(folder, &table.name, |line| {
        digest.update(line.as_bytes());
        digest.update(b"\n");
        count += 1;
        let row: Result<Map<String, Value>, _> = serde_json::from_str(line);
        row.map(drop)
            .map_err(|cause| refused(format!("line {count} of {} is no row: {cause}", file_of(&table.name))))
    })?;
    if count != table.rows || hex::encode(digest.finalize()) != table.digest {
        let text = format!(
            "{} is damaged: {count} rows are there, {} were taken, or they are others; use another backup",
            folder.join(file_of(&table.name)).display(),
            table.rows
        );
        return Err(refused(text));
    }
    Ok(())
}

/// Gives every line of a table's file to `each`.
pub(super) fn lines(folder: &Path, table: &str, mut each: impl FnMut(&str) -> Result<()>) -> Result<()> {
    let path = folder.join(file_of(table));
    let mut file = BufReader::new(File::open(&path).map_err(io(&path))?);
    let mut line = String::new();
    loop {
        line.clear();
        if file.read_line(&mut line).map_err(io(&path))? == 0 {
            return Ok(());
        }
        each(line.strip_suffix('\n').unwrap_or(&line))?;
    }
}
