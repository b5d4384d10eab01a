//! Builds the simulation and lives seeds of it: `tests/sim`.

use std::process::Command;

use anyhow::Result;

use crate::Workspace;
use crate::run::show;

/// Passed on as they are: see `cargo xtask sim --help`.
#[derive(clap::Args)]
#[command(disable_help_flag = true)]
pub(crate) struct Options {
    /// --seeds N, --from S, --threads T; or --seed N, with -v for its trace and --log for what the product logs.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    // As a part of the workspace, so that what the tests have compiled serves here too.
    let build = ["build", "--quiet", "--workspace", "--bin", "strata-sim"];
    show(Command::new("cargo").current_dir(&workspace.root).args(build))?;
    show(Command::new(workspace.target.join("debug/strata-sim")).args(&options.arguments))
}
