//! Checks the contracts with buf, and records what is released.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::run::show;
use crate::{Workspace, tools};

/// The descriptor set of the last release: what a change must not break. Committed.
const RELEASED: &str = "proto/released.binpb";

/// Our own module. The workspace has a second one, of others, which a descriptor set cannot be compared with.
const OURS: &str = "proto";

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Afterwards, writes the present contracts as the released ones.
    #[arg(long)]
    release: bool,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let buf = tools::buf(workspace)?;
    lint(workspace, &buf)?;
    let compared = breaking(workspace, &buf)?;
    if options.release {
        show(
            Command::new(&buf)
                .current_dir(&workspace.root)
                .args(["build", OURS, "--exclude-source-info", "-o", RELEASED]),
        )?;
        println!("contract: released as {RELEASED}");
    }
    let against = if compared {
        "nothing broken since the release"
    } else {
        "nothing released to compare with"
    };
    println!("contract: lint clean, {against}");
    Ok(())
}

pub(crate) fn lint(workspace: &Workspace, buf: &Path) -> Result<()> {
    show(Command::new(buf).current_dir(&workspace.root).arg("lint"))
}

/// Compares with the released set. False: there is none yet.
pub(crate) fn breaking(workspace: &Workspace, buf: &Path) -> Result<bool> {
    if !workspace.root.join(RELEASED).exists() {
        return Ok(false);
    }
    show(
        Command::new(buf)
            .current_dir(&workspace.root)
            .args(["breaking", OURS, "--against", RELEASED]),
    )?;
    Ok(true)
}
