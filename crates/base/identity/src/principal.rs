//! Who a caller is.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

/// What kind of caller it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallerKind {
    /// A person, through a portal or the command line.
    Person,
    /// A program with an account of its own, a server of ours among them.
    Service,
    /// Whoever calls a development server. Nobody was asked for a token.
    Development,
}

/// A caller whose token was verified, or who needs none.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Principal {
    /// Who it is: the token's `sub`. Stable, and unique at the provider.
    pub subject: String,
    /// What kind of caller it is.
    pub kind: CallerKind,
    /// Roles, as the token names them, whether the settings know them or not.
    pub roles: BTreeSet<String>,
    /// What it may do.
    pub scopes: Scopes,
    /// Tenant it belongs to. None: the token names none.
    pub tenant: Option<String>,
    /// Customer it acts for. None: it belongs to the firm.
    pub customer: Option<String>,
    /// Codes of the legal entities it is confined to. Empty: the token names none.
    pub legal_entities: BTreeSet<String>,
    /// Employee it is, by the number that HR gave: "EM-00001". None: the token names none.
    pub employee: Option<String>,
}

/// Scopes of the contracts, as `tier.area.verb`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scopes(Option<BTreeSet<String>>);

impl Scopes {
    /// Every scope there is.
    pub fn all() -> Self {
        Self(None)
    }

    /// These, and no others.
    pub fn of(scopes: impl IntoIterator<Item = String>) -> Self {
        Self(Some(scopes.into_iter().collect()))
    }

    /// Whether a scope is among them.
    pub fn contains(&self, scope: &str) -> bool {
        self.0.as_ref().is_none_or(|some| some.contains(scope))
    }
}

static DEVELOPMENT: LazyLock<Arc<Principal>> =
    LazyLock::new(|| Arc::new(Principal::everything("development", CallerKind::Development)));
static PLATFORM: LazyLock<Arc<Principal>> = LazyLock::new(|| Arc::new(Principal::everything("strata", CallerKind::Service)));

impl Principal {
    /// Whoever calls a development server: every scope.
    pub fn development() -> Arc<Self> {
        DEVELOPMENT.clone()
    }

    /// The platform itself, where one tier calls another inside one process: every scope.
    pub fn platform() -> Arc<Self> {
        PLATFORM.clone()
    }

    fn everything(subject: &str, kind: CallerKind) -> Self {
        Self {
            subject: subject.to_owned(),
            kind,
            roles: BTreeSet::new(),
            scopes: Scopes::all(),
            tenant: None,
            customer: None,
            legal_entities: BTreeSet::new(),
            employee: None,
        }
    }
}
