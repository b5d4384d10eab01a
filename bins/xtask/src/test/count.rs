//! How many tests ran, read from what the runners print at their end.

use std::fmt;
use std::ops::Add;

/// Tests by how they ended.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) passed: usize,
    pub(super) failed: usize,
    pub(super) skipped: usize,
}

impl Count {
    /// Reads a closing line of `cargo test` or of `cargo nextest`. Any other line counts nothing.
    pub(super) fn read(line: &str) -> Self {
        // nextest repeats what a failed test printed, this line too, and indents it: its own summary counts that test.
        let numbers = if line.starts_with("test result:") {
            line.trim()
                .split_once(". ")
                .map(|(_, numbers)| numbers.split(';').collect::<Vec<_>>())
        } else if line.trim().starts_with("Summary [") {
            line.trim()
                .split_once(" run: ")
                .map(|(_, numbers)| numbers.split(',').collect())
        } else {
            None
        };
        numbers.unwrap_or_default().into_iter().fold(Self::default(), Self::with)
    }

    /// Adds a part such as `3 passed`. nextest counts slow and flaky ones again, in brackets.
    fn with(mut self, part: &str) -> Self {
        let mut words = part.split_whitespace();
        let number = words.next().and_then(|word| word.parse::<usize>().ok());
        match (number, words.next()) {
            (Some(n), Some("passed")) => self.passed += n,
            (Some(n), Some("failed" | "timed" | "exec")) => self.failed += n,
            (Some(n), Some("skipped" | "ignored")) => self.skipped += n,
            _ => {}
        }
        self
    }
}

impl Add for Count {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} tests passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(passed: usize, failed: usize, skipped: usize) -> Count {
        Count { passed, failed, skipped }
    }

    #[test]
    fn the_closing_lines_of_both_runners_are_understood() {
        for (line, expected) in [
            (
                "test result: ok. 19 passed; 0 failed; 2 ignored; 0 measured; 5 filtered out; finished in 0.04s",
                count(19, 0, 2),
            ),
            (
                "test result: FAILED. 9 passed; 1 failed; 0 ignored; 0 measured",
                count(9, 1, 0),
            ),
            (
                "     Summary [   3.305s] 300 tests run: 300 passed, 4 skipped",
                count(300, 0, 4),
            ),
            (
                "     Summary [   3.3s] 12/30 tests run: 9 passed (1 slow, 1 leaky), 2 failed, 1 timed out, 0 skipped",
                count(9, 3, 0),
            ),
            (
                "    test result: FAILED. 0 passed; 1 failed; 0 ignored; 0 measured",
                Count::default(),
            ),
            ("test tests::it_says_3 passed ... ok", Count::default()),
            ("running 19 tests", Count::default()),
        ] {
            assert_eq!(Count::read(line), expected, "{line}");
        }
    }
}
