//! What the contracts say of themselves, read once from a descriptor set. Layers act on a table and never on a name in the code, so
//! that a changed option is a changed server.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, LazyLock};

use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};

use crate::POOL;
use crate::rules::{is_deprecated, is_ours, option};
use crate::size::largest_request;
use crate::strata::options::v1::{Audience, Sensitivity, ServicePolicy, Tier};
pub use crate::strata::options::v1::{EventPolicy, FieldPolicy, MethodPolicy, SightPolicy};

static POLICIES: LazyLock<Arc<Policies>> = LazyLock::new(|| Arc::new(Policies::read(&POOL)));

/// The policies of one descriptor set.
#[derive(Debug, Default)]
pub struct Policies {
    methods: HashMap<String, Method>,
    fields: HashMap<String, FieldPolicy>,
    /// By type of the event.
    events: BTreeMap<String, EventPolicy>,
    sights: Vec<(Sensitivity, SightPolicy)>,
    pool: DescriptorPool,
}

#[derive(Debug)]
struct Method {
    policy: MethodPolicy,
    tier: Tier,
    deprecated: bool,
    largest_request: usize,
}

/// How a method ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deprecation<'a> {
    /// Day from which it may be gone, "YYYY-MM-DD".
    pub sunset: &'a str,
    /// Full name of the method to call instead.
    pub successor: &'a str,
}

impl Policies {
    /// Those that this program was built with.
    pub fn built_in() -> Arc<Self> {
        POLICIES.clone()
    }

    /// Those of a descriptor set that holds `strata.options.v1`. Of another set: none.
    pub fn read(pool: &DescriptorPool) -> Self {
        let mut read = Self {
            pool: pool.clone(),
            sights: sights(pool),
            ..Self::default()
        };
        for service in pool.services().filter(|service| is_ours(service.full_name())) {
            let policy: ServicePolicy = typed(option(&service.options(), pool, "service"));
            for method in service.methods() {
                let options = method.options();
                let held = Method {
                    tier: policy.tier(),
                    deprecated: is_deprecated(&options),
                    largest_request: largest_request(&method),
                    policy: typed(option(&options, pool, "method")),
                };
                read.methods
                    .insert(format!("/{}/{}", service.full_name(), method.name()), held);
            }
        }
        for message in pool.all_messages().filter(|message| is_ours(message.full_name())) {
            let record = option(&message.options(), pool, "record");
            let owner = record.as_ref().and_then(|record| record.get_field_by_name("owner"));
            let owner = owner.and_then(|owner| owner.as_str().map(str::to_owned)).unwrap_or_default();
            for field in message.fields() {
                let mut policy: FieldPolicy = typed(option(&field.options(), pool, "field"));
                if policy.owner.is_empty() {
                    policy.owner.clone_from(&owner);
                }
                read.fields.insert(field.full_name().to_owned(), policy);
            }
            if let Some(event) = option(&message.options(), pool, "event") {
                let event: EventPolicy = typed(Some(event));
                read.events.insert(event.r#type.clone(), event);
            }
        }
        read
    }

    /// Policy of a method by its path, `/package.Service/Method`. None: not one of our methods.
    pub fn method(&self, path: &str) -> Option<&MethodPolicy> {
        self.methods.get(path).map(|held| &held.policy)
    }

    /// Tier of the service of a method. None: not one of our methods.
    pub fn tier(&self, path: &str) -> Option<Tier> {
        self.methods.get(path).map(|held| held.tier)
    }

    /// Bytes that the request of a method may have at most, as [`crate::largest_request`] says. None: not one of our methods.
    pub fn largest_request(&self, path: &str) -> Option<usize> {
        self.methods.get(path).map(|held| held.largest_request)
    }

    /// How a method ends. None: it is not deprecated.
    pub fn deprecation(&self, path: &str) -> Option<Deprecation<'_>> {
        let held = self.methods.get(path).filter(|held| held.deprecated)?;
        Some(Deprecation {
            sunset: &held.policy.sunset,
            successor: &held.policy.successor,
        })
    }

    /// Policy of a field by its full name, `package.Message.field`; its owner is that of the record when it names none.
    pub fn field(&self, full_name: &str) -> Option<&FieldPolicy> {
        self.fields.get(full_name)
    }

    /// Sensitivities whose fields are left out of an answer. `belongs_to_firm`: the caller acts for no customer. `has`: whether its token
    /// carries a scope.
    pub fn hidden(&self, belongs_to_firm: bool, has: impl Fn(&str) -> bool) -> Vec<Sensitivity> {
        let is_seen = |policy: &SightPolicy| {
            let is_meant = match policy.audience() {
                Audience::Anyone => true,
                Audience::Firm => belongs_to_firm,
                Audience::Nobody | Audience::Unspecified => false,
            };
            is_meant && (policy.scope.is_empty() || has(&policy.scope))
        };
        let hidden = self.sights.iter().filter(|(_, policy)| !is_seen(policy));
        hidden.map(|(sensitivity, _)| *sensitivity).collect()
    }

    /// Scope that is needed to see fields of a sensitivity. None: no scope helps, or none is needed.
    pub fn scope_of(&self, sensitivity: Sensitivity) -> Option<&str> {
        let (_, policy) = self.sights.iter().find(|(known, _)| *known == sensitivity)?;
        Some(policy.scope.as_str()).filter(|scope| !scope.is_empty())
    }

    /// The contracts themselves.
    pub(crate) fn pool(&self) -> &DescriptorPool {
        &self.pool
    }

    /// Every event, by type.
    pub fn events(&self) -> impl Iterator<Item = &EventPolicy> {
        self.events.values()
    }
}

/// Policy of a method by its path, `/package.Service/Method`. None: not one of our methods.
pub fn method_policy(path: &str) -> Option<&'static MethodPolicy> {
    POLICIES.method(path)
}

/// How a message is told as an event. None: it is no event.
pub fn event_policy(message: &MessageDescriptor) -> Option<EventPolicy> {
    let said = option(&message.options(), message.parent_pool(), "event")?;
    said.transcode_to().ok()
}

/// Every method of ours with its policy, by path.
pub fn methods() -> impl Iterator<Item = (&'static str, &'static MethodPolicy)> {
    POLICIES.methods.iter().map(|(path, held)| (path.as_str(), &held.policy))
}

static SCOPES: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    let of_data = POLICIES.sights.iter().map(|(_, policy)| policy.scope.as_str());
    let of_methods = methods().map(|(_, policy)| policy.scope.as_str());
    of_methods.chain(of_data.filter(|scope| !scope.is_empty())).collect()
});

/// Every scope that a method or a field asks for, in order.
pub fn scopes() -> impl Iterator<Item = &'static str> {
    SCOPES.iter().copied()
}

/// Who sees the fields of each sensitivity. A set without the option shows none of them.
fn sights(pool: &DescriptorPool) -> Vec<(Sensitivity, SightPolicy)> {
    let values = pool.get_enum_by_name("strata.options.v1.Sensitivity");
    let values = values.iter().flat_map(|values| values.values());
    values
        .filter_map(|value| {
            let sensitivity = Sensitivity::try_from(value.number()).ok()?;
            Some((sensitivity, typed(option(&value.options(), pool, "sight"))))
        })
        .collect()
}

/// An option as the message we know. One that is not set, or is another message, is the empty one.
fn typed<M: prost::Message + Default>(value: Option<DynamicMessage>) -> M {
    value.and_then(|value| value.transcode_to().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::strata::options::v1::{Criticality, Sensitivity};

    #[test]
    fn every_method_says_what_a_server_acts_on() {
        assert!(methods().count() > 40);
        assert_eq!(crate::rules::faults(&POOL), []);
        let post = method_policy("/strata.system.erp.v1.ErpService/PostTime").unwrap();
        assert_eq!(post.criticality(), Criticality::Financial);
        assert_eq!(method_policy("/grpc.health.v1.Health/Check"), None);
    }

    #[test]
    fn a_field_has_the_owner_of_its_record_unless_it_names_another() {
        let policies = Policies::built_in();
        let owner = |name: &str| policies.field(name).unwrap().owner.clone();
        assert_eq!(owner("strata.master.v1.Customer.name"), "crm");
        assert_eq!(owner("strata.master.v1.Customer.id"), "platform");
        let cost = policies.field("strata.master.v1.CostRate.hourly_cost").unwrap();
        assert_eq!(cost.sensitivity(), Sensitivity::LabourCost);
    }

    #[test]
    fn events_are_known_by_type() {
        let policies = Policies::built_in();
        let types: Vec<&str> = policies.events().map(|event| event.r#type.as_str()).collect();
        assert!(types.contains(&"strata.billing.document.changed.v1"), "{types:?}");
    }
}
