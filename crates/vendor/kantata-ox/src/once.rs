//! Creating a record once per key, at a vendor that has neither upsert nor idempotency key: look for our reference, then create
//! with it inside.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use serde_json::{Map, Value, json};
use strata_contract::strata::common::v1::WriteOutcome;
use strata_kernel::Result;
use strata_port::outcome;
use strata_vendor_http::{Failure, Reply, outcome_of, unavailable};

use crate::api::{Api, PAGE};
use crate::errors::Refusal;
use crate::fields::Resource;
use crate::wire::Envelope;

/// The account, with the name under which our keys stand there.
pub(crate) struct Keyed {
    pub(crate) api: Api,
    service: String,
    locks: Mutex<HashMap<String, Weak<tokio::sync::Mutex<()>>>>,
}

/// A record that has one of our keys, in the answer it came with.
pub(crate) struct Found {
    pub(crate) id: String,
    pub(crate) envelope: Envelope,
}

impl Found {
    /// The record itself.
    pub(crate) fn row(&self, resource: &Resource) -> &Value {
        self.envelope.side(resource.path, &self.id).unwrap_or(&Value::Null)
    }
}

impl Keyed {
    pub(crate) fn new(api: Api, service: String) -> Self {
        Self {
            api,
            service,
            locks: Mutex::default(),
        }
    }

    /// Name under which our keys stand.
    pub(crate) fn service(&self) -> &str {
        &self.service
    }

    /// Keeps others from creating under the same key until the guard is dropped: between look-up and create there is a gap.
    pub(crate) async fn alone(&self, resource: &Resource, key: &str) -> tokio::sync::OwnedMutexGuard<()> {
        let lock = {
            let mut locks = self.locks.lock().unwrap_or_else(PoisonError::into_inner);
            locks.retain(|_, lock| lock.strong_count() > 0);
            let name = format!("{}|{key}", resource.path);
            locks.get(&name).and_then(Weak::upgrade).unwrap_or_else(|| {
                let lock = Arc::default();
                locks.insert(name, Arc::downgrade(&lock));
                lock
            })
        };
        lock.lock_owned().await
    }

    /// The record that has our key. `include` names associations wanted beside it.
    pub(crate) async fn find(&self, resource: &Resource, key: &str, include: &[&str]) -> Result<Option<Found>> {
        let envelope = self.with_keys(resource, &[key], include).await?;
        let id = self.keys_in(&envelope)?.remove(key);
        Ok(id.map(|id| Found { id, envelope }))
    }

    /// Ids by key, for the keys that have a record.
    pub(crate) async fn find_all(&self, resource: &Resource, keys: &[&str]) -> Result<HashMap<String, String>> {
        let mut found = HashMap::new();
        // The vendor takes at most 200 references, separated by commas: a key with a comma goes alone.
        let (odd, plain): (Vec<&str>, Vec<&str>) = keys.iter().partition(|key| key.contains(','));
        for chunk in plain.chunks(PAGE).chain(odd.chunks(1)) {
            found.extend(self.keys_in(&self.with_keys(resource, chunk, &[]).await?)?);
        }
        Ok(found)
    }

    /// Creates a record with our key inside.
    pub(crate) async fn create(&self, resource: &Resource, key: &str, mut fields: Map<String, Value>) -> Result<WriteOutcome> {
        let reference = json!({
            "service_name": self.service, "service_model": resource.subject, "service_model_ref": key, "status": "successful",
        });
        fields.insert("external_reference".to_owned(), reference);
        let sent = self
            .api
            .create(resource.path, resource.singular, Value::Object(fields), "")
            .await;
        ended(sent, resource.path, key)
    }

    /// Creates a record, or confirms the one that has the key.
    pub(crate) async fn put(&self, resource: &Resource, key: &str, fields: Map<String, Value>) -> Result<WriteOutcome> {
        let _alone = self.alone(resource, key).await;
        match self.find(resource, key, &[]).await? {
            Some(found) => Ok(outcome::confirmed(key, found.id)),
            None => self.create(resource, key, fields).await,
        }
    }

    async fn with_keys(&self, resource: &Resource, keys: &[&str], include: &[&str]) -> Result<Envelope> {
        let (joined, size) = (keys.join(","), PAGE.to_string());
        let include = [&["external_references"], include].concat().join(",");
        // The singular filter is typed as a number on some endpoints; it serves only for a key that has a comma.
        let filter = if keys.len() == 1 && joined.contains(',') {
            "external_reference_service_model_ref"
        } else {
            "external_reference_service_model_refs"
        };
        let mut query = vec![
            ("external_reference_service_name", self.service.as_str()),
            (filter, joined.as_str()),
        ];
        query.extend([("include", include.as_str()), ("per_page", size.as_str())]);
        query.extend(resource.show_all.map(|parameter| (parameter, "true")));
        self.api.list(resource.path, &query).await
    }

    /// Keys of the records in an answer. The filter is not trusted: a record counts by the reference it shows. One whose references cannot
    /// be read may be the one that is looked for, so then nothing is known.
    fn keys_in(&self, envelope: &Envelope) -> Result<HashMap<String, String>> {
        let mut found = HashMap::new();
        for (id, row) in envelope.rows() {
            if !envelope.shows_references(row) {
                return Err(unavailable(format!("the references of record {id} cannot be read")));
            }
            let Some(key) = envelope.key(row, &self.service) else {
                continue;
            };
            if let Some(other) = found.insert(key, id.to_owned()) {
                tracing::warn!(id, other, "two records have the same key of ours");
            }
        }
        Ok(found)
    }
}

/// How a write ended.
pub(crate) fn ended(sent: Result<Reply, Failure>, collection: &str, key: &str) -> Result<WriteOutcome> {
    let reply = match sent {
        Ok(reply) if reply.is_success() => reply,
        Ok(reply) => return Refusal::of(&reply).outcome(key),
        Err(failure) => return outcome_of(failure, key),
    };
    let id = reply
        .json()
        .and_then(|body| Envelope::read(body, collection))
        .ok()
        .and_then(|e| e.ids().first().filter(|id| e.side(collection, id).is_some()).cloned());
    // Success without an id is no proof that the record is ours to find: look it up.
    Ok(id.map_or_else(|| outcome::unknown(key), |id| outcome::confirmed(key, id)))
}
