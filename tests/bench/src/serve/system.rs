//! A system server as `strata serve system` runs it, with the settings of a file.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use strata::serve::{self, Options, Output};
use strata::settings::Sources;
use strata::{Role, Vendor};
use tokio::net::{TcpListener, TcpStream};

use crate::child::READY;

/// Time in which a server opens its port.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn run(settings: PathBuf) -> Result<()> {
    let address = free().await?;
    let options = Options {
        role: Role::System(Vendor::NetSuite),
        vendors: Vec::new(),
        listen: Some(address),
        sources: Sources {
            file: Some(settings),
            ..Sources::default()
        },
        migrate: false,
        dev_clock: None,
        write_settings: None,
        output: Output::Text,
        exit_with_stdin: true,
        hold_lock: None,
    };
    let server = tokio::spawn(serve::run(options));
    let opened = async {
        while TcpStream::connect(address).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, opened)
        .await
        .context("the server does not open its port")?;
    println!("{READY}{address}");
    server.await?
}

/// An address that is free now.
async fn free() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0").await?.local_addr()?)
}
