#![allow(clippy::unwrap_used)]
use prost::Message;
use prost_reflect::{DynamicMessage, ReflectMessage, Value};

use super::*;
use crate::strata::common::v1::Money;
use crate::strata::experience::delivery::v2::{Engagement, ListEngagementsResponse, ListUnbilledTimeResponse, UnbilledTime};
use crate::strata::system::hr::v1::{ListWorkerChangesResponse, Worker};

const HR: &str = "/strata.system.hr.v1.HrService/ListWorkerChanges";
const DELIVERY: &str = "/strata.experience.delivery.v2.DeliveryService";

fn masks(belongs_to_firm: bool, scopes: &[&str]) -> Arc<Masks> {
    let policies = Policies::built_in();
    Masks::new(&policies, &policies.hidden(belongs_to_firm, |scope| scopes.contains(&scope)))
}

fn money() -> Option<Money> {
    Some(Money {
        currency_code: "EUR".into(),
        minor_units: 1250,
    })
}

#[test]
fn whoever_may_see_everything_is_sent_the_answer_as_it_is() {
    let all = masks(true, &["data.labour_cost.read", "data.payroll.read"]);
    assert!(all.of(HR).is_none());
    assert!(all.methods.is_empty(), "{:?}", all.methods);
}

#[test]
fn what_work_costs_is_left_out_wherever_it_stands() {
    let mask = masks(true, &[]).of(HR).unwrap();
    let worker = Worker {
        id: "W-7".into(),
        fte_percent: 80,
        hourly_cost: money(),
        ..Worker::default()
    };
    let answer = ListWorkerChangesResponse {
        workers: vec![worker.clone()],
        ..ListWorkerChangesResponse::default()
    };
    let seen = ListWorkerChangesResponse::decode(mask.apply(&answer.encode_to_vec()).unwrap().as_slice()).unwrap();
    let without = Worker {
        hourly_cost: None,
        ..worker
    };
    assert_eq!(seen.workers, [without], "and nothing else");
}

#[test]
fn a_client_sees_what_the_contract_shows_to_clients_and_no_more() {
    let masks = masks(false, &["data.labour_cost.read"]);
    let mask = masks.of(&format!("{DELIVERY}/ListEngagements")).unwrap();
    let answer = ListEngagementsResponse {
        engagements: vec![Engagement {
            name: "engagements/eng_1".into(),
            customer_display_name: "Nordwind".into(),
            open_exception_count: 3,
            ..Engagement::default()
        }],
        next_page_token: "t".into(),
    };
    let seen = ListEngagementsResponse::decode(mask.apply(&answer.encode_to_vec()).unwrap().as_slice()).unwrap();
    assert_eq!(seen.engagements[0].customer_display_name, "Nordwind");
    assert_eq!(seen.engagements[0].open_exception_count, 0, "it says nothing of itself");

    // A field that says who sees it speaks for the message in it.
    let mask = masks.of(&format!("{DELIVERY}/ListUnbilledTime")).unwrap();
    let answer = ListUnbilledTimeResponse {
        unbilled_time: vec![UnbilledTime {
            amount: money(),
            ..UnbilledTime::default()
        }],
        ..ListUnbilledTimeResponse::default()
    };
    let sent = mask.apply(&answer.encode_to_vec()).unwrap();
    assert_eq!(ListUnbilledTimeResponse::decode(sent.as_slice()).unwrap(), answer);
}

#[test]
fn what_is_no_message_is_not_sent() {
    let mask = masks(true, &[]).of(HR).unwrap();
    for bytes in [&[0x0a][..], &[0x0a, 0x7f, 0x01], &[0xff, 0xff], &[0x0a, 0x02, 0xff, 0xff]] {
        assert_eq!(mask.apply(bytes), Err(Garbled), "{bytes:x?}");
    }
}

/// Fills every field of a message, and those below, with something that tells where it stands.
fn filled(held: &MessageDescriptor, deep: u32, path: &str) -> DynamicMessage {
    let mut message = DynamicMessage::new(held.clone());
    for field in held.fields() {
        let place = format!("{path}.{}", field.name());
        let value = match field.kind() {
            Kind::String => Value::String(place),
            Kind::Bytes => Value::Bytes(place.into_bytes().into()),
            Kind::Message(below) if deep > 0 => Value::Message(filled(&below, deep - 1, &place)),
            Kind::Message(_) => continue,
            kind => Value::default_value(&kind),
        };
        let value = if field.is_list() { Value::List(vec![value]) } else { value };
        message.set_field(&field, value);
    }
    message
}

/// Reads an answer with the descriptors alone: every text in it, with whether a caller may see it, as the contract's words have it.
fn seen(message: &DynamicMessage, is_shown: bool, hidden: &[Sensitivity], wrong: &mut Vec<String>, kept: &mut usize) {
    let extension = message
        .descriptor()
        .parent_pool()
        .get_extension_by_name("strata.options.v1.field")
        .unwrap();
    for (field, value) in message.fields() {
        let options = field.options();
        let policy = options.get_extension(&extension);
        let said = policy
            .as_message()
            .unwrap()
            .get_field_by_name("sensitivity")
            .unwrap()
            .as_enum_number()
            .unwrap();
        let said = Sensitivity::try_from(said).unwrap();
        let is_said = said != Sensitivity::Unspecified;
        let is_below = matches!(field.kind(), Kind::Message(below) if below.full_name().starts_with("strata."));
        if hidden.contains(&said) && (is_said || !is_shown && !is_below) {
            wrong.push(field.full_name().to_owned());
        }
        *kept += 1;
        let list = value.as_list().map_or_else(|| vec![value.clone()], <[Value]>::to_vec);
        for below in list.iter().filter_map(Value::as_message).filter(|_| is_below) {
            seen(below, is_shown || is_said, hidden, wrong, kept);
        }
    }
}

/// Every method, every audience: nothing hidden is left, and nothing is lost that may be seen.
#[test]
fn no_answer_of_any_method_holds_what_its_caller_may_not_see() {
    let policies = Policies::built_in();
    let everybody = [
        policies.hidden(true, |_| false),
        policies.hidden(true, |scope| scope == "data.labour_cost.read"),
        policies.hidden(true, |_| true),
        policies.hidden(false, |_| true),
        policies.hidden(false, |_| false),
        vec![Sensitivity::Client, Sensitivity::Public],
    ];
    let (mut masked, mut kept) = (0, 0);
    for hidden in &everybody {
        let masks = Masks::new(&policies, hidden);
        for service in crate::POOL.services().filter(|service| is_ours(service.full_name())) {
            for method in service.methods() {
                let path = format!("/{}/{}", service.full_name(), method.name());
                let whole = filled(&method.output(), 6, "");
                let sent = match masks.of(&path) {
                    Some(mask) => mask.apply(&whole.encode_to_vec()).unwrap(),
                    None => whole.encode_to_vec(),
                };
                masked += usize::from(masks.of(&path).is_some());
                let read = DynamicMessage::decode(method.output(), sent.as_slice()).unwrap();
                let mut wrong = Vec::new();
                seen(&read, false, hidden, &mut wrong, &mut kept);
                assert_eq!(wrong, Vec::<String>::new(), "{path} shows what is hidden: {hidden:?}");
                // What is left out is hidden: an answer is either whole, or something in it was.
                let (mut before, mut after) = (Vec::new(), 0);
                let mut fields = 0;
                seen(&whole, false, hidden, &mut before, &mut fields);
                seen(&read, false, hidden, &mut Vec::new(), &mut after);
                assert_eq!(after == fields, before.is_empty(), "{path}: {before:?}");
            }
        }
    }
    assert!(masked > 60 && kept > 5_000, "{masked} {kept}");
}

/// Events go whole to whoever subscribes, so nothing in them may be for a few.
#[test]
fn no_event_holds_what_is_for_a_few() {
    let policies = Policies::built_in();
    let told: Vec<_> = crate::POOL
        .all_messages()
        .filter(|message| crate::event_policy(message).is_some())
        .collect();
    assert!(!told.is_empty());
    let few = policies.hidden(true, |_| false);
    let mut left: Vec<MessageDescriptor> = told;
    let mut known: Vec<String> = Vec::new();
    while let Some(message) = left.pop() {
        known.push(message.full_name().to_owned());
        for field in message.fields() {
            let said = policies
                .field(field.full_name())
                .map_or(Sensitivity::Unspecified, |policy| policy.sensitivity());
            assert!(!few.contains(&said), "{} is told in an event", field.full_name());
            if let Kind::Message(below) = field.kind()
                && !known.iter().any(|name| name == below.full_name())
            {
                left.push(below);
            }
        }
    }
}
