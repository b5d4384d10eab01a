//! One more than the limit.

use std::sync::atomic::{AtomicUsize, Ordering};

use strata_contract::strata::dev::v1::SettleRequest;
use strata_rpc::{RpcError, ServerSettings, SettleReport};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tonic_types::StatusExt;

use super::*;

const FOUR_MIB: usize = 4 * 1024 * 1024;

/// A GetTimeRequest of exactly so many bytes: one unknown field, which a reader skips.
fn message_of(bytes: usize) -> Vec<u8> {
    let mut message = vec![0x7a]; // field 15, length-delimited
    let length = bytes - 1 - 4;
    prost::encoding::encode_varint(length as u64, &mut message);
    assert_eq!(message.len(), 5, "the length takes four bytes");
    message.resize(bytes, b'x');
    message
}

#[tokio::test]
async fn a_message_of_one_byte_more_is_refused() {
    let (server, _) = quiet(ServerSettings::default()).await;
    let running = Running::start(&server).await;
    for transport in [server.in_process(), running.transport()] {
        let (_, fits, _) = raw(&transport, GET_TIME, &message_of(FOUR_MIB), &[]).await;
        assert_eq!(fits.code(), Code::Ok, "{fits:?}");
        let (_, refused, _) = raw(&transport, GET_TIME, &message_of(FOUR_MIB + 1), &[]).await;
        assert_eq!(refused.code(), Code::ResourceExhausted, "{refused:?}");
        let details = refused.get_error_details();
        assert!(details.error_info().is_some() && details.request_info().is_some());
    }
    running.stop().await;
}

#[tokio::test]
async fn metadata_above_the_limit_is_refused_and_the_connection_lives() {
    let (server, _) = quiet(ServerSettings::default()).await;
    let running = Running::start(&server).await;
    let transport = running.transport();
    let fits = "x".repeat(15 * 1024);
    assert_eq!(raw(&transport, GET_TIME, b"", &[("note", &fits)]).await.1.code(), Code::Ok);
    let above = "x".repeat(16 * 1024);
    assert_ne!(raw(&transport, GET_TIME, b"", &[("note", &above)]).await.1.code(), Code::Ok);
    assert_eq!(raw(&transport, GET_TIME, b"", &[]).await.1.code(), Code::Ok);
    running.stop().await;
}

#[tokio::test]
async fn one_call_more_waits_and_is_then_shed_with_retry_info() {
    static INSIDE: AtomicUsize = AtomicUsize::new(0);
    static GO: Semaphore = Semaphore::const_new(0);
    let settings = ServerSettings {
        calls_per_connection: 2,
        queue_ms: 50,
        ..ServerSettings::default()
    };
    let (server, _) = server(settings, || {
        Box::pin(async {
            INSIDE.fetch_add(1, Ordering::SeqCst);
            GO.acquire().await.unwrap().forget();
            Ok(SettleReport::default())
        })
    })
    .await;
    let running = Running::start(&server).await;
    let transport = running.transport();
    let call = || {
        let mut client = control(transport.clone());
        tokio::spawn(async move { client.settle(SettleRequest {}).await })
    };
    let (first, second) = (call(), call());
    while INSIDE.load(Ordering::SeqCst) < 2 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let shed = call().await.unwrap().unwrap_err();
    assert_eq!(shed.code(), Code::Unavailable);
    let details = shed.get_error_details();
    assert!(details.retry_info().unwrap().retry_delay.is_some());
    assert_eq!(details.error_info().unwrap().reason, "OVERLOADED");
    assert!(details.request_info().is_some());
    // Another connection has places of its own, and a place that comes free is used.
    let mut other = control(running.transport());
    other
        .get_time(strata_contract::strata::dev::v1::GetTimeRequest {})
        .await
        .unwrap();
    GO.add_permits(3);
    first.await.unwrap().unwrap();
    second.await.unwrap().unwrap();
    call().await.unwrap().unwrap();
    assert_eq!(INSIDE.load(Ordering::SeqCst), 3, "the shed call had no effect");
    running.stop().await;
}

#[tokio::test]
async fn one_connection_more_is_closed() {
    let settings = ServerSettings {
        connections: 1,
        ..ServerSettings::default()
    };
    let (server, _) = quiet(settings).await;
    let running = Running::start(&server).await;
    let held = TcpStream::connect(running.address).await.unwrap();
    // The first is accepted when the second is refused: the loop takes them in order.
    let mut refused = TcpStream::connect(running.address).await.unwrap();
    let read = tokio::time::timeout(Duration::from_secs(2), refused.read(&mut [0u8; 1]))
        .await
        .unwrap();
    assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
    drop(held);
    let mut client = control(running.transport());
    let mut answered = false;
    for _ in 0..100 {
        answered = client
            .get_time(strata_contract::strata::dev::v1::GetTimeRequest {})
            .await
            .is_ok();
        if answered {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert!(answered, "the place of the closed connection never came free");
    running.stop().await;
}

#[tokio::test]
async fn a_public_address_is_refused_unless_allowed() {
    let everywhere: SocketAddr = "0.0.0.0:0".parse().unwrap();
    let refused = bind(everywhere, &ServerSettings::default()).await.unwrap_err();
    assert!(matches!(refused, RpcError::Public(_)), "{refused}");
    // A listener from elsewhere does not slip through either.
    let (server, _) = quiet(ServerSettings::default()).await;
    let listener = TcpListener::bind(everywhere).await.unwrap();
    let refused = server.serve(listener, std::future::pending()).await.unwrap_err();
    assert!(matches!(refused, RpcError::Public(_)), "{refused}");
}
