//! The fault campaign: builds the servers, starts database and bus, and lets `tests/faults` strike them.

mod disk;
mod keeper;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::Workspace;
use crate::nats::Nats;
use crate::postgres::Postgres;
use crate::run::{ask, cargo, show};
use disk::Disk;
use keeper::Keeper;

/// Cycles for which the year of a firm of the usual size is long enough.
const ENTRIES: u64 = 2_000;

/// Lives a firm's year while servers are killed, answers are lost, database and bus crash, and lets an independent program check the
/// books. The table says how often each fault struck; one that never did fails the campaign.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo xtask faults
  cargo xtask faults --cycles 200 --store postgres --bus nats
  cargo xtask faults --cycles 40 --seed 7 --only 'kill -9'
  cargo xtask faults --entries 20000 --store postgres --bus nats --process-servers 3 --only 'kill -9 process' --calm")]
pub(crate) struct Options {
    /// Strikes, spread over the year
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    cycles: u32,
    /// Which database
    #[arg(long, default_value = "sqlite")]
    store: Store,
    /// How events travel
    #[arg(long, default_value = "inproc")]
    bus: Bus,
    /// What fails when follows from it, and which firm it is
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Time entries of the firm
    #[arg(long, default_value_t = ENTRIES)]
    entries: u64,
    /// Process servers beside each other, on PostgreSQL. Default: 3 there, 1 on SQLite
    #[arg(long)]
    process_servers: Option<u16>,
    /// Only strikes whose name contains this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Vendors behave
    #[arg(long)]
    calm: bool,
    /// Unoptimised programs, as tests have built them
    #[arg(long)]
    dev: bool,
    /// One JSON document instead of tables
    #[arg(long)]
    json: bool,
    /// Leave logs, database and the vendors' records where they are
    #[arg(long)]
    keep: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Store {
    /// A file.
    Sqlite,
    /// A server, which crashes.
    Postgres,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Bus {
    /// Within the process server.
    Inproc,
    /// NATS JetStream, which crashes.
    Nats,
}

impl Options {
    /// A short campaign with the programs that the tests have built.
    pub(crate) fn short(store: Store, bus: Bus, cycles: u32) -> Self {
        Self {
            cycles,
            store,
            bus,
            seed: 1,
            entries: 300,
            process_servers: None,
            only: None,
            calm: false,
            dev: true,
            json: false,
            keep: false,
        }
    }
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let programs = build(workspace, options.dev)?;
    // Where the account of the database server reaches, too.
    let folder = std::env::temp_dir().join(format!("strata-faults-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let folder = folder.canonicalize()?;
    let ended = campaign(workspace, options, &programs, &folder);
    if options.keep || ended.is_err() {
        println!("everything is kept in {}", folder.display());
    } else {
        fs::remove_dir_all(&folder)?;
    }
    ended
}

fn campaign(workspace: &Workspace, options: &Options, programs: &std::path::Path, folder: &std::path::Path) -> Result<()> {
    let firm = folder.join("firm");
    let mut generator = Command::new("python3");
    generator.arg(workspace.root.join("tests/firm/generate_firm.py"));
    generator.args(["--entries", &options.entries.to_string(), "--seed", &options.seed.to_string()]);
    show(generator.arg("--out").arg(&firm))?;

    let disk = Disk::mount(&folder.join("disk"), options.entries)?;
    let keep_disk = options.keep;
    let on_disk = disk.path().to_owned();
    let mut faults = Command::new(programs.join("strata-faults"));
    faults.arg("--program").arg(programs.join("strata")).arg("--firm").arg(&firm);
    faults.arg("--work").arg(folder.join("work"));
    faults
        .arg("--checker")
        .arg(workspace.root.join("tests/faults/checker/check_books.py"));
    faults.args(["--cycles", &options.cycles.to_string(), "--seed", &options.seed.to_string()]);
    faults.args(["--build", &build_name(workspace)]);
    if disk.is_small() {
        faults.arg("--disk").arg(&on_disk);
    }
    let several = if options.store == Store::Postgres { 3 } else { 1 };
    let several = options.process_servers.unwrap_or(several);
    faults.args(["--process-servers", &several.to_string()]);
    // Ended before the disk is taken away, in the order of their declaration backwards.
    let postgres = match options.store {
        Store::Sqlite => {
            faults.args(["--store", &format!("sqlite:{}", on_disk.join("strata.db").display())]);
            None
        }
        Store::Postgres => {
            let server = Postgres::durable(&on_disk)?;
            faults
                .args(["--store", server.url()])
                .arg("--psql")
                .arg(server.program("psql"));
            faults.arg("--postgres-pid").arg(server.pid_file());
            Some(Keeper::of(server, Postgres::revive))
        }
    };
    let nats = match options.bus {
        Bus::Inproc => None,
        Bus::Nats => {
            let server = Nats::start(workspace)?;
            faults.args(["--bus", server.url()]).arg("--nats-pid").arg(server.pid_file());
            Some(Keeper::of(server, Nats::revive))
        }
    };
    if let Some(only) = &options.only {
        faults.args(["--only", only]);
    }
    for (flag, is_set) in [("--calm", options.calm), ("--json", options.json)] {
        if is_set {
            faults.arg(flag);
        }
    }
    let ended = show(&mut faults);
    drop((nats, postgres));
    if keep_disk || ended.is_err() {
        disk.keep(&folder.join("store"));
    }
    drop(disk);
    ended
}

/// Builds the programs, and says where they are.
fn build(workspace: &Workspace, dev: bool) -> Result<PathBuf> {
    if dev {
        let programs = workspace.target.join("debug");
        for name in ["strata", "strata-faults"] {
            if !programs.join(name).is_file() {
                bail!("{name} is not built; cargo nextest run --workspace --no-run builds it");
            }
        }
        return Ok(programs);
    }
    show(cargo(workspace).args(["build", "--release", "--package", "strata", "--package", "strata-faults"]))?;
    Ok(workspace.target.join("release"))
}

/// The commit, and whether anything is changed beside it.
fn build_name(workspace: &Workspace) -> String {
    let git = |arguments: &[&str]| ask(Command::new("git").current_dir(&workspace.root).args(arguments));
    let commit = git(&["rev-parse", "--short", "HEAD"]).unwrap_or_else(|| "unknown".to_owned());
    let changed = git(&["status", "--porcelain", "--untracked-files=no"]).is_some_and(|text| !text.is_empty());
    if changed { format!("{commit}+changes") } else { commit }
}
