//! Lives seeds from the command line: `cargo xtask sim`.

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use strata_sim::{Options, Template, many, run};

/// Lives simulated quarters of a tiny firm under faults, and looks at what came of them.
#[derive(Parser)]
#[command(name = "strata-sim", version)]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 500)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// Seeds at a time.
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// One seed alone.
    #[arg(long)]
    seed: Option<u64>,
    /// With --seed: prints its trace.
    #[arg(long, short)]
    verbose: bool,
    /// With --seed: prints what the product logs, in between.
    #[arg(long)]
    log: bool,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let Some(seed) = arguments.seed else {
        let sum = many(arguments.from, arguments.seeds, arguments.threads)?;
        print!("{sum}");
        return Ok(code(sum.is_good()));
    };
    if arguments.log {
        tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::DEBUG)
            .init();
    }
    let options = Options {
        trace: arguments.verbose,
        tables: arguments.verbose,
    };
    let ended = run(&Template::new()?, seed, options)?;
    for line in &ended.trace {
        println!("{line}");
    }
    if ended.wrong.is_empty() {
        println!("seed {seed} kept every promise; hash {}", ended.hash);
    } else {
        print!("{ended}");
    }
    Ok(code(ended.wrong.is_empty()))
}

fn code(good: bool) -> ExitCode {
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
