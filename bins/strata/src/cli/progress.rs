//! How far the year is, on stderr: a bar where somebody watches, else a line each simulated month.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use chrono::Datelike;
use indicatif::{ProgressBar, ProgressStyle};
use strata_firm::director::Progress;

use crate::demo::Event;

/// Shows events of a demo.
pub(super) struct Show {
    bar: Option<ProgressBar>,
    is_quiet: bool,
    /// Year and month of the last line.
    month: Option<(i32, u32)>,
    folder: Option<PathBuf>,
}

impl Show {
    pub(super) fn new(is_quiet: bool) -> Self {
        let watched = !is_quiet && std::io::stderr().is_terminal();
        Self {
            bar: watched.then(bar),
            is_quiet,
            month: None,
            folder: None,
        }
    }

    pub(super) fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Folder(path, is_temporary) => {
                let temporary = if *is_temporary { " (temporary)" } else { "" };
                self.line(&format!("working in {}{temporary}", path.display()));
                self.folder = Some(path.to_path_buf());
            }
            Event::Starting(firm) => self.line(&format!(
                "a firm of {} people and {} contracts, {} time entries, seed {}: {} to {}",
                firm.employees, firm.contracts, firm.entries, firm.seed, firm.first_day, firm.last_day
            )),
            Event::Day(progress) => self.day(progress),
            Event::Books => self.line("the year is over; comparing the books"),
        }
    }

    /// The work folder, once it is known.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    /// A line of its own.
    pub(super) fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.println(text),
            None if self.is_quiet => {}
            None => eprintln!("{text}"),
        }
    }

    fn day(&mut self, progress: &Progress) {
        if let Some(bar) = &self.bar {
            bar.set_length(progress.total_facts);
            bar.set_position(progress.facts);
            bar.set_message(format!("{}  platform work {}", progress.day, progress.platform_work));
            return;
        }
        let month = (progress.day.year(), progress.day.month());
        if self.month.replace(month) != Some(month) {
            self.line(&month_line(progress));
        }
    }
}

fn month_line(progress: &Progress) -> String {
    format!(
        "{}: day {} of {}, {} of {} facts, platform work {}",
        progress.day.format("%Y-%m"),
        progress.number,
        progress.days,
        progress.facts,
        progress.total_facts,
        progress.platform_work
    )
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::no_length();
    // A template that does not parse would show itself in the test below; the default bar does as well.
    if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
        bar.set_style(style);
    }
    bar
}

const TEMPLATE: &str = "{elapsed_precise} {wide_bar} {pos}/{len} facts  {msg}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_has_its_own_style() {
        assert!(ProgressStyle::with_template(TEMPLATE).is_ok());
    }
}
