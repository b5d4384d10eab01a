//! The benchmark: builds everything optimised, starts database and bus, and lets `tests/bench` measure.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::nats::Nats;
use crate::postgres::Postgres;
use crate::run::{ask, cargo, show};
use crate::{Workspace, tools};

/// Measures the platform beside what bounds it, and prints one table. Every answer is checked: a wrong one fails the run.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo xtask bench
  cargo xtask bench --only calls --rounds 3 --seconds 1
  cargo xtask bench --keep 2026-11-22")]
pub(crate) struct Options {
    /// Only kinds of rows whose name contains this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Rounds; odd
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Seconds of one contestant in one round
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Keep the figures: bench/results/NAME.json, and NAME.md beside it
    #[arg(long, value_name = "NAME")]
    keep: Option<String>,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    show(cargo(workspace).args([
        "build",
        "--quiet",
        "--release",
        "--package",
        "strata",
        "--package",
        "strata-bench",
    ]))?;
    let node = grpc_js(workspace)?;
    let home = std::env::temp_dir().join(format!("strata-bench-{}", std::process::id()));
    fs::create_dir_all(&home)?;
    let postgres = Postgres::measured(&home)?;
    let nats = Nats::start(workspace)?;
    let mut bench = Command::new(workspace.target.join("release/strata-bench"));
    bench.current_dir(&workspace.root).arg("run");
    bench.args(["--postgres", postgres.url(), "--nats", nats.url()]);
    bench.arg("--grpc-js").arg(&node);
    bench.args([
        "--rounds",
        &options.rounds.to_string(),
        "--seconds",
        &options.seconds.to_string(),
    ]);
    for (program, arguments) in versions(&postgres) {
        if let Some(version) = ask(Command::new(&program).args(arguments)) {
            bench.args(["--version-of", &version]);
        }
    }
    if let Some(only) = &options.only {
        bench.args(["--only", only]);
    }
    if let Some(name) = &options.keep {
        let results = workspace.root.join("bench/results");
        fs::create_dir_all(&results)?;
        bench.arg("--json").arg(results.join(name).with_extension("json"));
        bench.arg("--table").arg(results.join(name).with_extension("md"));
    }
    let measured = show(&mut bench);
    drop(postgres);
    fs::remove_dir_all(&home).with_context(|| format!("{} is left behind", home.display()))?;
    measured
}

fn versions(postgres: &Postgres) -> Vec<(PathBuf, &'static [&'static str])> {
    vec![
        ("rustc".into(), &["--version"]),
        (postgres.program("postgres"), &["--version"]),
        ("node".into(), &["--version"]),
    ]
}

/// Folder with the server in Node and its packages.
fn grpc_js(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target.join("tools/grpc-js");
    fs::create_dir_all(&folder)?;
    let from = workspace.root.join("tests/bench/grpc-js");
    for file in ["package.json", "server.mjs"] {
        fs::copy(from.join(file), folder.join(file)).with_context(|| format!("{file} cannot be copied"))?;
    }
    tools::npm_packages(&folder, "the server in Node")?;
    Ok(folder)
}
