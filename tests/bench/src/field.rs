//! What the rows stand on: how long is measured, and the servers that several of them need.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::child::Server;
use crate::rounds::Effort;
use crate::serve;

/// What was started beside us, and where the project is.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Beside {
    /// A server of PostgreSQL, by the URL of its database `postgres`
    #[arg(long)]
    postgres: Option<String>,
    /// A server of NATS
    #[arg(long)]
    nats: Option<String>,
    /// Folder with the packages of the server in Node
    #[arg(long)]
    grpc_js: Option<PathBuf>,
    /// Root of the project
    #[arg(long, default_value = ".")]
    root: PathBuf,
}

/// What the rows stand on.
pub(crate) struct Field {
    /// How long is measured.
    pub(crate) effort: Effort,
    beside: Beside,
    platforms: AtomicU32,
    folder: TempDir,
    collector: Server,
    issuer: Server,
}

impl Field {
    /// Starts what several rows need.
    ///
    /// # Errors
    /// When a server does not start.
    pub(crate) fn start(effort: Effort, beside: Beside) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        serve::make_keys(folder.path())?;
        Ok(Self {
            effort,
            beside,
            platforms: AtomicU32::new(0),
            collector: Server::start(&["collector"])?,
            issuer: Server::start(&["issuer"])?,
            folder,
        })
    }

    /// Starts a server of ours with every layer.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) fn governed(&self, arguments: &[&str]) -> Result<Server> {
        let keys = self.folder.path().to_string_lossy();
        let beside = format!("{},{}", self.collector.address(), self.issuer.address());
        let mut all = vec!["governed", "--keys", &keys, "--collector", &beside];
        all.extend(arguments);
        Server::start(&all)
    }

    /// The server of PostgreSQL.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn postgres(&self) -> Result<&str> {
        self.beside.postgres.as_deref().context("this row needs --postgres")
    }

    /// The server of NATS.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn nats(&self) -> Result<&str> {
        self.beside.nats.as_deref().context("this row needs --nats")
    }

    /// A SQLite file of this name.
    pub(crate) fn sqlite(&self, name: &str) -> String {
        format!("sqlite:{}", self.folder.path().join(name).with_extension("db").display())
    }

    /// Starts the whole platform on a database, with more of its options, and returns it with the file of places to work at.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) fn platform(&self, store: &str, more: &[&str]) -> Result<(Server, PathBuf)> {
        let number = self.platforms.fetch_add(1, Ordering::Relaxed);
        let places = self.folder.path().join(format!("places-{number}.json"));
        let firm = self.beside.root.join("tests/firm/small");
        let (firm, written) = (firm.to_string_lossy(), places.to_string_lossy());
        let mut all = vec!["platform", "--store", store, "--firm", &firm, "--places", &written];
        all.extend(more);
        let server = Server::start(&all)?;
        Ok((server, places))
    }

    /// Starts the server in Node on a database.
    ///
    /// # Errors
    /// When it does not start.
    pub(crate) fn grpc_js(&self, store: &str) -> Result<Server> {
        let folder = self.beside.grpc_js.as_deref().context("this row needs --grpc-js")?;
        let root = self.beside.root.canonicalize()?;
        let mut node = Command::new("node");
        node.current_dir(folder)
            .arg("server.mjs")
            .arg(root.join("proto"))
            .arg(root.join("third_party/proto"));
        Server::of(node.arg(store))
    }

    /// A folder of this name, for whoever keeps files.
    ///
    /// # Errors
    /// When it cannot be made.
    pub(crate) fn folder(&self, name: &str) -> Result<PathBuf> {
        let folder = self.folder.path().join(name);
        std::fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// Root of the project.
    pub(crate) fn root(&self) -> &Path {
        &self.beside.root
    }

    /// The project's own program beside this one.
    ///
    /// # Errors
    /// When this program does not know where it is.
    pub(crate) fn strata(&self) -> Result<PathBuf> {
        let own = std::env::current_exe()?;
        Ok(own.parent().unwrap_or(Path::new(".")).join("strata"))
    }
}
