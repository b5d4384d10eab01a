//! Who a call under way is for.

use std::sync::Arc;

use strata_identity::Principal;
use strata_settings::Secret;

tokio::task_local! {
    static CURRENT: Caller;
}

/// Who a call is for, and who brought it. It stands in the extensions of every request, and shows no token.
#[derive(Debug, Clone)]
pub struct Caller {
    principal: Arc<Principal>,
    via: Option<Arc<Principal>>,
    token: Option<Arc<Secret>>,
}

/// Who the call under way in this task is for. None: no call is; the platform works by itself.
pub fn caller() -> Option<Caller> {
    CURRENT.try_with(Clone::clone).ok()
}

impl Caller {
    /// A caller in development.
    pub(crate) fn development() -> Self {
        Self {
            principal: Principal::development(),
            via: None,
            token: None,
        }
    }

    /// A caller by its own token.
    pub(crate) fn direct_by(principal: Arc<Principal>, token: Secret) -> Self {
        Self {
            principal,
            via: None,
            token: Some(Arc::new(token)),
        }
    }

    /// The same call, brought by a server.
    pub(crate) fn brought_by(self, server: Arc<Principal>) -> Self {
        Self {
            via: Some(server),
            ..self
        }
    }

    /// One tier calls another inside this process: for whoever its own call is for, or for the platform.
    pub(crate) fn inside() -> Self {
        let platform = Principal::platform();
        caller().map(|caller| caller.brought_by(platform.clone())).unwrap_or(Self {
            principal: platform,
            via: None,
            token: None,
        })
    }

    /// Whom the call is for: whose tenant, customer, entities and roles count.
    pub fn principal(&self) -> &Arc<Principal> {
        &self.principal
    }

    /// Who calls: a server of ours that works for the principal, or the principal itself. Its scopes count.
    pub fn direct(&self) -> &Arc<Principal> {
        self.via.as_ref().unwrap_or(&self.principal)
    }

    /// Name of whoever called over TCP, as a token proved it. None: nobody was asked for one, or the call comes from this process.
    pub(crate) fn proven(&self) -> Option<&str> {
        let platform = Principal::platform();
        let outside = self.token.is_some() && !Arc::ptr_eq(self.direct(), &platform);
        outside.then(|| self.direct().subject.as_str())
    }

    /// The token of the principal, to be passed on.
    pub(crate) fn token(&self) -> Option<&Arc<Secret>> {
        self.token.as_ref()
    }

    /// Runs `work` for this caller. A task spawned inside works for the platform.
    pub(crate) fn scope<F: Future>(self, work: F) -> impl Future<Output = F::Output> {
        CURRENT.scope(self, work)
    }
}
