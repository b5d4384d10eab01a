//! Every call ends in time.

use std::future::pending;

use strata_contract::strata::dev::v1::{SettleRequest, SettleResponse};
use strata_rpc::{ServerSettings, SettleReport, error, remaining};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tonic::{Response, Status};

use super::*;

async fn settle(transport: Transport, timeout: Option<Duration>) -> Result<Response<SettleResponse>, Status> {
    let mut request = tonic::Request::new(SettleRequest {});
    if let Some(timeout) = timeout {
        request.set_timeout(timeout);
    }
    control(transport).settle(request).await
}

async fn endless() -> Server {
    server(ServerSettings::default(), || Box::pin(pending())).await.0
}

#[tokio::test(start_paused = true)]
async fn the_contract_says_when_and_a_caller_may_ask_for_twice_that() {
    let server = endless().await;
    for (asked, ends) in [(None, 600), (Some(30), 30), (Some(1100), 1100), (Some(7200), 1200)] {
        let begin = Instant::now();
        let late = settle(server.in_process(), asked.map(Duration::from_secs)).await.unwrap_err();
        assert_eq!(late.code(), Code::DeadlineExceeded);
        assert_eq!(begin.elapsed().as_secs(), ends, "asked for {asked:?}");
    }
}

#[tokio::test]
async fn over_tcp_it_ends_the_same_way() {
    let server = endless().await;
    let running = Running::start(&server).await;
    let begin = Instant::now();
    let late = settle(running.transport(), Some(Duration::from_millis(150)))
        .await
        .unwrap_err();
    assert_eq!(late.code(), Code::DeadlineExceeded, "{late:?}");
    assert!((100..5_000).contains(&begin.elapsed().as_millis()), "{:?}", begin.elapsed());
    let late = error(late);
    assert_eq!(
        (late.kind, late.reason),
        (strata_kernel::Kind::DeadlineExceeded, "DEADLINE_EXCEEDED")
    );
    running.stop().await;
}

#[tokio::test]
async fn what_is_left_goes_on_to_the_next_server() {
    let (seen, mut left) = mpsc::unbounded_channel();
    let (inner, _) = server(ServerSettings::default(), move || {
        seen.send(remaining()).unwrap();
        Box::pin(async { Ok(SettleReport::default()) })
    })
    .await;
    let running = Running::start(&inner).await;
    for next in [inner.in_process(), running.transport()] {
        let (outer, _) = server(ServerSettings::default(), move || {
            let next = next.clone();
            Box::pin(async move {
                tokio::time::sleep(Duration::from_millis(200)).await;
                settle(next, None).await.map_err(error)?;
                Ok(SettleReport::default())
            })
        })
        .await;
        settle(outer.in_process(), Some(Duration::from_secs(20))).await.unwrap();
        let left = left.recv().await.unwrap().unwrap();
        assert!(
            left > Duration::from_secs(10) && left < Duration::from_millis(19_800),
            "{left:?}"
        );
    }
    assert_eq!(remaining(), None);
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_call_without_time_left_is_not_sent() {
    let (seen, mut calls) = mpsc::unbounded_channel();
    let (inner, _) = server(ServerSettings::default(), move || {
        seen.send(()).unwrap();
        Box::pin(async { Ok(SettleReport::default()) })
    })
    .await;
    let (outer, _) = server(ServerSettings::default(), move || {
        let next = inner.in_process();
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(970)).await;
            let refused = settle(next, None).await.unwrap_err();
            assert_eq!(refused.code(), Code::DeadlineExceeded);
            Ok(SettleReport { passes: 7, work: 0 })
        })
    })
    .await;
    let answer = settle(outer.in_process(), Some(Duration::from_secs(1))).await.unwrap();
    assert_eq!(answer.into_inner().passes, 7);
    assert!(calls.try_recv().is_err());
}
