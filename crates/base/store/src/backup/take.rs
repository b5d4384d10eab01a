//! Taking a backup.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use diesel::Connection;
use sha2::{Digest, Sha256};
use strata_kernel::Result;

use super::{FORMAT, MANIFEST, Manifest, Progress, TableFile, file_of, io, refused, rows, verify};
use crate::migrate::{self, VERSION};
use crate::tables::{Shape, Tables};
use crate::unit::Rollback;
use crate::{Conn, Db, now};

/// Rows between two words of progress.
const WORD: u64 = 10_000;

/// Takes a backup of `tables` into a folder that is not there yet, and reads it back. All of it is from one moment, and servers may
/// write meanwhile. What is there after a failure is named `FOLDER.part`, and the next try removes it.
///
/// # Errors
/// When the folder is there or cannot be written, when the store is older or newer than this program, or the database fails.
pub fn take(db: &Db, tables: &[Tables], folder: &Path, mut progress: impl FnMut(Progress<'_>)) -> Result<Manifest> {
    migrate::check(db)?;
    if folder.exists() {
        return Err(refused(format!("{} is there already; name a new folder", folder.display())));
    }
    let part = part_of(folder)?;
    if part.exists() {
        fs::remove_dir_all(&part).map_err(io(&part))?;
    }
    fs::create_dir_all(&part).map_err(io(&part))?;
    only_mine(&part)?;
    let manifest = db.snapshot(|conn| write(conn, tables, &part, &mut progress))?;
    let text = serde_json::to_string_pretty(&manifest).unwrap_or_default() + "\n";
    let mut file = File::create(part.join(MANIFEST)).map_err(io(&part))?;
    file.write_all(text.as_bytes())
        .and_then(|()| file.sync_all())
        .map_err(io(&part))?;
    sync(&part)?;
    // Before anybody counts on it.
    verify(&part)?;
    fs::rename(&part, folder).map_err(io(folder))?;
    sync(
        folder
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or(Path::new(".")),
    )?;
    Ok(manifest)
}

/// Where it is written until it is whole.
fn part_of(folder: &Path) -> Result<PathBuf> {
    let name = folder.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| refused(format!("{} is no name of a folder", folder.display())))?;
    Ok(folder.with_file_name(format!("{name}.part")))
}

/// Wages and prices are in it.
fn only_mine(folder: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(io(folder))?;
    }
    Ok(())
}

/// A folder's entries survive power loss, too.
fn sync(folder: &Path) -> Result<()> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(io(folder))
}

fn write(conn: &mut Conn<'_>, tables: &[Tables], folder: &Path, progress: &mut impl FnMut(Progress<'_>)) -> Result<Manifest> {
    let taken_at = now(conn)?.format("%F %T%.3f").to_string();
    let migrations = migrate::applied(conn)?.into_iter().collect();
    let mut files = Vec::new();
    for table in tables.iter().flat_map(|tables| tables.kept) {
        files.push(write_table(conn, table, folder, progress)?);
    }
    Ok(Manifest {
        format: FORMAT,
        program: VERSION.to_owned(),
        taken_at,
        migrations,
        tables: files,
    })
}

fn write_table(conn: &mut Conn<'_>, table: &str, folder: &Path, progress: &mut impl FnMut(Progress<'_>)) -> Result<TableFile> {
    let shape = Shape::read(conn, table)?;
    let path = folder.join(file_of(table));
    let mut file = BufWriter::new(File::create(&path).map_err(io(&path))?);
    let (mut count, mut digest) = (0, Sha256::new());
    rows::each(conn, &shape, |line| {
        for part in [line.as_bytes(), b"\n"] {
            digest.update(part);
            file.write_all(part).map_err(io(&path))?;
        }
        count += 1;
        if count % WORD == 0 {
            progress(Progress { table, rows: count });
        }
        Ok(())
    })?;
    let file = file.into_inner().map_err(|cause| io(&path)(cause.into_error()))?;
    file.sync_all().map_err(io(&path))?;
    progress(Progress { table, rows: count });
    Ok(TableFile {
        name: table.to_owned(),
        rows: count,
        digest: hex::encode(digest.finalize()),
        last_number: rows::last_number(conn, &shape)?,
    })
}

impl Db {
    /// Reads as of one moment, whoever writes meanwhile.
    fn snapshot<R>(&self, work: impl FnOnce(&mut Conn<'_>) -> Result<R>) -> Result<R> {
        self.with(|conn| {
            match conn {
                Conn::Pg(c) => c
                    .build_transaction()
                    .repeatable_read()
                    .read_only()
                    .run(|c| work(&mut Conn::Pg(c)).map_err(Rollback)),
                // The log of changes keeps the moment of the first read.
                Conn::Lite(c) => c.transaction(|c| work(&mut Conn::Lite(c)).map_err(Rollback)),
            }
            .map_err(|rollback: Rollback| rollback.0)
        })
    }
}
