//! What a delivery lead sees: the story of an engagement from deal to cash, live, from a browser too.

use std::collections::BTreeSet;
use std::time::Duration;

use prost::Message;
use strata::Role;
use strata_contract::strata::experience::delivery::v1 as pb;
use strata_contract::strata::experience::delivery::v1::TimelineEntry;
use strata_contract::strata::experience::delivery::v1::delivery_service_client::DeliveryServiceClient;
use tokio_stream::StreamExt;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use crate::mini::Mini;

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
    mini.mobilisations().await[0].engagement_id.clone()
}

async fn timeline(mini: &Mini) -> pb::GetTimelineResponse {
    let request = pb::GetTimelineRequest {
        engagement_id: engagement(mini).await,
        page_size: 1000,
        ..Default::default()
    };
    let mut portal = DeliveryServiceClient::new(mini.all.installation.experience.clone());
    portal.get_timeline(request).await.unwrap().into_inner()
}

/// Correlation ids of the entries of these events.
fn flow(entries: &[TimelineEntry], events: &[&str]) -> BTreeSet<String> {
    let of = entries.iter().filter(|entry| events.contains(&entry.event.as_str()));
    of.map(|entry| entry.correlation_id.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_story_goes_from_deal_to_cash() {
    let mini = Mini::start().await;
    live(&mini).await;
    let story = timeline(&mini).await;
    for entry in &story.entries {
        assert!(
            !entry.vendor_id.is_empty() && entry.time.is_some() && !entry.correlation_id.is_empty(),
            "{entry:?}"
        );
    }
    assert!(story.entries.is_sorted_by(|one, next| one.sequence < next.sequence));
    assert!(story.entries.is_sorted_by_key(|entry| entry.time.map(|time| time.seconds)));
    // In this order, whatever else stands between.
    let mut told = story
        .entries
        .iter()
        .map(|entry| (entry.event.as_str(), entry.system.as_str()));
    for expected in [
        ("deal won", "salesforce"),
        ("customer created", "netsuite"),
        ("project activated", "platform"),
        ("time posted", "netsuite"),
        ("invoice posted", "netsuite"),
        ("payment received", "netsuite"),
        ("invoice paid", "netsuite"),
    ] {
        assert!(
            told.any(|entry| entry == expected),
            "{expected:?} is not told, or not in its place"
        );
    }
    for expected in [
        ("contract created", "netsuite"),
        ("project created", "netsuite"),
        ("project created", "kantata-ox"),
    ] {
        let found = story
            .entries
            .iter()
            .filter(|entry| (entry.event.as_str(), entry.system.as_str()) == expected);
        assert_eq!(found.count(), 1, "{expected:?}");
    }
    let sale = flow(
        &story.entries,
        &[
            "deal won",
            "customer created",
            "contract created",
            "project created",
            "project activated",
        ],
    );
    assert_eq!(sale, [mini.mobilisations().await[0].correlation_id.clone()].into());
    let bill = flow(
        &story.entries,
        &["invoice released", "invoice posted", "payment received", "invoice paid"],
    );
    assert_eq!(bill.len(), 1);
    assert!(bill.is_disjoint(&sale));
    let [invoice] = story.invoices.as_slice() else {
        panic!("{:?}", story.invoices)
    };
    assert_eq!(
        (invoice.state.as_str(), invoice.gross.as_ref().unwrap().minor_units),
        ("paid", 128_000)
    );
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_watches_sees_what_happens_next() {
    let mini = Mini::start().await;
    mini.sell("CT-1").await;
    let past = timeline(&mini).await.entries.last().unwrap().sequence;
    let request = pb::WatchEngagementRequest {
        engagement_id: engagement(&mini).await,
        after_sequence: past,
    };
    let edge = mini.all.installation.addresses.of(Role::Experience).unwrap();
    let mut portal = DeliveryServiceClient::new(strata_rpc::connect(&edge.to_string()).unwrap());
    let mut watched = portal.watch_engagement(request).await.unwrap().into_inner();
    mini.until("2025-01-07", 9).await;
    mini.work("2025-01-06", 480, "TE-1").await;
    mini.settle().await;
    let next = tokio::time::timeout(LIVE, watched.next()).await.unwrap().unwrap().unwrap();
    let entry = next.entry.unwrap();
    assert!(entry.sequence > past);
    assert_eq!((entry.event.as_str(), entry.system.as_str()), ("time posted", "netsuite"));
    drop(watched);
    mini.all.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_port_answers_browsers_and_tools() {
    let mini = Mini::start().await;
    mini.sell("CT-1").await;
    let edge = mini.all.installation.addresses.of(Role::Experience).unwrap();

    // A browser, as gRPC-Web.
    let url = format!("http://{edge}/strata.experience.delivery.v1.DeliveryService/ListEngagements");
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
    assert!(page.engagements[0].mobilised);
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
