//! valgrind, which counts the instructions of hot paths.

use anyhow::Result;

use crate::run::{Given, show};
use crate::tools;

/// Variable under which tests find the program.
pub(crate) const VARIABLE: &str = "STRATA_TEST_VALGRIND";

pub(crate) fn run(given: &Given) -> Result<()> {
    show(given.command()?.env(VARIABLE, tools::valgrind()?))
}
