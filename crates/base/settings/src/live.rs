//! Files that are read again when they change.

use std::fmt::{Debug, Display};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How often somebody looks at the files, at most. Who needs them looks; while nobody does, nobody looks.
const LOOK: Duration = Duration::from_secs(2);

/// What is made of files, always the last that was sound.
pub struct Live<T> {
    /// What it is, for the log.
    name: String,
    look: Box<Look<T>>,
    held: Mutex<Held<T>>,
}

/// What the files hold now, unless it is what they held before.
type Look<T> = dyn Fn(Option<u64>) -> Option<Seen<T>> + Send + Sync;

struct Seen<T> {
    /// None: the files could not be read.
    digest: Option<u64>,
    made: Result<T, String>,
}

struct Held<T> {
    current: Arc<T>,
    /// What the files held when they were read last, good or bad: enough to see a change, and nothing of what is in them.
    digest: Option<u64>,
    looked: Instant,
}

impl<T: Send + Sync + 'static> Live<T> {
    /// Reads the files for the first time, and makes something of them.
    ///
    /// # Errors
    /// When they cannot be read, or are not sound.
    pub fn open<R: Hash, E: Display>(
        name: impl Into<String>,
        read: impl Fn() -> Result<R, E> + Send + Sync + 'static,
        make: impl Fn(&R) -> Result<T, E> + Send + Sync + 'static,
    ) -> Result<Arc<Self>, E> {
        let first = read()?;
        let held = Held {
            current: Arc::new(make(&first)?),
            digest: Some(digest(&first)),
            looked: Instant::now(),
        };
        let look = move |before: Option<u64>| {
            let read = read();
            let digest = read.as_ref().ok().map(digest);
            (digest != before).then(|| Seen {
                digest,
                made: read.and_then(|read| make(&read)).map_err(|unfit| unfit.to_string()),
            })
        };
        Ok(Arc::new(Self {
            name: name.into(),
            look: Box::new(look),
            held: Mutex::new(held),
        }))
    }

    /// What is in use now. One caller in two seconds looks at the files first; the others do not wait for it.
    pub async fn current(self: &Arc<Self>) -> Arc<T> {
        let is_due = {
            let mut held = self.lock();
            let is_due = held.looked.elapsed() >= LOOK;
            if is_due {
                held.looked = Instant::now();
            }
            is_due
        };
        if is_due {
            let live = self.clone();
            // A look that panics leaves what is in use.
            tokio::task::spawn_blocking(move || live.look()).await.ok();
        }
        self.lock().current.clone()
    }

    /// Takes what the files hold now, if it is something new and sound. Something new that is not is said once.
    fn look(&self) {
        let before = self.lock().digest;
        let Some(seen) = (self.look)(before) else { return };
        let mut held = self.lock();
        held.digest = seen.digest;
        match seen.made {
            Ok(made) => {
                held.current = Arc::new(made);
                tracing::info!(files = self.name, "files changed and were read again");
            }
            Err(error) => tracing::error!(
                error,
                files = self.name,
                "FILES CHANGED AND DO NOT DO: what they held before stays in use until they are sound again"
            ),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Held<T>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Debug for Live<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Live").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Reads a file of at most so many bytes.
///
/// # Errors
/// Says why it cannot be read, and not which file it is.
pub fn read_bounded(path: &Path, most: u64) -> Result<Vec<u8>, String> {
    let unreadable = |cause: std::io::Error| format!("cannot be read: {cause}");
    if std::fs::metadata(path).map_err(unreadable)?.len() > most {
        return Err(format!("has more than {most} bytes"));
    }
    std::fs::read(path).map_err(unreadable)
}

fn digest<R: Hash>(read: &R) -> u64 {
    let mut hasher = DefaultHasher::new();
    read.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_is_sound_is_taken_and_what_is_not_leaves_the_last() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "one").unwrap();
        let read = {
            let path = path.clone();
            move || read_bounded(&path, 10)
        };
        let make = |bytes: &Vec<u8>| match bytes.as_slice() {
            b"bad" => Err("is bad".to_owned()),
            bytes => Ok(bytes.to_vec()),
        };
        let live = Live::open("a", read, make).unwrap();
        let after = |text: Option<&'static str>| {
            let (live, path) = (live.clone(), path.clone());
            async move {
                match text {
                    Some(text) => std::fs::write(&path, text).unwrap(),
                    None => std::fs::remove_file(&path).unwrap(),
                }
                let early = live.current().await;
                tokio::time::advance(LOOK).await;
                (early, live.current().await)
            }
        };
        let (early, late) = after(Some("two")).await;
        assert_eq!((early.as_slice(), late.as_slice()), (&b"one"[..], &b"two"[..]));
        for unfit in [Some("bad"), None, Some("longer than ten")] {
            assert_eq!(after(unfit).await.1.as_slice(), b"two", "{unfit:?}");
        }
        assert_eq!(after(Some("three")).await.1.as_slice(), b"three");
    }
}
