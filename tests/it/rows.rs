//! Whose rows: two customers of two companies, and every method that reads, asked by somebody of each. What belongs to the other is looked
//! for in every answer. The answers are read here once more, by the descriptors, without the code under test.

use std::collections::BTreeSet;
use std::time::Duration;

use prost_reflect::{DynamicMessage, Kind, MethodDescriptor, ReflectMessage, Value};
use serde_json::json;
use strata::Role;
use strata_contract::strata::experience::delivery::v2 as delivery;
use strata_contract::strata::experience::delivery::v2::delivery_service_client::DeliveryServiceClient;
use strata_contract::strata::options::v1::Idempotency;
use strata_contract::{POOL, Transport, method_policy};
use tonic::Code;

use crate::dynamic;
use crate::mini::Mini;
use crate::tokens::{self, reason, signed};

/// A role that may do everything.
const ALL: &str = "administrator";

/// What one side's records are called, as nothing else is.
#[derive(Debug, Clone, Default)]
struct Side {
    customer: String,
    engagement: String,
    contract: &'static str,
    entity: &'static str,
    canaries: Vec<String>,
}

/// A customer of each company, with a fee each that is invoiced, and a day of work for the first.
async fn live(mini: &Mini) {
    mini.open_company().await;
    let fee = |entity: &str| {
        json!({"Contract_Type__c": "retainer_monthly", "Monthly_Fee__c": 1000, "Included_Minutes__c": 600,
            "Overage_Rate__c": 200, "StartDate": "2025-01-07", "Legal_Entity__c": entity})
    };
    let first = mini.deal("CT-ALPHA", &fee("US01")).await;
    mini.win(&first).await;
    mini.settle().await;
    mini.until("2025-01-07", 19).await;
    mini.work("2025-01-07", 60, "TE-ALPHA").await;
    let account = json!({"Name": "Beta Canary", "BillingCountry": "US", "CurrencyIsoCode": "USD", "VAT_Id_Valid__c": false,
        "Payment_Terms_Days__c": 30});
    let account = mini.at.create("Account", &account).await;
    let second = mini.deal_with(&account, "CT-BETA", &fee("DE01")).await;
    mini.win(&second).await;
    mini.settle().await;
    for day in ["2025-01-08", "2025-01-09", "2025-01-10"] {
        mini.until(day, 19).await;
    }
}

/// Both sides, as whoever may see everything sees them.
async fn sides(portal: &Transport, token: &str) -> [Side; 2] {
    let mut portal = DeliveryServiceClient::new(portal.clone());
    let request = signed(delivery::ListEngagementsRequest::default(), token);
    let all = portal.list_engagements(request).await.unwrap().into_inner().engagements;
    assert_eq!(all.len(), 2, "{all:?}");
    [("CT-ALPHA", "US01"), ("CT-BETA", "DE01")].map(|(contract, entity)| {
        let own = all.iter().find(|one| one.contract_number == contract).unwrap();
        assert_eq!(own.legal_entity_code, entity);
        let codes = own.project_codes.iter().cloned();
        let engagement = own.name.trim_start_matches("engagements/").to_owned();
        let named = [&own.customer_id, &engagement, &own.customer_display_name].map(String::clone);
        Side {
            customer: own.customer_id.clone(),
            engagement,
            contract,
            entity,
            canaries: codes.chain(named).chain([contract.to_owned()]).collect(),
        }
    })
}

/// Requests of a method: for nothing in particular, and by every name of a side that it takes.
fn requests(method: &MethodDescriptor, sides: &[Side]) -> Vec<DynamicMessage> {
    let mut all = vec![DynamicMessage::new(method.input())];
    for side in sides {
        let mut request = DynamicMessage::new(method.input());
        for field in method.input().fields() {
            let resource = format!("engagements/{}", side.engagement);
            let text = match field.name() {
                "engagement_id" => side.engagement.as_str(),
                "engagement" | "name" | "parent" => resource.as_str(),
                "contract_number" => side.contract,
                "customer_id" => side.customer.as_str(),
                "legal_entity_code" | "legal_entity_codes" => side.entity,
                "period" | "from_period" | "to_period" => "2025-01",
                _ => continue,
            };
            if field.kind() != Kind::String {
                continue;
            }
            let text = Value::String(text.to_owned());
            let value = if field.is_list() { Value::List(vec![text]) } else { text };
            request.set_field(&field, value);
        }
        all.push(request);
    }
    all
}

/// Every text of a message, wherever it stands.
fn texts(message: &DynamicMessage, found: &mut Vec<String>) {
    for (_, value) in message.fields() {
        collect(value, found);
    }
}

fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Message(inner) => texts(inner, found),
        Value::List(list) => list.iter().for_each(|one| collect(one, found)),
        Value::Map(map) => map.values().for_each(|one| collect(one, found)),
        _ => {}
    }
}

/// The values of fields whose contract says that they name the owner of a row, by the number of the kind.
fn owners(message: &DynamicMessage, kind: i32, found: &mut BTreeSet<String>) {
    let option = POOL.get_extension_by_name("strata.options.v1.field").unwrap();
    for (field, value) in message.fields() {
        let options = field.options();
        let said = options.get_extension(&option);
        let said = said
            .as_message()
            .and_then(|policy| policy.get_field_by_name("row").map(|row| row.as_enum_number()));
        let values = match value {
            Value::List(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        };
        for value in values {
            match value {
                Value::String(text) if said.flatten() == Some(kind) && !text.is_empty() => _ = found.insert(text.clone()),
                Value::Message(inner) => owners(inner, kind, found),
                _ => {}
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_another_is_in_any_answer() {
    let mini = Mini::start().await;
    live(&mini).await;
    let section = tokens::section(mini.folder(), &[(ALL, vec!["*".to_owned()])]);
    let (all, _folder) = mini.restart_with(section).await;
    let to = strata_rpc::connect(&all.installation.addresses.of(Role::All).unwrap().to_string()).unwrap();
    let free = tokens::of_role(ALL);
    let sides = sides(&to, &free).await;
    let [first, second] = &sides;

    let callers = [
        (
            "customer",
            tokens::of_customer(ALL, &first.customer),
            Some((1, &first.customer)),
        ),
        ("company", tokens::saying(ALL, &json!({"legal_entities": ["US01"]})), None),
        (
            "consultant",
            tokens::saying(ALL, &json!({"roles": [ALL, "consultant"], "employee": "EM-9"})),
            None,
        ),
    ];
    let (mut leaks, mut answered, mut tellers) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for method in dynamic::methods() {
        let path = format!("/{}/{}", method.parent_service().full_name(), method.name());
        if method_policy(&path).unwrap().idempotency() != Idempotency::Safe {
            continue;
        }
        for request in requests(&method, &sides) {
            if let Ok(whole) = dynamic::ask_as(&to, &method, request.clone(), &free).await {
                let mut said = Vec::new();
                texts(&whole, &mut said);
                if second
                    .canaries
                    .iter()
                    .any(|canary| said.iter().any(|text| text.contains(canary)))
                {
                    tellers.insert(path.clone());
                }
            }
            for (who, token, own) in &callers {
                let Ok(answer) = dynamic::ask_as(&to, &method, request.clone(), token).await else {
                    continue;
                };
                answered.insert((*who, method.name().to_owned()));
                let mut said = Vec::new();
                texts(&answer, &mut said);
                let mut hidden: Vec<&String> = second.canaries.iter().collect();
                if *who == "consultant" {
                    hidden.extend(&first.canaries);
                }
                for canary in hidden {
                    if said.iter().any(|text| text.contains(canary.as_str())) {
                        leaks.push(format!("{path} tells {who} of {canary}"));
                    }
                }
                if let Some((kind, own)) = own {
                    let mut of = BTreeSet::new();
                    owners(&answer, *kind, &mut of);
                    if of.iter().any(|one| one != *own) {
                        leaks.push(format!("{path} shows {who} rows of {of:?}"));
                    }
                }
            }
        }
    }
    println!(
        "{} methods tell of the second customer; answered: {answered:?}",
        tellers.len()
    );
    assert_eq!(leaks, Vec::<String>::new());
    // The second customer is there to be seen, and each caller is answered something.
    assert!(tellers.len() >= 8, "{tellers:?}");
    for (who, method) in [
        ("customer", "ListEngagements"),
        ("customer", "GetTimeline"),
        ("customer", "GetEngagement"),
        ("customer", "ListTimelineEntries"),
        ("customer", "ListInvoices"),
        ("company", "ListDocuments"),
        ("company", "ListUtilization"),
        ("consultant", "ListTimeEntries"),
    ] {
        assert!(answered.contains(&(who, method.to_owned())), "{who} {method}: {answered:?}");
    }
    portal(&to, &sides).await;
    own_time(&to).await;
    all.stop().await.unwrap();
}

/// What a customer sees in the portal of its own, and that of the other's nothing shows that it is there.
async fn portal(to: &Transport, sides: &[Side; 2]) {
    let [first, second] = sides;
    let token = tokens::of_customer(ALL, &first.customer);
    let mut portal = DeliveryServiceClient::new(to.clone());
    let listed = portal
        .list_engagements(signed(delivery::ListEngagementsRequest::default(), &token))
        .await;
    let listed = listed.unwrap().into_inner();
    assert_eq!(listed.engagements.len(), 1);
    assert_eq!(listed.engagements[0].name, format!("engagements/{}", first.engagement));
    // One at a time, and no page for rows of others.
    let one = delivery::ListEngagementsRequest {
        page_size: 1,
        ..delivery::ListEngagementsRequest::default()
    };
    let paged = portal.list_engagements(signed(one, &token)).await.unwrap().into_inner();
    assert_eq!((paged.engagements.len(), paged.next_page_token.as_str()), (1, ""));
    let story = |engagement_id: &str| delivery::ListTimelineEntriesRequest {
        parent: format!("engagements/{engagement_id}"),
        page_size: 1000,
        ..delivery::ListTimelineEntriesRequest::default()
    };
    let own = portal.list_timeline_entries(signed(story(&first.engagement), &token)).await;
    let own = own.unwrap().into_inner().timeline_entries;
    assert!(
        !own.is_empty()
            && own
                .iter()
                .all(|entry| entry.detail.is_empty() && entry.record.as_ref().is_none_or(|record| record.id.is_empty()))
    );
    let billed = delivery::ListInvoicesRequest {
        parent: format!("engagements/{}", first.engagement),
        ..delivery::ListInvoicesRequest::default()
    };
    let invoices = portal
        .list_invoices(signed(billed, &token))
        .await
        .unwrap()
        .into_inner()
        .invoices;
    assert!(invoices.iter().any(|invoice| invoice.gross.is_some()), "{invoices:?}");

    let nobodys = "eng_0123456789abcdefghjk";
    let mut refusals = Vec::new();
    for engagement in [&second.engagement, nobodys] {
        refusals.push(
            portal
                .list_timeline_entries(signed(story(engagement), &token))
                .await
                .unwrap_err(),
        );
        let watch = delivery::WatchEngagementRequest {
            name: format!("engagements/{engagement}"),
            after_sequence: 1_000_000,
        };
        let watched = portal.watch_engagement(signed(watch, &token)).await;
        let refused = match watched {
            Err(refused) => refused,
            Ok(stream) => {
                let mut stream = stream.into_inner();
                let message = tokio::time::timeout(Duration::from_secs(5), stream.message()).await;
                message.expect("a stream of another's stays open").unwrap_err()
            }
        };
        refusals.push(refused);
    }
    for refused in &refusals {
        assert_eq!(
            (refused.code(), reason(refused)),
            (Code::PermissionDenied, "ROW_DENIED".to_owned())
        );
        assert_eq!(refused.message(), refusals[0].message());
    }
    let asking = delivery::ListEngagementsRequest {
        customer_id: second.customer.clone(),
        ..delivery::ListEngagementsRequest::default()
    };
    let refused = portal.list_engagements(signed(asking, &token)).await.unwrap_err();
    assert_eq!(reason(&refused), "ROW_DENIED");
}

/// Whoever worked sees the entry, and nobody else of the consultants.
async fn own_time(to: &Transport) {
    let method = dynamic::methods()
        .into_iter()
        .find(|method| method.name() == "ListTimeEntries")
        .unwrap();
    let said = |employee: &'static str, roles: serde_json::Value| {
        let (to, method) = (to.clone(), method.clone());
        async move {
            let token = tokens::saying(ALL, &json!({"roles": roles, "employee": employee}));
            let request = DynamicMessage::new(method.input());
            let mut found = Vec::new();
            texts(&dynamic::ask_as(&to, &method, request, &token).await.unwrap(), &mut found);
            found.contains(&"TE-ALPHA".to_owned())
        }
    };
    let consultant = json!([ALL, "consultant"]);
    let number = employee_number(to, &method).await;
    assert!(said(number, consultant.clone()).await);
    assert!(!said("EM-9", consultant).await);
    assert!(said("EM-9", json!([ALL])).await);
}

async fn employee_number(to: &Transport, method: &MethodDescriptor) -> &'static str {
    let request = DynamicMessage::new(method.input());
    let whole = dynamic::ask_as(to, method, request, &tokens::of_role(ALL)).await.unwrap();
    let entries = whole.get_field_by_name("time_entries").unwrap().into_owned();
    let entry = entries.as_list().unwrap()[0].as_message().unwrap().clone();
    let number = entry
        .get_field_by_name("employee_number")
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned();
    assert!(!number.is_empty(), "{}", entry.descriptor().full_name());
    number.leak()
}
