//! Bearer tokens a sandbox has issued.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

/// Bearer tokens a sandbox has issued. Clones share them; they are lost when the sandbox stops, as after a revocation.
#[derive(Clone, Debug, Default)]
pub struct Tokens {
    issued: Arc<Mutex<Issued>>,
}

#[derive(Debug, Default)]
struct Issued {
    serial: u64,
    live: HashMap<String, Grant>,
}

#[derive(Debug)]
struct Grant {
    subject: String,
    ends: Option<DateTime<Utc>>,
}

impl Tokens {
    /// Issues an opaque token for `subject`, good for `lifetime` from `now`, or until revoked when that is `None`.
    #[must_use]
    pub fn issue(&self, subject: &str, lifetime: Option<TimeDelta>, now: DateTime<Utc>) -> String {
        let mut issued = self.issued();
        issued.serial += 1;
        // Not secret, only distinct: a sandbox listens on the loopback address and its runs must be repeatable.
        let seed = format!("{subject}|{}|{}", issued.serial, now.timestamp_millis());
        let token = hex::encode(Sha256::digest(seed.as_bytes()));
        let grant = Grant {
            subject: subject.to_owned(),
            ends: lifetime.map(|length| now + length),
        };
        issued.live.insert(token.clone(), grant);
        token
    }

    /// Whether `token` was issued here and neither ended nor was revoked by `now`.
    #[must_use]
    pub fn check(&self, token: &str, now: DateTime<Utc>) -> bool {
        self.subject(token, now).is_some()
    }

    /// Whom a live token was issued to.
    #[must_use]
    pub fn subject(&self, token: &str, now: DateTime<Utc>) -> Option<String> {
        let issued = self.issued();
        let grant = issued.live.get(token)?;
        grant.ends.is_none_or(|ends| now < ends).then(|| grant.subject.clone())
    }

    /// Makes every token issued so far worthless.
    pub fn revoke_all(&self) {
        self.issued().live.clear();
    }

    fn issued(&self) -> MutexGuard<'_, Issued> {
        self.issued.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_lives_until_its_end() {
        let tokens = Tokens::default();
        let now = DateTime::UNIX_EPOCH;
        let short = tokens.issue("strata", Some(TimeDelta::seconds(60)), now);
        let endless = tokens.issue("strata", None, now);
        assert_ne!(short, endless);
        assert!(tokens.check(&short, now + TimeDelta::seconds(59)));
        assert!(!tokens.check(&short, now + TimeDelta::seconds(60)));
        assert_eq!(
            tokens.subject(&endless, now + TimeDelta::days(900)).as_deref(),
            Some("strata")
        );
        assert!(!tokens.check("made up", now));
    }

    #[test]
    fn revoking_ends_them_all() {
        let tokens = Tokens::default();
        let now = DateTime::UNIX_EPOCH;
        let token = tokens.issue("strata", None, now);
        tokens.clone().revoke_all();
        assert!(!tokens.check(&token, now));
        assert_ne!(tokens.issue("strata", None, now), token, "a new token is never an old one");
    }
}
