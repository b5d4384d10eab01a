//! An OpenID provider for tests. It is installed here; the test starts it, because it has to change its keys.

use anyhow::Result;

use crate::run::{Given, show};
use crate::{Workspace, tools};

/// Variable under which tests find the folder in which the provider is installed.
pub(crate) const VARIABLE: &str = "STRATA_TEST_OIDC";

pub(crate) fn run(workspace: &Workspace, given: &Given) -> Result<()> {
    let installed = tools::oidc(workspace)?;
    show(given.command()?.env(VARIABLE, installed))
}
