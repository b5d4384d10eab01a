//! What a delivery lead sees: the story of an engagement from deal to cash, live, from a browser too.

use std::collections::BTreeSet;
use std::time::Duration;

use prost::Message;
use strata::Role;
use strata_contract::strata::experience::delivery::v2 as pb;
use strata_contract::strata::experience::delivery::v2::delivery_service_client::DeliveryServiceClient;
use strata_contract::strata::experience::delivery::v2::{EventType, RecordState, RecordType, TimelineEntry};
use tokio_stream::StreamExt;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use crate::mini::Mini;
use crate::place::program;

/// Longest time a hand-off may take to whoever watches.
const LIVE: Duration = Duration::from_secs(10);
/// Bytes before a message on the wire: a flag and the length.
const HEAD: usize = 5;
/// Flag of the frame that holds the trailers in gRPC-Web.
const TRAILERS: u8 = 0x80;

/// Work, an invoice and its payment.
async fn live(mini: &Mini) {
    mini.sell("CT-1").await;
    mini.until("2025-01-07", 9).await;
    mini.work("2025-01-06", 480, "TE-1").await;
    mini.until("2025-01-08", 9).await;
    mini.until("2025-02-05", 20).await;
    mini.pay("PY-1", 1000).await;
    mini.until("2025-02-06", 9).await;
    mini.pay("PY-2", 280).await;
    mini.until("2025-02-07", 9).await;
}

async fn engagement(mini: &Mini) -> String {
    format!("engagements/{}", mini.mobilisations().await[0].engagement_id)
}

async fn timeline(mini: &Mini) -> Vec<TimelineEntry> {
    let request = pb::ListTimelineEntriesRequest {
        parent: engagement(mini).await,
        page_size: 1000,
        ..Default::default()
    };
    let mut portal = DeliveryServiceClient::new(mini.all.installation.experience.clone());
    let page = portal.list_timeline_entries(request).await.unwrap().into_inner();
    page.timeline_entries
}

/// What happened, and in which system.
fn told(entry: &TimelineEntry) -> (EventType, &str) {
    let system = entry.record.as_ref().map_or("", |record| record.system.as_str());
    (entry.r#type(), system)
}

/// Correlation ids of the entries of these events.
fn flow(entries: &[TimelineEntry], events: &[EventType]) -> BTreeSet<String> {
    let of = entries.iter().filter(|entry| events.contains(&entry.r#type()));
    of.map(|entry| entry.correlation_id.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_story_goes_from_deal_to_cash() {
    let mini = Mini::start().await;
    live(&mini).await;
    let story = timeline(&mini).await;
    for entry in &story {
        let record = entry.record.clone().unwrap();
        assert!(
            !record.id.is_empty() && entry.event_time.is_some() && !entry.correlation_id.is_empty(),
            "{entry:?}"
        );
        // The contract has a value for everything that the platform does.
        let values = (entry.r#type(), entry.state(), record.r#type());
        assert!(
            values.0 != EventType::Unspecified && values.1 != RecordState::Unspecified && values.2 != RecordType::Unspecified,
            "{entry:?}"
        );
    }
    assert!(story.is_sorted_by(|one, next| one.sequence < next.sequence));
    assert!(story.is_sorted_by_key(|entry| entry.event_time.map(|time| time.seconds)));
    // In this order, whatever else stands between.
    let mut order = story.iter().map(told);
    for expected in [
        (EventType::DealWon, "salesforce"),
        (EventType::CustomerCreated, "netsuite"),
        (EventType::ProjectActivated, "platform"),
        (EventType::TimePosted, "netsuite"),
        (EventType::InvoicePosted, "netsuite"),
        (EventType::PaymentReceived, "netsuite"),
        (EventType::InvoicePaid, "netsuite"),
    ] {
        assert!(
            order.any(|entry| entry == expected),
            "{expected:?} is not told, or not in its place"
        );
    }
    for expected in [
        (EventType::ContractCreated, "netsuite"),
        (EventType::ProjectCreated, "netsuite"),
        (EventType::ProjectCreated, "kantata-ox"),
    ] {
        let found = story.iter().filter(|entry| told(entry) == expected);
        assert_eq!(found.count(), 1, "{expected:?}");
    }
    let sale = flow(
        &story,
        &[
            EventType::DealWon,
            EventType::CustomerCreated,
            EventType::ContractCreated,
            EventType::ProjectCreated,
            EventType::ProjectActivated,
        ],
    );
    assert_eq!(sale, [mini.mobilisations().await[0].correlation_id.clone()].into());
    let bill = flow(
        &story,
        &[
            EventType::InvoiceReleased,
            EventType::InvoicePosted,
            EventType::PaymentReceived,
            EventType::InvoicePaid,
        ],
    );
    assert_eq!(bill.len(), 1);
    assert!(bill.is_disjoint(&sale));
    let mut portal = DeliveryServiceClient::new(mini.all.installation.experience.clone());
    let request = pb::ListInvoicesRequest {
        parent: engagement(&mini).await,
        ..Default::default()
    };
    let page = portal.list_invoices(request).await.unwrap().into_inner();
    let [invoice] = page.invoices.as_slice() else {
        panic!("{:?}", page.invoices)
    };
    assert_eq!(
        (invoice.state(), invoice.gross.as_ref().unwrap().minor_units),
        (pb::InvoiceState::Paid, 128_000)
    );
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_watches_sees_what_happens_next() {
    let mini = Mini::start().await;
    mini.sell("CT-1").await;
    let past = timeline(&mini).await.last().unwrap().sequence;
    let request = pb::WatchEngagementRequest {
        name: engagement(&mini).await,
        after_sequence: past,
    };
    let edge = mini.all.installation.addresses.of(Role::Experience).unwrap();
    let to = strata_rpc::connect(&edge.to_string()).unwrap();
    let mut watched = DeliveryServiceClient::new(to.clone())
        .watch_engagement(request)
        .await
        .unwrap();
    // The version before streams the same in its own words, and says that it goes.
    let mut before = old::watch(&to, mini.mobilisations().await[0].engagement_id.clone(), past).await;
    assert_eq!(before.metadata().get("deprecation").unwrap(), "true");
    let (watched, before) = (watched.get_mut(), before.get_mut());
    mini.until("2025-01-07", 9).await;
    mini.work("2025-01-06", 480, "TE-1").await;
    mini.settle().await;
    let next = tokio::time::timeout(LIVE, watched.next()).await.unwrap().unwrap().unwrap();
    let entry = next.timeline_entry.unwrap();
    assert!(entry.sequence > past);
    assert_eq!(told(&entry), (EventType::TimePosted, "netsuite"));
    let next = tokio::time::timeout(LIVE, before.next()).await.unwrap().unwrap().unwrap();
    let same = next.entry.unwrap();
    assert_eq!(
        (same.sequence, same.event.as_str(), same.system.as_str()),
        (entry.sequence, "time posted", "netsuite")
    );
    callers(&edge.to_string());
    mini.all.stop().await.unwrap();
}

/// The version before, whose methods are deprecated.
#[allow(deprecated)]
mod old {
    use strata_contract::Transport;
    use strata_contract::strata::experience::delivery::v1;
    use strata_contract::strata::experience::delivery::v1::delivery_service_client::DeliveryServiceClient;
    use tonic::{Request, Response, Streaming};

    pub(super) async fn watch(
        to: &Transport,
        engagement_id: String,
        after_sequence: u64,
    ) -> Response<Streaming<v1::WatchEngagementResponse>> {
        let mut request = Request::new(v1::WatchEngagementRequest {
            engagement_id,
            after_sequence,
        });
        request
            .metadata_mut()
            .insert("strata-consumer", "billing-portal".parse().unwrap());
        DeliveryServiceClient::new(to.clone())
            .watch_engagement(request)
            .await
            .unwrap()
    }
}

/// The catalogue names who still calls what goes, and nobody who calls what stays.
fn callers(edge: &str) {
    let ended = std::process::Command::new(program())
        .args(["contracts", "catalog", "--server", edge])
        .output()
        .unwrap();
    let said = String::from_utf8(ended.stdout).unwrap();
    let (_, after) = said.split_once("\nCallers of what goes").unwrap_or_else(|| panic!("{said}"));
    let after: String = after
        .lines()
        .take_while(|line| !line.is_empty())
        .map(|line| format!("{line}\n"))
        .collect();
    println!("Callers of what goes{after}");
    let rows: Vec<Vec<&str>> = after.lines().skip(2).map(|line| line.split_whitespace().collect()).collect();
    let [row] = rows.as_slice() else { panic!("{after}") };
    assert_eq!(row[0], "strata.experience.delivery.v1.DeliveryService.WatchEngagement");
    // Simulated time stands at the day of the work.
    assert_eq!(
        (row[1], row[2], &row[3][..10], row[5]),
        ("billing-portal", "1", &row[4][..10], "2027-06-30")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_port_answers_browsers_and_tools() {
    let mini = Mini::start().await;
    mini.sell("CT-1").await;
    let edge = mini.all.installation.addresses.of(Role::Experience).unwrap();

    // A browser, as gRPC-Web.
    let url = format!("http://{edge}/strata.experience.delivery.v2.DeliveryService/ListEngagements");
    let request = pb::ListEngagementsRequest::default().encode_to_vec();
    let framed = [&[0], u32::try_from(request.len()).unwrap().to_be_bytes().as_slice(), &request].concat();
    let browser = reqwest::Client::new()
        .post(url)
        .header("content-type", "application/grpc-web+proto")
        .header("x-grpc-web", "1");
    let answer = browser.body(framed).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let bytes = answer.bytes().await.unwrap();
    let length = usize::try_from(u32::from_be_bytes(bytes[1..HEAD].try_into().unwrap())).unwrap();
    let page = pb::ListEngagementsResponse::decode(&bytes[HEAD..HEAD + length]).unwrap();
    assert_eq!(page.engagements[0].project_codes, ["PR-CT-1"]);
    assert_eq!(page.engagements[0].mobilisation_state(), pb::MobilisationState::Done);
    let trailers = &bytes[HEAD + length..];
    assert_eq!(trailers[0], TRAILERS);
    assert!(
        String::from_utf8_lossy(&trailers[HEAD..]).contains("grpc-status:0"),
        "{trailers:?}"
    );

    // Tools: health and reflection name every service.
    let channel = tonic::transport::Endpoint::from_shared(format!("http://{edge}"))
        .unwrap()
        .connect_lazy();
    let health = HealthClient::new(channel.clone())
        .check(HealthCheckRequest::default())
        .await
        .unwrap();
    assert_eq!(health.into_inner().status(), ServingStatus::Serving);
    let ask = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut reflection = ServerReflectionClient::new(channel);
    let mut answers = reflection
        .server_reflection_info(tokio_stream::once(ask))
        .await
        .unwrap()
        .into_inner();
    let Some(MessageResponse::ListServicesResponse(list)) = answers.next().await.unwrap().unwrap().message_response else {
        panic!("no list of services")
    };
    let listed: BTreeSet<String> = list.service.into_iter().map(|service| service.name).collect();
    for method in crate::dynamic::methods() {
        let service = method.parent_service().full_name().to_owned();
        assert!(listed.contains(&service), "{service} is not among {listed:?}");
    }
    mini.all.stop().await.unwrap();
}
