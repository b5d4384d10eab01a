//! `strata demo`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Deserialize;
use strata_telemetry::TelemetrySettings;

use super::migrate::store_url;
use super::progress::Show;
use super::{examples, table};
use crate::demo::{self, EMBEDDED_ENTRIES, EMBEDDED_SEED, FirmSource, MOST_ENTRIES, Options, Outcome};
use crate::error::{DONE, FAILED};
use crate::settings::{IN_PROCESS, is_bus};
use crate::stop::{self, Stop};

/// Settings of the demo that are taken from the environment.
const TELEMETRY: &str = "STRATA__TELEMETRY__";
/// What is logged unless the environment says otherwise: more would break the progress bar.
const LOG: (&str, &str) = ("STRATA__TELEMETRY__LOG", "error");

/// Lives a generated firm's year, day by day, in sandboxes that speak each vendor's real protocol, with the platform between
/// them, and compares the books with what an independent calculation says must come out.
///
/// Nothing is needed beside this program. The firm in it has 1000 time entries and seed 7; --entries and --seed generate
/// another one with Python 3, --data names the folder of one.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  strata demo
  strata demo --serve  look around afterwards, with the calls it prints
  strata demo --split  every server its own process, over TCP
  strata demo --split --process-servers 3  three process servers share the work
  strata demo --work data  kill it, start it again, and it goes on where it was
  strata demo --entries 20000 --seed 11 --store postgres://strata@localhost/strata
  strata demo --bus nats://127.0.0.1:4222  events travel through NATS JetStream
  strata demo --data tests/firm/seed7 --json

Exit codes: 0 the books agree; 1 they differ, or the year stopped; 2 wrong arguments.")]
pub(super) struct DemoArguments {
    /// Folder of a generated firm
    #[arg(long, value_name = "DIR", conflicts_with_all = ["entries", "seed"])]
    data: Option<PathBuf>,
    /// Time entries of the firm, 1 to 1,000,000
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MOST_ENTRIES))]
    entries: Option<u64>,
    /// Seed of the firm: the same seed makes the same firm
    #[arg(long, value_name = "S", allow_negative_numbers = true)]
    seed: Option<i64>,
    /// Database: sqlite:PATH or postgres://... Default: a SQLite file in the work folder
    #[arg(long, value_name = "URL", value_parser = store_url)]
    store: Option<String>,
    /// How events travel: inproc, or nats://HOST:PORT of a NATS server with JetStream
    #[arg(long, value_name = "URL", default_value = IN_PROCESS, value_parser = bus_url)]
    bus: String,
    /// Run every server in its own process
    #[arg(long)]
    split: bool,
    /// Process servers beside each other on the same database
    #[arg(long, value_name = "N", default_value_t = 1, requires = "split", value_parser = clap::value_parser!(u16).range(1..=16))]
    process_servers: u16,
    /// Leave everything running afterwards, and print where
    #[arg(long)]
    serve: bool,
    /// Address of the one port, or of the experience server with --split
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Folder that keeps everything. Default: a temporary one, removed when the books agree
    #[arg(long, value_name = "DIR")]
    work: Option<PathBuf>,
    /// Form of the result
    #[arg(short, long, value_name = "FORM", default_value = "table")]
    output: Form,
    /// The same as --output json: one document on stdout, and nothing else
    #[arg(long, conflicts_with = "output")]
    json: bool,
    /// No progress on stderr
    #[arg(short, long)]
    quiet: bool,
}

/// Form of the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people.
    Table,
    /// For programs, complete.
    Json,
}

pub(super) async fn run(arguments: DemoArguments) -> anyhow::Result<u8> {
    let telemetry = strata_telemetry::init(&telemetry_settings()?, "strata-demo")?;
    let stop = Stop::new();
    stop::on_signal(&stop);
    let form = if arguments.json { Form::Json } else { arguments.output };
    let mut show = Show::new(arguments.quiet);
    let options = options(arguments);
    let outcome = tokio::select! {
        () = stop.cancelled() => None,
        outcome = demo::run(&options, |event| show.event(&event)) => Some(outcome),
    };
    show.end();
    let Some(outcome) = outcome else {
        if let Some(folder) = show.folder() {
            show.line(&format!(
                "interrupted; the same command with --work {} goes on from here",
                folder.display()
            ));
        }
        return Ok(FAILED);
    };
    let mut outcome = outcome?;
    match form {
        Form::Json => println!("{}", serde_json::to_string_pretty(&document(&outcome))?),
        Form::Table => print!("{}", table::of(&outcome)),
    }
    if let Some(running) = outcome.running.take() {
        if form == Form::Table {
            print!("{}", table::addresses(&outcome));
        }
        show.line("everything stays up; ctrl-c ends it");
        stop.cancelled().await;
        running.stop().await?;
    }
    telemetry.shutdown().await;
    Ok(if outcome.report.agrees() { DONE } else { FAILED })
}

/// Reads what names a bus.
fn bus_url(text: &str) -> Result<String, String> {
    if is_bus(text) {
        Ok(text.to_owned())
    } else {
        Err("is inproc, or starts with nats:// or tls://".to_owned())
    }
}

fn options(arguments: DemoArguments) -> Options {
    let firm = match arguments.data {
        Some(folder) => FirmSource::Folder(folder),
        None => FirmSource::of_size(
            arguments.entries.unwrap_or(EMBEDDED_ENTRIES),
            arguments.seed.unwrap_or(EMBEDDED_SEED),
        ),
    };
    Options {
        firm,
        store: arguments.store,
        bus: arguments.bus,
        split: arguments.split,
        process_servers: arguments.process_servers,
        serve: arguments.serve,
        work: arguments.work,
        listen: arguments.listen,
        ..Options::default()
    }
}

/// The result for programs.
fn document(outcome: &Outcome) -> serde_json::Value {
    let engagement = outcome.platform.example_engagement.as_deref();
    let mut document = serde_json::json!({
        "agrees": outcome.report.agrees(),
        "firm": outcome.firm,
        "split": outcome.split,
        "store": outcome.store,
        "bus": outcome.bus,
        "work": outcome.work,
        "lived": outcome.lived,
        "platform": outcome.platform,
        "report": outcome.report,
        "wall_ms": u64::try_from(outcome.took.as_millis()).unwrap_or(u64::MAX),
    });
    if outcome.running.is_some() {
        document["addresses"] = serde_json::json!(outcome.addresses);
        document["examples"] = serde_json::json!(examples::examples(&outcome.addresses, engagement));
    }
    document
}

/// Telemetry as the environment says; the servers' other settings are the demo's own business.
fn telemetry_settings() -> anyhow::Result<TelemetrySettings> {
    #[derive(Default, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Settings {
        telemetry: TelemetrySettings,
    }
    let quiet = std::iter::once((LOG.0.to_owned(), LOG.1.to_owned()));
    let asked: Vec<(String, String)> = std::env::vars().filter(|(name, _)| name.starts_with(TELEMETRY)).collect();
    let usual = quiet.filter(|(name, _)| asked.iter().all(|(other, _)| other != name));
    let environment: Vec<(String, String)> = usual.chain(asked.iter().cloned()).collect();
    let settings: Settings = strata_settings::load_checked(None, environment.into_iter(), &[], |settings: &Settings| {
        strata_settings::check_section(&settings.telemetry)
    })?;
    Ok(settings.telemetry)
}
