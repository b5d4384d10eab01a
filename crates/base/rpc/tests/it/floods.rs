//! Peers that keep a server busy with HTTP/2 itself. Each is sent away, and nobody else notices.

use strata_contract::strata::dev::v1::GetTimeRequest;
use strata_rpc::ServerSettings;

use super::frames::*;
use super::*;

/// Runs an attack, and says how the server ended the connection. Somebody else is served before, during and after.
async fn attacked(attack: impl AsyncFnOnce(&mut Raw)) -> (u32, String) {
    let (server, _) = quiet(ServerSettings::default()).await;
    let running = Running::start(&server).await;
    let mut other = control(running.transport());
    other.get_time(GetTimeRequest {}).await.unwrap();
    let mut raw = Raw::open(&running).await;
    attack(&mut raw).await;
    other.get_time(GetTimeRequest {}).await.unwrap();
    let ended = raw.ended().await;
    other.get_time(GetTimeRequest {}).await.unwrap();
    control(running.transport()).get_time(GetTimeRequest {}).await.unwrap();
    running.stop().await;
    ended
}

#[tokio::test]
async fn calls_that_are_taken_back_at_once() {
    // Rapid reset, CVE-2023-44487.
    let ended = attacked(async |raw| {
        for number in 0..2_000u32 {
            raw.call(number * 2 + 1, GET_TIME, &[]).await;
            raw.send(RST_STREAM, 0, number * 2 + 1, &8u32.to_be_bytes()).await;
        }
    })
    .await;
    assert_eq!(ended.0, ENHANCE_YOUR_CALM, "{ended:?}");
}

#[tokio::test]
async fn errors_that_make_the_server_reset() {
    // MadeYouReset, CVE-2025-8671: a window that grows beyond all bounds is an error of the stream.
    let ended = attacked(async |raw| {
        for number in 0..2_000u32 {
            raw.call(number * 2 + 1, SETTLE, &[]).await;
            raw.send(WINDOW_UPDATE, 0, number * 2 + 1, &0x7fff_ffffu32.to_be_bytes())
                .await;
        }
    })
    .await;
    assert_eq!(ended.0, ENHANCE_YOUR_CALM, "{ended:?}");
}

#[tokio::test]
async fn metadata_that_does_not_end() {
    let ended = attacked(async |raw| {
        raw.send(HEADERS, 0, 1, &fields(GET_TIME, &[])).await;
        for _ in 0..2_000 {
            raw.send(CONTINUATION, 0, 1, &[]).await;
        }
    })
    .await;
    assert_eq!(ended.0, ENHANCE_YOUR_CALM, "{ended:?}");
}

#[tokio::test]
async fn a_message_in_crumbs() {
    let ended = attacked(async |raw| {
        raw.call(1, SETTLE, &[]).await;
        for _ in 0..20_000 {
            raw.send(DATA, 0, 1, &[0]).await;
        }
    })
    .await;
    assert_eq!(ended.0, ENHANCE_YOUR_CALM, "{ended:?}");
}
