//! What `strata-bench serve` serves, until its standard input ends.

mod bare;
mod collector;
mod governed;
mod keys;
mod platform;
mod system;

use std::path::PathBuf;

use anyhow::Result;
use clap::Subcommand;

/// A server for a row.
#[derive(Debug, Subcommand)]
pub(crate) enum Kind {
    /// tonic without anything around it.
    Bare {
        /// Server that is asked for the answer. Without one it answers itself.
        #[arg(long)]
        next: Option<String>,
    },
    /// A server of ours with every layer, which asks for tokens.
    Governed {
        /// Server that is asked for the answer. Without one it answers itself.
        #[arg(long)]
        next: Option<String>,
        /// Tiers within this process, one behind the other.
        #[arg(long, default_value_t = 1)]
        tiers: usize,
        /// Folder with the issuer's keys.
        #[arg(long)]
        keys: PathBuf,
        /// Where traces go, and tokens come from.
        #[arg(long)]
        collector: String,
    },
    /// Takes traces and forgets them.
    Collector,
    /// The whole platform, after a small firm lived its year.
    Platform(platform::Platform),
    /// A system server of NetSuite.
    NetSuite {
        /// File with its settings.
        #[arg(long)]
        settings: PathBuf,
    },
    /// Gives every server its token.
    Issuer,
}

pub(crate) use bare::{PATH, ask};
pub(crate) use governed::server as governed;
pub(crate) use keys::{guard, make as make_keys, token};

/// Serves until standard input ends.
pub(crate) async fn run(kind: Kind) -> Result<()> {
    match kind {
        Kind::Bare { next } => bare::run(next.as_deref()).await,
        Kind::Governed {
            next,
            tiers,
            keys,
            collector,
        } => governed::run(next.as_deref(), tiers, &keys, &collector).await,
        Kind::Collector => collector::run().await,
        Kind::Platform(platform) => platform::run(&platform).await,
        Kind::NetSuite { settings } => system::run(settings).await,
        Kind::Issuer => keys::run().await,
    }
}

/// Is done when whoever started us has ended, or wants us to.
async fn over() {
    let end = || std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    tokio::task::spawn_blocking(end).await.ok();
}
