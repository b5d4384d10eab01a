//! An OpenID provider for tests. It is installed here; the test starts it, because it has to change its keys.

use std::process::Command;

use anyhow::{Context, Result};

use crate::run::show;
use crate::{Workspace, tools};

/// Variable under which tests find the folder in which the provider is installed.
pub(crate) const VARIABLE: &str = "STRATA_TEST_OIDC";

#[derive(clap::Args)]
pub(crate) struct Options {
    /// The command; it finds the provider under STRATA_TEST_OIDC.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let (program, arguments) = options.command.split_first().context("no command is given")?;
    let installed = tools::oidc(workspace)?;
    show(Command::new(program).args(arguments).env(VARIABLE, installed))
}
