//! One more than the limit.

use strata_contract::strata::dev::v1::{GetTimeRequest, SettleRequest};
use strata_rpc::{RpcError, ServerSettings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tonic_types::StatusExt;

use super::frames::{DATA, END_STREAM, Frame, HEADERS, REFUSED_STREAM, RST_STREAM, Raw, counted, number};
use super::gate::Gate;
use super::*;

const KIB: usize = 1024;
const HEALTH: &str = "/grpc.health.v1.Health/Check";

/// A message of exactly so many bytes: one unknown field, which a reader skips.
fn message_of(bytes: usize) -> Vec<u8> {
    let length = (bytes - 5..bytes).find(|length| 1 + prost::encoding::encoded_len_varint(*length as u64) + length == bytes);
    let length = length.unwrap();
    let mut message = vec![0x7a]; // field 15, length-delimited
    prost::encoding::encode_varint(length as u64, &mut message);
    message.resize(bytes, b'x');
    message
}

#[tokio::test]
async fn a_message_of_one_byte_more_than_its_contract_allows_is_refused() {
    let (server, _) = quiet(ServerSettings::default()).await;
    let running = Running::start(&server).await;
    for transport in [server.in_process(), running.transport()] {
        // A read, a command, and work of many records. The command lacks what it needs, and gets that far.
        for (path, most, fits) in [
            (GET_TIME, 1024 * KIB, Code::Ok),
            (SET_TIME, 256 * KIB, Code::InvalidArgument),
            (SETTLE, 4096 * KIB, Code::Ok),
            // Of others, whose contracts say nothing.
            (HEALTH, 64 * KIB, Code::Ok),
        ] {
            let (_, status, _) = raw(&transport, path, &message_of(most), &[]).await;
            assert_eq!(status.code(), fits, "{path}: {status:?}");
            let (_, refused, _) = raw(&transport, path, &message_of(most + 1), &[]).await;
            assert_eq!(refused.code(), Code::ResourceExhausted, "{path}: {refused:?}");
            let details = refused.get_error_details();
            assert!(details.error_info().is_some() && details.request_info().is_some());
        }
    }
    running.stop().await;
}

#[tokio::test]
async fn a_compressed_message_is_refused_before_it_is_unpacked() {
    let (server, _) = quiet(ServerSettings::default()).await;
    let running = Running::start(&server).await;
    // The first bytes of gzip, and the flag that says so.
    let mut frame = vec![1, 0, 0, 0, 4];
    frame.extend([0x1f, 0x8b, 8, 0]);
    let request = Request::post(format!("http://server{GET_TIME}"))
        .version(http::Version::HTTP_2)
        .header("content-type", "application/grpc")
        .header("grpc-encoding", "gzip")
        .header("te", "trailers")
        .body(Body::new(Full::from(frame)))
        .unwrap();
    let response = tower::ServiceExt::oneshot(running.transport(), request).await.unwrap();
    let refused = Status::from_header_map(response.headers()).unwrap();
    assert_eq!(refused.code(), Code::Unimplemented, "{refused:?}");
    running.stop().await;
}

#[tokio::test]
async fn a_message_in_a_message_goes_a_hundred_deep() {
    let (server, _) = quiet(ServerSettings::default()).await;
    let nested = |depth: usize| [vec![0x7b; depth], vec![0x7c; depth]].concat(); // field 15, groups
    let fits = raw(&server.in_process(), GET_TIME, &nested(100), &[]).await.1;
    assert_eq!(fits.code(), Code::Ok, "{fits:?}");
    let refused = raw(&server.in_process(), GET_TIME, &nested(101), &[]).await.1;
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
    assert!(refused.get_error_details().error_info().is_some());
}

#[tokio::test]
async fn one_byte_of_metadata_more_is_refused_and_the_connection_lives() {
    let (server, _) = quiet(ServerSettings::default()).await;
    let running = Running::start(&server).await;
    let mut raw = Raw::open(&running).await;
    let note = |bytes: usize| "x".repeat(bytes - counted(GET_TIME, &[("note", "")]));
    // 200 is a whole field by reference to the table of HPACK; 431 is said in text.
    let status = |frame: &Frame| if frame.payload.first() == Some(&0x88) { 200 } else { 431 };
    for (stream, bytes, expected) in [(1, 16 * KIB - 1, 200), (3, 16 * KIB, 431), (5, KIB, 200)] {
        raw.call(stream, GET_TIME, &[("note", &note(bytes))]).await;
        raw.send(DATA, END_STREAM, stream, &framed(b"")).await;
        let mut answer = raw.next(HEADERS).await;
        while answer.stream != stream {
            // What an earlier answer ends with.
            answer = raw.next(HEADERS).await;
        }
        assert_eq!(status(&answer), expected, "{bytes} bytes: {answer:?}");
    }
    drop(raw);
    running.stop().await;
}

#[tokio::test]
async fn a_correlation_id_has_64_bytes() {
    let (server, _) = quiet(ServerSettings::default()).await;
    for (bytes, is_kept) in [(64, true), (65, false)] {
        let id = "c".repeat(bytes);
        let (headers, status, _) = raw(&server.in_process(), GET_TIME, b"", &[("x-correlation-id", &id)]).await;
        assert_eq!(status.code(), Code::Ok);
        assert_eq!(headers["x-correlation-id"] == id, is_kept, "{bytes}: {headers:?}");
    }
}

#[tokio::test]
async fn one_stream_more_is_refused_and_the_others_go_on() {
    let (server, _) = quiet(ServerSettings::default()).await;
    let running = Running::start(&server).await;
    let mut raw = Raw::open(&running).await;
    for number in 0..101 {
        raw.call(number * 2 + 1, GET_TIME, &[]).await;
    }
    let refused = raw.next(RST_STREAM).await;
    assert_eq!((refused.stream, number(&refused.payload)), (201, REFUSED_STREAM));
    raw.send(DATA, END_STREAM, 199, &framed(b"")).await;
    // Calls beyond 64 wait for a place; those before them have to end first.
    for number in 0..99 {
        raw.send(DATA, END_STREAM, number * 2 + 1, &framed(b"")).await;
    }
    let mut answered = 0;
    while answered < 100 {
        answered += usize::from(raw.next(DATA).await.payload.len() > 5);
    }
    drop(raw);
    running.stop().await;
}

#[tokio::test]
async fn one_connection_more_of_an_address_is_closed() {
    let settings = ServerSettings {
        connections_per_peer: 2,
        ..ServerSettings::default()
    };
    let (server, _) = quiet(settings).await;
    let running = Running::start(&server).await;
    let mut held = Vec::new();
    for _ in 0..2 {
        let mut client = control(running.transport());
        client.get_time(GetTimeRequest {}).await.unwrap();
        held.push(client);
    }
    let mut refused = TcpStream::connect(running.address).await.unwrap();
    let read = tokio::time::timeout(Duration::from_secs(5), refused.read(&mut [0u8; 1])).await;
    assert!(matches!(read.unwrap(), Ok(0) | Err(_)));
    for client in &mut held {
        client.get_time(GetTimeRequest {}).await.unwrap();
    }
    running.stop().await;
}

#[tokio::test]
async fn who_says_too_little_is_let_go_after_five_seconds() {
    let (server, _) = quiet(ServerSettings::default()).await;
    let running = Running::start(&server).await;
    let begin = tokio::time::Instant::now();
    let mut open = Vec::new();
    for said in [&b""[..], b"P", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r"] {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        stream.write_all(said).await.unwrap();
        open.push(stream);
    }
    // Whoever speaks is not asked to hurry.
    let mut slow = Raw::open(&running).await;
    for mut stream in open {
        let mut said = Vec::new();
        let closed = tokio::time::timeout(Duration::from_secs(15), stream.read_to_end(&mut said));
        closed.await.unwrap().ok();
    }
    assert!(begin.elapsed() >= Duration::from_millis(4_900), "{:?}", begin.elapsed());
    slow.call(1, GET_TIME, &[]).await;
    slow.send(DATA, END_STREAM, 1, &framed(b"")).await;
    assert_eq!(slow.next(DATA).await.stream, 1);
    drop(slow);
    running.stop().await;
}

#[tokio::test]
async fn a_connection_that_rests_is_ended_and_one_with_a_call_is_not() {
    let gate = Gate::new();
    let settings = ServerSettings {
        connection_idle_s: 1,
        ..ServerSettings::default()
    };
    let (server, _) = server(settings, gate.settle()).await;
    let running = Running::start(&server).await;
    let mut busy = control(running.transport());
    let busy = tokio::spawn(async move { busy.settle(SettleRequest {}).await });
    let begin = tokio::time::Instant::now();
    let mut resting = Raw::open(&running).await;
    // HTTP/2 says goodbye twice: first that no more calls are taken, then which was the last.
    assert_eq!(resting.ended().await.0, 0);
    assert!(begin.elapsed() >= Duration::from_millis(900), "{:?}", begin.elapsed());
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    gate.let_go(1);
    busy.await.unwrap().unwrap();
    drop(resting);
    running.stop().await;
}

#[tokio::test]
async fn an_aged_connection_is_ended_and_no_call_fails() {
    let settings = ServerSettings {
        connection_age_s: 1,
        ..ServerSettings::default()
    };
    let (server, _) = quiet(settings).await;
    let running = Running::start(&server).await;
    let mut raw = Raw::open(&running).await;
    let mut client = control(running.transport());
    let begin = tokio::time::Instant::now();
    while begin.elapsed() < Duration::from_millis(2_500) {
        client.get_time(GetTimeRequest {}).await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(raw.ended().await.0, 0);
    drop(raw);
    running.stop().await;
}

#[tokio::test]
async fn one_call_more_waits_and_is_then_shed_with_retry_info() {
    let gate = Gate::new();
    let settings = ServerSettings {
        calls_per_connection: 2,
        queue_ms: 50,
        ..ServerSettings::default()
    };
    let (server, _) = server(settings, gate.settle()).await;
    let running = Running::start(&server).await;
    let transport = running.transport();
    let call = || {
        let mut client = control(transport.clone());
        tokio::spawn(async move { client.settle(SettleRequest {}).await })
    };
    let (first, second) = (call(), call());
    gate.until(2).await;
    let shed = call().await.unwrap().unwrap_err();
    assert_eq!(shed.code(), Code::Unavailable);
    let details = shed.get_error_details();
    assert!(details.retry_info().unwrap().retry_delay.is_some());
    assert_eq!(details.error_info().unwrap().reason, "OVERLOADED");
    assert!(details.request_info().is_some());
    // Another connection has places of its own, and a place that comes free is used.
    let mut other = control(running.transport());
    other.get_time(GetTimeRequest {}).await.unwrap();
    gate.let_go(3);
    first.await.unwrap().unwrap();
    second.await.unwrap().unwrap();
    call().await.unwrap().unwrap();
    assert_eq!(gate.came(), 3, "the shed call had no effect");
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
        answered = client.get_time(GetTimeRequest {}).await.is_ok();
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
