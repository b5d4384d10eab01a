//! Verifies tokens.

use std::fmt;
use std::sync::Arc;

use jsonwebtoken::{Validation, decode, decode_header};
use serde_json::Value;
use strata_kernel::{Clock, Error, Instant};

use crate::cache::{self, Cache};
use crate::claims::Rules;
use crate::http::Http;
use crate::keys::Keys;
use crate::revoked::Revoked;
use crate::settings::IdentitySettings;
use crate::source::Source;
use crate::{Algorithm, IdentityError, Principal, endpoint, reason};

/// Longest token that is looked at, in bytes.
const LONGEST: usize = 8 * 1024;
/// Verified tokens that are remembered, in each of two generations.
const REMEMBERED: usize = 4096;
/// Types of a token that may be an access token (RFC 9068). Many providers still write JWT.
const TYPES: [&str; 3] = ["at+jwt", "application/at+jwt", "jwt"];

/// A verified token: whose it is, and until when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Whose it is.
    pub principal: Arc<Principal>,
    /// Its own name at the issuer (`jti`), if it has one.
    pub id: Option<String>,
    /// When it ends.
    pub expires: Instant,
}

/// Verifies the tokens of one issuer. Share it: it remembers what it verified, and the provider's keys.
pub struct Verifier {
    rules: Rules,
    algorithms: Vec<Algorithm>,
    leeway: chrono::TimeDelta,
    require_at_jwt: bool,
    keys: Arc<Keys>,
    cache: Cache,
    revoked: Option<Revoked>,
    clock: Arc<dyn Clock>,
}

impl Verifier {
    /// A verifier by settings that were checked. It begins to read the provider's keys at once, and does not wait for them. Call it
    /// inside the runtime.
    ///
    /// # Errors
    /// When a file of the settings does not do.
    pub fn new(settings: &IdentitySettings, clock: Arc<dyn Clock>) -> Result<Self, IdentityError> {
        let source = match (&settings.keys_file, &settings.keys_url) {
            (Some(file), _) => Source::File(file.clone()),
            (None, Some(url)) => {
                let read = endpoint::read(url).map_err(|why| IdentityError::Settings("keys_url".to_owned(), why.to_owned()))?;
                Source::Fixed(Http::new(settings.ca_file.as_deref())?, read)
            }
            (None, None) => Source::Discovery(Http::new(settings.ca_file.as_deref())?, settings.issuer.clone()),
        };
        let unfit = |why: String| IdentityError::Settings("revoked_file".to_owned(), why);
        let revoked = settings
            .revoked_file
            .as_deref()
            .map(Revoked::open)
            .transpose()
            .map_err(unfit)?;
        let keys = Keys::new(source, clock.clone());
        keys.keep_fresh(clock.now());
        Ok(Self {
            rules: Rules::new(settings),
            algorithms: settings.algorithms.clone(),
            leeway: chrono::TimeDelta::seconds(settings.leeway_s.into()),
            require_at_jwt: settings.require_at_jwt,
            keys,
            cache: Cache::new(REMEMBERED),
            revoked,
            clock,
        })
    }

    /// Says whose a token is. One that was verified before costs a hash.
    ///
    /// # Errors
    /// TOKEN_EXPIRED, TOKEN_INVALID, or IDENTITY_UNAVAILABLE when the provider's keys cannot be had.
    pub async fn verify(&self, token: &str) -> Result<Verified, Error> {
        let verified = self.read(token).await?;
        self.check_revoked(&verified).await.map(|()| verified)
    }

    /// Refuses a token that was withdrawn since it was verified, for calls that last.
    ///
    /// # Errors
    /// TOKEN_INVALID.
    pub async fn check_revoked(&self, verified: &Verified) -> Result<(), Error> {
        match &self.revoked {
            Some(revoked) if revoked.holds(verified).await => Err(reason::revoked()),
            _ => Ok(()),
        }
    }

    async fn read(&self, token: &str) -> Result<Verified, Error> {
        if token.len() > LONGEST {
            return Err(reason::invalid(format!("the token is longer than {LONGEST} bytes")));
        }
        let now = self.clock.now();
        self.keys.keep_fresh(now);
        let print = cache::print(token);
        if let Some(known) = self.cache.get(&print, self.keys.version()) {
            return if now - self.leeway < known.expires {
                Ok(known)
            } else {
                Err(reason::expired())
            };
        }
        let (id, algorithm) = self.header(token)?;
        let key = self.keys.find(id.as_deref(), algorithm).await?;
        // Taken before the check: keys that change meanwhile make the entry worthless, not wrong.
        let version = self.keys.version();
        let claims = decode::<Value>(token, &key.decoding, &signature_only(key.algorithm))
            .map_err(|_| reason::invalid("the token's signature is not its issuer's; get a new one"))?;
        let verified = self.rules.read(&claims.claims, self.clock.now())?;
        self.cache.put(print, version, verified.clone());
        Ok(verified)
    }

    /// The time left until a token ends.
    pub fn left(&self, verified: &Verified) -> std::time::Duration {
        let left = verified.expires + self.leeway - self.clock.now();
        left.to_std().unwrap_or_default()
    }

    /// Id of the key and algorithm that a token names. It may choose among what the settings allow, and nothing else.
    fn header(&self, token: &str) -> Result<(Option<String>, Algorithm), Error> {
        let header = decode_header(token).map_err(|_| reason::invalid("the token is no signed JWT"))?;
        let allowed = self.algorithms.iter().find(|allowed| allowed.of_library() == header.alg);
        let Some(algorithm) = allowed else {
            let allowed: Vec<String> = self.algorithms.iter().map(|one| format!("{one:?}")).collect();
            return Err(reason::invalid(format!(
                "the token is signed in another way than {}",
                allowed.join(" or ")
            )));
        };
        let kind = header.typ.unwrap_or_default().to_ascii_lowercase();
        let is_access = TYPES.contains(&kind.as_str()) && kind != "jwt";
        let may_be_access = is_access || !self.require_at_jwt && (kind.is_empty() || TYPES.contains(&kind.as_str()));
        if !may_be_access || header.crit.is_some() {
            return Err(reason::invalid("the token is no access token"));
        }
        Ok((header.kid, *algorithm))
    }
}

/// The library checks the signature; claims are checked by [`Rules`], with the clock that was passed in.
fn signature_only(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm.of_library());
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("algorithms", &self.algorithms)
            .finish_non_exhaustive()
    }
}
