//! Peers that do not answer, and peers that send more than is asked for.

use strata_rpc::ServerSettings;
use tokio::time::Instant;

use super::frames::{ACK, DATA, END_STREAM, FLOW_CONTROL_ERROR, PING, RST_STREAM, Raw, SETTINGS, number};
use super::gate::Gate;
use super::*;

/// The next question whether we are there. None: the connection was closed.
async fn asked(raw: &mut Raw) -> Option<Vec<u8>> {
    loop {
        let frame = raw.frame().await?;
        if frame.kind == PING {
            return Some(frame.payload);
        }
    }
}

#[tokio::test]
async fn who_does_not_answer_for_ten_seconds_is_let_go() {
    let (server, _) = quiet(ServerSettings::default()).await;
    let running = Running::start(&server).await;
    let mut raw = Raw::open(&running).await;
    raw.call(1, GET_TIME, &[]).await;
    raw.send(DATA, END_STREAM, 1, &framed(b"")).await;
    assert_eq!(raw.next(DATA).await.stream, 1);
    // From here on time passes when nobody has anything to do.
    tokio::time::pause();
    let begin = Instant::now();
    let question = asked(&mut raw).await.unwrap();
    assert!((29..=31).contains(&begin.elapsed().as_secs()), "{:?}", begin.elapsed());
    raw.send(PING, ACK, 0, &question).await;
    asked(&mut raw).await.unwrap();
    let left = Instant::now();
    assert!((58..=62).contains(&begin.elapsed().as_secs()), "{:?}", begin.elapsed());
    assert_eq!(asked(&mut raw).await, None);
    assert!((9..=11).contains(&left.elapsed().as_secs()), "{:?}", left.elapsed());
    tokio::time::resume();
    drop(raw);
    running.stop().await;
}

#[tokio::test]
async fn one_byte_more_than_a_stream_has_room_for_ends_the_stream() {
    let gate = Gate::new();
    let settings = ServerSettings {
        calls_per_connection: 1,
        queue_ms: 30_000,
        ..ServerSettings::default()
    };
    let (server, _) = server(settings, gate.settle()).await;
    let running = Running::start(&server).await;
    let mut raw = Raw::open(&running).await;
    // Our side's word that the server's settings are read: they hold from then on.
    raw.send(SETTINGS, ACK, 0, &[]).await;
    raw.call(1, SETTLE, &[]).await;
    raw.send(DATA, END_STREAM, 1, &framed(b"")).await;
    gate.until(1).await;
    // Nobody reads these yet: the call waits for its turn.
    for stream in [3, 5] {
        raw.call(stream, SETTLE, &[]).await;
        for _ in 0..4 {
            raw.send(DATA, 0, stream, &[0; 16 * 1024]).await;
        }
    }
    raw.send(DATA, 0, 5, &[0]).await;
    let reset = raw.next(RST_STREAM).await;
    assert_eq!((reset.stream, number(&reset.payload)), (5, FLOW_CONTROL_ERROR));
    gate.let_go(2);
    // The others go on: what was asked first is answered.
    assert_eq!(raw.next(DATA).await.stream, 1);
    drop(raw);
    running.stop().await;
}
