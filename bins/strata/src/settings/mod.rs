//! Settings of the servers: one file may serve them all, each reads the sections it needs.
//!
//! `server`, `identity`, `tls`, `rules`, `telemetry`, `store`, `bus`, `quota`, `clients`, `process` and `sandbox` have defaults. A vendor's section is read by the servers
//! that talk to that vendor and by nobody else, so its secrets need to be where those servers run only.

mod bus;
mod clients;
mod quota;
mod sandbox;
mod secrets;
mod store;
mod vendor;

use std::net::SocketAddr;
use std::path::PathBuf;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use strata_identity::IdentitySettings;
use strata_process::ProcessSettings;
use strata_rpc::ServerSettings;
use strata_rules::RulesSettings;
use strata_settings::{Fault, SettingsError, check_section};
use strata_telemetry::TelemetrySettings;
use strata_tls::TlsSettings;

use crate::identity;
use crate::vendor::Role;

pub use bus::BusSettings;
pub(crate) use bus::{IN_PROCESS, is_bus};
pub use clients::ClientSettings;
pub use quota::QuotaSettings;
pub use sandbox::SandboxSettings;
pub use store::StoreSettings;
pub(crate) use store::{is_url, without_password};
pub use vendor::Adapter;

/// Where settings come from: a file, overruled by `STRATA__SECTION__KEY` variables, overruled by explicit values.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The file, if there is one.
    pub file: Option<PathBuf>,
    /// Variables, as name and value.
    pub environment: Vec<(String, String)>,
    /// Explicit values, as dotted key and value.
    pub overrides: Vec<(String, String)>,
}

/// Everything but the vendors' sections.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How a server protects itself.
    pub server: ServerSettings,
    /// Who may call, and as whom others are called.
    pub identity: IdentitySettings,
    /// How connections are encrypted, and which processes may call.
    pub tls: TlsSettings,
    /// Whose rows callers see, and what they may approve.
    pub rules: RulesSettings,
    /// What is logged and where it is sent.
    pub telemetry: TelemetrySettings,
    /// The database.
    pub store: StoreSettings,
    /// How events travel.
    pub bus: BusSettings,
    /// Which vendors' accounts are shared with other processes.
    pub quota: QuotaSettings,
    /// Where the servers below are.
    pub clients: ClientSettings,
    /// When the process tier acts.
    pub process: ProcessSettings,
    /// Where the sandboxes are.
    pub sandbox: SandboxSettings,
    salesforce: IgnoredAny,
    kantata_ox: IgnoredAny,
    netsuite: IgnoredAny,
    workday: IgnoredAny,
}

impl Sources {
    /// A file, and the environment of this process.
    pub fn of_process(file: Option<PathBuf>, overrides: Vec<(String, String)>) -> Self {
        Self {
            file,
            environment: std::env::vars().collect(),
            overrides,
        }
    }

    /// Reads and checks everything but the vendors' sections. Call it inside the runtime.
    ///
    /// # Errors
    /// Names the key at fault, and the line or variable it was written in.
    pub fn settings(&self) -> Result<Settings, SettingsError> {
        self.load(check)
    }

    /// The same for a server: its settings have to fit its role, and where it listens.
    ///
    /// # Errors
    /// Names the key at fault, and the line or variable it was written in.
    pub fn settings_of(&self, role: Role, listen: SocketAddr) -> Result<Settings, SettingsError> {
        self.load(|settings| {
            check(settings)?;
            identity::check(settings, role, listen)
        })
    }

    fn load<T: DeserializeOwned>(&self, check: impl FnOnce(&T) -> Result<(), Fault>) -> Result<T, SettingsError> {
        strata_settings::load_checked(self.file.as_deref(), self.environment.iter().cloned(), &self.overrides, check)
    }
}

fn check(settings: &Settings) -> Result<(), Fault> {
    check_section(&settings.server)?;
    check_section(&settings.identity)?;
    check_section(&settings.tls)?;
    check_section(&settings.rules)?;
    check_section(&settings.telemetry)?;
    check_section(&settings.store)?;
    check_section(&settings.bus)?;
    check_section(&settings.quota)?;
    check_section(&settings.clients)?;
    check_section(&settings.process)
}

/// Reads `key=value` from the command line.
///
/// # Errors
/// When there is no `=`, or nothing before it.
pub(crate) fn parse_override(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => Ok((key.trim().to_owned(), value.to_owned())),
        _ => Err("has to look like section.key=value".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::Write;

    use strata_settings::Place;
    use strata_tls::development;

    use super::*;
    use crate::identity::Rules;

    fn sources(text: &str) -> (tempfile::NamedTempFile, Sources) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let file_name = Some(file.path().to_owned());
        let sources = Sources {
            file: file_name,
            ..Sources::default()
        };
        (file, sources)
    }

    #[tokio::test]
    async fn a_file_may_hold_what_other_servers_need_but_nothing_unknown() {
        let (_file, sound) = sources("[store]\nurl = \"sqlite:a.db\"\n[salesforce]\nclient_secret = \"env:NOT_HERE\"\n");
        assert_eq!(sound.settings().unwrap().store.url, "sqlite:a.db");
        let (_file, unknown) = sources("[store]\nurl = \"sqlite:a.db\"\n[salesfroce]\nbase_url = \"x\"\n");
        let error = unknown.settings().unwrap_err();
        assert_eq!(error.key, "salesfroce");
        assert!(matches!(error.place, Place::Line(_, 3)), "{error}");
    }

    #[tokio::test]
    async fn explicit_values_overrule_the_environment_overrules_the_file() {
        let (_file, mut sources) = sources("[clients]\nmaster = \"h:1\"\nprocess = \"h:2\"\ncrm = \"h:3\"\n");
        sources.environment = vec![
            ("STRATA__CLIENTS__MASTER".to_owned(), "h:4".to_owned()),
            ("STRATA__CLIENTS__PROCESS".to_owned(), "h:5".to_owned()),
        ];
        sources.overrides = vec![parse_override("clients.master=h:6").unwrap()];
        let clients = sources.settings().unwrap().clients;
        let read = (clients.master.as_str(), clients.process.as_str(), clients.crm.as_str());
        assert_eq!(read, ("h:6", "h:5", "h:3"));
    }

    #[tokio::test]
    async fn a_value_that_makes_no_sense_is_refused_at_its_line() {
        for (text, key, line) in [
            ("[clients]\nerp = \"nowhere\"\n", "clients.erp", 2),
            ("[store]\n\nurl = \"mysql://x\"\n", "store.url", 3),
            ("[bus]\nurl = \"kafka://x\"\n", "bus.url", 2),
            ("[quota]\nnetsuite = \" \"\n", "quota.netsuite", 2),
            ("[process]\nbilling_day = 31\n", "process.billing_day", 2),
            ("[server]\nconnections = 0\n", "server.connections", 2),
            ("[sandbox]\nnetsuite = \"no address\"\n", "sandbox.netsuite", 2),
            ("[identity]\nmode = \"none\"\n", "identity.mode", 2),
            ("[rules]\ndir = \"/nowhere/at/all\"\n", "rules.dir", 2),
            ("[identity]\nissuer = \"http://a.example\"\n", "identity.issuer", 2),
            ("[identity]\nalgorithms = [\"HS256\"]\n", "identity.algorithms[0]", 2),
            (
                "[identity.roles]\nFinance = [\"process.biling.read\"]\n",
                "identity.roles.Finance[0]",
                2,
            ),
        ] {
            let (_file, sources) = sources(text);
            let error = sources.settings().unwrap_err();
            assert_eq!(error.key, key, "{error}");
            assert!(matches!(error.place, Place::Line(_, at) if at == line), "{error}");
        }
    }

    #[tokio::test]
    async fn settings_have_to_fit_the_server_and_its_address() {
        let (here, everywhere) = ("127.0.0.1:7430".parse().unwrap(), "0.0.0.0:7430".parse().unwrap());
        let (_file, development) = sources("[server]\nallow_public = true\n");
        development.settings_of(Role::Process, here).unwrap();
        let error = development.settings_of(Role::Master, everywhere).unwrap_err();
        assert_eq!(error.key, "identity.mode");
        let jwt = "[identity]\nmode = \"jwt\"\nissuer = \"https://a.example\"\naudience = [\"strata\"]\n";
        let (_file, without) = sources(jwt);
        without.settings_of(Role::Master, everywhere).unwrap();
        assert_eq!(without.settings_of(Role::Process, here).unwrap_err().key, "identity.client");
        let (_file, mut with) = sources(&format!("{jwt}[identity.client]\nid = \"process\"\nsecret = \"env:PW\"\n"));
        with.environment = vec![("PW".to_owned(), "secret".to_owned())];
        let settings = with.settings_of(Role::Process, everywhere).unwrap();
        assert!(!format!("{settings:?}").contains("\"secret\""), "{settings:?}");
    }

    #[tokio::test]
    async fn half_of_tls_is_refused_before_anything_opens() {
        let folder = tempfile::tempdir().unwrap();
        development::write(folder.path(), "2025-01-01".parse().unwrap()).unwrap();
        let here = "127.0.0.1:0".parse().unwrap();
        let text = |text: &str| text.replace("DIR", &folder.path().display().to_string());
        let server =
            "[tls]\ncertificate_file = \"DIR/process.pem\"\nkey_file = \"DIR/process.key\"\nclient_ca_file = \"DIR/ca.pem\"\n";
        let client = "[tls.client]\nca_file = \"DIR/ca.pem\"\n";
        let encrypted = "[clients]\nprocess = \"https://h:1\"\nmaster = \"https://h:2\"\n";
        let (_file, whole) = sources(&text(&format!("{server}{client}{encrypted}")));
        assert!(
            Rules::of(&whole.settings_of(Role::Experience, here).unwrap())
                .unwrap()
                .tls
                .is_some()
        );
        for (half, key) in [
            ("[tls]\ncertificate_file = \"DIR/process.pem\"\n".to_owned(), "tls.key_file"),
            (server.replace("process.key", "master.key"), "tls.key_file"),
            (server.replace("\"DIR/ca.pem\"", "\"DIR/nothing.pem\""), "tls.client_ca_file"),
            (format!("{server}clients = \"sometimes\"\n"), "tls.clients"),
            (format!("{server}{encrypted}"), "tls.client"),
            (format!("{client}[clients]\nprocess = \"https://h:1\"\n"), "clients.master"),
            (
                format!("{client}names = {{ bank = \"h\" }}\n{encrypted}"),
                "tls.client.names.bank",
            ),
        ] {
            let (_file, half) = sources(&text(&half));
            let error = half.settings_of(Role::Experience, here).unwrap_err();
            assert_eq!(error.key, key, "{error}");
        }
        // A server that calls nobody needs to know nobody.
        let (_file, alone) = sources(&text(&format!("{server}{encrypted}")));
        alone.settings_of(Role::Master, here).unwrap();
    }

    #[test]
    fn an_override_needs_a_key() {
        assert!(parse_override("store.url").is_err() && parse_override("=x").is_err());
        assert_eq!(parse_override("a.b=c=d").unwrap(), ("a.b".to_owned(), "c=d".to_owned()));
    }
}
