//! The `rules` section of the settings.

use std::path::PathBuf;

use serde::Deserialize;
use strata_settings::{Fault, Section};

use crate::Rules;

/// Which policies a server acts on.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RulesSettings {
    /// Folder with policies beside those that are built in: files that end in `.cedar`. One with the name of a built-in file takes its
    /// place. Default: none.
    pub dir: Option<PathBuf>,
}

impl Section for RulesSettings {
    const NAME: &'static str = "rules";

    fn check(&self) -> Result<(), Fault> {
        let read = Rules::load(self.dir.as_deref());
        read.map(drop)
            .map_err(|refused| Fault::new("dir", format!("cannot be used: {refused}")))
    }
}
