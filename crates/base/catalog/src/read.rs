//! From a descriptor set to a catalogue.

use prost_reflect::{DescriptorPool, FieldDescriptor, Kind, MessageDescriptor, MethodDescriptor, ServiceDescriptor};
use strata_contract::google::api::FieldBehavior;
use strata_contract::rules::{is_ours, option};
use strata_contract::strata::options::v1::{
    Criticality, EventPolicy, Idempotency, MethodPolicy, RateClass, RecordPolicy, Sensitivity, ServicePolicy, Tier,
};
use strata_contract::{Policies, behavior, states};

use crate::catalogue::{Catalogue, Event, Field, Machine, Method, Record, Service};
use crate::docs::Docs;

/// Behaviours that a catalogue names.
const BEHAVIOURS: [(FieldBehavior, &str); 3] = [
    (FieldBehavior::Identifier, "identifier"),
    (FieldBehavior::OutputOnly, "output_only"),
    (FieldBehavior::Immutable, "immutable"),
];

/// Reads what the contracts of ours in a pool say of themselves.
pub fn read(pool: &DescriptorPool) -> Catalogue {
    let (docs, policies) = (Docs::read(pool), Policies::read(pool));
    let ours = pool.services().filter(|service| is_ours(service.full_name()));
    let mut services: Vec<Service> = ours.map(|of| service(pool, &docs, &policies, &of)).collect();
    services.sort_by(|a, b| a.name.cmp(&b.name));

    let messages = || pool.all_messages().filter(|message| is_ours(message.full_name()));
    let mut events: Vec<Event> = messages().filter_map(|of| event(pool, &docs, &of)).collect();
    events.sort_by(|a, b| a.kind.cmp(&b.kind));
    let mut records: Vec<Record> = messages().filter_map(|of| record(pool, &docs, &policies, &of)).collect();
    records.sort_by(|a, b| a.name.cmp(&b.name));

    let mut machines: Vec<Machine> = states::read(pool)
        .into_iter()
        .map(|(name, states)| Machine {
            name,
            next: states.all().map(|(from, next)| (from.to_owned(), next.to_vec())).collect(),
        })
        .collect();
    machines.sort_by(|a, b| a.name.cmp(&b.name));
    Catalogue {
        services,
        events,
        records,
        states: machines,
        usage: None,
    }
}

fn service(pool: &DescriptorPool, docs: &Docs, policies: &Policies, of: &ServiceDescriptor) -> Service {
    let policy: ServicePolicy = typed(option(&of.options(), pool, "service"));
    Service {
        name: of.full_name().to_owned(),
        package: of.package_name().to_owned(),
        tier: word(policy.tier().as_str_name(), Tier::Unspecified.as_str_name()),
        owner: policy.owner,
        says: docs.of(&of.parent_file(), of.path()),
        methods: of.methods().map(|of| method(pool, docs, policies, &of)).collect(),
    }
}

fn method(pool: &DescriptorPool, docs: &Docs, policies: &Policies, of: &MethodDescriptor) -> Method {
    let policy: MethodPolicy = typed(option(&of.options(), pool, "method"));
    let path = format!("/{}/{}", of.parent_service().full_name(), of.name());
    let ends = policies.deprecation(&path);
    Method {
        name: of.name().to_owned(),
        says: docs.of(&of.parent_service().parent_file(), of.path()),
        idempotency: word(policy.idempotency().as_str_name(), Idempotency::Unspecified.as_str_name()),
        criticality: word(policy.criticality().as_str_name(), Criticality::Unspecified.as_str_name()),
        rate_class: word(policy.rate_class().as_str_name(), RateClass::Unspecified.as_str_name()),
        deadline_ms: policy.deadline_ms,
        promised_ms: policy.promised_ms,
        audit: policy.audit,
        streams: of.is_server_streaming(),
        request: of.input().full_name().to_owned(),
        response: of.output().full_name().to_owned(),
        sunset: ends.map(|ends| ends.sunset.to_owned()).unwrap_or_default(),
        successor: ends.map(|ends| ends.successor.to_owned()).unwrap_or_default(),
        scope: policy.scope,
    }
}

fn event(pool: &DescriptorPool, docs: &Docs, of: &MessageDescriptor) -> Option<Event> {
    let policy: EventPolicy = option(&of.options(), pool, "event")?.transcode_to().ok()?;
    Some(Event {
        kind: policy.r#type,
        message: of.full_name().to_owned(),
        says: docs.of(&of.parent_file(), of.path()),
        subject: policy.subject,
        ordering_key: policy.ordering_key,
        owner: policy.owner,
    })
}

fn record(pool: &DescriptorPool, docs: &Docs, policies: &Policies, of: &MessageDescriptor) -> Option<Record> {
    let policy: RecordPolicy = option(&of.options(), pool, "record")?.transcode_to().ok()?;
    Some(Record {
        name: of.full_name().to_owned(),
        says: docs.of(&of.parent_file(), of.path()),
        owner: policy.owner,
        fields: of.fields().map(|of| field(docs, policies, &of)).collect(),
    })
}

fn field(docs: &Docs, policies: &Policies, of: &FieldDescriptor) -> Field {
    let policy = policies.field(of.full_name()).cloned().unwrap_or_default();
    let said = BEHAVIOURS.iter().filter(|(kind, _)| behavior::is(of, *kind));
    let mut behaviour: Vec<String> = said.map(|(_, word)| (*word).to_owned()).collect();
    behaviour.extend(policy.immutable_after.iter().map(|state| format!("immutable after {state}")));
    Field {
        name: of.name().to_owned(),
        says: docs.of(&of.parent_message().parent_file(), of.path()),
        kind: kind(of),
        sensitivity: word(policy.sensitivity().as_str_name(), Sensitivity::Unspecified.as_str_name()),
        owner: policy.owner,
        behaviour,
    }
}

/// The type of a field, as a contract writes it.
pub(crate) fn kind(of: &FieldDescriptor) -> String {
    let one = match of.kind() {
        Kind::Message(message) => message.full_name().to_owned(),
        Kind::Enum(values) => values.full_name().to_owned(),
        scalar => format!("{scalar:?}").to_lowercase(),
    };
    match of {
        map if map.is_map() => format!("map {one}"),
        list if list.is_list() => format!("repeated {one}"),
        _ => one,
    }
}

fn typed<M: prost_reflect::ReflectMessage + Default>(value: Option<prost_reflect::DynamicMessage>) -> M {
    value.and_then(|value| value.transcode_to().ok()).unwrap_or_default()
}

/// `read` of `RATE_CLASS_READ`, whose zero value is `RATE_CLASS_UNSPECIFIED`, which is said by no word.
fn word(name: &str, zero: &str) -> String {
    let prefix = zero.trim_end_matches("UNSPECIFIED");
    if name == zero {
        String::new()
    } else {
        name.trim_start_matches(prefix).to_lowercase()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_catalogue_says_what_the_contracts_say() {
        let catalogue = read(&strata_contract::commented());
        let erp = catalogue
            .services
            .iter()
            .find(|service| service.name == "strata.system.erp.v1.ErpService")
            .unwrap();
        assert_eq!((erp.tier.as_str(), erp.package.as_str()), ("system", "strata.system.erp.v1"));
        let post = erp.methods.iter().find(|method| method.name == "PostTime").unwrap();
        assert_eq!(
            (post.scope.as_str(), post.criticality.as_str(), post.rate_class.as_str()),
            ("system.erp.post", "financial", "bulk")
        );
        assert!(!post.says.is_empty(), "its comment is there");
        let rate = catalogue
            .records
            .iter()
            .find(|record| record.name == "strata.master.v1.CostRate")
            .unwrap();
        let cost = rate.fields.iter().find(|field| field.name == "hourly_cost").unwrap();
        assert_eq!((cost.owner.as_str(), cost.sensitivity.as_str()), ("hr", "labour_cost"));
        let closes = "strata.process.reconciliation.v1.CloseState";
        let closes = catalogue.states.iter().find(|machine| machine.name == closes).unwrap();
        assert_eq!(closes.next["FROZEN"], ["SIGNED", "REOPENED"]);
        assert!(catalogue.events.iter().any(|event| event.owner == "finance"));
    }
}
