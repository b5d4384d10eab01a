//! What a web page may do. The requests are written out byte by byte, as a browser without HTTP/2 sends them.

use strata_contract::strata::dev::v1::{GetTimeResponse, SetTimeRequest};
use strata_rpc::ServerSettings;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;

const CONSOLE: &str = "https://console.example";

async fn console() -> (Running, SimClock) {
    let settings = ServerSettings {
        origins: vec![CONSOLE.to_owned()],
        ..ServerSettings::default()
    };
    let (server, clock) = quiet(settings).await;
    (Running::start(&server).await, clock)
}

/// Sends one HTTP/1.1 request; returns status, headers (lower case) and body.
async fn http1(running: &Running, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> (u16, String, Vec<u8>) {
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n",
        running.address
    );
    for (key, value) in headers {
        head.push_str(&format!("{key}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let end = answer.windows(4).position(|part| part == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap().to_lowercase();
    let status = head[9..12].parse().unwrap();
    let body = &answer[end + 4..];
    let body = if head.contains("transfer-encoding: chunked") {
        dechunked(body)
    } else {
        body.to_vec()
    };
    (status, head, body)
}

fn dechunked(mut body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some(end) = body.windows(2).position(|part| part == b"\r\n") {
        let length = usize::from_str_radix(std::str::from_utf8(&body[..end]).unwrap(), 16).unwrap();
        out.extend_from_slice(&body[end + 2..end + 2 + length]);
        body = &body[end + 2 + length + 2..];
    }
    out
}

fn grpc_web(origin: &str) -> [(&'static str, &str); 4] {
    [
        ("content-type", "application/grpc-web+proto"),
        ("accept", "application/grpc-web+proto"),
        ("x-grpc-web", "1"),
        ("origin", origin),
    ]
}

/// The message of a gRPC-Web answer, and its trailers as text.
fn unframed(body: &[u8]) -> (Vec<u8>, String) {
    let (mut message, mut trailers, mut rest) = (Vec::new(), String::new(), body);
    while rest.len() >= 5 {
        let length = u32::from_be_bytes(rest[1..5].try_into().unwrap()) as usize;
        match rest[0] {
            0 => message = rest[5..5 + length].to_vec(),
            _ => trailers = String::from_utf8(rest[5..5 + length].to_vec()).unwrap(),
        }
        rest = &rest[5 + length..];
    }
    (message, trailers)
}

fn set_time(seconds: i64) -> Vec<u8> {
    let time = Some(prost_types::Timestamp { seconds, nanos: 0 });
    framed(&prost::Message::encode_to_vec(&SetTimeRequest { time }))
}

#[tokio::test]
async fn a_page_of_ours_calls_over_grpc_web() {
    let (running, clock) = console().await;
    let (status, head, body) = http1(&running, "POST", GET_TIME, &grpc_web(CONSOLE), &framed(b"")).await;
    assert_eq!(status, 200, "{head}");
    assert!(head.contains("content-type: application/grpc-web+proto"), "{head}");
    assert!(
        head.contains("access-control-allow-origin: https://console.example"),
        "{head}"
    );
    assert!(head.contains("grpc-status-details-bin"), "details must be exposed: {head}");
    assert!(head.contains("x-correlation-id: "), "{head}");
    let (message, trailers) = unframed(&body);
    let time = <GetTimeResponse as prost::Message>::decode(message.as_slice())
        .unwrap()
        .time
        .unwrap();
    assert_eq!(time.seconds, start_of_time().timestamp());
    assert!(trailers.contains("grpc-status:0"), "{trailers}");

    http1(&running, "POST", SET_TIME, &grpc_web(CONSOLE), &set_time(1_900_000_000)).await;
    assert_eq!(clock.now().timestamp(), 1_900_000_000);
    running.stop().await;
}

#[tokio::test]
async fn a_refusal_reaches_the_page_with_its_details() {
    let (running, _) = console().await;
    let (status, head, body) = http1(&running, "POST", SET_TIME, &grpc_web(CONSOLE), &set_time(1)).await;
    assert_eq!(status, 200);
    let said = format!("{head}\n{}", unframed(&body).1);
    assert!(said.contains("grpc-status:3") || said.contains("grpc-status: 3"), "{said}");
    assert!(said.contains("grpc-status-details-bin:"), "{said}");
    running.stop().await;
}

#[tokio::test]
async fn a_page_of_a_foreign_origin_is_refused_without_effect() {
    let (running, clock) = console().await;
    let later = set_time(1_900_000_000);
    for foreign in [
        "https://evil.example",
        "null",
        "https://console.example.evil",
        "http://console.example",
        "*",
    ] {
        let (status, head, body) = http1(&running, "POST", SET_TIME, &grpc_web(foreign), &later).await;
        assert_eq!((status, body.as_slice()), (403, &b""[..]), "{foreign}: {head}");
        assert!(!head.contains("access-control-allow-origin"), "{foreign}: {head}");
    }
    // A second Origin does not help, and neither does HTTP/2.
    let both = [&grpc_web(CONSOLE)[..], &[("origin", "https://evil.example")]].concat();
    assert_eq!(http1(&running, "POST", SET_TIME, &both, &later).await.0, 403);
    let over_http2 = raw(
        &running.transport(),
        SET_TIME,
        &later[5..],
        &[("origin", "https://evil.example")],
    )
    .await;
    assert_eq!(over_http2.1.message(), "HTTP 403 Forbidden");
    assert_eq!(clock.now(), start_of_time());
    running.stop().await;
}

#[tokio::test]
async fn a_preflight_names_what_may_be_sent() {
    let (running, _) = console().await;
    let preflight = |origin: &'static str| {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "authorization,x-grpc-web,grpc-timeout"),
        ];
        let running = &running;
        async move { http1(running, "OPTIONS", GET_TIME, &headers, b"").await }
    };
    let (status, head, _) = preflight(CONSOLE).await;
    assert_eq!(status, 200);
    for part in [
        "allow-origin: https://console.example",
        "allow-methods: post",
        "max-age: 3600",
        "authorization",
    ] {
        assert!(head.contains(part), "{part}: {head}");
    }
    assert!(!head.contains("allow-credentials"), "{head}");
    let (status, head, _) = preflight("https://evil.example").await;
    assert!(status == 403 && !head.contains("access-control"), "{head}");
    running.stop().await;
}

#[tokio::test]
async fn what_is_no_call_is_no_call() {
    let (running, _) = console().await;
    assert_eq!(http1(&running, "GET", "/", &[], b"").await.0, 400);
    assert_eq!(http1(&running, "GET", GET_TIME, &grpc_web(CONSOLE), b"").await.0, 405);
    running.stop().await;
}
