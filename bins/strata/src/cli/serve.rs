//! `strata serve`.

use std::net::SocketAddr;
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};

use crate::error::DONE;
use crate::serve::{self, Options, Output};
use crate::settings::{Sources, parse_override};
use crate::vendor::{Role, Vendor};

/// Runs one server until ctrl-c or SIGTERM; calls in flight then end within the drain time.
///
/// Settings come from a file, overruled by STRATA__SECTION__KEY variables, overruled by --set. One file may serve all servers.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  strata serve sandbox --write-settings dev
  strata serve all --config dev/strata.toml --migrate
  strata serve system --vendor netsuite --config strata.toml
  strata serve process --config strata.toml --check-config

Ports: all 7400, crm 7411, psa 7412, erp 7413, hr 7414, master 7420, process 7430, experience 7440, sandbox 7500 (clock) and
7501 to 7504 (salesforce, kantata-ox, netsuite, workday).")]
pub(super) struct ServeArguments {
    #[command(subcommand)]
    server: ServerArguments,
}

#[derive(Debug, Subcommand)]
enum ServerArguments {
    /// One vendor behind the contract of its category
    #[command(after_help = "Examples:
  strata serve system --vendor salesforce --config strata.toml
  strata serve system --vendor workday --config strata.toml --listen 127.0.0.1:0")]
    System {
        /// Which vendor
        #[arg(long)]
        vendor: Vendor,
        #[command(flatten)]
        common: Common,
    },
    /// Master data
    #[command(after_help = "Examples:
  strata serve master --set store.url=sqlite:strata.db --migrate
  strata serve master --config strata.toml")]
    Master {
        #[command(flatten)]
        store: Store,
        #[command(flatten)]
        common: Common,
    },
    /// Business flows, from won deal to paid invoice
    #[command(after_help = "Examples:
  strata serve process --config strata.toml
  strata serve process --set clients.master=10.0.0.7:7420 --config strata.toml")]
    Process {
        #[command(flatten)]
        store: Store,
        #[command(flatten)]
        common: Common,
    },
    /// What portals see, over gRPC and gRPC-Web
    #[command(after_help = "Examples:
  strata serve experience --config strata.toml
  strata serve experience --set clients.process=10.0.0.7:7430 --set clients.master=10.0.0.7:7420")]
    Experience {
        #[command(flatten)]
        common: Common,
    },
    /// The vendors' protocols, for development
    #[command(after_help = "Examples:
  strata serve sandbox  all four, on their usual ports
  strata serve sandbox --vendor netsuite --set sandbox.netsuite=127.0.0.1:0
  strata serve sandbox --set sandbox.folder=data --write-settings dev")]
    Sandbox {
        /// Which vendors. Default: all
        #[arg(long)]
        vendor: Vec<Vendor>,
        /// Write strata.toml and its secrets to this folder, for servers that shall reach these sandboxes
        #[arg(long, value_name = "DIR")]
        write_settings: Option<PathBuf>,
        #[command(flatten)]
        common: Common,
    },
    /// Every tier in one process, on one port
    #[command(after_help = "Examples:
  strata serve all --config dev/strata.toml --migrate")]
    All {
        #[command(flatten)]
        store: Store,
        #[command(flatten)]
        common: Common,
    },
}

/// What a server with a database takes.
#[derive(Debug, Args)]
struct Store {
    /// Run missing migrations instead of refusing an old database
    #[arg(long)]
    migrate: bool,
}

/// What every server takes.
#[derive(Debug, Args)]
struct Common {
    /// File of settings
    #[arg(long, value_name = "FILE", env = "STRATA_CONFIG")]
    config: Option<PathBuf>,
    /// One setting; may be given many times
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = parse_override)]
    overrides: Vec<(String, String)>,
    /// Address to listen on. Port 0 lets the system choose
    #[arg(long, value_name = "ADDR", env = "STRATA_LISTEN")]
    listen: Option<SocketAddr>,
    /// Read and check the settings, and end without opening a port
    #[arg(long)]
    check_config: bool,
    /// Development only: start a simulated clock that the control service moves
    #[arg(long, value_name = "RFC3339")]
    dev_clock: Option<DateTime<Utc>>,
    /// Form of the line that says where it serves
    #[arg(short, long, value_name = "FORM", default_value = "text")]
    output: Output,
    /// End when stdin ends
    #[arg(long, hide = true)]
    exit_with_stdin: bool,
    /// Hold a shared lock on this file
    #[arg(long, value_name = "FILE", hide = true)]
    hold_lock: Option<PathBuf>,
}

pub(super) async fn run(arguments: ServeArguments) -> anyhow::Result<u8> {
    let (role, vendors, migrate, write_settings, common) = match arguments.server {
        ServerArguments::System { vendor, common } => (Role::System(vendor), Vec::new(), false, None, common),
        ServerArguments::Master { store, common } => (Role::Master, Vec::new(), store.migrate, None, common),
        ServerArguments::Process { store, common } => (Role::Process, Vec::new(), store.migrate, None, common),
        ServerArguments::Experience { common } => (Role::Experience, Vec::new(), false, None, common),
        ServerArguments::All { store, common } => (Role::All, Vec::new(), store.migrate, None, common),
        ServerArguments::Sandbox {
            vendor,
            write_settings,
            common,
        } => (Role::Sandbox, each_once(vendor), false, write_settings, common),
    };
    let sources = Sources::of_process(common.config, common.overrides);
    if common.check_config {
        let listen = common.listen.unwrap_or_else(|| role.default_address());
        serve::check_settings(role, listen, &sources)?;
        println!("the settings of the {role} server are fine");
        return Ok(DONE);
    }
    let options = Options {
        role,
        vendors,
        listen: common.listen,
        sources,
        migrate,
        dev_clock: common.dev_clock,
        write_settings,
        output: common.output,
        exit_with_stdin: common.exit_with_stdin,
        hold_lock: common.hold_lock,
    };
    serve::run(options).await?;
    Ok(DONE)
}

/// The vendors asked for, each once; all when none is.
fn each_once(mut asked: Vec<Vendor>) -> Vec<Vendor> {
    if asked.is_empty() {
        return Vendor::ALL.to_vec();
    }
    asked.sort();
    asked.dedup();
    asked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vendors_are_served_once_each_and_all_by_default() {
        assert_eq!(each_once(Vec::new()), Vendor::ALL);
        let twice = vec![Vendor::Workday, Vendor::Salesforce, Vendor::Workday];
        assert_eq!(each_once(twice), [Vendor::Salesforce, Vendor::Workday]);
    }
}
