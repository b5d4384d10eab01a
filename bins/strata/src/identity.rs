//! Who may call the servers of this process, and as whom they call others.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use strata_contract::Transport;
use strata_identity::{Guard, IdentitySettings, Mode, TokenSource};
use strata_kernel::SystemClock;
use strata_rpc::{Credentials, RpcError, ServerSettings};
use strata_settings::{Fault, Section};
use strata_tls::{ClientTls, ServerTls, TlsSettings};

use crate::error::Usage;
use crate::settings::{ClientSettings, Settings};
use crate::vendor::Role;

/// How every server of this process protects itself. Clones share what was verified.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Its limits.
    pub server: ServerSettings,
    /// Who is let in.
    pub guard: Guard,
    /// How what comes over TCP is encrypted, and which processes may call. None: plain text.
    pub tls: Option<ServerTls>,
    /// Whose rows they see, and what they may approve.
    pub rows: strata_rules::Rules,
}

impl Rules {
    /// The rules that settings ask for. Tokens tell the machine's time, also where a simulated clock is served.
    ///
    /// # Errors
    /// When a file of the settings does not do.
    pub fn of(settings: &Settings) -> anyhow::Result<Self> {
        Ok(Self {
            server: settings.server.clone(),
            guard: Guard::new(&settings.identity, Arc::new(SystemClock))?,
            tls: settings.tls.server().map_err(unfit)?,
            rows: strata_rules::Rules::load(settings.rules.dir.as_deref())?,
        })
    }
}

/// As whom servers elsewhere are called, and how. Clones share tokens and certificates.
#[derive(Debug, Clone, Default)]
pub struct Calls {
    credentials: Credentials,
    tls: Option<ClientTls>,
    /// Names that servers' certificates have to hold, by key of the `clients` section.
    names: BTreeMap<String, String>,
}

impl Calls {
    /// The calls that settings ask for.
    ///
    /// # Errors
    /// When a file of the settings does not do.
    pub fn of(settings: &Settings) -> anyhow::Result<Self> {
        let source = match settings.identity.mode {
            Mode::Development => None,
            Mode::Jwt => TokenSource::new(&settings.identity, Arc::new(SystemClock))?,
        };
        Ok(Self {
            credentials: source.map_or(Credentials::None, Credentials::Service),
            tls: settings.tls.client().map_err(unfit)?,
            names: settings
                .tls
                .client
                .as_ref()
                .map(|client| client.names.clone())
                .unwrap_or_default(),
        })
    }

    /// A transport to the server of that key of the `clients` section. Nothing is connected before the first call.
    ///
    /// # Errors
    /// When the address is none, or speaks TLS and nothing says how.
    pub fn connect(&self, key: &str, address: &str) -> Result<Transport, RpcError> {
        let tls = self.tls.as_ref().map(|tls| (tls, self.names.get(key).map(String::as_str)));
        strata_rpc::connect_over(address, self.credentials.clone(), tls)
    }
}

fn unfit(fault: Fault) -> anyhow::Error {
    Usage::error(format!("{}.{}: {}", TlsSettings::NAME, fault.key, fault.message))
}

/// Refuses settings that do not fit the server they are for: development for all the world, and calls without an account or a certificate.
pub(crate) fn check(settings: &Settings, role: Role, listen: SocketAddr) -> Result<(), Fault> {
    check_guard(&settings.identity, role, listen)?;
    let called = settings.clients.called_by(role);
    let Some(client) = &settings.tls.client else {
        let encrypted = called.iter().find(|(_, address)| is_encrypted(address));
        return encrypted.map_or(Ok(()), |(key, _)| {
            let text = format!(
                "is required: clients.{key} begins with https://, so the {role} server has to know whose certificates to trust"
            );
            Err(Fault::new("tls.client", text))
        });
    };
    if let Some((key, address)) = called.iter().find(|(_, address)| !is_encrypted(address)) {
        let text = format!("is {address}, and tls.client is set: let it begin with https://, or leave tls.client out");
        return Err(Fault::new(format!("clients.{key}"), text));
    }
    let unknown = client
        .names
        .keys()
        .find(|name| !ClientSettings::KEYS.contains(&name.as_str()));
    unknown.map_or(Ok(()), |name| {
        let text = format!("is no server that is called: {}", ClientSettings::KEYS.join(", "));
        Err(Fault::new(format!("tls.client.names.{name}"), text))
    })
}

/// What is no address was refused before.
fn is_encrypted(address: &str) -> bool {
    strata_rpc::is_encrypted(address).unwrap_or_default()
}

fn check_guard(settings: &IdentitySettings, role: Role, listen: SocketAddr) -> Result<(), Fault> {
    match settings.mode {
        Mode::Development if !listen.ip().is_loopback() => {
            let text = format!(
                "is development, in which everybody may do everything, and {listen} can be reached from other machines; \
                 set it to jwt, or listen on this machine only"
            );
            Err(Fault::new("identity.mode", text))
        }
        Mode::Jwt if matches!(role, Role::Process | Role::Experience) && settings.client.is_none() => {
            let text = format!("is required: the {role} server calls others, and has to say who it is");
            Err(Fault::new("identity.client", text))
        }
        _ => Ok(()),
    }
}
