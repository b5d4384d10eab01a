//! What is struck: servers, and what they stand on.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Result;
use strata::allinone::Options;
use strata::split::{Seat, Split};
use strata_contract::Transport;

use crate::Arguments;
use crate::messages::Messages;

/// The servers of a campaign, and how they are reached.
pub(crate) struct Field {
    /// The servers.
    pub(crate) split: Split,
    /// Strikes of the sandboxes that are counted already, by place. Their own count begins again when they are started again.
    pub(crate) counted: BTreeMap<String, u64>,
    /// Servers that will die at a point of their work, and what that is called.
    pub(crate) armed: BTreeMap<String, String>,
    /// What travels on the broker.
    pub(crate) messages: Option<Messages>,
    /// Messages that nobody of ours wrote.
    pub(crate) forged: u64,
    /// The database.
    pub(crate) store: String,
    /// Process id of the database server.
    pub(crate) postgres_pid: Option<PathBuf>,
    /// Process id of the broker.
    pub(crate) nats_pid: Option<PathBuf>,
    /// File system under the database.
    pub(crate) disk: Option<PathBuf>,
}

impl Field {
    /// Looks after running servers.
    ///
    /// # Errors
    /// When the broker cannot be reached.
    pub(crate) async fn new(split: Split, arguments: &Arguments, options: &Options) -> Result<Self> {
        let messages = if arguments.nats_pid.is_some() {
            Some(Messages::listen(&options.bus_settings()?).await?)
        } else {
            None
        };
        Ok(Self {
            split,
            counted: BTreeMap::new(),
            armed: BTreeMap::new(),
            messages,
            forged: 0,
            store: arguments.store.clone(),
            postgres_pid: arguments.postgres_pid.clone(),
            nats_pid: arguments.nats_pid.clone(),
            disk: arguments.disk.clone(),
        })
    }

    /// A transport to a server.
    pub(crate) fn transport(&self, seat: Seat) -> Result<Transport> {
        self.split.transport(seat)
    }
}
