//! Hot paths whose instructions are counted. A machine's speed changes from minute to minute; what a path executes does not, so a
//! regression shows in a test (`tests/instructions.rs`).

mod paths;

use anyhow::{Context, Result};

pub(crate) use paths::ALL;

/// Does a path so many times.
#[derive(Debug, clap::Args)]
pub(crate) struct Count {
    /// Name of the path. Without one the names are printed
    path: Option<String>,
    /// How many times
    #[arg(default_value_t = 0)]
    times: u32,
}

/// Something that is done for every call, or every line of an invoice.
pub(crate) struct HotPath {
    /// Its name, in the file of counts.
    pub(crate) name: &'static str,
    /// Does it so many times, and checks the result.
    pub(crate) run: fn(u32) -> Result<()>,
}

pub(crate) fn run(count: &Count) -> Result<()> {
    let Some(name) = &count.path else {
        ALL.iter().for_each(|path| println!("{}", path.name));
        return Ok(());
    };
    let path = ALL.iter().find(|path| path.name == name);
    (path.context("there is no such path")?.run)(count.times)
}
