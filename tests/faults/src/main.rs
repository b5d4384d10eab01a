//! The fault campaign: a firm's year is lived through real servers while they, their vendors, their database and their bus
//! fail, and an independent program checks the books afterwards.
//!
//! `cargo xtask faults` builds everything, starts database and bus, and calls this. What fails when follows from the seed
//! ([`schedule`]); [`strike`] does it; [`life`] lives the days meanwhile; [`verdict`] lets the books be checked.

mod field;
mod life;
mod messages;
mod schedule;
mod servers;
mod strike;
mod table;
mod tally;
mod vendors;
mod verdict;

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant as Stopwatch;

use anyhow::{Context, Result};
use chrono::NaiveTime;
use clap::Parser;
use strata::allinone::Options;
use strata::split;
use strata_firm::calendar::Calendar;
use strata_firm::data::Firm;
use tokio::sync::oneshot;

use crate::field::Field;
use crate::life::Life;
use crate::schedule::{Cycle, Means};
use crate::tally::Tally;

/// Lives a firm's year while everything fails that can, and proves that nothing was lost and nothing doubled.
#[derive(Debug, Parser)]
#[command(name = "strata-faults")]
pub(crate) struct Arguments {
    /// The strata program whose servers are struck
    #[arg(long)]
    program: PathBuf,
    /// Folder of a generated firm
    #[arg(long)]
    firm: PathBuf,
    /// Empty folder for settings, logs and the vendors' records
    #[arg(long)]
    work: PathBuf,
    /// Database: sqlite:PATH or postgres://..., empty
    #[arg(long)]
    store: String,
    /// inproc, or nats://...
    #[arg(long, default_value = "inproc")]
    bus: String,
    /// Strikes, spread over the year
    #[arg(long, default_value_t = 200)]
    cycles: u32,
    /// What fails when follows from it
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Process servers beside each other
    #[arg(long, default_value_t = 1)]
    process_servers: u16,
    /// What the table calls the build
    #[arg(long, default_value = "unknown")]
    build: String,
    /// The checker of the books
    #[arg(long)]
    checker: PathBuf,
    /// psql, for the checker
    #[arg(long)]
    psql: Option<PathBuf>,
    /// File that holds the process id of the database server, which is started again when it ends
    #[arg(long)]
    postgres_pid: Option<PathBuf>,
    /// File that holds the process id of the NATS server, which is started again when it ends
    #[arg(long)]
    nats_pid: Option<PathBuf>,
    /// Small file system that the database is on, to be filled
    #[arg(long)]
    disk: Option<PathBuf>,
    /// Only strikes whose name contains this
    #[arg(long)]
    only: Option<String>,
    /// Vendors behave
    #[arg(long)]
    calm: bool,
    /// One JSON document on stdout instead of tables
    #[arg(long)]
    json: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("faults: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<bool> {
    let watch = Stopwatch::now();
    let firm = Firm::load(&arguments.firm)?;
    let calendar = Calendar::of(&firm);
    std::fs::create_dir_all(&arguments.work)?;
    let options = Options {
        folder: arguments.work.clone(),
        store: arguments.store.clone(),
        bus: arguments.bus.clone(),
        start: calendar.first().and_time(NaiveTime::MIN).and_utc(),
        listen: (Ipv4Addr::LOCALHOST, 0).into(),
        process_servers: arguments.process_servers,
    };
    let split = split::start(&options, Some(arguments.program.clone()))
        .await
        .context("the servers do not start")?;
    let means = Means {
        process_servers: arguments.process_servers,
        postgres: arguments.postgres_pid.is_some(),
        nats: arguments.nats_pid.is_some(),
        disk: arguments.disk.is_some(),
        calm: arguments.calm,
        only: arguments.only.clone(),
    };
    let schedule = schedule::of(arguments.seed, arguments.cycles, &means, &calendar.days().collect::<Vec<_>>());
    let life = Life::new(&firm, &split.installation, &arguments.work);
    let mut field = Field::new(split, arguments, &options).await?;
    let mut tally = Tally::default();
    let lived = strike_all(&schedule, &life, &mut field, &mut tally).await;
    if let Err(error) = lived {
        println!("{}", table::of_strikes(&tally));
        return Err(error.context(format!("the logs are in {}", arguments.work.display())));
    }
    let verdict = verdict::reach(arguments, &firm, &life, &field).await?;
    let missing = schedule::kinds(&means, &schedule)
        .into_iter()
        .filter(|kind| tally.count(kind) == 0)
        .collect::<Vec<_>>();
    table::print(arguments, &tally, &verdict, &missing, watch.elapsed());
    field.split.stop().await.context("the servers do not end")?;
    Ok(verdict.holds() && (missing.is_empty() || arguments.only.is_some()))
}

/// Lives the year, one cycle after the other, and heals everything after each.
async fn strike_all(schedule: &[Cycle], life: &Life<'_>, field: &mut Field, tally: &mut Tally) -> Result<()> {
    let progress = table::Progress::of(schedule.len());
    for cycle in schedule {
        progress.begin(cycle);
        vendors::arm(field, cycle).await?;
        if life.close_early(cycle).await? {
            tally.add(schedule::CLOSED);
        }
        let (done, is_done) = oneshot::channel::<()>();
        let live = async {
            let lived = life.until(cycle.until).await;
            drop(done);
            lived
        };
        let (lived, struck) = tokio::join!(live, strike::strike(field, cycle, tally, is_done));
        let place = || format!("cycle {} ({})", cycle.number, cycle.strike);
        struck.with_context(place)?;
        lived.with_context(place)?;
        vendors::collect(field, tally).await?;
        life.open_again(cycle).await?;
        progress.end();
    }
    vendors::clear(field).await?;
    life.until_the_end().await.context("the year does not end")?;
    progress.finish();
    Ok(())
}
