//! Who may call the servers of this process, and as whom they call others.

use std::net::SocketAddr;
use std::sync::Arc;

use strata_identity::{Guard, IdentitySettings, Mode, TokenSource};
use strata_kernel::SystemClock;
use strata_rpc::{Credentials, ServerSettings};
use strata_settings::Fault;

use crate::settings::Settings;
use crate::vendor::Role;

/// How every server of this process protects itself. Clones share what was verified.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Its limits.
    pub server: ServerSettings,
    /// Who is let in.
    pub guard: Guard,
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
            rows: strata_rules::Rules::load(settings.rules.dir.as_deref())?,
        })
    }
}

/// As whom servers elsewhere are called.
///
/// # Errors
/// When a file of the settings does not do.
pub(crate) fn credentials(settings: &IdentitySettings) -> anyhow::Result<Credentials> {
    let source = match settings.mode {
        Mode::Development => None,
        Mode::Jwt => TokenSource::new(settings, Arc::new(SystemClock))?,
    };
    Ok(source.map_or(Credentials::None, Credentials::Service))
}

/// Refuses settings that do not fit the server they are for: development for all the world, and calls without an account.
pub(crate) fn check(settings: &IdentitySettings, role: Role, listen: SocketAddr) -> Result<(), Fault> {
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
