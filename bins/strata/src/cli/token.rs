//! As whom the command line calls a server.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use strata_contract::Transport;
use strata_rpc::Credentials;
use strata_settings::Secret;

use crate::error::Usage;

/// Variable with the token.
const VARIABLE: &str = "STRATA_TOKEN";

/// The token to call with. It is never an argument itself: those can be seen by everybody on the machine.
#[derive(Debug, Default, Args)]
pub(super) struct Token {
    /// File with the access token to call with. Default: the variable STRATA_TOKEN; a development server asks for none
    #[arg(long, value_name = "FILE", global = true)]
    token_file: Option<PathBuf>,
}

impl Token {
    /// A transport to a server, which is told who calls.
    pub(super) fn connect(&self, server: &str) -> anyhow::Result<Transport> {
        let credentials = match self.read(std::env::var(VARIABLE).ok())? {
            Some(token) => Credentials::Token(Arc::new(Secret::new(token))),
            None => Credentials::None,
        };
        strata_rpc::connect_as(server, credentials).map_err(Usage::error)
    }

    fn read(&self, variable: Option<String>) -> anyhow::Result<Option<String>> {
        let Some(file) = &self.token_file else {
            return Ok(variable
                .map(|token| token.trim().to_owned())
                .filter(|token| !token.is_empty()));
        };
        let text = std::fs::read_to_string(file);
        let text = text.map_err(|cause| Usage::error(format!("the token's file {} cannot be read: {cause}", file.display())))?;
        let token = text.trim();
        if token.is_empty() {
            return Err(Usage::error(format!("the token's file {} is empty", file.display())));
        }
        Ok(Some(token.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_file_goes_before_the_variable() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        let token = Token {
            token_file: Some(file.clone()),
        };
        assert!(token.read(Some("other".to_owned())).is_err(), "a file that is not there");
        std::fs::write(&file, "\n").unwrap();
        assert!(token.read(None).is_err(), "an empty one");
        std::fs::write(&file, "abc\n").unwrap();
        assert_eq!(token.read(Some("other".to_owned())).unwrap().as_deref(), Some("abc"));
        let none = Token::default();
        assert_eq!(none.read(Some(" def\n".to_owned())).unwrap().as_deref(), Some("def"));
        assert_eq!(none.read(Some(String::new())).unwrap(), None);
    }
}
