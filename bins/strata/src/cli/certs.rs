//! `strata certs`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use strata_kernel::{Clock, SystemClock};
use strata_tls::development::{self, CA_FILE, PROCESSES};

use crate::error::{DONE, Usage};

/// Makes certificates with which servers know each other.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  strata certs dev certs
  strata serve master --set tls.certificate_file=certs/master.pem --set tls.key_file=certs/master.key --set tls.client_ca_file=certs/ca.pem")]
pub(super) struct CertsArguments {
    #[command(subcommand)]
    command: CertsCommand,
}

#[derive(Debug, Subcommand)]
enum CertsCommand {
    /// Writes an authority and a certificate for each kind of process, for this machine and 90 days
    ///
    /// The authority's key is not kept: it never signs anything else. Do not use them outside development.
    Dev {
        /// Folder to write to. Files that are there are not overwritten
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

pub(super) fn run(arguments: &CertsArguments) -> anyhow::Result<u8> {
    let CertsCommand::Dev { folder } = &arguments.command;
    development::write(folder, SystemClock.now().date_naive()).map_err(Usage::error)?;
    println!("{}", folder.join(CA_FILE).display());
    for name in PROCESSES {
        let (certificate, key) = (folder.join(format!("{name}.pem")), folder.join(format!("{name}.key")));
        println!("{}  {}  spiffe://strata/{name}", certificate.display(), key.display());
    }
    Ok(DONE)
}
