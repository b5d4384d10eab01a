//! What a server says on stdout when it is ready.

use std::io::Write;
use std::net::SocketAddr;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::sandbox::BaseUrls;

/// Form of what is printed on stdout.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// For people.
    #[default]
    Text,
    /// For programs: JSON, one line for a server.
    Json,
}

/// A server is ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// Its name.
    pub server: String,
    /// Where it serves gRPC.
    pub address: SocketAddr,
    /// Base URLs of the vendors' sandboxes it serves beside.
    #[serde(default, skip_serializing_if = "BaseUrls::is_empty")]
    pub sandboxes: BaseUrls,
}

impl Announcement {
    /// Prints it on stdout, once.
    pub(super) fn print(&self, output: Output) -> anyhow::Result<()> {
        let text = match output {
            Output::Json => serde_json::to_string(self)?,
            Output::Text => self.text(),
        };
        let mut stdout = std::io::stdout().lock();
        writeln!(stdout, "{text}")?;
        Ok(stdout.flush()?)
    }

    fn text(&self) -> String {
        let mut text = format!("{} serves gRPC on {}", self.server, self.address);
        if self.sandboxes.is_empty() {
            return text;
        }
        for (vendor, base_url) in &self.sandboxes {
            text.push_str(&format!("\n  {:<11} {base_url}", vendor.name()));
        }
        text.push_str(CREDENTIALS);
        text
    }
}

/// Published, and worth nothing anywhere else.
const CREDENTIALS: &str = "\n\nDevelopment credentials, known to the sandboxes only:
  salesforce  client_credentials at /services/oauth2/token, strata:sandbox-secret
  kantata-ox  client_credentials at /oauth/token, strata:sandbox-secret
  netsuite    PS256 assertion of strata-client with certificate strata-cert; --write-settings writes the key
  workday     refresh token strata-refresh of tenant firm at /ccx/oauth2/firm/token, strata:sandbox-secret";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use strata_sandbox_netsuite as netsuite;
    use strata_sandbox_salesforce as salesforce;
    use strata_sandbox_workday as workday;

    use super::*;
    use crate::vendor::Vendor;

    #[test]
    fn a_program_reads_back_what_was_announced() {
        let announcement = Announcement {
            server: "sandbox".to_owned(),
            address: "127.0.0.1:7500".parse().unwrap(),
            sandboxes: [(Vendor::NetSuite, "http://127.0.0.1:7503".to_owned())].into(),
        };
        let line = serde_json::to_string(&announcement).unwrap();
        assert!(!line.contains('\n') && line.contains("\"netsuite\""), "{line}");
        assert_eq!(serde_json::from_str::<Announcement>(&line).unwrap(), announcement);
    }

    #[test]
    fn the_credentials_printed_are_those_the_sandboxes_know() {
        let basic = format!("{}:{}", salesforce::CLIENT_ID, salesforce::CLIENT_SECRET);
        let kantata = format!(
            "{}:{}",
            strata_sandbox_kantata_ox::CLIENT_ID,
            strata_sandbox_kantata_ox::CLIENT_SECRET
        );
        let workday_basic = format!("{}:{}", workday::CLIENT_ID, workday::CLIENT_SECRET);
        let known = [
            netsuite::DEV_CLIENT_ID,
            netsuite::DEV_CERTIFICATE_ID,
            workday::REFRESH_TOKEN,
            workday::TENANT,
        ];
        for text in [basic.as_str(), &kantata, &workday_basic].into_iter().chain(known) {
            assert!(CREDENTIALS.contains(text), "{text}");
        }
    }
}
