//! Files that are read again when they change.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::files::File;
use crate::{Part, Unfit};

/// How often somebody looks at the files, at most. Who needs them looks; while nobody connects, nobody does.
const LOOK: Duration = Duration::from_secs(2);

type Make<T> = dyn Fn(&[File<'_>]) -> Result<T, Unfit> + Send + Sync;

/// What is made of files, always the last that was sound.
pub(crate) struct Live<T> {
    files: Vec<(Part, PathBuf)>,
    make: Box<Make<T>>,
    held: Mutex<Held<T>>,
}

struct Held<T> {
    current: Arc<T>,
    /// What the files held when they were read last, good or bad. None: they could not be read.
    seen: Option<u64>,
    looked: Instant,
}

impl<T: Send + Sync + 'static> Live<T> {
    /// Reads the files for the first time.
    pub(crate) fn open(
        files: Vec<(Part, PathBuf)>,
        make: impl Fn(&[File<'_>]) -> Result<T, Unfit> + Send + Sync + 'static,
    ) -> Result<Arc<Self>, Unfit> {
        let read = read(&files)?;
        let held = Held {
            current: Arc::new(make(&read)?),
            seen: Some(digest(&read)),
            looked: Instant::now(),
        };
        drop(read);
        Ok(Arc::new(Self {
            files,
            make: Box::new(make),
            held: Mutex::new(held),
        }))
    }

    /// What is in use now. One caller in two seconds looks at the files first; the others do not wait for it.
    pub(crate) async fn current(self: &Arc<Self>) -> Arc<T> {
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
        let read = read(&self.files);
        let seen = read.as_ref().ok().map(|read| digest(read));
        {
            let mut held = self.lock();
            if held.seen == seen {
                return;
            }
            held.seen = seen;
        }
        match read.and_then(|read| (self.make)(&read)) {
            Ok(made) => {
                self.lock().current = Arc::new(made);
                tracing::info!(files = self.names(), "certificates were read again; new connections use them");
            }
            Err(unfit) => tracing::error!(
                error = %unfit,
                files = self.names(),
                "CERTIFICATES CHANGED AND DO NOT DO: those from before stay in use until the files are sound, or until they expire"
            ),
        }
    }

    fn names(&self) -> String {
        let names: Vec<String> = self.files.iter().map(|(_, path)| path.display().to_string()).collect();
        names.join(", ")
    }

    fn lock(&self) -> MutexGuard<'_, Held<T>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read(files: &[(Part, PathBuf)]) -> Result<Vec<File<'_>>, Unfit> {
    files.iter().map(|(part, path)| File::read(*part, path)).collect()
}

/// Enough to see a change; the bytes themselves, a key among them, are not kept.
fn digest(files: &[File<'_>]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.bytes.hash(&mut hasher);
    }
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
        let live = Live::open(vec![(Part::Key, path.clone())], |files| match files[0].bytes.as_slice() {
            b"bad" => Err(files[0].unfit("is bad")),
            bytes => Ok(bytes.to_vec()),
        })
        .unwrap();
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
        assert_eq!(after(Some("bad")).await.1.as_slice(), b"two");
        assert_eq!(after(None).await.1.as_slice(), b"two");
        assert_eq!(after(Some("three")).await.1.as_slice(), b"three");
    }
}
