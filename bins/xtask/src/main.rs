//! The project's own chores. Continuous integration runs the same words as a person does.

mod bench;
mod clients;
mod contract;
mod faults;
mod floors;
mod nats;
mod oidc;
mod postgres;
mod run;
mod sim;
mod test;
mod tools;
mod valgrind;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use cargo_metadata::{Metadata, MetadataCommand};
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's own chores", version)]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Checks that every crate uses lower floors only, and prints who uses whom.
    Floors,
    /// Runs every check and every test, installing what is missing.
    Test(test::Options),
    /// Runs a command with a throwaway PostgreSQL, which it finds under STRATA_TEST_POSTGRES: cargo xtask postgres cargo test -p strata-store
    Postgres(run::Given),
    /// Runs a command with a throwaway NATS server, which it finds under STRATA_TEST_NATS: cargo xtask nats cargo test -p strata-events-nats
    Nats(run::Given),
    /// Runs a command with an OpenID provider installed, which it finds under STRATA_TEST_OIDC: cargo xtask oidc cargo nextest run --workspace -E 'test(oidc::)'
    Oidc(run::Given),
    /// Runs a command with the clients in other languages made, which it finds under STRATA_TEST_CLIENTS: cargo xtask clients cargo nextest run --workspace -E 'test(clients::)'
    Clients(run::Given),
    /// Runs a command with valgrind installed, which it finds under STRATA_TEST_VALGRIND: cargo xtask valgrind cargo nextest run -p strata-bench
    Valgrind(run::Given),
    /// Measures the platform beside what bounds it: cargo xtask bench --only calls
    Bench(bench::Options),
    /// Lives a firm's year under faults, and proves that nothing is lost and nothing doubled.
    Faults(faults::Options),
    /// Lives simulated seeds under faults, or replays one: cargo xtask sim --seed 7 -v
    Sim(sim::Options),
    /// Checks the contracts: lint, and breaking changes against the released descriptor set.
    Contract(contract::Options),
}

/// The workspace that the chores work on.
struct Workspace {
    root: PathBuf,
    target: PathBuf,
    metadata: Metadata,
}

impl Workspace {
    fn read() -> Result<Self> {
        let metadata = MetadataCommand::new()
            .no_deps()
            .exec()
            .context("cargo metadata does not answer")?;
        Ok(Self {
            root: metadata.workspace_root.clone().into(),
            target: metadata.target_directory.clone().into(),
            metadata,
        })
    }
}

fn main() -> ExitCode {
    let chore = Arguments::parse().chore;
    let done = Workspace::read().and_then(|workspace| match chore {
        Chore::Floors => floors::run(&workspace, true).map(drop),
        Chore::Test(options) => test::run(&workspace, &options),
        Chore::Postgres(given) => postgres::run(&workspace, &given),
        Chore::Nats(given) => nats::run(&workspace, &given),
        Chore::Oidc(given) => oidc::run(&workspace, &given),
        Chore::Clients(given) => clients::run(&workspace, &given),
        Chore::Valgrind(given) => valgrind::run(&given),
        Chore::Bench(options) => bench::run(&workspace, &options),
        Chore::Faults(options) => faults::run(&workspace, &options),
        Chore::Sim(options) => sim::run(&workspace, &options),
        Chore::Contract(options) => contract::run(&workspace, &options),
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
