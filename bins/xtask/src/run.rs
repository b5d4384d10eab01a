//! Runs other programs: says which, and fails when they fail.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::Workspace;

/// Cargo, in the workspace. What this run of cargo told us about ourselves is not for another: build scripts would run again.
pub(crate) fn cargo(workspace: &Workspace) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(&workspace.root);
    for (name, _) in std::env::vars_os() {
        let is_ours = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
        if name.to_str().is_some_and(is_ours) {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// Runs a program with its output shown. An error names it.
pub(crate) fn show(command: &mut Command) -> Result<()> {
    let line = line(command);
    println!("$ {line}");
    let status = command.status().with_context(|| format!("`{line}` cannot be started"))?;
    if !status.success() {
        bail!("`{line}` failed: {status}");
    }
    Ok(())
}

/// Runs a program and returns what it printed. None: it is not there, or it failed.
pub(crate) fn ask(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let said = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| said.trim().to_owned())
}

/// A command as a person would type it.
pub(crate) fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy().into_owned()).collect();
    words.join(" ")
}

/// A command that is run while something is there for it.
#[derive(clap::Args)]
pub(crate) struct Given {
    /// The command, as it would be typed.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

impl Given {
    pub(crate) fn command(&self) -> Result<Command> {
        let (program, arguments) = self.command.split_first().context("no command is given")?;
        let mut command = Command::new(program);
        command.args(arguments);
        Ok(command)
    }
}
