//! Lives a firm's year through the platform and the vendors' sandboxes, and compares the books with what must have come out.
//!
//! The work folder keeps everything. A demo that was killed at any point goes on where it was when it is started again with
//! the same folder.

mod counts;
mod firm;
mod running;
mod work;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant as Stopwatch};

use anyhow::Context;
use chrono::NaiveTime;
use serde::Serialize;
use strata_firm::books::{self, Report};
use strata_firm::calendar::Calendar;
use strata_firm::data::Firm;
use strata_firm::director::{self, Director, Lived, Progress};
use strata_kernel::Date;

use crate::allinone;
use crate::error::{USAGE, Usage, exit_code};
use crate::installation::{Addresses, Installation};
use crate::settings::{IN_PROCESS, without_password};

pub use counts::{Counts, PostingCount};
pub use firm::{EMBEDDED_ENTRIES, EMBEDDED_SEED, FirmSource, MOST_ENTRIES};
pub use running::Running;
use work::Work;

/// Hour of the last day at which the books are compared, UTC: when the director has ended its day.
const EVENING: u32 = 20;

/// What is lived, where, and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which firm.
    pub firm: FirmSource,
    /// Database, `sqlite:PATH` or `postgres://...`. `None`: a SQLite file in the work folder.
    pub store: Option<String>,
    /// How events travel: `inproc` or `nats://...`.
    pub bus: String,
    /// Every server its own process, over TCP.
    pub split: bool,
    /// Process servers beside each other, in split mode.
    pub process_servers: u16,
    /// Leave everything running afterwards.
    pub serve: bool,
    /// Folder that keeps everything. `None`: a temporary one, removed at a clean end.
    pub work: Option<PathBuf>,
    /// Address of the one port, or of the experience server in split mode. Port 0 lets the system choose.
    pub listen: SocketAddr,
    /// The `strata` program for split mode. `None`: the running one.
    pub program: Option<PathBuf>,
    /// How hard the director works.
    pub director: director::Options,
}

impl Default for Options {
    /// The firm in the program, in one process and a temporary folder.
    fn default() -> Self {
        Self {
            firm: FirmSource::Embedded,
            store: None,
            bus: IN_PROCESS.to_owned(),
            split: false,
            process_servers: 1,
            serve: false,
            work: None,
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            program: None,
            director: director::Options::default(),
        }
    }
}

/// What is going on.
#[derive(Debug)]
pub enum Event<'a> {
    /// The work folder is in use; whether it was made for this run.
    Folder(&'a Path, bool),
    /// The firm is known, the servers are being started.
    Starting(&'a FirmFacts),
    /// A day begins, or is over.
    Day(&'a Progress),
    /// The year is over, the books are being compared.
    Books,
}

/// The firm in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FirmFacts {
    /// Time entries.
    pub entries: u64,
    /// Seed.
    pub seed: i64,
    /// First simulated day.
    pub first_day: Date,
    /// Last simulated day.
    pub last_day: Date,
    /// Customers.
    pub customers: usize,
    /// Contracts.
    pub contracts: usize,
    /// Projects, internal ones included.
    pub projects: usize,
    /// People.
    pub employees: usize,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// The firm.
    pub firm: FirmFacts,
    /// What its people did.
    pub lived: Lived,
    /// What the platform made of it.
    pub platform: Counts,
    /// The comparison of the books.
    pub report: Report,
    /// Where the servers are, or were.
    pub addresses: Addresses,
    /// Database, without password.
    pub store: String,
    /// How events travelled, without password.
    pub bus: String,
    /// Every server had its own process.
    pub split: bool,
    /// The work folder. `None`: it was temporary, and is removed.
    pub work: Option<PathBuf>,
    /// How long everything took, in real time.
    pub took: Duration,
    /// The servers, when they were to stay.
    pub running: Option<Running>,
}

/// Lives the year, or the rest of it, and compares the books. Dropping the future is safe at any point: what was done is kept.
///
/// # Errors
/// [`Usage`] when the firm, the folder or the database does not fit; else what stopped the year. A difference is no error.
pub async fn run(options: &Options, mut tell: impl FnMut(Event<'_>) + Send) -> anyhow::Result<Outcome> {
    let watch = Stopwatch::now();
    let work = Arc::new(Work::open(options.work.as_deref()).await?);
    tell(Event::Folder(&work.path, work.is_temporary));
    let prepared = prepare(options, &work, &mut tell).await;
    let (firm, facts, running) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => {
            // Nothing was started: a temporary folder holds nothing worth keeping. Else there are logs to look at.
            if work.is_temporary && exit_code(&error) == USAGE {
                work.remove()?;
            }
            return Err(error);
        }
    };
    let installation = running.installation().clone();
    let lived = live(options, &firm, &installation, &work, &mut tell).await;
    let (lived, report, platform) = match lived {
        Ok(lived) => lived,
        Err(error) => {
            // The servers' own trouble would only hide why the year stopped.
            running.stop().await.ok();
            return Err(error.context(format!("the year stopped; what was done is in {}", work.path.display())));
        }
    };
    let bus = allinone_options(options, &work, &facts).bus_settings()?;
    let store = options.store.as_deref().map(without_password);
    let store = store.unwrap_or_else(|| own_store(&work.path));
    let running = if options.serve {
        Some(running)
    } else {
        running.stop().await?;
        None
    };
    let path = work.path.clone();
    let is_kept = !work.is_temporary || options.serve || !report.agrees();
    if !is_kept {
        bus.remove().await?;
        work.remove()?;
    }
    Ok(Outcome {
        firm: facts,
        lived,
        platform,
        report,
        addresses: installation.addresses,
        store,
        bus: bus.shown(),
        split: options.split,
        work: is_kept.then_some(path),
        took: watch.elapsed(),
        running,
    })
}

/// Reads the firm, claims the folder for it, and starts the servers.
async fn prepare(
    options: &Options,
    work: &Arc<Work>,
    tell: &mut (impl FnMut(Event<'_>) + Send),
) -> anyhow::Result<(Firm, FirmFacts, Running)> {
    let (source, store) = (options.firm.clone(), options.store.clone());
    let at = Arc::clone(work);
    let (firm, owner) = tokio::task::spawn_blocking(move || firm::load(&source, &at, store.as_deref())).await??;
    let facts = facts_of(&firm);
    let is_new = work.is_new_to(&owner)?;
    tell(Event::Starting(&facts));
    let start = allinone_options(options, work, &facts);
    let running = Running::start(work, &start, options.split.then(|| options.program.clone())).await?;
    if is_new && counts::is_used(running.installation()).await? {
        let text = "the database holds engagements of another firm; use an empty one, or the --work folder it belongs to";
        running.stop().await?;
        return Err(Usage::error(text));
    }
    // Only now: a folder that was refused must not be taken for one that was begun.
    if is_new {
        work.claim(&owner)?;
    }
    Ok((firm, facts, running))
}

fn allinone_options(options: &Options, work: &Work, facts: &FirmFacts) -> allinone::Options {
    allinone::Options {
        folder: work.path.clone(),
        store: options.store.clone().unwrap_or_else(|| own_store(&work.path)),
        bus: options.bus.clone(),
        start: facts.first_day.and_time(NaiveTime::MIN).and_utc(),
        listen: options.listen,
        process_servers: options.process_servers,
    }
}

async fn live(
    options: &Options,
    firm: &Firm,
    installation: &Installation,
    work: &Work,
    tell: &mut (impl FnMut(Event<'_>) + Send),
) -> anyhow::Result<(Lived, Report, Counts)> {
    let stage = installation.stage()?;
    let folder = work.path.join("director");
    let mut director = Director::new(firm, &stage, &folder, options.director).map_err(Usage::error)?;
    let lived = director.live(|progress| tell(Event::Day(progress))).await?;
    tell(Event::Books);
    // A year that an earlier start had ended was not lived again, and the clocks still stand at its beginning.
    stage.set_clock(director.calendar().last(), EVENING).await?;
    let report = books::check(firm, &stage, &folder)
        .await
        .context("the books cannot be compared")?;
    let counts = counts::read(installation).await?;
    Ok((lived, report, counts))
}

fn facts_of(firm: &Firm) -> FirmFacts {
    let calendar = Calendar::of(firm);
    FirmFacts {
        entries: firm.manifest.entries,
        seed: firm.manifest.seed,
        first_day: calendar.first(),
        last_day: calendar.last(),
        customers: firm.customers.len(),
        contracts: firm.contracts.len(),
        projects: firm.projects.len(),
        employees: firm.employees.len(),
    }
}

fn own_store(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("strata.db").display())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A demo can be run on a task of its own.
    #[expect(dead_code, reason = "it is enough that it compiles")]
    fn running_is_send(options: &Options) {
        fn is_send(_: impl Send) {}
        is_send(run(options, |_| {}));
    }
}
