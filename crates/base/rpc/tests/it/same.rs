//! A caller cannot tell an in-process server from one over TCP.

use strata_kernel::{Error, Kind};
use strata_rpc::{ServerSettings, SettleReport, error};
use tonic::Code;
use tonic_types::StatusExt;

use super::*;

/// What of an answer must not depend on the way.
#[derive(Debug, PartialEq)]
struct Answer {
    code: Code,
    message: String,
    reason: Option<String>,
    field: String,
    retry: Option<Duration>,
    request: Option<String>,
    correlation: Option<String>,
    body: Vec<u8>,
}

async fn ask(transport: &Transport, path: &str, message: &[u8], metadata: &[(&str, &str)]) -> Answer {
    let (headers, status, body) = raw(transport, path, message, metadata).await;
    let details = status.get_error_details();
    Answer {
        code: status.code(),
        message: status.message().to_owned(),
        reason: details.error_info().map(|info| info.reason.clone()),
        field: error(status.clone()).field,
        retry: details.retry_info().and_then(|retry| retry.retry_delay),
        request: details.request_info().map(|info| info.request_id.clone()),
        correlation: headers.get("x-correlation-id").map(|id| id.to_str().unwrap().to_owned()),
        body,
    }
}

#[tokio::test]
async fn every_kind_of_answer_is_the_same_on_both_ways() {
    let (server, _) = server(ServerSettings::default(), || {
        Box::pin(async {
            Err(
                Error::new(Kind::Unavailable, "VENDOR_THROTTLED", "the vendor asks to slow down")
                    .because("429 from https://vendor.example"),
            )
        })
    })
    .await;
    let running = Running::start(&server).await;
    let named = [("x-correlation-id", "order-7")];
    let backwards = [0x0a, 0x02, 0x08, 0x01]; // SetTimeRequest { time: { seconds: 1 } }
    let cases: [(&str, &[u8], Code, Option<&str>); 7] = [
        (GET_TIME, b"", Code::Ok, None),
        (SET_TIME, b"", Code::InvalidArgument, Some("INVALID_FIELD")),
        (SET_TIME, &backwards, Code::InvalidArgument, Some("INVALID_FIELD")),
        (SET_TIME, b"\xff\xff", Code::InvalidArgument, Some("INVALID_FIELD")),
        (SETTLE, b"", Code::Unavailable, Some("VENDOR_THROTTLED")),
        (
            "/strata.dev.v1.ControlService/Stop",
            b"",
            Code::Unimplemented,
            Some("UNSUPPORTED_OPERATION"),
        ),
        ("/nothing", b"", Code::Unimplemented, Some("UNSUPPORTED_OPERATION")),
    ];
    for (path, message, code, reason) in cases {
        let inside = ask(&server.in_process(), path, message, &named).await;
        let outside = ask(&running.transport(), path, message, &named).await;
        assert_eq!(inside, outside, "{path}");
        assert_eq!((inside.code, inside.reason.as_deref()), (code, reason), "{path}");
        assert_eq!(inside.correlation.as_deref(), Some("order-7"), "{path}");
        let failed = code != Code::Ok;
        assert_eq!(inside.request.as_deref(), failed.then_some("order-7"), "{path}");
        assert_eq!(inside.message.is_empty(), !failed, "{path}");
        assert!(!inside.message.contains("vendor.example"), "{path}");
    }
    let broken = ask(&server.in_process(), SET_TIME, b"", &named).await;
    assert_eq!(broken.field, "time");
    let throttled = ask(&server.in_process(), SETTLE, b"", &named).await;
    assert_eq!(throttled.retry, Some(Duration::from_secs(1)));
    running.stop().await;
}

#[tokio::test]
async fn a_call_without_a_correlation_id_gets_one_and_a_bad_one_is_replaced() {
    let (server, _) = quiet(ServerSettings::default()).await;
    let transport = server.in_process();
    let none = ask(&transport, GET_TIME, b"", &[]).await.correlation.unwrap();
    let long = "x".repeat(65);
    let replaced = ask(&transport, GET_TIME, b"", &[("x-correlation-id", &long)])
        .await
        .correlation
        .unwrap();
    assert!(!none.is_empty() && none != replaced && replaced != long, "{none} {replaced}");
}

#[tokio::test]
async fn a_handler_that_panics_fails_its_own_call_only() {
    let (server, _) = server(ServerSettings::default(), || Box::pin(async { panic!("hunter2") })).await;
    let running = Running::start(&server).await;
    for transport in [server.in_process(), running.transport()] {
        let answer = ask(&transport, SETTLE, b"", &[("x-correlation-id", "order-8")]).await;
        assert_eq!(answer.code, Code::Internal);
        assert_eq!(answer.reason.as_deref(), Some("INTERNAL"));
        assert_eq!(answer.request.as_deref(), Some("order-8"));
        assert!(!answer.message.contains("hunter2"));
        assert_eq!(ask(&transport, GET_TIME, b"", &[]).await.code, Code::Ok);
    }
    running.stop().await;
}

#[tokio::test]
async fn the_correlation_id_goes_on_to_the_next_server() {
    let (seen, mut ids) = tokio::sync::mpsc::unbounded_channel();
    let (inner, _) = server(ServerSettings::default(), move || {
        seen.send(strata_telemetry::CorrelationId::current()).unwrap();
        Box::pin(async { Ok(SettleReport::default()) })
    })
    .await;
    let running = Running::start(&inner).await;
    for next in [inner.in_process(), running.transport()] {
        let (outer, _) = server(ServerSettings::default(), move || {
            let mut next = control(next.clone());
            Box::pin(async move {
                let request = strata_contract::strata::dev::v1::SettleRequest {};
                next.settle(request).await.map_err(error)?;
                Ok(SettleReport::default())
            })
        })
        .await;
        let answer = ask(&outer.in_process(), SETTLE, b"", &[("x-correlation-id", "order-9")]).await;
        assert_eq!(answer.code, Code::Ok, "{}", answer.message);
        assert_eq!(ids.recv().await.unwrap().unwrap().as_str(), "order-9");
    }
    running.stop().await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let answer = ask(&connect(&free.to_string()).unwrap(), GET_TIME, b"", &[]).await;
    assert_eq!(answer.code, Code::Unavailable);
    assert!(answer.retry.is_some());
    for bad in ["", "localhost", ":80", "https://localhost:1", "http://a:1/path", "a:99999"] {
        assert!(connect(bad).is_err(), "{bad}");
    }
}
