//! How far a backup is, on stderr: a line for each table, and one now and then in a long one.

use strata_store::backup::Progress;

/// Rows between two lines.
const WORD: u64 = 50_000;

/// Shows progress.
pub(super) struct Rows {
    verb: &'static str,
    table: String,
    said: u64,
}

impl Rows {
    pub(super) fn new(verb: &'static str) -> Self {
        Self {
            verb,
            table: String::new(),
            said: 0,
        }
    }

    pub(super) fn show(&mut self, progress: Progress<'_>) {
        if let Some(line) = self.line(progress) {
            eprintln!("{line}");
        }
    }

    fn line(&mut self, progress: Progress<'_>) -> Option<String> {
        let is_new = self.table != progress.table;
        if is_new {
            progress.table.clone_into(&mut self.table);
            self.said = 0;
        }
        if progress.rows == 0 || (!is_new && progress.rows < self.said + WORD) {
            return None;
        }
        self.said = progress.rows;
        Some(format!("{}: {} rows {}", progress.table, progress.rows, self.verb))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_is_named_and_long_ones_more_than_once() {
        let mut rows = Rows::new("read");
        let mut line = |table, rows_so_far| {
            rows.line(Progress {
                table,
                rows: rows_so_far,
            })
            .is_some()
        };
        assert!(line("run", 10_000) && !line("run", 20_000) && line("run", 60_000));
        assert!(line("step", 1) && !line("exception", 0));
    }
}
