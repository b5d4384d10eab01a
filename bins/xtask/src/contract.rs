//! Checks the contracts with buf, and records what is released.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::run::{ask, cargo, show};
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
    /// Also reads the AsyncAPI document of the events with the AsyncAPI project's own parser. Builds the program.
    #[arg(long)]
    asyncapi: bool,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let buf = tools::buf(workspace)?;
    lint(workspace, &buf)?;
    let compared = breaking(workspace, &buf)?;
    if options.asyncapi {
        asyncapi(workspace)?;
    }
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

/// Lets the AsyncAPI project's parser read what `strata contracts asyncapi` prints.
pub(crate) fn asyncapi(workspace: &Workspace) -> Result<()> {
    let folder = tools::asyncapi(workspace)?;
    show(cargo(workspace).args(["build", "--workspace", "--bin", "strata", "--quiet"]))?;
    let printed = ask(Command::new(workspace.target.join("debug/strata")).args(["contracts", "asyncapi"]));
    let document = workspace.target.join("asyncapi.json");
    std::fs::write(&document, printed.context("strata contracts asyncapi prints nothing")?)?;
    let script = workspace.root.join("bins/xtask/src/contract/asyncapi.mjs");
    show(Command::new("node").arg(script).arg(folder).arg(&document))
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
