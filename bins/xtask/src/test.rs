//! Every check and every test, in one word.

mod count;

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::faults::{self, Bus, Store};
use crate::nats::{self, Nats};
use crate::postgres::{Postgres, VARIABLE};
use crate::run::{cargo, line, show};
use crate::{Workspace, clients, contract, floors, oidc, tools, valgrind};
use count::Count;

/// Campaigns of faults that belong to every change. Between them they reach every kind.
const CAMPAIGNS: [(Store, Bus); 2] = [(Store::Sqlite, Bus::Inproc), (Store::Postgres, Bus::Nats)];
/// Cycles of each: every strike has its turn at least twice.
const CYCLES: u32 = 60;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// Leaves out what needs installing: buf, PostgreSQL, NATS, an OpenID provider and clients in other languages. Tests then run on SQLite and in process only, and nothing is struck.
    #[arg(long)]
    fast: bool,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let begin = Instant::now();
    let mut checks = check(workspace, options.fast)?;
    // Dropped at the end of this function, whichever way it ends: then the server stops.
    let servers = if options.fast {
        None
    } else {
        Some(Parts {
            postgres: Postgres::start(workspace)?,
            nats: Nats::start(workspace)?,
            at: [
                (oidc::VARIABLE, tools::oidc(workspace)?),
                (clients::VARIABLE, clients::make(workspace)?),
                (valgrind::VARIABLE, tools::valgrind()?),
            ],
        })
    };
    let count = tests(workspace, servers.as_ref())?;
    let stores = if servers.is_some() {
        "SQLite, PostgreSQL and NATS"
    } else {
        "SQLite"
    };
    let with_faults = servers.is_some();
    drop(servers);
    if !options.fast {
        contract::asyncapi(workspace)?;
        checks += 1;
    }
    let mut campaigns = 0;
    if with_faults {
        for (store, bus) in CAMPAIGNS {
            faults::run(workspace, &faults::Options::short(store, bus, CYCLES))?;
            campaigns += 1;
        }
    }
    println!(
        "xtask test: {checks} checks, {count} on {stores}, {campaigns} campaigns of {CYCLES} faults, {} s",
        begin.elapsed().as_secs()
    );
    if count.failed > 0 || count.passed == 0 {
        bail!("{} tests failed, {} passed", count.failed, count.passed);
    }
    Ok(())
}

/// Everything that is no test. Returns how many checks were made.
fn check(workspace: &Workspace, fast: bool) -> Result<usize> {
    show(cargo(workspace).args(["fmt", "--all", "--check"]))?;
    let clippy = ["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"];
    show(cargo(workspace).args(clippy))?;
    floors::run(workspace, false)?;
    if fast {
        return Ok(3);
    }
    let buf = tools::buf(workspace)?;
    contract::lint(workspace, &buf)?;
    let compared = contract::breaking(workspace, &buf)?;
    if !compared {
        println!("buf breaking: nothing is released yet, nothing to compare with");
    }
    Ok(4 + usize::from(compared))
}

/// What tests need that is not ours, and where they find what is only installed.
struct Parts {
    postgres: Postgres,
    nats: Nats,
    at: [(&'static str, PathBuf); 3],
}

fn tests(workspace: &Workspace, parts: Option<&Parts>) -> Result<Count> {
    let with_store = |mut command: Command| {
        let parts_of = [
            VARIABLE,
            nats::VARIABLE,
            nats::PROGRAM,
            oidc::VARIABLE,
            clients::VARIABLE,
            valgrind::VARIABLE,
        ];
        for name in parts_of {
            command.env_remove(name);
        }
        if let Some(parts) = parts {
            parts
                .nats
                .tell(command.env(VARIABLE, parts.postgres.url()).envs(parts.at.clone()));
        }
        command
    };
    if !tools::nextest() {
        println!("cargo-nextest is not installed; cargo test runs the same tests");
        let mut all = with_store(cargo(workspace));
        return tee(all.args(["test", "--workspace", "--no-fail-fast"]));
    }
    let mut most = with_store(cargo(workspace));
    let most = tee(most.args(["nextest", "run", "--workspace", "--no-fail-fast"]))?;
    // nextest does not run the examples in the documentation.
    let mut examples = with_store(cargo(workspace));
    let examples = tee(examples.args(["test", "--workspace", "--doc", "--no-fail-fast"]))?;
    Ok(most + examples)
}

/// Runs tests with their output shown, and counts them.
fn tee(command: &mut Command) -> Result<Count> {
    count(command, std::io::stdout(), std::io::stderr())
}

/// Runs tests and counts them. A run that fails before any test is an error; failed tests are counted.
fn count(command: &mut Command, to_out: impl Write, to_err: impl Write + Send + 'static) -> Result<Count> {
    let line = line(command);
    println!("$ {line}");
    let mut child = command
        .env("CARGO_TERM_COLOR", "never")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("`{line}` cannot be started"))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    // Both at once: a full pipe that nobody reads would stop the run.
    let other = std::thread::spawn(move || err.map(|err| copy(err, to_err)).unwrap_or_default());
    let mut count = out.map(|out| copy(out, to_out)).unwrap_or_default();
    count = count + other.join().unwrap_or_default();
    let status = child.wait()?;
    if !status.success() && count.failed == 0 {
        bail!("`{line}` failed without a failed test: {status}");
    }
    Ok(count)
}

fn copy(from: impl std::io::Read, mut to: impl Write) -> Count {
    let mut count = Count::default();
    for line in BufReader::new(from).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        // Nobody listens any more: the count still matters.
        writeln!(to, "{line}").ok();
        count = count + Count::read(&line);
    }
    count
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn bash(script: &str) -> Result<Count> {
        count(Command::new("bash").args(["-c", script]), std::io::sink(), std::io::sink())
    }

    #[test]
    fn results_on_both_outputs_are_counted() {
        let said = "echo 'test result: ok. 3 passed; 0 failed; 1 ignored'";
        let count = bash(&format!("{said}; {said} >&2")).unwrap();
        assert_eq!((count.passed, count.failed, count.skipped), (6, 0, 2));
    }

    #[test]
    fn a_failed_test_is_counted_and_a_run_that_cannot_start_is_an_error() {
        let count = bash("echo 'test result: FAILED. 2 passed; 1 failed; 0 ignored'; exit 101").unwrap();
        assert_eq!((count.passed, count.failed), (2, 1));
        let error = bash("echo 'error: could not compile' >&2; exit 101").unwrap_err();
        assert!(error.to_string().contains("without a failed test"), "{error}");
    }

    #[test]
    fn much_output_on_one_side_does_not_block() {
        let count = bash("for i in $(seq 20000); do echo line >&2; done; echo 'test result: ok. 1 passed; 0 failed'").unwrap();
        assert_eq!(count.passed, 1);
    }
}
