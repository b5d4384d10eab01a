//! The benchmark: everything is measured in the same run as what bounds it, in several rounds with everybody in each, and every answer
//! is checked.
//!
//! `cargo xtask bench` builds it, starts database and bus, and calls this. [`rows`] has a file for each kind of row; [`load`] calls,
//! [`rounds`] repeats; servers are this program again, in processes of their own ([`serve`]).
#![allow(clippy::float_arithmetic)] // Speeds are no money.
#![allow(clippy::cast_precision_loss)]

mod child;
mod count;
mod database;
mod field;
mod load;
mod machine;
mod record;
mod rounds;
mod row;
mod rows;
mod serve;
mod table;
mod work;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::{Parser, Subcommand};
use serde::Serialize;

use crate::field::Field;
use crate::machine::Machine;
use crate::rounds::Effort;
use crate::row::Row;

/// Measures the platform beside what bounds it.
#[derive(Debug, Parser)]
#[command(name = "strata-bench")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Measures, and prints the table.
    Run(Options),
    /// Does a hot path so many times, for a counter of instructions.
    Count(count::Count),
    /// Serves for a row until standard input ends.
    #[command(subcommand)]
    Serve(serve::Kind),
}

/// What is measured, and how long.
#[derive(Debug, clap::Args)]
struct Options {
    /// Only kinds of rows whose name contains this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Rounds; odd
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of one contestant in one round
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    #[command(flatten)]
    beside: field::Beside,
    /// File for the figures as JSON
    #[arg(long)]
    json: Option<PathBuf>,
    /// File for the table
    #[arg(long)]
    table: Option<PathBuf>,
    /// Versions of the servers beside us, for the table
    #[arg(long)]
    version_of: Vec<String>,
}

/// A run, for programs.
#[derive(Debug, Serialize)]
struct Document<'a> {
    machine: &'a Machine,
    rounds: usize,
    seconds: f64,
    rows: &'a [Row],
}

fn main() -> ExitCode {
    let done = match Arguments::parse().what {
        What::Count(count) => count::run(&count),
        What::Serve(kind) => runtime().and_then(|runtime| runtime.block_on(serve::run(kind))),
        What::Run(options) => runtime().and_then(|runtime| runtime.block_on(run(&options))),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("strata-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("no runtime")
}

async fn run(options: &Options) -> Result<()> {
    let effort = Effort {
        rounds: options.rounds,
        lasts: Duration::from_secs_f64(options.seconds),
    };
    let field = Field::start(effort, options.beside.clone())?;
    let machine = Machine::here(options.version_of.clone());
    let (mut rows, mut wrong) = (Vec::new(), Vec::new());
    for kind in rows::ALL {
        if options.only.as_ref().is_none_or(|only| kind.name.contains(only.as_str())) {
            eprintln!("measuring {} ...", kind.name);
            match (kind.measure)(&field).await {
                Ok(measured) => rows.extend(measured),
                Err(error) => {
                    eprintln!("the rows about {} do not hold: {error:#}", kind.name);
                    wrong.push(kind.name);
                }
            }
            // A run that is broken off keeps what it had.
            keep(options, &machine, &rows)?;
        }
    }
    println!("{}", table::markdown(&machine, &rows));
    ensure!(wrong.is_empty(), "wrong results in the rows about {}", wrong.join(", "));
    Ok(())
}

fn keep(options: &Options, machine: &Machine, rows: &[Row]) -> Result<()> {
    if let Some(path) = &options.table {
        std::fs::write(path, table::markdown(machine, rows))?;
    }
    if let Some(path) = &options.json {
        let document = Document {
            machine,
            rounds: options.rounds,
            seconds: options.seconds,
            rows,
        };
        std::fs::write(path, serde_json::to_string_pretty(&document)?)?;
    }
    Ok(())
}
