#![allow(clippy::unwrap_used)]
use prost::Message;
use prost_reflect::ReflectMessage;

use super::*;
use crate::strata::experience::delivery::v1::{EngagementSummary, GetTimelineResponse, ListEngagementsResponse, TimelineEntry};
use crate::strata::master::v1 as master;
use crate::strata::process::billing::v1::{ListDocumentsRequest, ListReceivablesResponse};
use crate::strata::process::intercompany::v1::{IntercompanyCharge, ListIntercompanyResponse};
use crate::{POOL, Policies};

const DELIVERY: &str = "/strata.experience.delivery.v1.DeliveryService";

fn rows(path: &str) -> MethodRows {
    Rows::new(&Policies::built_in()).of(path).unwrap()
}

fn of_customer(id: &str) -> impl FnMut(&Whose) -> bool {
    let own: BTreeSet<String> = [id.to_owned()].into();
    move |whose| whose.customers == own
}

fn summary(id: &str, customer: &str) -> EngagementSummary {
    EngagementSummary {
        engagement_id: id.to_owned(),
        customer_id: customer.to_owned(),
        ..EngagementSummary::default()
    }
}

#[test]
fn rows_of_others_are_left_out_of_a_list_and_its_page_token_stays() {
    let answer = ListEngagementsResponse {
        engagements: vec![summary("1", "a"), summary("2", "b"), summary("3", ""), summary("4", "a")],
        next_page_token: "t".into(),
    };
    let mut asked = Vec::new();
    let kept = rows(&format!("{DELIVERY}/ListEngagements")).keep(&answer.encode_to_vec(), &mut |whose| {
        asked.push(whose.clone());
        of_customer("a")(whose)
    });
    let kept = ListEngagementsResponse::decode(kept.unwrap().as_slice()).unwrap();
    assert_eq!(kept.engagements, [summary("1", "a"), summary("4", "a")]);
    assert_eq!(kept.next_page_token, "t");
    assert_eq!(asked.len(), 4);
}

#[test]
fn an_answer_that_is_one_row_is_shown_or_not() {
    let answer = GetTimelineResponse {
        entries: vec![TimelineEntry::default(), TimelineEntry::default()],
        customer_id: "a".into(),
        ..GetTimelineResponse::default()
    };
    let (rows, bytes) = (rows(&format!("{DELIVERY}/GetTimeline")), answer.encode_to_vec());
    assert_eq!(rows.keep(&bytes, &mut of_customer("a")).unwrap(), bytes);
    assert_eq!(rows.keep(&bytes, &mut of_customer("b")), Err(Withheld::Denied));
    // What says nothing of itself is nobody's.
    assert_eq!(rows.keep(&[], &mut of_customer("b")), Err(Withheld::Denied));
}

#[test]
fn a_row_within_a_row_is_its_holders_in_what_it_does_not_say() {
    let project = |code: &str| master::Project {
        legal_entity_code: code.to_owned(),
        ..master::Project::default()
    };
    let engagement = master::Engagement {
        customer: Some(master::Customer {
            id: "a".into(),
            ..master::Customer::default()
        }),
        contract: Some(master::Contract {
            customer_id: "a".into(),
            terms: Some(crate::strata::common::v1::ContractTerms {
                legal_entity_code: "US01".into(),
                ..Default::default()
            }),
            ..master::Contract::default()
        }),
        projects: vec![project("US01"), project("DE01"), project("")],
        ..master::Engagement::default()
    };
    let answer = master::GetEngagementResponse {
        engagement: Some(engagement),
    };
    let rows = rows("/strata.master.v1.EngagementService/GetEngagement");
    let kept = rows.keep(&answer.encode_to_vec(), &mut |whose| {
        assert_eq!(whose.customers, ["a".to_owned()].into());
        whose.legal_entities == ["US01".to_owned()].into()
    });
    let kept = master::GetEngagementResponse::decode(kept.unwrap().as_slice()).unwrap();
    assert_eq!(kept.engagement.unwrap().projects, [project("US01"), project("")]);
}

#[test]
fn a_row_of_two_says_both() {
    let charge = IntercompanyCharge {
        delivering_entity_code: "DE01".into(),
        contracting_entity_code: "US01".into(),
        ..IntercompanyCharge::default()
    };
    let answer = ListIntercompanyResponse { charges: vec![charge] };
    let rows = rows("/strata.process.intercompany.v1.IntercompanyService/ListIntercompany");
    let mut asked = Vec::new();
    rows.keep(&answer.encode_to_vec(), &mut |whose| {
        asked.push(whose.to_string());
        true
    })
    .unwrap();
    assert_eq!(asked, ["customers=[] legal_entities=[DE01,US01] people=[]"]);
}

#[test]
fn a_field_that_stands_there_twice_counts_twice() {
    // The last of them is what a reader takes; a caller of either must not be shown the other's.
    let mut twice = summary("1", "b").encode_to_vec();
    twice.extend(summary("1", "a").encode_to_vec());
    let mut answer = vec![0x0a, u8::try_from(twice.len()).unwrap()];
    answer.extend(twice);
    let rows = rows(&format!("{DELIVERY}/ListEngagements"));
    assert_eq!(rows.keep(&answer, &mut of_customer("a")).unwrap(), Vec::<u8>::new());
}

#[test]
fn what_this_build_does_not_know_is_left_out_and_what_is_no_message_is_not_sent() {
    let mut answer = ListReceivablesResponse::default().encode_to_vec();
    // Field 15, a text.
    answer.extend([0x7a, 2, b'h', b'i']);
    let rows_of_receivables = rows("/strata.process.billing.v1.BillingService/ListReceivables");
    assert_eq!(rows_of_receivables.keep(&answer, &mut |_| true).unwrap(), Vec::<u8>::new());
    for bad in [&[0x0a, 9, 1][..], &[0xff, 0xff], &[0x0a, 2, 0x42, 9], &[0x08, 1]] {
        let kept = rows(&format!("{DELIVERY}/ListEngagements")).keep(bad, &mut |_| true);
        assert_eq!(kept, Err(Withheld::Garbled), "{bad:?}");
    }
}

#[test]
fn a_request_says_whose_rows_it_asks_for() {
    let request = ListDocumentsRequest {
        legal_entity_codes: vec!["US01".into(), "DE01".into()],
        ..ListDocumentsRequest::default()
    };
    let rows_of_documents = rows("/strata.process.billing.v1.BillingService/ListDocuments");
    assert!(rows_of_documents.are_asked_for());
    let asked = rows_of_documents.asked_for(&request.encode_to_vec()).unwrap();
    assert_eq!(asked.legal_entities.len(), 2);
    assert!(!rows(&format!("{DELIVERY}/GetTimeline")).are_asked_for());
    // Wherever it says it.
    let project = master::Project {
        legal_entity_code: "DE01".into(),
        ..master::Project::default()
    };
    let put = master::PutEngagementRequest {
        engagement: Some(master::Engagement {
            projects: vec![project],
            ..master::Engagement::default()
        }),
    };
    let asked = rows("/strata.master.v1.EngagementService/PutEngagement").asked_for(&put.encode_to_vec());
    assert_eq!(asked.unwrap().legal_entities, ["DE01".to_owned()].into());
}

#[test]
fn whatever_may_be_shown_is_shown_as_it_is() {
    // Every answer there is, filled by what a reader of the descriptors puts into it.
    let all = Rows::new(&Policies::built_in());
    let services = POOL.services().filter(|service| is_ours(service.full_name()));
    let mut seen = 0;
    for method in services.flat_map(|service| service.methods().collect::<Vec<_>>()) {
        let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
        let bytes = filled(&method.output(), 4).encode_to_vec();
        let kept = all.of(&path).unwrap().keep(&bytes, &mut |_| true).unwrap();
        assert_eq!(kept, bytes, "{path}");
        seen += 1;
    }
    assert!(seen > 100);
}

/// A message with something in every field.
fn filled(held: &MessageDescriptor, deep: u32) -> prost_reflect::DynamicMessage {
    use prost_reflect::{DynamicMessage, Value};
    let mut message = DynamicMessage::new(held.clone());
    for field in held
        .fields()
        .filter(|field| field.containing_oneof().is_none() && !field.is_map())
    {
        let value = match field.kind() {
            Kind::Message(below) if deep > 0 => Value::Message(filled(&below, deep - 1)),
            Kind::Message(_) => continue,
            Kind::String => Value::String("x".into()),
            _ => continue,
        };
        let value = if field.is_list() {
            Value::List(vec![value.clone(), value])
        } else {
            value
        };
        message.set_field(&field, value);
    }
    message
}

#[test]
fn a_field_with_the_name_of_an_owner_says_whose_the_row_is() {
    let policies = Policies::built_in();
    let mut silent = Vec::new();
    for field in POOL.all_messages().flat_map(|held| held.fields().collect::<Vec<_>>()) {
        let name = field.full_name();
        // Vendors have ids of their own for customers.
        let is_ours = is_ours(name) && !name.starts_with("strata.system.") && !name.starts_with("strata.options.");
        let expected = match field.name() {
            "legal_entity_code" | "legal_entity_codes" | "delivering_entity_code" | "contracting_entity_code" => Row::LegalEntity,
            "customer_id" if is_ours => Row::Customer,
            "employee_number" => Row::Person,
            _ => continue,
        };
        if policies.field(name).unwrap().row() != expected {
            silent.push(name.to_owned());
        }
    }
    assert_eq!(silent, Vec::<String>::new());
    let whole = ListEngagementsResponse::default().descriptor();
    assert!(whole.fields().len() > 1);
}
