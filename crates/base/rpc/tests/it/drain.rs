//! The end of a server.

use strata_contract::strata::dev::v1::SettleRequest;
use strata_rpc::{ServerSettings, SettleReport};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use super::*;

#[tokio::test]
async fn it_says_so_then_lets_calls_in_flight_end() {
    let (entered, mut inside) = mpsc::unbounded_channel();
    let settings = ServerSettings {
        drain_notice_ms: 300,
        ..ServerSettings::default()
    };
    let (server, _) = server(settings, move || {
        entered.send(()).unwrap();
        Box::pin(async {
            sleep(Duration::from_millis(700)).await;
            Ok(SettleReport { passes: 3, work: 0 })
        })
    })
    .await;
    let running = Running::start(&server).await;
    let address = running.address;
    let mut client = control(running.transport());
    let call = tokio::spawn(async move { client.settle(SettleRequest {}).await });
    inside.recv().await.unwrap();
    let mut health = HealthClient::new(running.transport());
    health.check(HealthCheckRequest::default()).await.unwrap();

    let ending = tokio::spawn(running.stop());
    sleep(Duration::from_millis(100)).await;
    let said = health.check(HealthCheckRequest::default()).await.unwrap().into_inner();
    assert_eq!(said.status().as_str_name(), "NOT_SERVING");
    assert_eq!(call.await.unwrap().unwrap().into_inner().passes, 3);
    ending.await.unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "the socket is closed");
}

#[tokio::test]
async fn it_waits_no_longer_than_the_drain_time() {
    let (entered, mut inside) = mpsc::unbounded_channel();
    let settings = ServerSettings {
        drain_ms: 200,
        ..ServerSettings::default()
    };
    let (server, _) = server(settings, move || {
        entered.send(()).unwrap();
        Box::pin(std::future::pending())
    })
    .await;
    let running = Running::start(&server).await;
    let mut client = control(running.transport());
    let call = tokio::spawn(async move { client.settle(SettleRequest {}).await });
    inside.recv().await.unwrap();
    let begin = Instant::now();
    running.stop().await;
    assert!((150..5_000).contains(&begin.elapsed().as_millis()), "{:?}", begin.elapsed());
    let cut = call.await.unwrap().unwrap_err();
    assert_eq!(cut.code(), Code::Unavailable, "{cut:?}");
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_it_up() {
    let (server, _) = quiet(ServerSettings::default()).await;
    let running = Running::start(&server).await;
    let mut client = control(running.transport());
    client
        .get_time(strata_contract::strata::dev::v1::GetTimeRequest {})
        .await
        .unwrap();
    let silent = tokio::net::TcpStream::connect(running.address).await.unwrap();
    sleep(Duration::from_millis(50)).await;
    let begin = Instant::now();
    running.stop().await;
    assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
    drop(silent);
}
