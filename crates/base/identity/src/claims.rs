//! From the claims of a token to a principal.

use std::collections::BTreeSet;

use serde_json::Value;
use strata_kernel::{Error, Instant};

use crate::settings::IdentitySettings;
use crate::{CallerKind, Principal, Scopes, Verified, reason};

/// Longest subject that is taken, in bytes.
const LONGEST_SUBJECT: usize = 255;

/// What the settings say about claims.
pub(crate) struct Rules(IdentitySettings);

impl Rules {
    pub(crate) fn new(settings: &IdentitySettings) -> Self {
        // Nothing here sends anything: the credentials stay where they are used.
        Self(IdentitySettings {
            client: None,
            ..settings.clone()
        })
    }

    /// Checks claims whose signature is good, and reads who they are about.
    pub(crate) fn read(&self, claims: &Value, now: Instant) -> Result<Verified, Error> {
        let rules = &self.0;
        if text(claims, "iss") != Some(rules.issuer.as_str()) {
            return Err(reason::invalid(format!(
                "the token comes from another issuer; get one from {}",
                rules.issuer
            )));
        }
        let audience = list(claims.get("aud"));
        if !rules.audience.iter().any(|ours| audience.contains(ours)) {
            return Err(reason::invalid(format!(
                "the token is for another audience; get one for {}",
                rules.audience.join(" or ")
            )));
        }
        let expires = self.times(claims, now)?;
        let subject = text(claims, "sub").filter(|sub| !sub.is_empty() && sub.len() <= LONGEST_SUBJECT);
        let subject = subject.ok_or_else(|| reason::invalid("the token does not say whose it is: sub is missing"))?;
        Ok(Verified {
            principal: self.principal(claims, subject).into(),
            id: text(claims, "jti").map(str::to_owned),
            expires,
        })
    }

    /// When the token ends; refused when it has ended, or has not begun.
    fn times(&self, claims: &Value, now: Instant) -> Result<Instant, Error> {
        let leeway = chrono::TimeDelta::seconds(self.0.leeway_s.into());
        let expires =
            time(claims, "exp")?.ok_or_else(|| reason::invalid("the token does not say when it ends: exp is missing"))?;
        if now - leeway >= expires {
            return Err(reason::expired());
        }
        for begin in ["nbf", "iat"] {
            if time(claims, begin)?.is_some_and(|begin| begin > now + leeway) {
                return Err(reason::invalid(
                    "the token is not valid yet; compare the clocks of provider and server",
                ));
            }
        }
        Ok(expires)
    }

    fn principal(&self, claims: &Value, subject: &str) -> Principal {
        let names = &self.0.claims;
        let one = |name: &str| at(claims, name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let roles: BTreeSet<String> = list(at(claims, &names.roles));
        let granted = roles.iter().filter_map(|role| self.0.roles.get(role)).flatten();
        let granted = granted.flat_map(|scope| crate::settings::expand(scope));
        // A scope in the token is taken word for word: no provider writes patterns of ours.
        let scopes = list(at(claims, &names.scope)).into_iter().chain(granted);
        let own = ["client_id", "azp"]
            .into_iter()
            .any(|name| text(claims, name) == Some(subject));
        let is_service = own || self.0.services.iter().any(|service| service == subject);
        Principal {
            subject: subject.to_owned(),
            kind: if is_service { CallerKind::Service } else { CallerKind::Person },
            scopes: Scopes::of(scopes),
            tenant: one(&names.tenant).map(str::to_owned),
            customer: one(&names.customer).map(str::to_owned),
            legal_entities: list(at(claims, &names.legal_entities)),
            employee: one(&names.employee).map(str::to_owned),
            roles,
        }
    }
}

fn text<'a>(claims: &'a Value, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str)
}

/// A claim by its name; if there is none, by the way to it: `realm_access.roles`.
fn at<'a>(claims: &'a Value, name: &str) -> Option<&'a Value> {
    claims
        .get(name)
        .or_else(|| name.split('.').try_fold(claims, |inner, step| inner.get(step)))
}

/// A list, or one text with blanks between.
fn list(value: Option<&Value>) -> BTreeSet<String> {
    match value {
        Some(Value::String(text)) => text.split_whitespace().map(str::to_owned).collect(),
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => BTreeSet::new(),
    }
}

/// A time in seconds since 1970. None: it is not said.
fn time(claims: &Value, name: &str) -> Result<Option<Instant>, Error> {
    let Some(value) = claims.get(name) else { return Ok(None) };
    // Some providers write fractions; they do not count.
    let seconds = value.as_i64().or_else(|| value.as_f64().map(|seconds| seconds as i64));
    let read = seconds.and_then(|seconds| chrono::DateTime::from_timestamp(seconds, 0));
    read.map(Some)
        .ok_or_else(|| reason::invalid(format!("the token's {name} is no time in seconds")))
}
