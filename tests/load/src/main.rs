//! Measures dashboards over many lines on an empty PostgreSQL database.

use std::time::Duration;

use clap::Parser;
use strata_load::{Plan, Size, dashboards};

#[derive(Debug, Parser)]
struct Arguments {
    /// An empty database, as postgres://...
    #[arg(long, env = "STRATA_LOAD_STORE")]
    store: String,
    /// Approved time entries
    #[arg(long, default_value_t = 1_000_000)]
    lines: i64,
    /// Readers at once
    #[arg(long, default_value_t = 16)]
    readers: usize,
    /// How long is read, in seconds
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Pause of a reader between two calls, in milliseconds
    #[arg(long, default_value_t = 100)]
    think_ms: u64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let plan = Plan {
        size: Size {
            lines: arguments.lines,
            ..Size::default()
        },
        readers: arguments.readers,
        time: Duration::from_secs(arguments.seconds),
        think: Duration::from_millis(arguments.think_ms),
        ..Plan::default()
    };
    let measured = dashboards(&arguments.store, &plan).await?;
    println!("{measured}");
    Ok(())
}
