//! The log file: one line of JSON per committed write.
//!
//! A line is `{"seq":{name:number},"rows":[[kind,id,created,modified,body],[kind,id]]}`; stamps are milliseconds since 1970,
//! a row without a body was deleted.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Write as _};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use chrono::DateTime;
use serde_json::Value;
use serde_json::value::RawValue;

use super::table::Row;
use super::text::Text;

/// The open log of a store. The file is locked for as long as it lives.
#[derive(Debug)]
pub(super) struct Log {
    file: Arc<File>,
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
        let file = Arc::new(file);
        let mut reader = BufReader::with_capacity(1 << 20, &*file);
        let mut len = 0;
        let mut bytes = Vec::new();
        for number in 1_u64.. {
            bytes.clear();
            let read = reader.read_until(b'\n', &mut bytes)?;
            // A line is written in one piece and its end is its last byte: without it the writer died inside that write.
            if bytes.pop_if(|last| *last == b'\n').is_none() {
                break;
            }
            let line = parse(&bytes, &file, len).and_then(&mut *replay);
            line.map_err(|why| invalid(format!("{} line {number}: {why}", path.display())))?;
            len += read as u64;
        }
        file.set_len(len)?;
        Ok(Self { file, len })
    }

    /// Hands a line to the operating system, and says where the texts of its rows are now. A line that could only be written in
    /// part is taken back.
    pub(super) fn append(&mut self, line: Writer) -> io::Result<Vec<(&'static str, u64, Text)>> {
        let (line, texts) = line.finish();
        if let Err(error) = (&*self.file).write_all(line.as_bytes()) {
            self.file.set_len(self.len)?;
            return Err(error);
        }
        let begin = self.len;
        self.len += line.len() as u64;
        let written = texts.into_iter().map(|Printed { kind, id, at }| {
            let text = Text::Logged {
                log: Arc::clone(&self.file),
                at: begin + at.start as u64,
                len: at.len(),
            };
            (kind, id, text)
        });
        Ok(written.collect())
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

/// A document's text in what was printed.
struct Printed {
    kind: &'static str,
    id: u64,
    at: Range<usize>,
}

/// Prints a line.
#[derive(Default)]
pub(super) struct Writer {
    rows: String,
    texts: Vec<Printed>,
    sequences: serde_json::Map<String, Value>,
}

impl Writer {
    pub(super) fn row(&mut self, kind: &'static str, id: u64, row: Option<&Row>) {
        if !self.rows.is_empty() {
            self.rows.push(',');
        }
        // Kinds are names from the source code and bodies are JSON text already, so neither needs escaping.
        let written = match row {
            None => write!(self.rows, r#"["{kind}",{id}]"#),
            Some(row) => {
                let (created, modified) = (row.created.timestamp_millis(), row.modified.timestamp_millis());
                let written = write!(self.rows, r#"["{kind}",{id},{created},{modified},"#);
                let begin = self.rows.len();
                self.rows.push_str(&row.text.json());
                let at = begin..self.rows.len();
                self.texts.push(Printed { kind, id, at });
                self.rows.push(']');
                written
            }
        };
        written.expect("printing into a string cannot fail");
    }

    pub(super) fn sequence(&mut self, name: &str, value: u64) {
        self.sequences.insert(name.to_owned(), value.into());
    }

    /// The line, and where in it the texts are.
    fn finish(mut self) -> (String, Vec<Printed>) {
        let mut line = String::from("{");
        if !self.sequences.is_empty() {
            line.push_str(r#""seq":"#);
            line.push_str(&Value::Object(self.sequences).to_string());
            line.push(',');
        }
        line.push_str(r#""rows":["#);
        for Printed { at, .. } in &mut self.texts {
            *at = at.start + line.len()..at.end + line.len();
        }
        line.push_str(&self.rows);
        line.push_str("]}\n");
        (line, self.texts)
    }
}

/// Reads a line that begins at `begin` in the log.
fn parse(line: &[u8], log: &Arc<File>, begin: u64) -> Result<Line, String> {
    let line = str::from_utf8(line).map_err(|error| error.to_string())?;
    let parts: HashMap<&str, &RawValue> = parsed(line)?;
    let rows: Vec<Vec<&RawValue>> = parsed(parts.get("rows").ok_or("no rows")?.get())?;
    let place = |text: &str| Text::Logged {
        log: Arc::clone(log),
        // A raw value is a part of the line it was read from.
        at: begin + (text.as_ptr().addr() - line.as_ptr().addr()) as u64,
        len: text.len(),
    };
    let changes = rows
        .iter()
        .map(|row| change(row, place).ok_or("a row makes no sense"))
        .collect::<Result<_, _>>()?;
    let sequences = parts.get("seq").map(|sequences| parsed(sequences.get())).transpose()?;
    Ok(Line {
        changes,
        sequences: sequences.unwrap_or_default(),
    })
}

fn parsed<'a, T: serde::Deserialize<'a>>(text: &'a str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

fn change(row: &[&RawValue], place: impl Fn(&str) -> Text) -> Option<Change> {
    let kind = parsed(row.first()?.get()).ok()?;
    let number = |at: usize| parsed::<i64>(row.get(at)?.get()).ok();
    let id = number(1)?.try_into().ok()?;
    let [_, _, _, _, body] = row else {
        return (row.len() == 2).then_some(Change { kind, id, row: None });
    };
    let row = Row {
        created: DateTime::from_timestamp_millis(number(2)?)?,
        modified: DateTime::from_timestamp_millis(number(3)?)?,
        text: body.get().starts_with('{').then(|| place(body.get()))?,
    };
    Some(Change {
        kind,
        id,
        row: Some(row),
    })
}
