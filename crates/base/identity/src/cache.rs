//! Tokens that were verified a moment ago.

use std::collections::HashMap;
use std::sync::Mutex;

use sha2::{Digest, Sha256};

use crate::verifier::Verified;

/// A token, as far as the cache knows it.
pub(crate) type Print = [u8; 32];

/// The print of a token. Whoever reads the memory of the cache finds no token in it.
pub(crate) fn print(token: &str) -> Print {
    Sha256::digest(token.as_bytes()).into()
}

/// Verified tokens by their print. Bounded: two generations of at most `most` each; when the young one is full, the old one is
/// forgotten and the young one becomes old. What is used moves into the young one.
pub(crate) struct Cache {
    most: usize,
    generations: Mutex<Generations>,
}

#[derive(Default)]
struct Generations {
    young: HashMap<Print, Entry>,
    old: HashMap<Print, Entry>,
}

/// What was verified, with the version of the keys it was verified with.
#[derive(Clone)]
struct Entry {
    verified: Verified,
    version: u64,
}

impl Cache {
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            generations: Mutex::default(),
        }
    }

    /// What is known of a token, if it was verified with these keys.
    pub(crate) fn get(&self, print: &Print, version: u64) -> Option<Verified> {
        let mut generations = self.generations.lock().ok()?;
        let entry = match generations.young.get(print) {
            Some(entry) => entry.clone(),
            None => {
                let entry = generations.old.remove(print)?;
                self.insert(&mut generations, *print, entry.clone());
                entry
            }
        };
        (entry.version == version).then_some(entry.verified)
    }

    /// Remembers a token.
    pub(crate) fn put(&self, print: Print, version: u64, verified: Verified) {
        if let Ok(mut generations) = self.generations.lock() {
            self.insert(&mut generations, print, Entry { verified, version });
        }
    }

    fn insert(&self, generations: &mut Generations, print: Print, entry: Entry) {
        if generations.young.len() >= self.most {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.insert(print, entry);
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        let generations = self.generations.lock().map(|held| held.young.len() + held.old.len());
        generations.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Principal;

    fn verified() -> Verified {
        Verified {
            principal: Principal::development(),
            id: None,
            expires: chrono::DateTime::from_timestamp(0, 0).unwrap(),
        }
    }

    #[test]
    fn it_never_grows_beyond_two_generations_and_keeps_what_is_used() {
        let cache = Cache::new(10);
        let loved = print("loved");
        cache.put(loved, 1, verified());
        for number in 0..1000 {
            cache.put(print(&number.to_string()), 1, verified());
            assert!(cache.get(&loved, 1).is_some(), "{number}");
            assert!(cache.len() <= 20);
        }
        assert!(cache.get(&print("1"), 1).is_none(), "long not used");
    }

    #[test]
    fn what_was_verified_with_other_keys_counts_no_more() {
        let cache = Cache::new(10);
        cache.put(print("a"), 1, verified());
        assert!(cache.get(&print("a"), 2).is_none());
        assert!(cache.get(&print("b"), 1).is_none());
    }
}
