//! An installation for a demo: in one process, or in many.

use std::path::PathBuf;
use std::sync::Arc;

use super::work::Work;
use crate::allinone::{self, AllInOne, Options};
use crate::installation::Installation;
use crate::split::{self, Split};

/// A running installation. It holds its work folder until it is stopped.
#[derive(Debug)]
pub struct Running {
    servers: Servers,
    _work: Arc<Work>,
}

#[derive(Debug)]
enum Servers {
    AllInOne(Box<AllInOne>),
    Split(Box<Split>),
}

impl Running {
    /// Starts it.
    pub(super) async fn start(work: &Arc<Work>, options: &Options, split: Option<Option<PathBuf>>) -> anyhow::Result<Self> {
        let servers = match split {
            Some(program) => Servers::Split(Box::new(split::start(options, program).await?)),
            None => Servers::AllInOne(Box::new(allinone::start(options).await?)),
        };
        Ok(Self {
            servers,
            _work: Arc::clone(work),
        })
    }

    /// Transports and addresses.
    pub fn installation(&self) -> &Installation {
        match &self.servers {
            Servers::AllInOne(all) => &all.installation,
            Servers::Split(split) => &split.installation,
        }
    }

    /// The installation, where it is in this process.
    pub fn all_in_one(&self) -> Option<&AllInOne> {
        match &self.servers {
            Servers::AllInOne(all) => Some(all),
            Servers::Split(_) => None,
        }
    }

    /// The installation, where every server has its own process.
    pub fn split(&mut self) -> Option<&mut Split> {
        match &mut self.servers {
            Servers::AllInOne(_) => None,
            Servers::Split(split) => Some(split),
        }
    }

    /// Lets calls in flight end and stops everything.
    ///
    /// # Errors
    /// When a server failed at its end.
    pub async fn stop(self) -> anyhow::Result<()> {
        match self.servers {
            Servers::AllInOne(all) => all.stop().await,
            Servers::Split(split) => split.stop().await,
        }
    }
}
