//! The tokens that a server needs for its own calls.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, RwLock};

use chrono::TimeDelta;
use serde_json::Value;
use strata_kernel::{Clock, Error, Instant};
use strata_settings::Secret;
use tokio::sync::Mutex;
use url::Url;

use crate::http::Http;
use crate::throttle::Throttle;
use crate::{ClientSettings, IdentityError, IdentitySettings, endpoint, reason};

/// Seconds between two tries while the provider gives no token.
const FAILED: i64 = 2;
/// A token that somebody refused is renewed, but not sooner than so many seconds after it came.
const REFUSED: i64 = 30;
/// Life of a token, in seconds, when the provider does not say it.
const UNSAID: i64 = 60;
/// Longest life that is believed, in seconds.
const LONGEST: i64 = 24 * 3600;

/// Gets service tokens (OAuth 2.0 client credentials) and renews them before they end. Share it: one question at a time.
pub struct TokenSource {
    http: Http,
    issuer: String,
    url: Option<Url>,
    client: ClientSettings,
    clock: Arc<dyn Clock>,
    held: RwLock<Option<Held>>,
    is_renewing: AtomicBool,
    throttle: Mutex<Throttle>,
}

#[derive(Clone)]
struct Held {
    token: Arc<Secret>,
    got: Instant,
    renew: Instant,
    ends: Instant,
}

impl TokenSource {
    /// A source by settings that were checked. None: they name no account.
    ///
    /// # Errors
    /// When a file of the settings does not do.
    pub fn new(settings: &IdentitySettings, clock: Arc<dyn Clock>) -> Result<Option<Arc<Self>>, IdentityError> {
        let Some(client) = settings.client.clone() else {
            return Ok(None);
        };
        let wrong = |why: &str| IdentityError::Settings("client.token_url".to_owned(), why.to_owned());
        let url = client.token_url.as_deref().map(endpoint::read);
        Ok(Some(Arc::new(Self {
            http: Http::new(settings.ca_file.as_deref())?,
            issuer: settings.issuer.clone(),
            url: url.transpose().map_err(wrong)?,
            client,
            clock,
            held: RwLock::default(),
            is_renewing: AtomicBool::new(false),
            throttle: Mutex::default(),
        })))
    }

    /// A token that is good now. It waits for the provider only when there is none. Call it inside the runtime.
    ///
    /// # Errors
    /// IDENTITY_UNAVAILABLE when there is none to be had.
    pub async fn token(self: &Arc<Self>) -> Result<Arc<Secret>, Error> {
        let now = self.clock.now();
        if let Some(held) = self.held().filter(|held| now < held.ends) {
            if now >= held.renew && !self.is_renewing.swap(true, Ordering::AcqRel) {
                let source = self.clone();
                tokio::spawn(async move {
                    source.ask().await;
                    source.is_renewing.store(false, Ordering::Release);
                });
            }
            return Ok(held.token);
        }
        let source = self.clone();
        // A task of its own: a caller who goes away must not break off what others wait for.
        tokio::spawn(async move { source.ask().await })
            .await
            .map_err(reason::unavailable)?;
        let held = self.held().filter(|held| self.clock.now() < held.ends);
        held.map(|held| held.token)
            .ok_or_else(|| reason::unavailable("no service token could be had, see the warning before"))
    }

    /// A server refused this token. It is renewed in the background at its next use, unless it is quite new.
    pub fn was_refused(&self, token: &Secret) {
        let now = self.clock.now();
        if let Ok(mut held) = self.held.write()
            && let Some(held) = held.as_mut()
            && *held.token == *token
            && (now - held.got).num_seconds() >= REFUSED
        {
            held.renew = now;
        }
    }

    fn held(&self) -> Option<Held> {
        self.held.read().ok()?.clone()
    }

    /// Asks for a token, unless another just got one, or the provider just failed.
    async fn ask(&self) {
        let mut throttle = self.throttle.lock().await;
        let now = self.clock.now();
        if self.held().is_some_and(|held| now < held.renew) || !throttle.may_ask(now, 0, FAILED) {
            return;
        }
        throttle.asked(now);
        match self.get(now).await {
            Ok(new) => {
                throttle.answered();
                if let Ok(mut held) = self.held.write() {
                    *held = Some(new);
                }
            }
            Err(why) => tracing::warn!(why, client = self.client.id, "the identity provider gives no service token"),
        }
    }

    async fn get(&self, now: Instant) -> Result<Held, String> {
        let url = match &self.url {
            Some(url) => url.clone(),
            None => self.http.discover(&self.issuer, "token_endpoint").await?,
        };
        let client = &self.client;
        let optional = [
            ("scope", &client.scope),
            ("audience", &client.audience),
            ("resource", &client.resource),
        ];
        let optional = optional.iter().filter_map(|(key, value)| Some((*key, value.as_deref()?)));
        let form: Vec<(&str, &str)> = [("grant_type", "client_credentials")].into_iter().chain(optional).collect();
        let (status, answer) = self.http.post(&url, &client.id, client.secret.reveal(), &form).await?;
        let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
        if status != 200 {
            // The code that the standard names; its words are the provider's and stay there.
            let code = answer.get("error").and_then(Value::as_str).filter(|code| is_code(code));
            return Err(format!("{url} answers {status} {}", code.unwrap_or_default()));
        }
        let token = answer
            .get("access_token")
            .and_then(Value::as_str)
            .filter(|token| is_token(token));
        let token = token.ok_or_else(|| format!("{url} answers without an access token"))?;
        let kind = answer.get("token_type").and_then(Value::as_str).unwrap_or_default();
        if !kind.eq_ignore_ascii_case("bearer") {
            return Err(format!("{url} gives a token that is no bearer token"));
        }
        let life = answer.get("expires_in").and_then(seconds).unwrap_or(UNSAID).clamp(1, LONGEST);
        Ok(Held {
            token: Arc::new(Secret::new(token)),
            got: now,
            renew: now + TimeDelta::seconds(life - life / 5),
            ends: now + TimeDelta::seconds(life),
        })
    }
}

fn seconds(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

fn is_code(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
}

/// What can be sent as metadata.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic())
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSource")
            .field("client", &self.client.id)
            .finish_non_exhaustive()
    }
}
