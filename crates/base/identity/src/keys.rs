//! The provider's keys, kept and renewed.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, RwLock};

use strata_kernel::{Clock, Error, Instant};
use tokio::sync::Mutex;

use crate::key_set::{Key, KeySet};
use crate::source::Source;
use crate::throttle::Throttle;
use crate::{Algorithm, reason};

/// Seconds after which keys are read again although nobody misses one: so long is a withdrawn key still believed.
const REFRESH: i64 = 300;
/// Seconds between two readings because of a key that nobody knows. Whoever invents ids causes no more than that.
const UNKNOWN: i64 = 30;
/// Seconds between two tries while the provider does not answer.
const FAILED: i64 = 5;

/// The keys of one provider. The last good set is kept for as long as the provider is away.
pub(crate) struct Keys {
    source: Source,
    clock: Arc<dyn Clock>,
    set: RwLock<Arc<KeySet>>,
    /// Grows whenever the keys change.
    version: AtomicU64,
    /// When the keys were read last, in seconds since 1970.
    read: AtomicI64,
    /// Somebody is reading them again in the background.
    is_refreshing: AtomicBool,
    /// Held while the provider is asked: one question at a time.
    throttle: Mutex<Throttle>,
}

impl Keys {
    pub(crate) fn new(source: Source, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            source,
            clock,
            set: RwLock::default(),
            version: AtomicU64::new(0),
            read: AtomicI64::new(i64::MIN),
            is_refreshing: AtomicBool::new(false),
            throttle: Mutex::default(),
        })
    }

    /// Grows whenever the keys change.
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Reads the keys again in the background when they are old. Costs nothing when they are not.
    pub(crate) fn keep_fresh(self: &Arc<Self>, now: Instant) {
        let age = now.timestamp().saturating_sub(self.read.load(Ordering::Relaxed));
        if (0..REFRESH).contains(&age) || self.is_refreshing.swap(true, Ordering::AcqRel) {
            return;
        }
        let keys = self.clone();
        tokio::spawn(async move {
            keys.ask(FAILED).await;
            keys.is_refreshing.store(false, Ordering::Release);
        });
    }

    /// The key a token names. One that is not known may be new: then the provider is asked, if that is not too soon.
    pub(crate) async fn find(self: &Arc<Self>, id: Option<&str>, algorithm: Algorithm) -> Result<Key, Error> {
        if let Some(key) = self.held(id, algorithm) {
            return Ok(key);
        }
        let keys = self.clone();
        // A task of its own: a caller who goes away must not break off what others wait for.
        let asked = tokio::spawn(async move { keys.ask(UNKNOWN).await }).await;
        match (self.held(id, algorithm), asked) {
            (Some(key), _) => Ok(key),
            (None, Ok(true)) => Err(reason::invalid(
                "the token is signed with a key that its issuer does not publish; get a new one",
            )),
            (None, Ok(false)) => Err(reason::unavailable("the keys could not be read, see the warning before")),
            (None, Err(cause)) => Err(reason::unavailable(cause)),
        }
    }

    fn held(&self, id: Option<&str>, algorithm: Algorithm) -> Option<Key> {
        self.set.read().ok()?.find(id, algorithm).cloned()
    }

    /// Asks the provider, unless it was asked less than `after_answer` seconds ago. Whoever waits for the question of another finds
    /// that one's answer. False: the last question was not answered.
    async fn ask(&self, after_answer: i64) -> bool {
        let mut throttle = self.throttle.lock().await;
        let now = self.clock.now();
        if !throttle.may_ask(now, after_answer, FAILED) {
            return !throttle.has_failed();
        }
        throttle.asked(now);
        match self.source.read().await {
            Ok(set) => {
                self.read.store(now.timestamp(), Ordering::Relaxed);
                self.replace(set);
                throttle.answered();
                true
            }
            Err(why) => {
                tracing::warn!(
                    why,
                    "the keys of the identity provider cannot be read; the last ones are kept"
                );
                false
            }
        }
    }

    fn replace(&self, new: KeySet) {
        if let Ok(mut set) = self.set.write()
            && !set.is_same(&new)
        {
            *set = Arc::new(new);
            self.version.fetch_add(1, Ordering::AcqRel);
            tracing::info!("the keys of the identity provider are new");
        }
    }
}
