//! Access tokens: minted once for everybody who waits, kept until they end or are refused.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use strata_kernel::{Error, Instant, Result};
use tokio::sync::Mutex;

use crate::secret::Secret;

/// A token is given up this long before its end, so that it does not end on the way.
const MARGIN: Duration = Duration::from_secs(30);

/// How an adapter gets a token.
pub trait Mint: Send + Sync + 'static {
    /// Asks the vendor for a token. `now` is for signed assertions.
    fn mint(&self, now: Instant) -> impl Future<Output = Result<Minted>> + Send;
}

/// A token as the vendor issued it.
#[derive(Debug, Clone)]
pub struct Minted {
    /// The token.
    pub secret: Secret,
    /// Host to talk to with it, when the vendor says so (Salesforce does).
    pub instance_url: Option<String>,
    /// How long it lives. None: until it is refused.
    pub lifetime: Option<Duration>,
}

/// A token in use.
#[derive(Debug)]
pub struct Token {
    /// The token.
    pub secret: Secret,
    /// Host to talk to with it, when the vendor said so.
    pub instance_url: Option<String>,
    ends: Option<Instant>,
}

/// Keeps one token. Many callers that find none wait for the same mint, and share its failure too.
#[derive(Debug)]
pub struct TokenCache<F> {
    mint: F,
    kept: Mutex<Kept>,
    /// Mints finished so far: tells a caller that waited whether somebody else just tried.
    turns: AtomicU64,
}

#[derive(Debug, Default)]
struct Kept {
    token: Option<Arc<Token>>,
    failure: Option<Error>,
}

impl<F: Mint> TokenCache<F> {
    /// An empty cache.
    pub fn new(mint: F) -> Self {
        Self {
            mint,
            kept: Mutex::default(),
            turns: AtomicU64::new(0),
        }
    }

    /// The token, minted if there is none that lives.
    pub async fn get(&self, now: Instant) -> Result<Arc<Token>> {
        let turns = self.turns.load(Ordering::SeqCst);
        let mut kept = self.kept.lock().await;
        if let Some(token) = kept.token.as_ref().filter(|t| t.ends.is_none_or(|ends| now < ends)) {
            return Ok(Arc::clone(token));
        }
        if self.turns.load(Ordering::SeqCst) != turns
            && let Some(failure) = &kept.failure
        {
            return Err(failure.clone());
        }
        let minted = self.mint.mint(now).await;
        self.turns.fetch_add(1, Ordering::SeqCst);
        match minted {
            Ok(minted) => {
                let token = Arc::new(Token {
                    ends: minted.lifetime.map(|length| now + length.saturating_sub(MARGIN)),
                    secret: minted.secret,
                    instance_url: minted.instance_url,
                });
                *kept = Kept {
                    token: Some(Arc::clone(&token)),
                    failure: None,
                };
                Ok(token)
            }
            Err(failure) => {
                *kept = Kept {
                    token: None,
                    failure: Some(failure.clone()),
                };
                Err(failure)
            }
        }
    }

    /// Forgets a token that the vendor refused. A newer one, minted meanwhile by somebody else, stays.
    pub async fn invalidate(&self, token: &Token) {
        let mut kept = self.kept.lock().await;
        if kept
            .token
            .as_ref()
            .is_some_and(|t| t.secret.expose() == token.secret.expose())
        {
            kept.token = None;
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[derive(Debug, Default)]
    struct Counted {
        calls: AtomicUsize,
        lifetime: Option<Duration>,
        fails: bool,
    }

    impl Mint for Counted {
        async fn mint(&self, _: Instant) -> Result<Minted> {
            let call = self.calls.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(20)).await;
            if self.fails {
                return Err(crate::unavailable("down"));
            }
            Ok(Minted {
                secret: Secret::new(format!("t{call}")),
                instance_url: None,
                lifetime: self.lifetime,
            })
        }
    }

    fn at(seconds: i64) -> Instant {
        Instant::from_timestamp(seconds, 0).unwrap()
    }

    #[tokio::test]
    async fn many_callers_share_one_mint_and_one_failure() {
        for fails in [false, true] {
            let cache = Arc::new(TokenCache::new(Counted {
                fails,
                ..Counted::default()
            }));
            let mut waiting = tokio::task::JoinSet::new();
            for _ in 0..20 {
                let cache = Arc::clone(&cache);
                waiting.spawn(async move { cache.get(at(0)).await.is_ok() });
            }
            assert!(waiting.join_all().await.iter().all(|ok| *ok != fails));
            assert_eq!(cache.mint.calls.load(Ordering::SeqCst), 1);
        }
    }

    #[tokio::test]
    async fn a_token_is_given_up_before_it_ends() {
        let lifetime = Some(Duration::from_secs(600));
        let cache = TokenCache::new(Counted {
            lifetime,
            ..Counted::default()
        });
        assert_eq!(cache.get(at(0)).await.unwrap().secret.expose(), "t0");
        assert_eq!(cache.get(at(569)).await.unwrap().secret.expose(), "t0");
        assert_eq!(cache.get(at(570)).await.unwrap().secret.expose(), "t1");
    }

    #[tokio::test]
    async fn only_the_refused_token_is_forgotten() {
        let cache = TokenCache::new(Counted::default());
        let first = cache.get(at(0)).await.unwrap();
        cache.invalidate(&first).await;
        let second = cache.get(at(0)).await.unwrap();
        cache.invalidate(&first).await;
        assert_eq!(cache.get(at(0)).await.unwrap().secret.expose(), second.secret.expose());
    }
}
