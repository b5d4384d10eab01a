//! Master data as a batch of work sees it, remembered from batch to batch.
//!
//! Master data counts its changes. A view asks for that number first, and what was asked for under the same number before is not asked for
//! again: one small question in the place of seven, each with its call and its queries. What is read after the number was asked for may be
//! newer than it, and never older, so nobody is answered with less than master data knew when the view was taken.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use strata_contract::strata::master::v1::{Employee, GetRevisionRequest, Project};
use strata_kernel::Result;
use strata_rpc::error;

use crate::billing::{Pricing, read_pricing};
use crate::core::Core;
use crate::{masters, xrefs};

/// Most records of a kind that are remembered. Beyond it all of that kind are forgotten: a bound on memory, not a rule.
const MOST: usize = 50_000;

/// What was asked for under one number of changes.
#[derive(Default)]
struct Held {
    revision: i64,
    /// Our ids, by kind and the PSA's id.
    ours: HashMap<(&'static str, String), String>,
    projects: HashMap<String, Arc<Project>>,
    people: HashMap<String, Arc<Employee>>,
    pricing: HashMap<String, Arc<Pricing>>,
}

/// What a server remembers of master data.
#[derive(Default)]
pub(crate) struct Remembered {
    held: Mutex<Held>,
}

impl Remembered {
    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Master data as it is now.
pub(crate) struct View<'a> {
    core: &'a Core,
    revision: i64,
}

impl<'a> View<'a> {
    /// Asks how often master data changed, and forgets what was true before its last change.
    pub(crate) async fn of(core: &'a Core) -> Result<Self> {
        let mut to = core.clients.reference.clone();
        let answer = to.get_revision(GetRevisionRequest {}).await.map_err(error)?;
        let revision = answer.into_inner().revision;
        let mut held = core.remembered.held();
        if held.revision != revision {
            *held = Held {
                revision,
                ..Held::default()
            };
        }
        drop(held);
        Ok(Self { core, revision })
    }

    /// Our ids by the PSA's. What is not known is left out.
    pub(crate) async fn ours(
        &self,
        kind: &'static str,
        psa_ids: impl IntoIterator<Item = &str>,
    ) -> Result<HashMap<String, String>> {
        let asked = psa_ids.into_iter().map(|id| (kind, id.to_owned())).collect();
        let (mut known, missing) = self.known(|held| &mut held.ours, asked);
        if !missing.is_empty() {
            let psa = &self.core.systems().await?.psa;
            let found = xrefs::resolve(self.core, psa, kind, missing.iter().map(|(_, id)| id.as_str())).await?;
            let found = found.into_iter().map(|(id, ours)| ((kind, id), ours)).collect();
            known.extend(self.remember(|held| &mut held.ours, found));
        }
        Ok(known.into_iter().map(|((_, id), ours)| (id, ours)).collect())
    }

    /// Projects by our id. What is not known is left out.
    pub(crate) async fn projects(&self, ids: impl IntoIterator<Item = &str>) -> Result<HashMap<String, Arc<Project>>> {
        let asked = ids.into_iter().map(str::to_owned).collect();
        let (mut known, missing) = self.known(|held| &mut held.projects, asked);
        if !missing.is_empty() {
            let found = shared(masters::projects(self.core, missing).await?);
            known.extend(self.remember(|held| &mut held.projects, found));
        }
        Ok(known)
    }

    /// People with the history of job and cost, by our id. Who is not known is left out.
    pub(crate) async fn people(&self, ids: impl IntoIterator<Item = &str>) -> Result<HashMap<String, Arc<Employee>>> {
        let asked = ids.into_iter().map(str::to_owned).collect();
        let (mut known, missing) = self.known(|held| &mut held.people, asked);
        if !missing.is_empty() {
            let found = shared(masters::people(self.core, missing).await?);
            known.extend(self.remember(|held| &mut held.people, found));
        }
        Ok(known)
    }

    /// Contracts ready to be priced, by our id. What is not known is left out.
    pub(crate) async fn pricing(&self, ids: impl IntoIterator<Item = &str>) -> Result<HashMap<String, Arc<Pricing>>> {
        let asked = ids.into_iter().filter(|id| !id.is_empty()).map(str::to_owned).collect();
        let (mut known, missing) = self.known(|held| &mut held.pricing, asked);
        if !missing.is_empty() {
            let found = shared(read_pricing(self.core, missing).await?);
            known.extend(self.remember(|held| &mut held.pricing, found));
        }
        Ok(known)
    }

    /// What is remembered of what is asked for, and what is not.
    fn known<K: Eq + Hash, V: Clone>(&self, pick: Pick<K, V>, asked: BTreeSet<K>) -> (HashMap<K, V>, Vec<K>) {
        let mut held = self.core.remembered.held();
        if held.revision != self.revision {
            return (HashMap::new(), asked.into_iter().collect());
        }
        let map = pick(&mut held);
        let (mut known, mut missing) = (HashMap::new(), Vec::new());
        for key in asked {
            match map.get(&key) {
                Some(value) => drop(known.insert(key, value.clone())),
                None => missing.push(key),
            }
        }
        (known, missing)
    }

    /// Keeps what was found, unless master data is known to have changed since the view was taken.
    fn remember<K: Eq + Hash + Clone, V: Clone>(&self, pick: Pick<K, V>, found: HashMap<K, V>) -> HashMap<K, V> {
        let mut held = self.core.remembered.held();
        if held.revision == self.revision {
            let map = pick(&mut held);
            if map.len() + found.len() > MOST {
                map.clear();
            }
            map.extend(found.clone());
        }
        found
    }
}

/// A kind of what is held.
type Pick<K, V> = fn(&mut Held) -> &mut HashMap<K, V>;

fn shared<V>(found: HashMap<String, V>) -> HashMap<String, Arc<V>> {
    found.into_iter().map(|(id, value)| (id, Arc::new(value))).collect()
}
