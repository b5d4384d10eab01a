//! The log file: one line of JSON per committed write.
//!
//! A line is `{"seq":{name:number},"rows":[[kind,id,created,modified,body],[kind,id]]}`; stamps are milliseconds since 1970,
//! a row without a body was deleted.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Write as _};
use std::path::Path;

use chrono::DateTime;
use serde_json::Value;

use super::table::Row;

/// The open log of a store. The file is locked for as long as it lives.
#[derive(Debug)]
pub(super) struct Log {
    file: File,
    len: u64,
}

/// A line read back.
pub(super) struct Line {
    pub(super) changes: Vec<Change>,
    pub(super) sequences: HashMap<String, u64>,
}

/// What a document became.
pub(super) struct Change {
    pub(super) kind: String,
    pub(super) id: u64,
    pub(super) row: Option<Row>,
}

impl Log {
    /// Opens `<dir>/<name>.log`, hands every whole line to `replay` and cuts off a torn last one.
    pub(super) fn open(dir: &Path, name: &str, replay: &mut dyn FnMut(Line) -> Result<(), String>) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        let path = dir.join(format!("{name}.log"));
        let file = OpenOptions::new().read(true).append(true).create(true).open(&path)?;
        lock(&file, &path)?;
        let mut reader = BufReader::with_capacity(1 << 20, &file);
        let mut len = 0;
        let mut bytes = Vec::new();
        for number in 1_u64.. {
            bytes.clear();
            let read = reader.read_until(b'\n', &mut bytes)?;
            // A line is written in one piece and its end is its last byte: without it the writer died inside that write.
            if bytes.pop_if(|last| *last == b'\n').is_none() {
                break;
            }
            let line = parse(&bytes).and_then(&mut *replay);
            line.map_err(|why| invalid(format!("{} line {number}: {why}", path.display())))?;
            len += read as u64;
        }
        file.set_len(len)?;
        Ok(Self { file, len })
    }

    /// Hands a line to the operating system. A line that could only be written in part is taken back.
    pub(super) fn append(&mut self, line: &str) -> io::Result<()> {
        if let Err(error) = self.file.write_all(line.as_bytes()) {
            self.file.set_len(self.len)?;
            return Err(error);
        }
        self.len += line.len() as u64;
        Ok(())
    }
}

fn lock(file: &File, path: &Path) -> io::Result<()> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::Error(error)) => Err(error),
        Err(TryLockError::WouldBlock) => Err(io::Error::new(
            io::ErrorKind::WouldBlock,
            format!("{} is already open elsewhere", path.display()),
        )),
    }
}

fn invalid(why: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// Prints a line.
#[derive(Default)]
pub(super) struct Writer {
    rows: String,
    sequences: serde_json::Map<String, Value>,
}

impl Writer {
    pub(super) fn row(&mut self, kind: &str, id: u64, row: Option<&Row>) {
        if !self.rows.is_empty() {
            self.rows.push(',');
        }
        // Kinds are names from the source code and bodies are JSON text already, so neither needs escaping.
        let written = match row {
            None => write!(self.rows, r#"["{kind}",{id}]"#),
            Some(row) => {
                let (created, modified) = (row.created.timestamp_millis(), row.modified.timestamp_millis());
                write!(self.rows, r#"["{kind}",{id},{created},{modified},{}]"#, row.text)
            }
        };
        written.expect("printing into a string cannot fail");
    }

    pub(super) fn sequence(&mut self, name: &str, value: u64) {
        self.sequences.insert(name.to_owned(), value.into());
    }

    pub(super) fn finish(self) -> String {
        let mut line = String::from("{");
        if !self.sequences.is_empty() {
            line.push_str(r#""seq":"#);
            line.push_str(&Value::Object(self.sequences).to_string());
            line.push(',');
        }
        line.push_str(r#""rows":["#);
        line.push_str(&self.rows);
        line.push_str("]}\n");
        line
    }
}

fn parse(bytes: &[u8]) -> Result<Line, String> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let rows = value.get("rows").and_then(Value::as_array).ok_or("no rows")?;
    let changes = rows
        .iter()
        .map(|row| change(row).ok_or("a row makes no sense"))
        .collect::<Result<_, _>>()?;
    let mut sequences = HashMap::new();
    for (name, number) in value.get("seq").and_then(Value::as_object).into_iter().flatten() {
        sequences.insert(name.clone(), number.as_u64().ok_or("a sequence is no number")?);
    }
    Ok(Line { changes, sequences })
}

fn change(row: &Value) -> Option<Change> {
    let row = row.as_array()?;
    let (kind, id) = (row.first()?.as_str()?.to_owned(), row.get(1)?.as_u64()?);
    let [_, _, created, modified, body] = row.as_slice() else {
        return (row.len() == 2).then_some(Change { kind, id, row: None });
    };
    let row = Row {
        created: DateTime::from_timestamp_millis(created.as_i64()?)?,
        modified: DateTime::from_timestamp_millis(modified.as_i64()?)?,
        text: body.is_object().then(|| body.to_string().into_boxed_str())?,
    };
    Some(Change {
        kind,
        id,
        row: Some(row),
    })
}
