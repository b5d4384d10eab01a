//! Who acts.

use clap::Args;

use crate::error::Usage;

/// Who acts: whoever is signed in, unless somebody else is named.
#[derive(Debug, Args)]
pub(super) struct Actor {
    /// Who acts, for the audit
    #[arg(long = "as", value_name = "WHO", env = "STRATA_USER")]
    actor: Option<String>,
}

impl Actor {
    /// Their name.
    pub(super) fn name(&self) -> anyhow::Result<String> {
        let signed_in = || std::env::var("USER").ok().filter(|name| !name.is_empty());
        let actor = self.actor.clone().or_else(signed_in);
        actor.ok_or_else(|| Usage::error("nobody says who acts; name them with --as"))
    }
}
