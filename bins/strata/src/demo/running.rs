//! An installation for a demo: in one process, or in many.

use std::path::PathBuf;

use crate::allinone::{self, AllInOne, Options};
use crate::installation::Installation;
use crate::split::{self, Split};

/// A running installation.
#[derive(Debug)]
pub enum Running {
    /// In this process.
    AllInOne(Box<AllInOne>),
    /// In a process for each server.
    Split(Box<Split>),
}

impl Running {
    /// Starts it.
    pub(super) async fn start(options: &Options, split: bool, program: Option<PathBuf>) -> anyhow::Result<Self> {
        Ok(if split {
            Self::Split(Box::new(split::start(options, program).await?))
        } else {
            Self::AllInOne(Box::new(allinone::start(options).await?))
        })
    }

    /// Transports and addresses.
    pub fn installation(&self) -> &Installation {
        match self {
            Self::AllInOne(all) => &all.installation,
            Self::Split(split) => &split.installation,
        }
    }

    /// Lets calls in flight end and stops everything.
    ///
    /// # Errors
    /// When a server failed at its end.
    pub async fn stop(self) -> anyhow::Result<()> {
        match self {
            Self::AllInOne(all) => all.stop().await,
            Self::Split(split) => split.stop().await,
        }
    }
}
