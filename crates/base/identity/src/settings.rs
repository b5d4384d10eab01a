//! The `identity` section of the settings.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;
use strata_settings::{Fault, Secret, Section};

use crate::http::Http;
use crate::revoked::Revoked;
use crate::{Algorithm, endpoint};

/// Largest leeway that may be set, in seconds.
const MOST_LEEWAY: u32 = 60;

/// How callers say who they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Not at all: whoever calls is let in, under one name and with every scope. On addresses of this machine only.
    #[default]
    Development,
    /// By an access token that the issuer signed.
    Jwt,
}

/// Who may call, and how this server says who it is when it calls others.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IdentitySettings {
    /// How callers say who they are. Default: `development`.
    pub mode: Mode,
    /// The provider, exactly as its tokens write it in `iss`: `https://login.example/realms/firm`.
    pub issuer: String,
    /// Audiences that are us. A token names at least one of them in `aud`.
    pub audience: Vec<String>,
    /// Algorithms that tokens may be signed with: `RS256`, `ES256`, `EdDSA`. Default: `RS256`.
    pub algorithms: Vec<Algorithm>,
    /// Where the provider's keys are. Default: where its discovery document says.
    pub keys_url: Option<String>,
    /// File with the provider's keys as a JSON Web Key Set, for a provider that cannot be reached. It is read again like the others.
    pub keys_file: Option<PathBuf>,
    /// Certificates in PEM form of the authorities that the provider's certificate comes from, beside the usual ones.
    pub ca_file: Option<PathBuf>,
    /// By how much the clocks of provider and server may differ, in seconds, at most 60. Default: 30.
    pub leeway_s: u32,
    /// Take tokens only whose header says that they are access tokens (`typ` = `at+jwt`). Default: false, many providers do not say it.
    pub require_at_jwt: bool,
    /// Scopes of each role. A scope that ends in `.*` means every scope of the contracts that begins so; `*` means all.
    pub roles: BTreeMap<String, Vec<String>>,
    /// Subjects that are programs, beside those whose `client_id` or `azp` is their `sub`.
    pub services: Vec<String>,
    /// Which claim says what.
    pub claims: ClaimNames,
    /// File that says what was withdrawn before its end, a line each: `jti ID` for a token, `sub NAME` for every token of a caller. It is
    /// read again when it changes. Default: nothing is.
    pub revoked_file: Option<PathBuf>,
    /// Account of this server at the provider, for its calls to others.
    pub client: Option<ClientSettings>,
}

/// Names of claims. A name with dots leads into claims in claims: `realm_access.roles`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClaimNames {
    /// Roles: a list, or a text with blanks between. Default: `roles`.
    pub roles: String,
    /// Scopes: a list, or a text with blanks between. Default: `scope`.
    pub scope: String,
    /// Tenant. Default: `tenant`.
    pub tenant: String,
    /// Customer the caller acts for. Default: `customer`.
    pub customer: String,
    /// Legal entities the caller is confined to. Default: `legal_entities`.
    pub legal_entities: String,
    /// Employee the caller is, by employee number. Default: `employee`.
    pub employee: String,
}

/// An account at the provider that may get tokens for itself (OAuth 2.0 client credentials).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientSettings {
    /// Its name.
    pub id: String,
    /// Its password.
    pub secret: Secret,
    /// Where tokens are given. Default: where the provider's discovery document says.
    #[serde(default)]
    pub token_url: Option<String>,
    /// Scopes to ask for, with blanks between. Default: what the provider gives without being asked.
    #[serde(default)]
    pub scope: Option<String>,
    /// Audience to ask for, in the words of providers that take `audience`.
    #[serde(default)]
    pub audience: Option<String>,
    /// Audience to ask for, in the words of RFC 8707: an absolute URI.
    #[serde(default)]
    pub resource: Option<String>,
}

impl Default for IdentitySettings {
    fn default() -> Self {
        Self {
            mode: Mode::Development,
            issuer: String::new(),
            audience: Vec::new(),
            algorithms: vec![Algorithm::RS256],
            keys_url: None,
            keys_file: None,
            ca_file: None,
            leeway_s: 30,
            require_at_jwt: false,
            roles: BTreeMap::new(),
            services: Vec::new(),
            claims: ClaimNames::default(),
            revoked_file: None,
            client: None,
        }
    }
}

impl Default for ClaimNames {
    fn default() -> Self {
        Self {
            roles: "roles".to_owned(),
            scope: "scope".to_owned(),
            tenant: "tenant".to_owned(),
            customer: "customer".to_owned(),
            legal_entities: "legal_entities".to_owned(),
            employee: "employee".to_owned(),
        }
    }
}

/// The scopes of the contracts that a role's scope means.
pub(crate) fn expand(scope: &str) -> impl Iterator<Item = String> {
    let start = scope
        .strip_suffix('*')
        .filter(|start| start.is_empty() || start.ends_with('.'));
    let fits = move |known: &&str| match start {
        Some(start) => known.starts_with(start),
        None => *known == scope,
    };
    strata_contract::scopes().filter(fits).map(str::to_owned)
}

impl Section for IdentitySettings {
    const NAME: &'static str = "identity";

    fn check(&self) -> Result<(), Fault> {
        for (role, scopes) in &self.roles {
            if let Some(index) = scopes.iter().position(|scope| expand(scope).next().is_none()) {
                let text = format!("\"{}\" is no scope of the contracts", scopes[index]);
                return Err(Fault::new(format!("roles.{role}[{index}]"), text));
            }
        }
        if self.leeway_s > MOST_LEEWAY {
            return Err(Fault::new("leeway_s", format!("is at most {MOST_LEEWAY}")));
        }
        let urls = [
            ("issuer", Some(&self.issuer).filter(|url| !url.is_empty())),
            ("keys_url", self.keys_url.as_ref()),
        ];
        let token_url = self.client.as_ref().and_then(|client| client.token_url.as_ref());
        for (key, url) in urls.into_iter().chain([("client.token_url", token_url)]) {
            if let Some(Err(why)) = url.map(|url| endpoint::read(url)) {
                return Err(Fault::new(key, why));
            }
        }
        if self.ca_file.is_some() {
            Http::new(self.ca_file.as_deref()).map_err(|error| Fault::new("ca_file", error.to_string()))?;
        }
        if let Some(file) = &self.revoked_file {
            Revoked::open(file).map_err(|why| Fault::new("revoked_file", why))?;
        }
        match self.mode {
            Mode::Development => Ok(()),
            Mode::Jwt => self.check_jwt(),
        }
    }
}

impl IdentitySettings {
    fn check_jwt(&self) -> Result<(), Fault> {
        if self.issuer.is_empty() {
            return Err(Fault::new("issuer", "is required: whose tokens are taken"));
        }
        if self.audience.is_empty() || self.audience.iter().any(String::is_empty) {
            return Err(Fault::new("audience", "is required: whom a token has to be for"));
        }
        if self.algorithms.is_empty() {
            return Err(Fault::new("algorithms", "has to name one of RS256, ES256, EdDSA"));
        }
        if self.keys_url.is_some() && self.keys_file.is_some() {
            return Err(Fault::new("keys_file", "does not go together with keys_url"));
        }
        if self.client.as_ref().is_some_and(|client| client.id.is_empty()) {
            return Err(Fault::new("client.id", "is required: the name of this server's account"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn sound() -> IdentitySettings {
        IdentitySettings {
            mode: Mode::Jwt,
            issuer: "https://login.example".to_owned(),
            audience: vec!["strata".to_owned()],
            ..IdentitySettings::default()
        }
    }

    fn refused(change: impl FnOnce(&mut IdentitySettings)) -> String {
        let mut settings = sound();
        change(&mut settings);
        settings.check().unwrap_err().key
    }

    #[test]
    fn what_does_not_fit_is_named() {
        sound().check().unwrap();
        IdentitySettings::default().check().unwrap();
        assert_eq!(refused(|s| s.issuer.clear()), "issuer");
        assert_eq!(refused(|s| s.issuer = "http://login.example".to_owned()), "issuer");
        assert_eq!(refused(|s| s.audience.clear()), "audience");
        assert_eq!(refused(|s| s.algorithms.clear()), "algorithms");
        assert_eq!(refused(|s| s.leeway_s = 61), "leeway_s");
        assert_eq!(refused(|s| s.ca_file = Some("/nowhere".into())), "ca_file");
        assert_eq!(refused(|s| s.revoked_file = Some("/nowhere".into())), "revoked_file");
        let roles = |scope: &str| {
            [(
                "finance".to_owned(),
                vec!["process.billing.read".to_owned(), scope.to_owned()],
            )]
        };
        assert_eq!(refused(|s| s.roles = roles("process.biling.read").into()), "roles.finance[1]");
        assert_eq!(refused(|s| s.roles = roles("process.bill*").into()), "roles.finance[1]");
        let both = |s: &mut IdentitySettings| {
            s.keys_file = Some("keys.json".into());
            s.keys_url = Some("https://login.example/keys".to_owned());
        };
        assert_eq!(refused(both), "keys_file");
    }

    #[test]
    fn a_pattern_means_scopes_of_the_contracts() {
        let of = |scope| expand(scope).collect::<Vec<_>>();
        assert_eq!(of("process.billing.*"), ["process.billing.approve", "process.billing.read"]);
        assert_eq!(of("process.billing.read"), ["process.billing.read"]);
        assert_eq!(of("*").len(), strata_contract::scopes().count());
        assert!(of("process.nothing.*").is_empty() && of("").is_empty());
    }
}
