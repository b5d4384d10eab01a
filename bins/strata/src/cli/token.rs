//! As whom the command line calls a server.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use strata_contract::Transport;
use strata_rpc::Credentials;
use strata_settings::Secret;
use strata_tls::{ClientTls, ClientTlsSettings};

use crate::error::Usage;

/// Variable with the token.
const VARIABLE: &str = "STRATA_TOKEN";

/// The token to call with. It is never an argument itself: those can be seen by everybody on the machine.
#[derive(Debug, Default, Args)]
pub(super) struct Token {
    /// File with the access token to call with. Default: the variable STRATA_TOKEN; a development server asks for none
    #[arg(long, value_name = "FILE", global = true)]
    token_file: Option<PathBuf>,
    /// Authority of the certificate of a server whose address begins with https://, in PEM form
    #[arg(long, value_name = "FILE", env = "STRATA_CA_FILE", global = true)]
    ca_file: Option<PathBuf>,
    /// Certificate to show to the server, in PEM form
    #[arg(long, value_name = "FILE", env = "STRATA_CERTIFICATE_FILE", global = true, requires_all = ["key_file", "ca_file"])]
    certificate_file: Option<PathBuf>,
    /// Its private key
    #[arg(
        long,
        value_name = "FILE",
        env = "STRATA_KEY_FILE",
        global = true,
        requires = "certificate_file"
    )]
    key_file: Option<PathBuf>,
}

impl Token {
    /// A transport to a server, which is told who calls.
    pub(super) fn connect(&self, server: &str) -> anyhow::Result<Transport> {
        let credentials = match self.read(std::env::var(VARIABLE).ok())? {
            Some(token) => Credentials::Token(Arc::new(Secret::new(token))),
            None => Credentials::None,
        };
        let tls = self.tls()?;
        strata_rpc::connect_over(server, credentials, tls.as_ref().map(|tls| (tls, None))).map_err(Usage::error)
    }

    fn tls(&self) -> anyhow::Result<Option<ClientTls>> {
        let Some(ca_file) = self.ca_file.clone() else {
            return Ok(None);
        };
        let settings = ClientTlsSettings {
            certificate_file: self.certificate_file.clone(),
            key_file: self.key_file.clone(),
            ca_file,
            ..ClientTlsSettings::default()
        };
        settings.open().map(Some).map_err(|fault| Usage::error(fault.message))
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
            ..Token::default()
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
