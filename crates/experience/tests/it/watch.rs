//! The story of an engagement as it happens.

use std::time::Duration;

use strata_contract::strata::process::mobilisation::v1::StepState;
use strata_kernel::{Error, Kind};
use strata_rpc::{bind, connect};
use tokio::time::timeout;
use tonic::{Code, Streaming};

use super::*;

const SOON: Duration = Duration::from_secs(20);

async fn watch(portal: &mut Portal, after_sequence: u64) -> Streaming<pb::WatchEngagementResponse> {
    let request = pb::WatchEngagementRequest {
        name: name("atlas"),
        after_sequence,
    };
    portal.watch_engagement(request).await.unwrap().into_inner()
}

async fn next(stream: &mut Streaming<pb::WatchEngagementResponse>) -> pb::TimelineEntry {
    let message = timeout(SOON, stream.message()).await.unwrap().unwrap();
    message.unwrap().timeline_entry.unwrap()
}

/// Waits until so many watches are under way below.
async fn watchers(below: &Below, count: usize) {
    let mut watchers = below.watchers();
    timeout(SOON, watchers.wait_for(|n| *n == count)).await.unwrap().unwrap();
}

fn atlas() -> Below {
    let below = Below::default();
    below.engagement("atlas", StepState::Done);
    below.hand_off("atlas", "deal won");
    below.hand_off("atlas", "project created");
    below
}

async fn history_then_news_then_the_end(mut portal: Portal, below: &Below) {
    let mut stream = watch(&mut portal, 0).await;
    assert_eq!(next(&mut stream).await.r#type(), pb::EventType::DealWon);
    assert_eq!(next(&mut stream).await.r#type(), pb::EventType::ProjectCreated);
    below.hand_off("atlas", "invoice posted");
    let news = next(&mut stream).await;
    assert_eq!((news.sequence, news.r#type()), (3, pb::EventType::InvoicePosted));
    assert_eq!(news.correlation_id, "order-atlas");

    let mut second = watch(&mut portal, 2).await;
    assert_eq!(next(&mut second).await.sequence, 3);
    watchers(below, 2).await;
    drop(stream);
    watchers(below, 1).await;
    drop(second);
    watchers(below, 0).await;
}

#[tokio::test]
async fn history_then_news_and_the_end_of_the_caller_is_the_end_below() {
    let below = atlas();
    history_then_news_then_the_end(portal(&below).await, &below).await;
}

#[tokio::test]
async fn the_same_over_tcp() {
    let below = atlas();
    let server = server(&below).await;
    let listener = bind("127.0.0.1:0".parse().unwrap(), server.settings()).await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let serving = tokio::spawn(server.serve(listener, std::future::pending()));
    history_then_news_then_the_end(Portal::new(connect(&address).unwrap()), &below).await;
    serving.abort();
}

#[tokio::test]
async fn a_portal_that_reads_slowly_is_not_run_over() {
    const LONG: usize = 5_000;
    let below = atlas();
    for _ in 2..LONG {
        below.hand_off("atlas", "time approved");
    }
    let mut portal = portal(&below).await;
    let mut stream = watch(&mut portal, 0).await;
    next(&mut stream).await;
    // One entry was read. A few buffers of 32 KiB lie between, and no queue.
    assert!(below.sent() < LONG / 2, "{} were sent for one that was read", below.sent());
    for sequence in 2..=LONG as u64 {
        assert_eq!(next(&mut stream).await.sequence, sequence);
    }
}

#[tokio::test]
async fn a_watch_that_fails_below_says_why_and_no_more() {
    let below = atlas();
    let mut portal = portal(&below).await;
    let causes = [
        (
            Error::new(Kind::Unavailable, "OVERLOADED", "try again in a moment"),
            Code::Unavailable,
            "OVERLOADED",
        ),
        (
            Error::new(Kind::Internal, "INTERNAL", "no such table: hand_offs"),
            Code::Internal,
            "INTERNAL",
        ),
    ];
    for (cause, code, reason) in causes {
        below.held().refusal = None;
        let mut stream = watch(&mut portal, 1).await;
        assert_eq!(next(&mut stream).await.sequence, 2);
        below.held().refusal = Some(cause);
        below.hand_off("atlas", "invoice posted");
        let status = timeout(SOON, stream.message()).await.unwrap().unwrap_err();
        assert_eq!(status.code(), code);
        assert!(!status.message().contains("hand_offs"));
        assert_eq!(strata_rpc::error(status).reason, reason);
        below.held().hand_offs.truncate(2);
    }
}
