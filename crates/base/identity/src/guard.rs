//! Who is let in.

use std::net::SocketAddr;
use std::sync::Arc;

use strata_kernel::{Clock, Error};

use crate::settings::{IdentitySettings, Mode};
use crate::{IdentityError, Principal, Verified, Verifier, reason};

/// Decides who a caller is. Clones share it.
#[derive(Debug, Clone, Default)]
pub enum Guard {
    /// Whoever calls is let in under the name "development", with every scope. For this machine only.
    #[default]
    Development,
    /// A caller is whoever a token says.
    Tokens(Arc<Verifier>),
}

impl Guard {
    /// The guard that the settings ask for. Call it inside the runtime.
    ///
    /// # Errors
    /// When a file of the settings does not do.
    pub fn new(settings: &IdentitySettings, clock: Arc<dyn Clock>) -> Result<Self, IdentityError> {
        match settings.mode {
            Mode::Development => Ok(Self::Development),
            Mode::Jwt => Ok(Self::Tokens(Arc::new(Verifier::new(settings, clock)?))),
        }
    }

    /// Whether a server with this guard may listen there: without tokens on this machine only, whatever else is allowed.
    pub fn may_listen(&self, address: SocketAddr) -> bool {
        match self {
            Self::Development => address.ip().is_loopback(),
            Self::Tokens(_) => true,
        }
    }

    /// The refusal of a call without a token.
    pub fn missing() -> Error {
        reason::missing()
    }

    /// The refusal of a call whose token ends while it is under way.
    pub fn expired() -> Error {
        reason::expired()
    }

    /// Refuses a principal without a scope.
    ///
    /// # Errors
    /// SCOPE_MISSING, with the name of the scope.
    pub fn check(principal: &Principal, scope: &str) -> Result<(), Error> {
        if principal.scopes.contains(scope) {
            return Ok(());
        }
        Err(reason::denied(format!(
            "the call needs the scope \"{scope}\", which the token does not carry; ask an administrator for a role that has it"
        )))
    }

    /// The refusal of an answer with fields left out to who asked for a whole one.
    pub fn partial(scopes: &[&str]) -> Error {
        reason::denied(format!(
            "fields of the answer would be left out, and the caller asks for whole answers; give its account the scopes it lacks: {}",
            scopes.join(", ")
        ))
    }

    /// Refuses whoever passes on the token of somebody else, unless it is a server.
    ///
    /// # Errors
    /// SCOPE_MISSING.
    pub fn check_on_behalf(direct: &Verified) -> Result<(), Error> {
        if direct.principal.kind == crate::CallerKind::Service {
            return Ok(());
        }
        Err(reason::denied(
            "only a server may pass on the token of somebody else; call with your own token alone",
        ))
    }
}
