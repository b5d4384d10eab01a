//! The version before: its own words for what v2 says, and its own fields in refusals.
// Its methods are deprecated, and served until nobody calls them.
#![allow(deprecated)]

use std::time::Duration;

use strata_contract::strata::experience::delivery::v1;
use strata_contract::strata::experience::delivery::v1::delivery_service_client::DeliveryServiceClient;
use strata_contract::strata::process::billing::v1::{DocumentState, UnbilledTime};
use strata_contract::strata::process::mobilisation::v1::StepState;
use tonic::Code;

use super::*;
use crate::timeline::atlas;

const SOON: Duration = Duration::from_secs(20);

async fn old(below: &Below) -> DeliveryServiceClient<Transport> {
    DeliveryServiceClient::new(server(below).await.in_process())
}

fn ask(name: &str, page_size: i32, page_token: &str) -> v1::GetTimelineRequest {
    v1::GetTimelineRequest {
        engagement_id: id(name),
        page_size,
        page_token: page_token.to_owned(),
    }
}

#[tokio::test]
async fn a_story_in_pages_with_every_invoice_on_the_first() {
    let below = atlas();
    for number in 0..1200 {
        below.document("atlas", &format!("x{number:04}"), DocumentState::Posted);
    }
    let mut portal = old(&below).await;
    let (mut events, mut token) = (Vec::new(), String::new());
    for page in 0..3 {
        let answer = portal.get_timeline(ask("atlas", 3, &token)).await.unwrap().into_inner();
        assert_eq!(answer.invoices.len(), if page == 0 { 1202 } else { 0 }, "page {page}");
        if let [january, february, ..] = answer.invoices.as_slice() {
            assert_eq!((january.number.as_str(), january.state.as_str()), ("INV-2026-01", "paid"));
            assert_eq!(february.state, "part_paid");
        }
        assert!(
            answer
                .entries
                .iter()
                .all(|e| e.state == "done" && e.kind == "project" && e.system == "netsuite")
        );
        events.extend(answer.entries.into_iter().map(|e| e.event));
        token = answer.next_page_token;
    }
    let expected = [
        "deal won",
        "customer created",
        "project created",
        "team staffed",
        "time posted",
        "invoice posted",
        "invoice paid",
    ];
    assert_eq!(events, expected);
}

#[tokio::test]
async fn lists_say_what_they_said() {
    let below = atlas();
    below.engagement("corvus", StepState::Exception);
    let rows = (0..1500).map(|number| UnbilledTime {
        project_code: format!("PR-{number:05}"),
        ..UnbilledTime::default()
    });
    below.held().unbilled.extend(rows);
    let mut portal = old(&below).await;
    let request = v1::ListEngagementsRequest {
        page_size: 2,
        ..v1::ListEngagementsRequest::default()
    };
    let first = portal.list_engagements(request).await.unwrap().into_inner();
    assert_eq!(first.engagements.len(), 2);
    let request = v1::ListEngagementsRequest {
        page_size: 2,
        page_token: first.next_page_token,
        ..v1::ListEngagementsRequest::default()
    };
    let rest = portal.list_engagements(request).await.unwrap().into_inner();
    assert_eq!((rest.engagements.len(), rest.next_page_token.as_str()), (1, ""));
    let all = first.engagements.into_iter().chain(rest.engagements);
    for e in all {
        assert_eq!(e.engagement_id, id(&e.name));
        assert_eq!(
            (e.mobilised, e.customer_name),
            (e.name != "corvus", format!("{} customer", e.name))
        );
    }
    let request = v1::ListUnbilledTimeRequest::default();
    let unbilled = portal.list_unbilled_time(request).await.unwrap().into_inner().unbilled;
    assert_eq!(unbilled.len(), 1500, "v1 has no pages");
}

#[tokio::test]
async fn a_stream_has_the_words_of_v1() {
    let below = atlas();
    let mut portal = old(&below).await;
    let request = v1::WatchEngagementRequest {
        engagement_id: id("atlas"),
        after_sequence: 7,
    };
    let mut stream = portal.watch_engagement(request).await.unwrap().into_inner();
    below.hand_off("atlas", "payment received");
    let next = tokio::time::timeout(SOON, stream.message()).await.unwrap().unwrap();
    let entry = next.unwrap().entry.unwrap();
    assert_eq!((entry.sequence, entry.event.as_str()), (8, "payment received"));
}

#[tokio::test]
async fn refusals_name_the_fields_of_v1() {
    let mut portal = old(&Below::default()).await;
    let watch = v1::WatchEngagementRequest {
        engagement_id: id("atlas"),
        after_sequence: 0,
    };
    for status in [
        portal.get_timeline(ask("atlas", 0, "")).await.unwrap_err(),
        portal.watch_engagement(watch).await.unwrap_err(),
    ] {
        assert_eq!(status.code(), Code::NotFound);
        assert_eq!(strata_rpc::error(status).field, "engagement_id");
    }
    let status = portal.get_timeline(ask("atlas", 1001, "")).await.unwrap_err();
    assert_eq!(strata_rpc::error(status).field, "page_size");
}
